"""Notebook 09: would this method have found the truth?"""

from cxresearch.lab.truth_results import Analyses, PlantedCauses
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes


@cannot_tell_passes
def truth_found(planted: PlantedCauses, analyses: Analyses) -> Finding | CannotTell:
    """How many planted ratios were found, and what the obvious analysis would have said."""
    held, obvious = planted.said(), analyses.said()
    if isinstance(obvious, CannotTell):
        return CannotTell("whether the method finds the truth here: too few left while any one "
                          "cause was overdue, or at any other time.")  # fmt: skip
    if isinstance(held, CannotTell):
        return held
    return Finding(f"{held.text} {obvious.text}", held.numbers | obvious.numbers)
