"""Episodes: each customer's life cut into (start, stop] pieces, with what was open in each of them.

Nothing here looks ahead: a piece knows only what had happened when it began.
"""

import numpy as np
import pandas as pd

from cxresearch.say import CannotTell
from cxresearch.study import Study

DAY = pd.Timedelta(days=1)
STATES = ("none", "solved in time", "open in time", "solved late", "overdue")
MATCHED_AT_LEAST = 0.90
MATCH_DIFFERS_AT_MOST = 0.05


def build_episodes(
    study: Study,
    *,
    lag: float = 0,
    memory: float = 90,
    by: str | None = None,
    include_exit_requests: bool = False,
) -> pd.DataFrame:
    """One row per piece of a customer's life in which nothing changed.

    Columns: customer_id; start, stop (days since the customer started); event (1 if the customer
    left by choice at stop: notice where it is known, else the end); end (voluntary, involuntary or
    null at a customer's last row); quarter (of the calendar); billing_period; open, overdue (issues
    open, and open longer than the promise); state (of the worst issue that is open, or was solved
    within memory days; see STATES); plan and activity (of the customer when first at risk); with
    by="cause" or "topic" also a 0/1 column a level, "overdue: LEVEL".

    A customer is at risk from max(started, tickets_from, customers_from) + promise + lag, because
    what was open before the export is unknown, which is not none. Those who stay, and those who
    end against their will, are censored. With a lag the exposure is what it was lag days earlier.
    An issue's clock runs while it is open, again after a reopening, and does not yet stand still
    while it waits on the customer. Requests to cancel are left out unless asked for.
    """
    lives = customer_lives(study, lag)
    spells = open_spells(study, include_exit_requests)
    pieces = _pieces(lives, _marks(spells, lives, study, lag, memory, by))
    return _described(pieces, lives)


def customer_lives(study: Study, lag: float = 0) -> pd.DataFrame:
    """Each customer's time at risk, as times: customer_id, started_at, enters_at, leaves_at, end.

    end is voluntary, involuntary, or null where the customer is censored at leaves_at. Leaving is
    at notice or at the end, whichever is first; an end of unknown kind counts as voluntary, and
    kind_unknown says so. Customers never at risk have enters_at >= leaves_at.
    """
    customers = study.customers
    settings = study.settings
    known_from = [known_since(study), settings.time("customers_from")]
    enters = customers["started_at"].clip(lower=max(filter(None, known_from)))
    last_seen = customers["observed_until"].clip(upper=study.observed_until)
    willing = customers["end_kind"].ne("involuntary")
    ends = customers[["notice_at", "ended_at"]].min(axis=1).where(willing, customers["ended_at"])
    seen = ends <= last_seen
    kind = pd.Series(np.where(willing, "voluntary", "involuntary"), index=customers.index)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "started_at": customers["started_at"],
            "enters_at": enters + (settings.unresolved_after_days + lag) * DAY,
            "leaves_at": ends.where(seen, last_seen),
            "end": kind.where(seen),
            "kind_unknown": seen & ~customers["end_kind"].isin(["voluntary", "involuntary"]),
            "notice_known": customers["notice_at"].notna(),
            "billing_period": customers["billing_period"].fillna("unknown"),
            "plan": _at_entry(study, "plan", customers["customer_id"], enters).fillna("unknown"),
            "activity": pd.to_numeric(
                _at_entry(study, "activity", customers["customer_id"], enters), errors="coerce"
            ),
        }
    )


def known_since(study: Study) -> pd.Timestamp:
    """From when on every ticket is known: the setting tickets_from, else the first ticket's day."""
    first = study.tickets["created_at"].min()
    return study.settings.time("tickets_from") or first


