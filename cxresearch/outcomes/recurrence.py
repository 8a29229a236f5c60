"""Does a solved issue come back? The same customer's next ticket about the same cause.

A solved ticket is watched from its first solution. The customer's departure competes (who is gone
cannot write), and whoever was not watched to the end of the window is censored.
"""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from cxresearch.outcomes.reopened import first_reopened, first_unknown
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival import against_rest, event_weights, share_by_day
from cxresearch.survival import cumulative_incidence as incidence
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
WINDOWS = (7, 14, 30)
ANY = "any cause"
ENOUGH_EVENTS = 5  # seen in a cause and outside of it, for a normal interval of their difference
DEFINITIONS = ("same cause", "any cause", "reopened", "same cause or reopened")


def accounted(study: Study) -> pd.DataFrame:
    """Every counted ticket on its way into the cohort: step and tickets."""
    _, steps = _steps(study)
    return pd.DataFrame({"tickets": steps}).rename_axis("step")


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
    found = ends(study, definition, day)
    if isinstance(found, CannotTell):
        return found
    if "reopened" in definition and (none := int(found["undated"].sum())):
        return CannotTell(
            f"which tickets were reopened by a day: of {none:,} reopened ones it is not said when; "
            "an export with a history of states would tell."
        )
    if found.empty:
        return CannotTell("which tickets were reopened by a day: of none is it told.")
    return found.drop(columns=["reopened", "undated"])


def ends(
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
    found = solved[["ticket_id", "customer_id", "cause"]].assign(
        time=(last.min(axis=1) - solved["solved_at"]) / DAY,
        status=last.idxmin(axis=1),
        reopened=reopened,
        undated=reopened & solved["reopened_at"].isna(),
    )
    if "reopened" not in definition:
        return found
    until = solved["solved_at"] + day * DAY
    unsure = first_unknown(study, solved, until) & ~(back <= until)
    return found[counts.notna() & ~unsure].reset_index(drop=True)


def within(study: Study) -> pd.DataFrame | CannotTell:
    """Each definition's share that came back within 7, 14 and 30 days: definition, day, share, low,
    high, at_risk, tickets, came back (seen by then). Null where the export cannot tell."""
    rows = []
    for definition in DEFINITIONS:
        watched = cohort(study, definition)
        for day in WINDOWS:
            if "reopened" in definition:  # which tickets are told of depends on the day
                watched = cohort(study, definition, day)
            if isinstance(watched, CannotTell) and definition == "same cause":
                return watched
            told = {} if isinstance(watched, CannotTell) else _came_back(watched, day)
            rows.append({"definition": definition, "day": day, **told})
    return pd.DataFrame(rows).drop(columns="effect")


def by_chance(study: Study, day: int = 30) -> float | CannotTell:
    """The share that would come back by a day about the same cause if the next ticket's cause had
    nothing to do with the solved one's: each next ticket times its cause's share of all tickets."""
    watched = cohort(study, "any cause")
    if isinstance(watched, CannotTell):
        return watched
    every = own_tickets(study)
    shares = every.loc[~every["duplicate"], "cause"].value_counts(normalize=True)
    weights = np.where(watched["time"] <= day, event_weights(watched), 0.0)
    return float((weights * watched["cause"].map(shares)).sum())


def curves(study: Study) -> pd.DataFrame | CannotTell:
    """Share that came back by each day after the solution, a curve for each definition that the
    export can tell: definition, day, share, low, high, at_risk."""
    told = {name: cohort(study, name) for name in DEFINITIONS}
    if isinstance(told["same cause"], CannotTell):
        return told["same cause"]
    rows = [r.assign(definition=n) for n, r in told.items() if not isinstance(r, CannotTell)]
    return incidence(pd.concat(rows), "definition")


def by_cause(study: Study, day: int = 30) -> pd.DataFrame | CannotTell:
    """Each cause's share that came back by a day, against all others: cause, tickets, came back,
    share, low, high, difference (from the rest, as a share), p (Holm over causes), verdict.

    Causes with too few events to compare, and shares past the last day watched, are null.
    """
    watched = cohort(study)
    if isinstance(watched, CannotTell):
        return watched
    shares = _shares(watched, "cause", day).drop(columns="came back")
    found = shares.merge(against_rest(watched, "cause", day).drop(columns=["low", "high"]))
    few = found[["events", "others"]].min(axis=1) < ENOUGH_EVENTS
    found[["difference", "p"]] = found[["difference", "p"]].mask(few)
    tested = found["p"].notna()
    if tested.any():
        found.loc[tested, "p"] = multipletests(found.loc[tested, "p"], method="holm")[1]
    verdict = np.select(
        [~tested, found["p"] >= 0.05, found["difference"] > 0],
        ["cannot tell: too few events", "cannot tell", "comes back more"],
        "comes back less",
    )
    found = found.assign(verdict=verdict).rename(columns={"events": "came back"})
    columns = [
        "cause",
        "tickets",
        "came back",
        "share",
        "low",
        "high",
        "difference",
        "p",
        "verdict",
    ]
    return found[columns].sort_values(["tickets", "cause"], ascending=False, ignore_index=True)


def by_month(
    study: Study, day: int = 30, definition: str = "same cause"
) -> pd.DataFrame | CannotTell:
    """The share that came back by a day, by the month of the solution: month, of, count (came
    back), share, low, high, effect (design effect: tickets for each effective one), mature.

    A month is mature when all of it was watched for so long, and its tickets are settled: the last
    ones are estimates from a part of their tickets, or null, and not to be compared with others.
    """
    watched = cohort(study, definition, day)
    if isinstance(watched, CannotTell):
        return watched
    zone = study.settings.time_zone
    solved = solved_tickets(study).set_index("ticket_id")["solved_at"].dt.tz_convert(zone)
    watched = watched.assign(month=watched["ticket_id"].map(solved.dt.strftime("%Y-%m")))
    found = _shares(watched, "month", day)
    over = pd.to_datetime(found["month"]) + pd.DateOffset(months=1)
    over = over.dt.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.zeros(len(over), bool)
    )
    wait = max(day, study.settings.status_settles_after_days) * DAY
    found = found.assign(mature=over + wait <= study.observed_until)
    found = found.rename(columns={"tickets": "of", "came back": "count"})
    return found[["month", "of", "count", "share", "low", "high", "effect", "mature"]]


