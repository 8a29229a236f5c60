"""When a solved ticket was first reopened, and of which tickets that is not told."""

import pandas as pd

from cxresearch.study.once import once
from cxresearch.study.schema import UNSOLVED
from cxresearch.study.study import Study

RESOLVED = ("solved", "closed")


def first_reopened(study: Study) -> pd.Series:
    """When each ticket was first reopened after its first solution (null: not), by ticket_id.

    From the history of states where it tells; else last_reopened_at, the last time.
    """
    tickets = study.tickets.set_index("ticket_id")
    last = tickets["last_reopened_at"]
    last = last.where(last > tickets["first_solved_at"])
    return _first_in_history(study).reindex(last.index).fillna(last)


def first_unknown(study: Study, solved: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Which tickets were reopened more than once, or nobody knows how often, the last time after
    until, and have no history: the first time may lie before. solved has ticket_id and
    reopened_at."""
    counts = solved["ticket_id"].map(study.tickets.set_index("ticket_id")["count_reopens"])
    untold = solved["ticket_id"].map(_first_in_history(study)).isna()
    return (counts.fillna(2) > 1).astype(bool) & untold & (solved["reopened_at"] > until)


@once
def _first_in_history(study: Study) -> pd.Series:
    solved = study.tickets.set_index("ticket_id")["first_solved_at"]
    if not study.has("ticket_events"):
        return pd.Series(pd.NaT, solved.index, dtype=solved.dtype)
    events = study.ticket_events
    events = events[(events["field"] == "status") & events["value_from"].isin(RESOLVED)]
    back = events[events["value_to"].isin(UNSOLVED)]
    back = back[back["event_at"] > back["ticket_id"].map(solved)]
    return back.groupby("ticket_id")["event_at"].min().reindex(solved.index)
