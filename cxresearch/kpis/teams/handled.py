"""What became of each ticket, beside who held it first: the rows that teams are compared on."""

import pandas as pd

from cxresearch.kpis.compliance import priority_then, response_facts
from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.no_return import our_facts
from cxresearch.kpis.surveys.reach import invitations
from cxresearch.kpis.surveys.scores import score_values
from cxresearch.kpis.talks import left_within
from cxresearch.kpis.teams.holders import holders, team_names, teams_of_persons
from cxresearch.kpis.tidy import DAY, asked, sees_leaving
from cxresearch.outcomes.recurrence import solved_tickets
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import leaving_untold

BACK, GONE = 30, 90  # days
IN_TIME, FIRST_CONTACT, SATISFIED = "answered in time", "solved at first contact", "satisfied"
CAME_BACK, LEFT = f"came back within {BACK} days", f"left within {GONE} days"
MEASURES = (IN_TIME, FIRST_CONTACT, CAME_BACK, SATISFIED, LEFT)
BESIDE = ["cause", "channel", "priority", "quarter"]  # what tickets are made alike in


@once
def handled(study: Study) -> pd.DataFrame | CannotTell:
    """A row a customers' own ticket that a team held: ticket_id, customer_id, who, at, the columns
    of holders, of BESIDE, and 1 or 0 for each of MEASURES (null: not told, or not yet over).

    Came back: the next ticket on the same cause after the solution. Satisfied: the upper quarter of
    the scale, of those who answered. Left: said so, or ended, after the ticket was written; not
    told of requests to leave, nor where nobody can be seen to leave. A team of one known agent, or
    none, is a person: its tickets are here where study.toml says persons = true.
    """
    held = holders(study)
    if isinstance(held, CannotTell):
        return held
    rows = asked(study)
    rows = rows.assign(
        channel=rows["created_channel"], priority=priority_then(study, rows),
        quarter=rows["at"].dt.tz_localize(None).dt.to_period("Q").astype("str"),
    )[["ticket_id", "customer_id", "requester_id", "who", "at", "first_solved_at",
       *BESIDE[1:]]]  # fmt: skip
    rows = rows.merge(held, left_on="ticket_id", right_index=True)
    names = team_names(study)
    rows = rows[~rows["team"].isin({names[team] for team in teams_of_persons(study)})]
    if rows.empty:
        return CannotTell("how teams differ: no team of two known agents or more held a ticket.")
    causes = main_causes(study) if study.has("ticket_causes") else rows[["ticket_id"]].head(0)
    rows = rows.merge(causes.reindex(columns=["ticket_id", "cause"]), "left")
    found = {name: of.astype(float) for name, of in _outcomes(study, rows).items()}
    none = pd.Series(dtype=float)
    return rows.assign(**{name: rows["ticket_id"].map(found.get(name, none)) for name in MEASURES})


def told(rows: pd.DataFrame, names: tuple[str, ...] = MEASURES) -> list[str]:
    """The measures that are told of any ticket."""
    return [name for name in names if rows[name].notna().any()]


def _outcomes(study: Study, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """By measure, 1 or 0 by ticket_id."""
    facts = {IN_TIME: response_facts(study), FIRST_CONTACT: our_facts(study)}
    found = {
        name: of[of["mature"]].set_index("ticket_id")["held"].dropna()
        for name, of in facts.items() if not isinstance(of, CannotTell)
    }  # fmt: skip
    solved = solved_tickets(study)
    if not isinstance(solved, CannotTell):
        until = solved["solved_at"] + BACK * DAY
        over = solved[until <= solved["watched_until"]].set_index("ticket_id")
        found[CAME_BACK] = over["next_same"] <= over["solved_at"] + BACK * DAY
    sent = invitations(study)
    if not isinstance(sent, CannotTell):
        sent = sent[(sent["kind"] == "csat") & sent["ticket_id"].notna()]
        if not isinstance(values := score_values(sent, "csat"), CannotTell):
            found[SATISFIED] = values.groupby(sent["ticket_id"]).last()
    if sees_leaving(study) and not leaving_untold(study):
        found[LEFT] = _left(study, rows).set_axis(rows["ticket_id"]).dropna()
    return found


def _left(study: Study, rows: pd.DataFrame) -> pd.Series:
    left = left_within(study, rows, GONE)
    young = rows["at"] + GONE * DAY > study.observed_until
    if not study.has("ticket_causes"):
        return left.mask(young)
    asks = study.ticket_causes.query("is_exit_request")["ticket_id"]
    return left.mask(young | among(rows["ticket_id"], asks))
