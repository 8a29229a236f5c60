"""Does a solved issue come back? The same customer's next ticket about the same cause.

A solved ticket is watched from its first solution. The customer's departure competes (who is gone
cannot write), and whoever was not watched to the end of the window is censored.
"""

import pandas as pd

from cxresearch.outcomes import leaving, outcome, returning
from cxresearch.outcomes.reopened import first_reopened, first_unknown
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.told import reads
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
WINDOWS = (7, 14, 30)
ANY = "any cause"
DEFINITIONS = ("same cause", "any cause", "reopened", "same cause or reopened")


def steps_to_cohort(study: Study) -> pd.DataFrame:
    """Every counted ticket on its way into the cohort: step and tickets."""
    _, steps = _steps(study)
    return pd.DataFrame({"tickets": steps}).rename_axis("step")


@reads("first_solved_at")
def solved_tickets(study: Study) -> pd.DataFrame | CannotTell:
    """One row a ticket known to be solved, while its customer was there: ticket_id, customer_id,
    cause (the main one), solved_at, reopened_at, left_at, watched_until, and the times of the
    customer's next ticket: next_same (of the same cause), next_any.

    Left out: requests to leave (churn studies), tickets whose cause is not told, and tickets whose
    status may still change (status_settles_after_days). A ticket within the hour after another of
    the same customer and cause is a duplicate: neither solved nor a recurrence. See first_reopened
    for reopened_at.
    """
    tickets, _ = _steps(study)
    if tickets.empty:
        return CannotTell("whether a solved issue comes back: no solved ticket has a known cause.")
    return tickets


def cohort(
    study: Study, definition: str = "same cause", day: float = WINDOWS[-1]
) -> pd.DataFrame | CannotTell:
    """The solved tickets as time (days since solved), status (1 came back, 2 the customer left
    first, 0 censored), customer_id, cause; definition is one of DEFINITIONS.

    Where reopenings count: without the tickets of which they are not told, or the first not by that
    day (see first_unknown); CannotTell if a reopened ticket has no time.
    """
    watched = cohort_with_reopens(study, definition, day)
    if isinstance(watched, CannotTell):
        return watched
    if "reopened" in definition and (none := int(watched["undated"].sum())):
        return CannotTell(
            f"which tickets were reopened by a day: of {none:,} reopened ones it is not said when; "
            "an export with a history of states would tell."
        )
    if watched.empty:
        return CannotTell("which tickets were reopened by a day: of none is it told.")
    return watched.drop(columns=["reopened", "undated"])


@cannot_tell_passes
def unnamed(watched: pd.DataFrame) -> pd.DataFrame:
    """A cohort's cause, time and status, without the ids of tickets and customers."""
    return watched[["cause", "time", "status"]]


def cohort_with_reopens(
    study: Study, definition: str = "same cause", day: float = WINDOWS[-1]
) -> pd.DataFrame | CannotTell:
    """cohort, with reopened (ever, by its count) and undated (reopened nobody knows when:
    taken as not)."""
    if definition not in DEFINITIONS:
        raise InputError(f"'{definition}' must be one of: {', '.join(DEFINITIONS)}.")
    solved = solved_tickets(study)
    if isinstance(solved, CannotTell):
        return solved
    if "reopened" in definition and study.tickets["count_reopens"].isna().all():
        return CannotTell("which tickets were reopened: this export does not say.")
    back = {
        "same cause": solved["next_same"],
        "any cause": solved["next_any"],
        "reopened": solved["reopened_at"],
        "same cause or reopened": solved[["next_same", "reopened_at"]].min(axis=1),
    }[definition]
    counts = solved["ticket_id"].map(study.tickets.set_index("ticket_id")["count_reopens"])
    far = pd.Timestamp("2200-01-01", tz="UTC")
    last = pd.DataFrame({1: back, 2: solved["left_at"], 0: solved["watched_until"]}).fillna(far)
    reopened = (counts.fillna(0) > 0).astype(bool)
    watched = solved[["ticket_id", "customer_id", "cause"]].assign(
        time=(last.min(axis=1) - solved["solved_at"]) / DAY,
        status=last.idxmin(axis=1),
        reopened=reopened,
        undated=reopened & solved["reopened_at"].isna(),
    )
    if "reopened" not in definition:
        return watched
    until = solved["solved_at"] + day * DAY
    unsure = first_unknown(study, solved, until) & ~(back <= until)
    return watched[counts.notna() & ~unsure].reset_index(drop=True)


