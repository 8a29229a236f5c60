"""Whom a survey could have asked, asked, and heard."""

import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import told

DAY = pd.Timedelta(days=1)
ANSWER_DAYS = 14
TICKETS, CHANCES = "tickets", "possible surveys"
ENDS = {"voluntary": "left later", "involuntary": "ended against their will"}


def invitations(study: Study, asking: str = "") -> pd.DataFrame | CannotTell:
    """The surveys table with answered and who, of invitations whose two weeks to answer are over.

    answered: within 14 days. who: the customer, else the invitation itself. An answer still to
    come is not silence, so younger invitations are left out. Without any, CannotTell says which
    question, asking, stays open.
    """
    if not study.has("surveys") or study.surveys.empty:
        none = "there is no surveys table (a row an invitation, answered or not)"
        return DoesNotApply(
            f"{asking}: it takes survey invitations." if asking else f"what surveys say: {none}."
        )
    window = ANSWER_DAYS * DAY
    asked = study.surveys
    asked = asked[asked["offered_at"] + window <= study.observed_until]
    return asked.assign(
        answered=asked["responded_at"] <= asked["offered_at"] + window,
        who=asked["customer_id"].fillna("survey " + asked["survey_id"]),
    ).reset_index(drop=True)


def eligible(study: Study, kind: str, asking: str = "") -> pd.DataFrame | CannotTell:
    """Everything that this survey could have asked about, asked or not, a row a unit.

    About tickets (csat): customers' own tickets written since the first invitation and at least
    promise + 14 days before the end. About customers (nps): each customer in each month (on the
    study's clock) in which the question was sent, if a customer at its first invitation of that
    month. Columns: who, invited, answered, score_raw, scale_min, scale_max, solved, at (the ticket,
    or the month's first invitation), asked_at (the invitation, or the day on which one could have
    gone out) and became (had given notice by then, left later, ended against their will, stayed,
    unknown), which describes what became of them.
    """
    asked = invitations(study, asking)
    return asked if isinstance(asked, CannotTell) else _units(study, kind)


@once
def _units(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    asked = invitations(study)
    asked = asked[asked["kind"] == kind]
    if asked.empty:
        return DoesNotApply(f"no {kind} survey was sent long enough ago.")
    by_ticket = asked["ticket_id"].notna().any()
    units = _tickets(study, kind, asked) if by_ticket else _customer_months(study, asked)
    if isinstance(units, CannotTell):
        return units
    if units.empty:
        return CannotTell(f"what the {kind} survey reached: nobody it is about was seen so long.")
    return units.assign(became=what_became(study, units))


def unit_words(units: pd.DataFrame) -> str:
    """What the rows of eligible are, in words."""
    return TICKETS if "ticket_id" in units else CHANCES


def _tickets(study: Study, kind: str, asked: pd.DataFrame) -> pd.DataFrame:
    every = study.surveys[study.surveys["kind"] == kind]
    young = every.loc[~among(every["survey_id"], asked["survey_id"]), "ticket_id"]
    tickets = study.customer_tickets
    last = study.observed_until - (study.settings.unresolved_after_days + ANSWER_DAYS) * DAY
    running = tickets["created_at"].between(asked["offered_at"].min(), last)
    tickets = tickets[running & ~among(tickets["ticket_id"], young)]
    solved = tickets["first_solved_at"].notna().astype("boolean")
    known = (tickets["status"] != "unknown") & told(study, "first_solved_at", tickets)
    units = pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"],
            "who": tickets["customer_id"].fillna(tickets["requester_id"]),
            "solved": solved.where(known),
            "at": tickets["created_at"],
            "asked_at": tickets["created_at"],
        }
    )
    return _joined(units, asked, ["ticket_id"])


def _customer_months(study: Study, asked: pd.DataFrame) -> pd.DataFrame | CannotTell:
    if not study.has("customers"):
        return CannotTell("who could have been asked: a customers table would tell.")
    local = asked["offered_at"].dt.tz_convert(study.settings.time_zone)
    asked = asked.assign(month=local.dt.strftime("%Y-%m"))
    months = asked.groupby("month")["offered_at"].min().reset_index()
    customers = study.customers[["customer_id", "started_at", "ended_at"]]
    units = customers.merge(months, how="cross")
    ended = units["ended_at"] <= units["offered_at"]
    units = units[(units["started_at"] <= units["offered_at"]) & ~ended]
    at = units["offered_at"]
    units = units.assign(
        who=units["customer_id"],
        solved=pd.array([pd.NA] * len(units), "boolean"),
        at=at,
        asked_at=at,
    )
    columns = ["customer_id", "month", "who", "solved", "at", "asked_at"]
    return _joined(units[columns], asked, ["customer_id", "month"])


def _joined(units: pd.DataFrame, asked: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Units with their invitation, the answered one if there are several."""
    columns = [*on, "offered_at", "answered", "score_raw", "scale_min", "scale_max"]
    one = asked[columns].sort_values("answered", ascending=False, kind="stable")
    both = units.merge(one.drop_duplicates(on), on=on, how="left").reset_index(drop=True)
    return both.assign(
        invited=both["answered"].notna(),
        answered=both["answered"].eq(True).astype(bool),
        asked_at=both["offered_at"].fillna(both["asked_at"]),
    ).drop(columns="offered_at")


def what_became(study: Study, rows: pd.DataFrame) -> pd.Series:
    """What became of each row's customer: had given notice when asked, left later, ended against
    their will, stayed, or unknown."""
    if study.outcome != "churn":
        return pd.Series("unknown", index=rows.index)
    lives = customer_lives(study).set_index("customer_id")
    ends = lives["end"].map(ENDS).fillna("stayed")
    became = rows["who"].map(ends).fillna("unknown")
    gone = rows["who"].map(lives["leaves_at"]) <= rows["asked_at"]
    return became.mask(gone & (became == ENDS["voluntary"]), "had given notice")
