"""Where nobody can be seen to leave: who comes back, and how soon after the first ticket."""

import pandas as pd

from cxresearch.episodes.lives import quarter_of
from cxresearch.study.among import among
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import told

DAY = pd.Timedelta(days=1)


@once
def return_cohort(study: Study) -> pd.DataFrame:
    """One row a customer who, on the landmark day after their first ticket, had not yet returned.

    time is days from the landmark to the next ticket, event 1 if there was one, else censored at
    the end of observation. Groups are as of the landmark only: answered (an outside answer by
    then; null where it is not told), solved (the answer that became the solution was posted by
    then; null where whether a ticket was solved is unknown or not settled). own_replies and
    outside_answers count messages by the landmark. answered_ever and solved_ever look ahead.
    Also ticket_id, customer_id, cause, quarter, language.
    """
    after = study.settings.landmark_days * DAY
    first = first_tickets(study)
    landmark = first["created_at"] + after
    cohort = first.assign(landmark_at=landmark)[
        (landmark < study.observed_until) & ~(first["next_at"] <= landmark)
    ]
    ends = cohort["next_at"].fillna(study.observed_until)
    settled = _settled(study, cohort) & told(study, "first_solved_at", cohort)
    heard = told(study, "first_reply_at", cohort)
    cohort = cohort.assign(
        time=(ends - cohort["landmark_at"]) / DAY,
        event=cohort["next_at"].notna().astype(int),
        answered=(cohort["first_reply_at"] <= cohort["landmark_at"]).astype("boolean").where(heard),
        answered_ever=cohort["first_reply_at"].notna().astype("boolean").where(heard),
        solved=(cohort["first_solved_at"] <= cohort["landmark_at"])
        .astype("boolean")
        .where(settled),
        solved_ever=cohort["first_solved_at"].notna().astype("boolean").where(settled),
        quarter=quarter_of(cohort["created_at"]),
        language=cohort["language"].fillna("unknown"),
        **_messages(study, cohort),
    )
    columns = (
        "ticket_id customer_id topic cause time event answered solved answered_ever solved_ever "
        "own_replies outside_answers quarter language"
    )
    return cohort[columns.split()].reset_index(drop=True)


def first_tickets(study: Study) -> pd.DataFrame:
    """Each customer's first own ticket in the file, with its cause and next_at, the next ticket.

    In a part of a study that is the first inside its cut, and the next one may be about anything.
    """
    tickets = study.whole.customer_tickets
    following = tickets.groupby("customer_id")["created_at"].shift(-1)
    inside = among(tickets["ticket_id"], study.tickets["ticket_id"])
    first = tickets.assign(next_at=following)[inside].drop_duplicates("customer_id")
    causes = study.ticket_causes.sort_values("weight", ascending=False).drop_duplicates("ticket_id")
    return first.merge(causes[["ticket_id", "topic", "cause"]], on="ticket_id", how="left")


def who_is_left_out(study: Study) -> pd.DataFrame:
    """Every customer accounted for, from the first ticket to the cohort: step, customers."""
    first = first_tickets(study)
    landmark = first["created_at"] + study.settings.landmark_days * DAY
    unseen = landmark >= study.observed_until
    early = (first["next_at"] <= landmark) & ~unseen
    cohort = return_cohort(study)
    steps = {
        "customers who asked": len(first),
        "first ticket too late to be watched past the landmark": -int(unseen.sum()),
        "came back before the landmark": -int(early.sum()),
        "in the cohort": len(cohort),
        "of these, solved or not is unknown": -int(cohort["solved"].isna().sum()),
        "solved or not is known": int(cohort["solved"].notna().sum()),
    }
    return pd.DataFrame({"customers": steps}).rename_axis("step")


def _settled(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Is it known for good whether the ticket was solved?"""
    age = (study.observed_until - tickets["created_at"]) / DAY
    return (tickets["status"] != "unknown") & (age >= study.settings.status_settles_after_days)


def _messages(study: Study, cohort: pd.DataFrame) -> dict[str, pd.Series]:
    if not study.has("ticket_events"):
        nothing = pd.Series(pd.NA, index=cohort.index, dtype="Float64")
        return {"own_replies": nothing, "outside_answers": nothing}
    events = study.ticket_events.query("event_type == 'reply'")
    events = events.merge(cohort[["ticket_id", "landmark_at"]], on="ticket_id")
    by_then = events[events["event_at"] <= events["landmark_at"]]
    counts = by_then.groupby(["ticket_id", "actor_role"]).size().unstack(fill_value=0)
    roles = {"own_replies": "customer", "outside_answers": "agent"}
    return {
        name: cohort["ticket_id"].map(counts.get(role, pd.Series(dtype=float))).fillna(0)
        for name, role in roles.items()
    }
