"""Do tickets find their customers? Where they do not, churn cannot be studied."""

import numpy as np
import pandas as pd

from cxresearch.episodes.lives import known_since
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, cannot_tell, leaving_untold
from cxresearch.survival.kaplan_meier import kaplan_meier

MATCHED_AT_LEAST = 0.90
MATCH_DIFFERS_AT_MOST = 0.05
BANDS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
NOT_KNOWN = "not known"
AS_LONG = "accounts that stayed, watched for as long"
DAY = pd.Timedelta(days=1)


@once
def match(study: Study) -> pd.DataFrame:
    """How well tickets find their customers: a row a group with matched, of and share.

    Groups: tickets with an account in the customers table; then, where people are joined to
    accounts by identities, customers with any person known, by left or stayed. Where only people
    who wrote are joined, those who left had less time to write: a last row then tells what share of
    those who stayed had written by the time that those who left were watched for.
    """
    tickets = _tickets(study)
    rows = {"tickets with an account": tickets["matched"]}
    if study.has("identities"):
        known = _with_a_person(study)
        left = study.customers[["ended_at", "notice_at"]].notna().any(axis=1)
        rows["accounts that left, with a person"] = known[left]
        rows["accounts that stayed, with a person"] = known[~left]
    shares = _shares(rows)
    if study.has("identities") and _only_writers(study) and left.any() and not left.all():
        share, of = _watched_as_long(study, left), int((~left).sum())
        shares.loc[AS_LONG] = {"matched": round(share * of), "of": of, "share": share}
        shares = shares.astype({"matched": int, "of": int})
    return shares.rename_axis("group")


def _only_writers(study: Study) -> bool:
    """Are the people who are joined to accounts only such as wrote a ticket?"""
    wrote = among(study.identities["requester_id"], study.customer_tickets["requester_id"])
    return len(wrote) > 0 and bool(wrote.mean() > 0.99)


def _watched_as_long(study: Study, left: pd.Series) -> float:
    """Of accounts that stayed, the share with a joined ticket (Kaplan-Meier, days under watch) by
    the time that each account that left was watched for, on average over these."""
    customers, tickets = study.customers, study.customer_tickets
    since = customers["started_at"].clip(lower=known_since(study))
    until = customers["ended_at"].fillna(study.observed_until).clip(upper=study.observed_until)
    wrote = customers["customer_id"].map(tickets.groupby("customer_id")["created_at"].min())
    watched = ((until - since) / DAY).clip(lower=0)
    time = ((wrote - since) / DAY).clip(lower=0).fillna(np.inf).clip(upper=watched)
    rows = pd.DataFrame({"time": time, "event": (wrote <= until).fillna(False).astype(int)})
    curve = kaplan_meier(rows[~left])
    place = np.searchsorted(curve["day"], watched[left], "right") - 1
    return float(1 - curve["survival"].to_numpy()[place].mean())


@once
def out_of_sight(study: Study) -> dict[str, float]:
    """How much of customers' issues nobody can see in their lives: share (of tickets whose customer
    is not known), unmatched and tickets (their counts). Of a part of a study that of the whole: a
    ticket of nobody belongs to no part."""
    tickets = match(study.whole).loc["tickets with an account"]
    unmatched = tickets["of"] - tickets["matched"]
    share = unmatched / tickets["of"] if tickets["of"] else 0.0
    return {"share": float(share), "unmatched": int(unmatched), "tickets": int(tickets["of"])}


@once
def match_by_month(study: Study) -> pd.DataFrame:
    """Of the tickets of each month, how many find their customer: matched, of and share."""
    tickets = _tickets(study)
    return _shares(dict(iter(tickets.groupby("month")["matched"]))).rename_axis("month")