@once
def _steps(study: Study) -> tuple[pd.DataFrame, dict[str, int]]:
    """The solved tickets, and how many tickets each rule left out."""
    told = own_tickets(study)
    steps = {"tickets counted": len(study.customer_tickets)}
    steps["of nobody known, of no cause that could be told, or asking to leave"] = (
        len(told) - steps["tickets counted"]
    )
    single = told[~told["duplicate"]]
    steps["written within an hour of another on the same cause"] = len(single) - len(told)
    age = (study.observed_until - single["created_at"]) / DAY
    known = (single["status"] != "unknown") & (age >= study.settings.status_settles_after_days)
    steps["solved or not is unknown, or not settled"] = -int((~known).sum())
    solved = single["first_solved_at"].notna() & (single["first_solved_at"] < study.observed_until)
    steps["not solved, or not said when"] = -int((known & ~solved).sum())
    watched = _with_ends(study, single[known & solved])
    steps["solved after its customer left, or that customer is unknown"] = len(watched) - int(
        (known & solved).sum()
    )
    steps["solved tickets watched"] = len(watched)
    every = own_tickets(study.whole).query("~duplicate") if study.cut else single
    return _with_next(watched, single, every), steps


@once(on_disk=False)
def own_tickets(study: Study) -> pd.DataFrame:
    """Customers' tickets with their main cause, oldest first; duplicate marks those within an hour
    of the one before of the same customer and cause. Without requests to leave in churn studies.
    In a study without causes every ticket has the same one, ANY."""
    told = study.customer_tickets.merge(_main_causes(study), on="ticket_id")
    told = told[told["customer_id"].notna()]
    if outcome(study) is leaving:
        told = told[~told["is_exit_request"].astype(bool)]
    since = told.groupby(["customer_id", "cause"])["created_at"].diff()
    return told.assign(duplicate=since <= HOUR)


def _main_causes(study: Study) -> pd.DataFrame:
    if not study.has("ticket_causes"):
        return study.tickets[["ticket_id"]].assign(cause=ANY, is_exit_request=False)
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    return causes.drop_duplicates("ticket_id")[["ticket_id", "cause", "is_exit_request"]]


def last_seen(study: Study) -> pd.DataFrame:
    """When each customer had left (null: not seen to) and until when they were watched:
    customer_id, left_at, watched_until. Any end counts, and a notice does not: until the end they
    can write. Where nobody can be seen to leave everybody is watched to the end."""
    if outcome(study) is returning:
        who = study.customer_tickets["customer_id"].dropna().unique()
        gone = pd.Series(pd.NaT, index=range(len(who)), dtype="datetime64[us, UTC]")
        until = pd.Series(study.observed_until, index=range(len(who)))
        return pd.DataFrame({"customer_id": who, "left_at": gone, "watched_until": until})
    customers = study.customers
    until = customers["observed_until"].clip(upper=study.observed_until)
    left = customers["ended_at"].where(customers["ended_at"] <= until)
    return pd.DataFrame(
        {"customer_id": customers["customer_id"], "left_at": left, "watched_until": until}
    )


def _with_ends(study: Study, solved: pd.DataFrame) -> pd.DataFrame:
    rows = solved.merge(last_seen(study), on="customer_id")
    rows = rows[rows["first_solved_at"] < rows["left_at"].fillna(rows["watched_until"])]
    reopened = rows["ticket_id"].map(first_reopened(study))
    return rows.assign(solved_at=rows["first_solved_at"], reopened_at=reopened)


def _with_next(solved: pd.DataFrame, tickets: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """Adds the customer's next ticket after the solution and more than an hour after this one."""
    hour = solved["created_at"] + HOUR
    asked, who = solved.assign(after=hour.clip(lower=solved["solved_at"])), ["customer_id"]
    for name, key, rows in (("next_same", [*who, "cause"], tickets), ("next_any", who, every)):
        later = rows[[*key, "created_at"]].rename(columns={"created_at": name})
        asked = pd.merge_asof(
            asked.sort_values("after"), later.sort_values(name), left_on="after", right_on=name,
            by=key, direction="forward", allow_exact_matches=False,
        )  # fmt: skip
    columns = "ticket_id customer_id cause solved_at reopened_at left_at watched_until"
    return asked[[*columns.split(), "next_same", "next_any"]]
