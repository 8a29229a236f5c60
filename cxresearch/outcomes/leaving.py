"""Churn studies: what an overdue issue is associated with, overall and by cause.

Every function takes a Study and answers with a table, or with CannotTell where tickets cannot be
joined to customers. outcomes.returning answers the same questions where nobody can leave.
"""

import pandas as pd

from cxresearch.episodes import (
    build_episodes,
    customer_lives,
    decided,
    exposure_gate,
    open_spells,
    renewal_hazard,
)
from cxresearch.outcomes.cause_ratios import CauseRatios
from cxresearch.outcomes.doubts import causes_differ, checks, doubts
from cxresearch.outcomes.hazards import Hazards, named_rows
from cxresearch.outcomes.hidden import yardstick
from cxresearch.outcomes.issue_cohort import balanced, issue_cohort, landmarks
from cxresearch.outcomes.leaving_by_cause import (
    by_cause,
    cause_rows,
    in_time,
    more_months,
    power,
)
from cxresearch.outcomes.left_waiting import overdue_issues
from cxresearch.outcomes.models import (
    COMPARISONS,
    ENOUGH_EVENTS,
    HEADLINE,
    NOBODY,
    NOW,
    STRATA,
    adjustable,
    in_words,
    modelled,
    ratio_row,
    usable,
    with_departures,
)
from cxresearch.outcomes.promise import promise, proposed
from cxresearch.outcomes.rules import rules, stopped
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, reads
from cxresearch.study.words import LEAVING, SHARE, ratio, share
from cxresearch.survival import cumulative_incidence
from cxresearch.survival.curves import Curves

__all__ = ["ENOUGH_EVENTS", "STRATA", "at_a_glance", "by_cause", "cause_rows", "causes_differ"]
__all__ += ["checks", "curves", "doubts", "exit_requests", "hazards", "how_many_wait"]
__all__ += ["balanced", "landmarks", "limits", "more_months", "population", "power", "promise"]
__all__ += ["proposed", "renewals", "rules", "yardstick"]

WORDS = LEAVING
SHOWN = ("start", "stop", "event", "state", "any overdue", "quarter", "plan")
WOULD_TELL = "More months of the same data would tell; so would fewer, larger causes."
how_many_wait = overdue_issues
ORIGIN = "the promise on an issue ran out"
WRITERS = (
    "Who writes is more active just then than on other days, which hides harm where active "
    "customers stay: the headline compares with others who wrote."
)
LIMITS = (
    "What bothers customers who stop writing before they go is in no ticket. It draws "
    "comparisons with any other day towards no effect, those among customers who wrote hardly so "
    "in the simulated companies of page 09; nothing here shows whether that holds. What else moves "
    "tickets and leaving (a better offer, a new manager) is not taken out; plan is as it was on "
    "each day, activity as before the issue. "
)


@reads(SOLVED)
@once
def population(study: Study) -> pd.DataFrame | CannotTell:
    """Every customer accounted for: step and customers; last, how many of those in the headline's
    rows were ever on each side of it (many on both)."""
    lives = decided(customer_lives(study))
    at_risk = lives[lives["enters_at"] < lives["leaves_at"]]
    unknown, hidden = at_risk["kind_unknown"], ~at_risk["decision_known"]
    steps = {
        "customers in the table": len(lives),
        "gone, or too new, before their exposure could be known": len(at_risk) - len(lives),
        "at risk": len(at_risk),
        "of these, left by choice": int(((at_risk["end"] == "voluntary") & ~unknown).sum()),
        "ended, unknown why: counted as by choice": int(unknown.sum()),
        "yearly contracts ended without a notice: watched until the term began": int(hidden.sum()),
        "ended against their will": int((at_risk["end"] == "involuntary").sum()),
        "still customers when last seen": int((at_risk["end"].isna() & ~hidden).sum()),
    }
    rows = modelled(build_episodes(study))
    inside = rows["customer_id"].nunique()
    name = "at risk, but gone before what could be remembered from before the export had passed"
    steps[name] = inside - len(at_risk)
    known, adjusted = adjustable(rows)
    if adjusted and (without := inside - known["customer_id"].nunique()):
        steps["at risk, but not in rows adjusted for activity: it is not known"] = -without
    for name, on in (
        ("with an issue overdue while watched", known["overdue"] > 0),
        ("with one in time or lately solved in time", in_time(known)),
    ):
        steps[name] = known.loc[on, "customer_id"].nunique()
    return pd.DataFrame({"customers": steps}).rename_axis("step")


@once
def curves(study: Study) -> Curves | CannotTell:
    """Share who left by choice by days after the promise on an issue ran out, by group.

    A row an issue: time zero is created + promise (waiting on the customer not counted), among
    customers still there; groups are as of that day, solved in time or still open. Ends against a
    customer's will compete; errors are by customer.
    """
    cohort = issue_cohort(study)
    if isinstance(cohort, CannotTell):
        return cohort
    shares = cumulative_incidence(cohort, "group")
    return Curves(shares, "group", LEAVING.done, LEAVING.verb, ORIGIN)


