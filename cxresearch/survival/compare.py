"""Shares of groups compared with errors by customer, who may be in several groups."""

import warnings

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.survival.design import refuse_missing
from cxresearch.survival.incidence import aalen_johansen
from cxresearch.survival.kaplan_meier import Z


def against_rest(cohort: pd.DataFrame, by: str, day: float) -> pd.DataFrame:
    """Each group's cumulative_incidence by one day less that of all other rows: by, events, others
    (rows with the event by then in the group and outside), difference, low, high, p (normal)."""
    seen, rows = (cohort["time"] <= day) & (cohort["status"] == 1), []
    for group in cohort[by].unique():
        member = cohort[by] == group
        counts = {"events": int((seen & member).sum()), "others": int((seen & ~member).sum())}
        pair = [aalen_johansen(cohort[side])[1](day) for side in (member, ~member)]
        rows.append({by: group, **counts, **_difference(*pair)})
    return pd.DataFrame(rows, columns=[by, *"events others difference low high p".split()])


def landmark(
    cohort: pd.DataFrame, group: str, covariates: list[str], days: tuple[int, ...] = (90, 180, 365)
) -> pd.DataFrame | CannotTell:
    """Shares of two groups by each day, as if both had the covariates of all: day, a column with
    the share of each group, difference (second less first), low, high, p, effective (sample size
    of the smaller), largest_weight (as a share of its group). Null past the last day watched.

    cohort is that of cumulative_incidence, a row a customer and landmark, with the group and the
    covariates as known then and time from there. Rows weigh one over their chance of being in their
    group (logistic in the covariates). Errors are by customer and take these weights as known,
    which errs to the wide side. InputError without two groups; CannotTell where 1 row in 20 has a
    chance below 1% of either group, or one row has a tenth of its group's weight.
    Source: Robins, Hernan and Brumback (2000), Epidemiology 11.
    """
    refuse_missing(cohort, ["customer_id", "time", "status", group, *covariates])
    names = sorted(cohort[group].unique())
    if len(names) != 2:
        raise InputError(f"'{group}' has {len(names)} groups; a comparison needs two.")
    member = (cohort[group] == names[1]).to_numpy()
    chance, weight = _weights(cohort[covariates], member)
    largest = max((weight[side] / weight[side].sum()).max() for side in (member, ~member))
    if np.mean(np.minimum(chance, 1 - chance) < 0.01) > 0.05 or largest > 0.1:
        return CannotTell(f"what '{group}' changes: its groups are too unlike in {covariates}.")
    size = min(weight[side].sum() ** 2 / (weight[side] ** 2).sum() for side in (member, ~member))
    means = [aalen_johansen(cohort[side], weight[side])[1] for side in (member, ~member)]
    watched = cohort.groupby(member)["time"].max().min()
    rows = []
    for day in days:
        pair = [mean(day) for mean in means]
        row = {names[0]: pair[1][0], names[1]: pair[0][0], **_difference(*pair)}
        row = row if day <= watched else dict.fromkeys(row, np.nan)
        rows.append({"day": day, **row, "effective": size, "largest_weight": largest})
    return pd.DataFrame(rows)


def balance(cohort: pd.DataFrame, group: str, covariates: list[str]) -> pd.DataFrame:
    """How unlike two groups are in each covariate, before and after rows weigh as in landmark: by
    covariate (of words, each word but the first) before, after: the second group's mean less the
    first's, in standard deviations of both as they are.

    Source: Austin (2009), Stat. Med. 28.
    """
    member = (cohort[group] == sorted(cohort[group].unique())[1]).to_numpy()
    known = pd.get_dummies(cohort[covariates], drop_first=True, dtype=float)
    weight = _weights(cohort[covariates], member)[1]
    parts = [known[member], known[~member]]
    spread = np.sqrt((parts[0].var() + parts[1].var()) / 2)
    after = [np.average(part, axis=0, weights=weight[of])
             for part, of in zip(parts, (member, ~member), strict=True)]  # fmt: skip
    gaps = {"before": parts[0].mean() - parts[1].mean(), "after": after[0] - after[1]}
    frame = pd.DataFrame(gaps, known.columns).div(spread.where(spread > 0), axis=0)
    return frame.rename_axis("covariate")


def _weights(covariates: pd.DataFrame, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The fitted chance of being a member, and one over the chance of being where one is."""
    chance = _chance(covariates, member)
    return chance, 1 / np.where(member, chance, 1 - chance)


def _chance(covariates: pd.DataFrame, member: np.ndarray) -> np.ndarray:
    """The fitted chance of being a member; 0 or 1 where a covariate parts members from others."""
    import statsmodels.api as sm

    known = pd.get_dummies(covariates.assign(const=1.0), drop_first=True, dtype=float)
    with warnings.catch_warnings(action="ignore"):  # of that, which landmark answers
        return sm.GLM(member * 1.0, known, sm.families.Binomial()).fit().fittedvalues.to_numpy()


def _difference(one: tuple, other: tuple) -> dict[str, float]:
    """The first mean less the second, each with customers' influences on it, who may be in both."""
    gap, parts = one[0] - other[0], one[1].sub(other[1], fill_value=0)
    error = float(np.sqrt((parts**2).sum()))
    p = float(2 * ndtr(-abs(gap) / error)) if error > 0 else np.nan
    return {"difference": gap, "low": gap - Z * error, "high": gap + Z * error, "p": p}