@once
def match_by_value(study: Study) -> pd.DataFrame | CannotTell:
    """Accounts with a person known, by what they paid: quarters of accounts by MRR, low to high.

    matched, of and share of the accounts, then MRR and its share that is paid by matched ones. What
    an account paid is its last MRR above zero: whoever left has none today.
    """
    if not study.has("identities"):
        return CannotTell(
            "which accounts have a person by value: people are not joined to accounts."
        )
    paid = _last_paid(study)
    if paid.isna().all():
        return CannotTell(
            "which accounts have a person by value: what customers pay is not in the study. MRR by "
            "customer, in customer_history, would tell."
        )
    known = _with_a_person(study)
    band = pd.qcut(paid.rank(method="first"), len(BANDS), labels=BANDS).astype("str")
    band = band.fillna(NOT_KNOWN)
    names = [name for name in (*BANDS, NOT_KNOWN) if (band == name).any()]
    shares = _shares({name: known[band == name] for name in names}).rename_axis("MRR")
    total, matched = (rows.groupby(band).sum().reindex(names) for rows in (paid, paid.where(known)))
    return shares.assign(**{"MRR in sum": total, "share of MRR": matched / total.where(total > 0)})


@once
def match_gate(study: Study) -> CannotTell | None:
    """Why churn cannot be studied for want of links from tickets to customers, or None.

    A difference between those who left and those who stayed counts only if people who wrote and
    were joined to no account are enough to explain it: an account that nobody wrote from has no
    person either, and is none the worse for it. Where only writers are joined, those who stayed
    count as of the time that those who left were watched for. Of a part of a study the whole is
    asked first: a ticket of nobody belongs to no part.
    """
    if study.cut and (gate := match_gate(study.whole)):
        return gate
    matched = match(study)
    tickets, *accounts = matched["share"].fillna(0)
    as_long = AS_LONG in matched.index
    if tickets < MATCHED_AT_LEAST:
        return CannotTell(
            f"only {tickets:.0%} of tickets find their customer (at least {MATCHED_AT_LEAST:.0%} "
            "are needed): an identities table that joins people to accounts would tell."
        )
    left, stayed = (accounts[0], accounts[-1]) if accounts else (0, 0)
    enough = MATCH_DIFFERS_AT_MOST * matched["of"].min()
    joined = _tickets(study).groupby("requester_id")["matched"].any()
    nobodys = int((~joined).sum())  # people who wrote and were never joined to an account
    if abs(left - stayed) > MATCH_DIFFERS_AT_MOST and nobodys > enough > 0:
        return CannotTell(
            f"{left:.0%} of the accounts that left but {stayed:.0%} of those that stayed"
            f"{', watched for as long,' * as_long} have a person known in the help desk, and "
            f"{nobodys:,} people who wrote belong to no account: such a difference alone makes a "
            "hazard ratio."
        )
    return None


def exposure_gate(study: Study) -> CannotTell | None:
    """Why nobody can tell which customers left, or had an issue unsolved, and when; or None."""
    return match_gate(study) or leaving_untold(study) or cannot_tell(study, SOLVED)


def _tickets(study: Study) -> pd.DataFrame:
    """Customers' tickets with the month of creation, and whether their customer is known."""
    tickets = study.customer_tickets
    return tickets[["requester_id"]].assign(
        month=tickets["created_at"].dt.tz_convert(study.settings.time_zone).dt.strftime("%Y-%m"),
        matched=among(tickets["customer_id"], study.customers["customer_id"]),
    )


def _with_a_person(study: Study) -> pd.Series:
    return among(study.customers["customer_id"], study.identities["customer_id"])


def _last_paid(study: Study) -> pd.Series:
    """Each customer's last MRR above zero, in the order of the customers table."""
    who = study.customers["customer_id"]
    if not study.has("customer_history"):
        return who.map({}).astype(float)
    history = study.customer_history
    mrr = history[history["field"].str.lower() == "mrr"].sort_values("valid_from")
    paid = pd.to_numeric(mrr["value"], errors="coerce")
    last = paid[paid > 0].groupby(mrr["customer_id"]).last()
    return who.map(last).astype(float)


def _shares(groups: dict[str, pd.Series]) -> pd.DataFrame:
    counts = {g: {"matched": int(v.sum()), "of": len(v)} for g, v in groups.items()}
    frame = pd.DataFrame.from_dict(counts, orient="index", columns=["matched", "of"])
    return frame.assign(share=frame["matched"] / frame["of"])