@once
def hazards(study: Study) -> Hazards | CannotTell:
    """Hazard ratios of leaving, a row of COMPARISONS each, by its name.

    Time-varying Cox, Efron, strata calendar quarter, billing period and plan, robust by customer;
    activity as before the issue. Rows adjusted for activity hold the days on which it is known;
    "unadjusted" is the headline without, "direct" given the activity of the day itself. An estimate
    needs ten departures on either side.
    """
    if gate := exposure_gate(study):
        return gate
    rows = modelled(build_episodes(study))
    if rows.empty:
        return NOBODY
    known, adjusted = adjustable(rows)
    now, current = adjustable(rows, [NOW])
    ratios = {name: ratio_row(known, of, adjusted) for name, of in COMPARISONS.items()}
    headline = COMPARISONS["headline"]
    if adjusted:
        ratios["unadjusted"] = ratio_row(rows, headline, [])
    if current:
        ratios["direct"] = ratio_row(now, headline, current)
    rows = in_words(study, named_rows(ratios))
    lead = ("late", "third", "headline")
    lacking = {"direct": "what goes through lower use: current activity is not known here."}
    return Hazards(rows, LEAVING, lead, lacking, WRITERS, stopped(study))


def model_rows(study: Study) -> pd.DataFrame | CannotTell:
    """The rows of the headline's model: a piece of a customer's life each, see build_episodes."""
    if gate := exposure_gate(study):
        return gate
    rows, _ = adjustable(modelled(build_episodes(study)))
    if rows.empty:
        return NOBODY
    return with_departures(rows, HEADLINE.beside)[0]


@cannot_tell_passes
def formula(rows: pd.DataFrame) -> str:
    """The headline's model of its rows: the exposure, what stands beside it, and activity."""
    used = [*with_departures(rows, HEADLINE.beside)[1], *usable(rows, adjustable(rows)[1])]
    return " + ".join(f"`{name}`" for name in (HEADLINE.exposure, *used))


def at_a_glance(study: Study, by_cause: CauseRatios | CannotTell) -> CauseRatios | CannotTell:
    """What shows the causes beside each other: their ratios."""
    return by_cause


def exit_requests(study: Study) -> Finding:
    """How many tickets of known customers ask to leave: the outcome itself, so no exposure."""
    tickets = study.customer_tickets
    own = tickets.loc[tickets["customer_id"].isin(study.customers["customer_id"]), "ticket_id"]
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return finding(
        SHARE + " of known customers' tickets ask to leave. They are the outcome, not a cause, and "
        "left out unless a row says otherwise. One that is missed counts as an issue in time, and "
        "draws ratios down.", **share(int(asks.reindex(own).fillna(False).sum()), len(own)),
    )  # fmt: skip


def asks_to_leave(study: Study) -> Finding:
    """How many tickets ask to leave, by their words or their topic, whoever wrote them."""
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return finding(
        SHARE + " of tickets ask to leave, by their words or by a topic of which half do.",
        **share(int(asks.sum()), len(asks)),
    )  # fmt: skip


def renewals(study: Study) -> Finding | CannotTell:
    """From yearly contracts alone, by the terms that were not renewed: overdue against any other
    time, and not, as the headline does, against an issue in time."""
    judged = renewal_hazard(study)
    if isinstance(judged, CannotTell):
        return judged
    who = "customers on yearly contracts, judged at renewals alone, with an overdue issue"
    against = "those with nothing overdue, whether or not they wrote"
    row = judged.squeeze().to_dict() | {"who": who, "against": against}
    return ratio(named_rows({"renewals": row}).loc["renewals"], LEAVING)


def limits(study: Study) -> Finding:
    """What these comparisons are not, with what is known only for some customers."""
    lives = customer_lives(study)
    left = lives[lives["end"] == "voluntary"]
    unsaid = left[~left["notice_known"]]
    return finding(
        LIMITS + "Of {left:,} departures by choice {unsaid:,} have no notice. On "
        "{yearly:,} yearly contracts among them the day of the decision is unknown, so they are "
        "watched only until their last term began; for the others the end stands for the decision, "
        "which came earlier. " + _clock(study),
        left=len(left), unsaid=len(unsaid), yearly=int((~left["decision_known"]).sum()),
    )  # fmt: skip


def _clock(study: Study) -> str:
    """Whether it is known when issues waited on the customer."""
    waited = open_spells(study)["days_waiting"]
    if waited.isna().all():
        return (
            "This export has no history of states: when an issue waited on the customer is not "
            "known, so the promise's clock runs on and some issues are called overdue too early."
        )
    return (
        f"The promise's clock stands still while an issue waits on the customer, as it did in "
        f"{(waited > 0).mean():.0%} of spells."
    )
