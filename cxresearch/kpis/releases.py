"""Do releases bring more bugs, more wishes? Tickets after each release by what would mend them."""

import pandas as pd

from cxresearch.kpis.set_off import set_off
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with
from cxresearch.study.words import view
from cxresearch.topics.causes.table import cause_table

UNSAID = CannotTell(
    "whether releases bring more bugs or wishes: nobody has said in causes.toml which causes are "
    "bugs and which are feature requests (category)."
)


def by_category(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets in the days after each release (see set_off) against matched days, a row a release
    and category of cause (bug, feature request ...), the most recent release first."""
    causes = cause_table(study)
    if isinstance(causes, CannotTell):
        return causes
    said = causes[causes["category"] != "other"].set_index("cause")["category"]
    if said.empty:
        return UNSAID
    told = study.ticket_causes
    told = told.assign(cause=told["cause"].map(said))[told["cause"].isin(said.index)]
    found = set_off(study_with(study, "ticket_causes", told))
    if isinstance(found, CannotTell):
        return found
    releases = found.frame.loc[found.frame["kind"] == "release", "incident"]
    rows = found.causes[found.causes["incident"].isin(releases)]
    if rows.empty:
        return CannotTell("whether releases bring more bugs or wishes: none can be judged.")
    rows = rows.sort_values(["incident", "cause"], ascending=[False, True])
    return view(rows, "incident as release", "cause as category", "tickets",
                "expected .0f as usual", "ratio ±.1f as times the usual", "verdict")  # fmt: skip