def open_spells(study: Study, include_exit_requests: bool = False) -> pd.DataFrame:
    """When each issue of a known customer was open, and when it became overdue.

    Columns: ticket_id, customer_id, cause, topic, opened_at, resolved_at (null = open at the end),
    overdue_at, is_exit_request.

    A ticket has one spell from creation to first solution and, if it was reopened, one from the
    last reopening to the solution after it. Tickets said to be solved without a time are left out.
    """
    tickets = study.customer_tickets.merge(study.ticket_causes, on="ticket_id")
    tickets = tickets[tickets["customer_id"].notna()]
    if not include_exit_requests:
        tickets = tickets[~tickets["is_exit_request"].astype(bool)]
    solved = tickets["first_solved_at"].fillna(tickets["closed_at"])
    timeless = solved.isna() & tickets["status"].isin(["solved", "closed", "deleted"])
    promise = study.settings.unresolved_after_days * DAY
    first = tickets.assign(opened_at=tickets["created_at"], resolved_at=solved)
    first = first.assign(overdue_at=first["opened_at"] + promise)[~timeless]
    again = first[first["last_reopened_at"].notna()]
    last = again["last_solved_at"].fillna(again["closed_at"])
    spent = (again["resolved_at"] - again["opened_at"]).clip(upper=promise)
    again = again.assign(
        opened_at=again["last_reopened_at"],
        resolved_at=last.where(last > again["last_reopened_at"]),
        overdue_at=again["last_reopened_at"] + (promise - spent),
    )
    columns = "ticket_id customer_id cause topic opened_at resolved_at overdue_at is_exit_request"
    return pd.concat([first, again], ignore_index=True)[columns.split()]


def match(study: Study) -> pd.DataFrame:
    """How well tickets find their customers: a row a group with matched, of and share.

    Groups: tickets with an account in the customers table; then, where people are joined to
    accounts by identities, customers with any person known, by left or stayed.
    """
    tickets = study.customer_tickets
    customers = study.customers
    rows = {"tickets with an account": tickets["customer_id"].isin(customers["customer_id"])}
    if study.has("identities"):
        known = customers["customer_id"].isin(study.identities["customer_id"])
        left = customers["ended_at"].notna() | customers["notice_at"].notna()
        rows["accounts that left, with a person"] = known[left]
        rows["accounts that stayed, with a person"] = known[~left]
    found = {g: {"matched": int(v.sum()), "of": len(v)} for g, v in rows.items()}
    frame = pd.DataFrame.from_dict(found, orient="index").rename_axis("group")
    return frame.assign(share=frame["matched"] / frame["of"])


def match_gate(study: Study) -> CannotTell | None:
    """Why churn cannot be studied for want of links from tickets to customers, or None."""
    share = match(study)["share"].fillna(0)
    tickets, *accounts = share
    if tickets < MATCHED_AT_LEAST:
        return CannotTell(
            f"only {tickets:.0%} of tickets find their customer (at least {MATCHED_AT_LEAST:.0%} "
            "are needed): an identities table that joins people to accounts would tell."
        )
    left, stayed = accounts or (0, 0)
    if abs(left - stayed) > MATCH_DIFFERS_AT_MOST and min(match(study)["of"]) > 0:
        return CannotTell(
            f"{left:.0%} of the accounts that left but {stayed:.0%} of those that stayed have a "
            "person known in the help desk: such a difference alone makes a hazard ratio."
        )
    return None


def _at_entry(study: Study, field: str, customers: pd.Series, at: pd.Series) -> pd.Series:
    """What a history column held, as text, when the customer entered; null where not known."""
    if not study.has("customer_history"):
        return pd.Series(None, index=customers.index, dtype="str")
    history = study.customer_history
    history = history[history["field"] == field]
    wanted = pd.DataFrame({"customer_id": customers, "at": at}).reset_index()
    found = pd.merge_asof(
        wanted.sort_values("at"),
        history[["customer_id", "valid_from", "value"]].sort_values("valid_from"),
        left_on="at",
        right_on="valid_from",
        by="customer_id",
    )
    return found.set_index("index")["value"].reindex(customers.index)


