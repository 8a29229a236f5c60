"""A company of either simulator as a study, with its truth in one form."""

from dataclasses import dataclass

import numpy as np

from cxresearch.lab import against_truth as trial
from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.study.study import Study
from tests.benchmarks.courses import Courses, courses

SECOND = "second: "


@dataclass(frozen=True)
class Made:
    """The study, with true causes; the hazards that its customers meet, with and without each
    lever; and the planted ratio of each cause."""

    study: Study
    met: Courses
    planted: dict[str, float]


def company(world: str, customers: int, seed: int, text: bool = False, **changes) -> Made:
    """A company of a world of the first simulator or, named "second: KIND", of the second. Truth is
    expected of these very customers: the hazards met by whoever never leaves, with the same issues,
    and without the harm of those written while the export ran."""
    if world.startswith(SECOND):
        tables, truth = second_world(customers, seed, world.removeprefix(SECOND), **changes)
        planted = {c: of for c, of in truth.hazard_ratio.items() if np.isfinite(of)}
        met = Courses(truth.customer_id, truth.natural, truth.lever)
        return Made(Study.from_tables(tables, **SETTINGS), met, planted)
    of = WORLDS[world] | changes
    tables, told = simulate_world(customers, seed, text=text, **of)
    events = tables["ticket_events"]
    tables["ticket_events"] = events[events["field"] == "status"]  # nobody here reads the others
    study = trial.planted_study(tables, told)
    return Made(study, courses(customers, seed, **of), study.truth["hazard_ratio"])
