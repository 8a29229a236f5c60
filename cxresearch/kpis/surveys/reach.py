"""Eligible → invited → answered: whom a survey could have asked, asked, and heard."""

import pandas as pd

from cxresearch.episodes import customer_lives
from cxresearch.kpis.measure import design_effect, share
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
ANSWER_DAYS = 14
NO_SURVEYS = "what surveys say: there is no surveys table (a row an invitation, answered or not)."
ENDS = {"voluntary": "left later", "involuntary": "ended against their will"}


def invitations(study: Study) -> pd.DataFrame | CannotTell:
    """The surveys table with answered and who, of invitations whose two weeks to answer are over.

    answered: within 14 days. who: the customer, else the invitation itself. An answer still to
    come is not silence, so younger invitations are left out.
    """
    if not study.has("surveys") or study.surveys.empty:
        return CannotTell(NO_SURVEYS)
    window = ANSWER_DAYS * DAY
    asked = study.surveys
    asked = asked[asked["offered_at"] + window <= study.observed_until]
    return asked.assign(
        answered=asked["responded_at"] <= asked["offered_at"] + window,
        who=asked["customer_id"].fillna("survey " + asked["survey_id"]),
    ).reset_index(drop=True)


def eligible(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """Everything that this survey could have asked about, asked or not, a row a unit.

    About tickets (csat): customers' own tickets written since the first invitation and at least
    promise + 14 days before the end. About customers (nps): each customer in each month (on the
    study's clock) in which the question was sent, if a customer at its first invitation of that
    month. Columns: who, invited, answered, score_raw, scale_min, scale_max, solved, at (the ticket,
    or the month's first invitation), asked_at (the invitation, or the day on which one could have
    gone out) and became (had given notice by then, left later, ended against their will, stayed,
    unknown), which describes what became of them.
    """
    return _units(study, kind, invitations(study))


@cannot_tell_passes
def _units(study: Study, kind: str, asked: pd.DataFrame) -> pd.DataFrame | CannotTell:
    """What could have been asked about: who, invited, answered, became, solved; a row a unit."""
    asked = asked[asked["kind"] == kind]
    if asked.empty:
        return CannotTell(f"no {kind} survey was sent long enough ago.")
    by_ticket = asked["ticket_id"].notna().any()
    found = _tickets(study, kind, asked) if by_ticket else _customer_months(study, asked)
    return (
        found if isinstance(found, CannotTell) else found.assign(became=what_became(study, found))
    )


def funnel(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """Eligible → invited → answered, by what became of the customer and solved or not.

    Columns: group, eligible, invited, invited share with low and high, answered, answered share (of
    the invited) with low and high. Wilson, clustered by customer.
    """
    return _counted(eligible(study, kind))


@cannot_tell_passes
def _counted(units: pd.DataFrame) -> pd.DataFrame:
    groups = {"all": units.index.notna()}
    groups |= {name: units["became"] == name for name in units["became"].value_counts().index}
    if units["solved"].notna().any():
        groups |= {"solved": units["solved"].eq(True), "not solved": units["solved"].eq(False)}
    return pd.DataFrame([step(units[rows], name) for name, rows in groups.items()])


def step(units: pd.DataFrame, group: str) -> dict:
    """One row of a funnel: the counts of some units, the two shares with their intervals, and the
    design effect of several answers by one customer."""
    asked = units[units["invited"]]
    reached, spoke = share(units["invited"], units["who"]), share(asked["answered"], asked["who"])
    return {
        "group": group,
        "eligible": len(units),
        "invited": len(asked),
        "invited share": reached["estimate"],
        "invited low": reached["low"],
        "invited high": reached["high"],
        "answered": int(asked["answered"].sum()),
        "answered share": spoke["estimate"],
        "answered low": spoke["low"],
        "answered high": spoke["high"],
        "answered effect": design_effect(asked["answered"], asked["who"]),
    }


def _tickets(study: Study, kind: str, asked: pd.DataFrame) -> pd.DataFrame:
    every = study.surveys[study.surveys["kind"] == kind]
    young = every.loc[~every["survey_id"].isin(asked["survey_id"]), "ticket_id"]
    tickets = study.customer_tickets
    last = study.observed_until - (study.settings.unresolved_after_days + ANSWER_DAYS) * DAY
    running = tickets["created_at"].between(asked["offered_at"].min(), last)
    tickets = tickets[running & ~tickets["ticket_id"].isin(young)]
    solved = tickets["first_solved_at"].notna().astype("boolean")
    units = pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"],
            "who": tickets["customer_id"].fillna(tickets["requester_id"]),
            "solved": solved.where(tickets["status"] != "unknown"),
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
    units = units.assign(who=units["customer_id"], solved=pd.NA, at=at, asked_at=at)
    columns = ["customer_id", "month", "who", "solved", "at", "asked_at"]
    return _joined(units[columns], asked, ["customer_id", "month"])


def _joined(units: pd.DataFrame, asked: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Units with their invitation, the answered one if there are several."""
    columns = [*on, "offered_at", "answered", "score_raw", "scale_min", "scale_max"]
    one = asked[columns].sort_values("answered", ascending=False, kind="stable")
    found = units.merge(one.drop_duplicates(on), on=on, how="left").reset_index(drop=True)
    return found.assign(
        invited=found["answered"].notna(),
        answered=found["answered"].eq(True).astype(bool),
        asked_at=found["offered_at"].fillna(found["asked_at"]),
    ).drop(columns="offered_at")


def what_became(study: Study, rows: pd.DataFrame) -> pd.Series:
    """What became of each row's customer: had given notice when asked, left later, ended against
    their will, stayed, or unknown; just left where rows have no asked_at."""
    if study.outcome != "churn":
        return pd.Series("unknown", index=rows.index)
    lives = customer_lives(study).set_index("customer_id")
    ends = lives["end"].map(ENDS).fillna("stayed")
    became = rows["who"].map(ends).astype("object").fillna("unknown")
    if "asked_at" not in rows:
        return became.replace("left later", "left")
    gone = rows["who"].map(lives["leaves_at"]) <= rows["asked_at"]
    return became.mask(gone & (became == ENDS["voluntary"]), "had given notice")