def _shares(watched: pd.DataFrame, by: str, day: float) -> pd.DataFrame:
    """_came_back of each group."""
    rows = [{by: group, **_came_back(part, day)} for group, part in watched.groupby(by)]
    return pd.DataFrame(rows)


def _came_back(watched: pd.DataFrame, day: float) -> dict:
    """share, low, high, effect, at_risk (on that day), tickets, came back."""
    found = share_by_day(watched, day)
    return {
        "share": found["estimate"], "low": found["low"], "high": found["high"],
        "effect": found["effect"], "at_risk": int((watched["time"] >= day).sum()),
        "tickets": len(watched),
        "came back": int(((watched["time"] <= day) & (watched["status"] == 1)).sum()),
    }  # fmt: skip


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
    return _with_next(watched, single), steps


def own_tickets(study: Study) -> pd.DataFrame:
    """Customers' tickets with their main cause, oldest first; duplicate marks those within an hour
    of the one before of the same customer and cause. Without requests to leave in churn studies.
    In a study without causes every ticket has the same one, ANY."""
    told = study.customer_tickets.merge(_main_causes(study), on="ticket_id")
    told = told[told["customer_id"].notna()]
    if study.outcome == "churn":
        told = told[~told["is_exit_request"].astype(bool)]
    since = told.groupby(["customer_id", "cause"])["created_at"].diff()
    return told.assign(duplicate=since <= HOUR)


def _main_causes(study: Study) -> pd.DataFrame:
    if not study.has("ticket_causes"):
        return study.tickets[["ticket_id"]].assign(cause=ANY, is_exit_request=False)
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    return causes.drop_duplicates("ticket_id")[["ticket_id", "cause", "is_exit_request"]]


def departures(study: Study) -> pd.DataFrame:
    """When each customer had left (null: not seen to) and until when they were watched:
    customer_id, left_at, watched_until. Any end counts, and a notice does not: until the end they
    can write. Where nobody can be seen to leave everybody is watched to the end."""
    if study.outcome == "return":
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
    found = solved.merge(departures(study), on="customer_id")
    ends = found["left_at"].fillna(found["watched_until"])
    found = found[found["first_solved_at"] < ends]
    reopened = found["ticket_id"].map(first_reopened(study))
    return found.assign(solved_at=found["first_solved_at"], reopened_at=reopened)


def _with_next(solved: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Adds the customer's next ticket after the solution and more than an hour after this one."""
    after = solved[["solved_at"]].assign(hour=solved["created_at"] + HOUR).max(axis=1)
    asked = solved.assign(after=after)
    for name, key in (("next_same", ["customer_id", "cause"]), ("next_any", ["customer_id"])):
        later = tickets[[*key, "created_at"]].rename(columns={"created_at": name})
        asked = pd.merge_asof(
            asked.sort_values("after"), later.sort_values(name), left_on="after", right_on=name,
            by=key, direction="forward", allow_exact_matches=False,
        )  # fmt: skip
    columns = "ticket_id customer_id cause solved_at reopened_at left_at watched_until"
    return asked[[*columns.split(), "next_same", "next_any"]]
