"""What was planted in a second company."""

from dataclasses import dataclass

import numpy as np

from cxresearch.lab.second_world.company import CAUSES, DAYS, EXPORT
from cxresearch.lab.second_world.hazard import hazard_of, overdue_in, weights_of
from cxresearch.lab.second_world.possible import World
from cxresearch.lab.second_world.told_tables import customer_ids


@dataclass(frozen=True)
class Truth:
    """What was planted. Arrays are customers x days of the export: decisions to leave to be
    expected since its first day up to each day's end, of a customer who never leaves.

    lever holds them with every issue of a cause (or of "all") written in the export doing no harm.
    hazard_ratio and overall are expected hazards with over without harm, summed over the days on
    which customers at risk have an overdue issue; overdue_share is the share of such days.
    """

    kind: str
    customer_id: np.ndarray
    natural: np.ndarray
    lever: dict[str, np.ndarray]
    hazard_ratio: dict[str, float]
    overall: float
    harmful: list[str]
    overdue_share: float


def truth_of(kind: str, world: World) -> Truth:
    """The truth of the accounts of this world."""
    a, full, old = world.accounts, weights_of(world), weights_of(world, written_before=EXPORT)
    hazard = hazard_of(world, full)
    natural = _expected(hazard)
    lever = {
        c: _expected(hazard_of(world, full | {c: old[c]})) if c in full else natural for c in CAUSES
    }
    lever["all"] = _expected(hazard_of(world, old)) if full else natural
    noon = np.arange(DAYS) + 0.5
    until = np.minimum(a["decided"], a["ended"]).to_numpy()[:, None]
    at_risk = (noon > EXPORT) & (noon > a["start"].to_numpy()[:, None]) & (noon < until)
    overdue = {c: each & at_risk for c, each in overdue_in(world).items()}
    ratio = dict.fromkeys(CAUSES, 1.0)
    for c in full:
        others = {other: weight for other, weight in full.items() if other != c}
        ratio[c] = _ratio(hazard, hazard_of(world, others), overdue[c])
    any_overdue = np.logical_or.reduce(list(overdue.values()))
    overall = _ratio(hazard, hazard_of(world, {}), any_overdue) if full else 1.0
    return Truth(kind, customer_ids(a), natural, lever, ratio, overall, list(full),
                 any_overdue.sum() / at_risk.sum())  # fmt: skip


def _expected(hazard: np.ndarray) -> np.ndarray:
    return hazard[:, EXPORT:].cumsum(axis=1)


def _ratio(hazard: np.ndarray, without: np.ndarray, where: np.ndarray) -> float:
    return float(hazard[where].sum() / without[where].sum()) if where.any() else np.nan
