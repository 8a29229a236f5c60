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
from cxresearch.outcomes.hazards import Hazards, Variants, named_rows
from cxresearch.outcomes.hidden import yardstick
from cxresearch.outcomes.issue_cohort import ORIGIN, issue_cohort, landmarks
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
from cxresearch.outcomes.of_all import ratios_of_all
from cxresearch.outcomes.promise import promise, proposed
from cxresearch.outcomes.rules import rules, stopped
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
)
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, reads
from cxresearch.study.words import LEAVING, SHARE, share
from cxresearch.survival import cumulative_incidence
from cxresearch.survival.curves import Curves

__all__ = ["ENOUGH_EVENTS", "STRATA", "at_a_glance", "by_cause", "cause_rows", "causes_differ"]
__all__ += ["checks", "curves", "exit_requests", "hazards", "headline", "how_many_wait"]
__all__ += ["landmarks", "limits", "looks_ahead", "more_months", "population", "power", "promise"]
__all__ += ["proposed", "reconciled", "rules", "variants", "yardstick"]

WORDS = LEAVING
SHOWN = ("start", "stop", "event", "state", "any overdue", "quarter", "plan")
WOULD_TELL = "More months of the same data would tell; so would fewer, larger causes."
how_many_wait = overdue_issues
VARIANTS = {
    "headline": "the headline: overdue, against issues in time",
    "overdue": "overdue, against issues solved in time",
    "late": "overdue or solved late, against issues solved in time",
    "second": "overdue, against any other day",
    "concurrent": "overdue, against issues open in time",
    "unadjusted": "the headline, adjusted for nothing",
    "direct": "the headline, given the activity of the day itself",
}
LIMITS = (
    "What bothers customers who stop writing before they go is in no ticket. That draws "
    "comparisons with any other day towards no effect; it hardly did those with issues in time, in "
    "the simulated companies of page 09. What else moves tickets and leaving, such as a better "
    "offer or a new manager, is not taken out. "
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
    return Hazards(rows, LEAVING, withheld=stopped(study))


def headline(study: Study) -> tuple[Finding | CannotTell, ...]:
    """What pages say first of whether an overdue issue costs the customer: the shares who leave
    within a year, the rate while it waits, and why the one is so little and the other so much."""
    seen = hazards(study)
    if isinstance(seen, CannotTell) or seen.withheld:
        return (seen.said(),)
    return landmarks(study).said(), seen.said(), reconciled(study)


def reconciled(study: Study) -> Finding | CannotTell:
    """What the headline's rate, for as long as an issue that ran over waits on, makes of the share
    who leave of those whose issue was solved in time."""
    seen, alike, cohort = hazards(study), landmarks(study), issue_cohort(study)
    for needed in (seen, alike, cohort):
        if isinstance(needed, CannotTell):
            return DoesNotApply(needed.reason)
    ratio, last = seen.frame.loc["headline"], alike.last
    if last is None or ratio["verdict"] == "cannot tell":
        return DoesNotApply("what agrees: one of the two cannot be told.")
    waits = cohort.loc[cohort["group"] == "still open", "waits"].clip(upper=last["day"]).mean()
    longer = 1 + (ratio["hazard ratio"] - 1) * waits / last["day"]
    made = 1 - (1 - last["first"]) ** longer
    agree = last["low"] <= made - last["first"] <= last["high"]
    return finding(
        "That holds only while they wait, {waits:.0f} more days on average. Over {day} days it "
        "adds up to {gap:.1f} points" + (", which agrees with the difference." if agree else "."),
        waits=waits, day=int(last["day"]), gap=100 * (made - last["first"]),
    )  # fmt: skip


@once
def variants(study: Study) -> Variants | CannotTell:
    """The headline and the same question asked otherwise: against others, adjusted otherwise, for
    another promise, as of days before, and of renewals alone."""
    seen, others, promised = hazards(study), doubts(study), promise(study)
    for needed in (seen, others, promised):
        if isinstance(needed, CannotTell):
            return needed
    rows = {
        name: {**seen.frame.loc[name], "variant": told}
        for name, told in VARIANTS.items() if name in seen.frame.index
    }  # fmt: skip
    for _, row in promised.frame[promised.frame["days"] != promised.days].iterrows():
        rows[f"{row['days']:g} days"] = {**row, "variant": f"overdue after {row['days']:g} days"}
    rows |= ratios_of_all(study)
    judged = renewal_hazard(study)
    if not isinstance(judged, CannotTell):
        told = "on yearly contracts, judged at renewals, against any other day"
        rows["renewals"] = {**judged.squeeze(), "variant": told}
    frame = named_rows(rows | others)
    return Variants(frame.assign(asks=frame["asks"].isna()), LEAVING)


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
        "left out. One that is missed counts as an issue in time, and draws ratios down.",
        **share(int(asks.reindex(own).fillna(False).sum()), len(own)),
    )  # fmt: skip


def asks_to_leave(study: Study) -> Finding:
    """How many tickets ask to leave, by their words or their topic, whoever wrote them."""
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return finding(
        SHARE + " of tickets ask to leave, by their words or by a topic of which half do.",
        **share(int(asks.sum()), len(asks)),
    )  # fmt: skip


def looks_ahead(study: Study) -> CannotTell:
    """Asked only where it can be seen who comes back."""
    return DoesNotApply("what looking ahead would have said: exposure is from day to day here.")


def limits(study: Study) -> Finding:
    """What these comparisons are not, with what is known only for some customers."""
    lives = customer_lives(study)
    left = lives[lives["end"] == "voluntary"]
    unsaid = left[~left["notice_known"]]
    return finding(
        LIMITS + "Of {left:,} departures by choice {unsaid:,} have no notice. "
        "On {yearly:,} of these yearly contracts they are watched only until the last term began. "
        "For the others the end stands for the decision, which came earlier. " + _clock(study),
        left=len(left), unsaid=len(unsaid), yearly=int((~left["decision_known"]).sum()),
    )  # fmt: skip


def _clock(study: Study) -> str:
    """Whether it is known when issues waited on the customer."""
    waited = open_spells(study)["days_waiting"]
    if waited.isna().all():
        return (
            "When an issue waited on the customer is not in this export. So the promise's clock "
            "runs on, and some issues are called overdue too early."
        )
    return (
        f"The promise's clock stands still while an issue waits on the customer: "
        f"{(waited > 0).mean():.0%} of issues did."
    )
