"""Notebook 09: would this method have found the truth?"""

import pandas as pd

from cxresearch.lab import coverage_of_savings as savings
from cxresearch.lab.runs import OurRuns
from cxresearch.lab.truth_results import Analyses, PlantedCauses
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, cannot_tell_passes
from cxresearch.study.study import Study

Said = tuple[Finding, ...]


def savings_tried(study: Study) -> pd.DataFrame | CannotTell:
    """The runs of simulated companies whose savings are known, where savings are told."""
    if study.outcome != "churn":
        return DoesNotApply("how well savings are told: nobody can be seen to leave here.")
    return savings.read_savings()


def not_tried(study: Study) -> Said:
    """What of this study no simulated company is like."""
    if study.outcome == "churn":
        return ()
    return (
        Finding(
            "In all of them customers leave. Here nobody can be seen to leave: shares of "
            "tickets without an answer are counts, and who writes again was not tried."
        ),
    )


@cannot_tell_passes
def truth_found(planted: PlantedCauses, analyses: Analyses) -> Finding | CannotTell:
    """How many planted causes were found, and what the obvious analysis would have said."""
    held, obvious = planted.said(), analyses.said()
    if isinstance(obvious, CannotTell):
        return CannotTell("whether the method finds the truth here: too few left while any one "
                          "cause was overdue, or at any other time.")  # fmt: skip
    if isinstance(held, CannotTell):
        return held
    return Finding(f"{held.text} {obvious.text}", held.numbers | obvious.numbers)


@cannot_tell_passes
def where_it_fails(ours: OurRuns, elsewhere: savings.Cells) -> pd.DataFrame:
    """The kinds of company in which the method is off or too sure, and whether a page tells its
    savings there all the same."""
    kept = elsewhere.frame[elsewhere.frame["kind"] == savings.NUMBERS[0]]
    return ours.fails(kept.set_index("world")["shown"])