def _marks(spells, lives, study, lag, memory, by) -> pd.DataFrame:
    """Changes of the counts: customer_id, at, what, change (+1 when it begins, -1 when it ends)."""
    far = study.observed_until + 36500 * DAY
    s = spells[spells["customer_id"].isin(lives["customer_id"])]
    resolved = s["resolved_at"].fillna(far)
    late = resolved > s["overdue_at"]
    remembered = resolved + memory * DAY
    begins = s["opened_at"], s["overdue_at"], resolved[late], resolved[~late]
    ends = resolved, resolved, remembered[late], remembered[~late]
    names = ("open", "overdue", "late", "prompt")
    parts = [
        _interval(s["customer_id"], b, e, name)
        for b, e, name in zip(begins, ends, names, strict=True)
    ]
    if by:
        parts.append(_interval(s["customer_id"], s["overdue_at"], resolved, "overdue: " + s[by]))
    marks = pd.concat(parts, ignore_index=True)
    return marks.assign(at=marks["at"] + lag * DAY)


def _interval(customer, begin, end, what) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": customer, "begin": begin, "end": end}).dropna()
    frame = frame.assign(what=what)[frame["begin"] < frame["end"]]
    on = frame.rename(columns={"begin": "at"}).assign(change=1)
    off = frame.rename(columns={"end": "at"}).assign(change=-1)
    return pd.concat([on, off])[["customer_id", "at", "what", "change"]]


def _pieces(lives: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Lives cut wherever a count changes and at each calendar quarter, with the counts."""
    at_risk = lives[lives["enters_at"] < lives["leaves_at"]]
    span = at_risk[["customer_id", "enters_at", "leaves_at"]]
    marks = marks.merge(span, on="customer_id").query("at < leaves_at")
    marks = marks.assign(at=marks["at"].clip(lower=marks["enters_at"]))
    counts = marks.pivot_table(
        index=["customer_id", "at"], columns="what", values="change", aggfunc="sum", fill_value=0
    )
    cuts = pd.concat([span.rename(columns={"enters_at": "at"}), _quarters(span)])
    cuts = pd.MultiIndex.from_frame(cuts[["customer_id", "at"]])
    wide = counts.reindex(counts.index.union(cuts).unique(), fill_value=0).sort_index()
    wide = wide.groupby(level="customer_id").cumsum()
    for name in ("open", "overdue", "late", "prompt"):
        wide[name] = wide.get(name, 0)
    return wide.reset_index().merge(at_risk, on="customer_id")


def _quarters(span: pd.DataFrame) -> pd.DataFrame:
    if span.empty:
        return span.rename(columns={"enters_at": "at"})
    starts = pd.date_range(span["enters_at"].min(), span["leaves_at"].max(), freq="QS").normalize()
    each = span.merge(pd.DataFrame({"at": starts}), how="cross")
    return each[(each["enters_at"] < each["at"]) & (each["at"] < each["leaves_at"])]


def _described(pieces: pd.DataFrame, lives: pd.DataFrame) -> pd.DataFrame:
    """Pieces in days, with the event on each customer's last piece and the worst issue's state."""
    following = pieces.groupby("customer_id")["at"].shift(-1)
    last = following.isna()
    begin = pieces["at"] - pieces["started_at"]
    end = following.fillna(pieces["leaves_at"]) - pieces["started_at"]
    worst = [pieces[c] > 0 for c in ("overdue", "late", "open", "prompt")]
    causes = [c for c in pieces if str(c).startswith("overdue: ")]
    return pd.DataFrame(
        {
            "customer_id": pieces["customer_id"],
            "start": begin / DAY,
            "stop": end / DAY,
            "event": (last & (pieces["end"] == "voluntary")).astype(int),
            "end": pieces["end"].where(last),
            "quarter": pieces["at"].dt.strftime("%Y") + "Q" + pieces["at"].dt.quarter.astype(str),
            "billing_period": pieces["billing_period"],
            "plan": pieces["plan"],
            "open": pieces["open"],
            "overdue": pieces["overdue"],
            "state": np.select(worst, STATES[:0:-1], STATES[0]),
            "activity": pieces["activity"],
        }
    ).join((pieces[causes] > 0).astype(int))
