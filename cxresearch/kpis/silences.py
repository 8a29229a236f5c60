"""Are customers left without word: solved or updated in time, and the longest silence."""

import pandas as pd

from cxresearch.kpis.compliance import priority_then
from cxresearch.kpis.durations import UNIT, elapsed, median, promise_clock
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.messages import desk_silences, has_flag
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, measured, settled, solved_at, who
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell, told

NO_WORD = "left without word from an agent for more than"
TURN = "while the desk had the next word"


def resolved_or_updated(study: Study, by: str | None = None) -> Standing:
    """Share of tickets older than the promise that were solved within it, or whose customer never
    waited longer than update_hours for word from an agent in that time; rows of a KPI.

    Every ticket is judged by the same days, so that open ones are not judged by how they end.
    """
    days, most = study.settings.unresolved_after_days, study.settings.update_hours
    kpi = Kpi(
        "Solved or updated in time",
        f"of customers' tickets older than {days:g} days: solved within them, or not {NO_WORD} "
        f"{most:g} {UNIT[promise_clock(study)]} of them {TURN}",
    )
    facts = cannot_tell(study, "first_solved_at") or silence_facts(study, within=days)
    facts = _solved_or_heard(facts, study, days, most)
    return measured(study, kpi, facts, by=by)


def update_cadence(study: Study, by: str | None = None) -> Standing:
    """Share of urgent tickets whose customer never waited longer than urgent_update_minutes for
    word from an agent in the days of the promise; rows of a KPI. Urgent as it was then."""
    settings = study.settings
    words, days = ", ".join(settings.urgent_priorities), settings.unresolved_after_days
    kpi = Kpi(
        "Urgent tickets kept informed",
        f"of customers' tickets of priority {words}: in their first {days:g} days not {NO_WORD} "
        f"{settings.urgent_update_minutes:g} minutes {TURN}",
    )
    facts = _urgent(silence_facts(study, within=days), study)
    return measured(study, kpi, facts, by=by)


def longest_silence(study: Study, by: str | None = None) -> Standing:
    """The longest time for which a customer waited for word from an agent, as a median over
    tickets; rows of a KPI. Of an open ticket it is at least what was seen: censored there."""
    kpi = Kpi(
        "Longest silence, median",
        f"{UNIT[promise_clock(study)]} of the longest wait for word from an agent {TURN}, which "
        "half of customers' tickets did not exceed; of open ones it is at least that",
        "hours",
    )
    return measured(study, kpi, _censored(silence_facts(study)), median, by)


@once
def silence_facts(study: Study, within: float | None = None) -> pd.DataFrame | CannotTell:
    """Customers' tickets whose state is known: ticket_id, customer_id, who, at, priority (as it was
    then), solved_at, longest (silence while the desk had the next word, in hours of the promises'
    clock), over (is the ticket over, so that the silence cannot become longer?), mature.

    within counts only so many days of each ticket, its first ones; mature: all of them are over.
    """
    tickets = settled(study)
    solved = solved_at(tickets).clip(lower=tickets["created_at"])
    tickets = tickets.assign(solved_at=solved)
    odd = has_flag(tickets, "messages_missing")
    lost = solved.isna() & tickets["status"].isin(["solved", "closed", "deleted"])
    tickets = tickets[~odd & ~lost]
    if tickets.empty:
        return CannotTell("when agents wrote: of no customer's ticket is the state known for good.")
    gaps = desk_silences(study, tickets)
    if isinstance(gaps, CannotTell):
        return gaps
    mature = pd.Series(True, index=tickets.index)
    if within is not None:
        ends = tickets["created_at"] + within * DAY
        mature = ends <= study.observed_until
        last = gaps["ticket_id"].map(ends.set_axis(tickets["ticket_id"]))
        gaps = gaps.assign(since=gaps["since"].where(gaps["since"] < last),
                           until=gaps["until"].where(gaps["until"] < last, last))  # fmt: skip
    waited = elapsed(study, gaps["since"], gaps["until"], promise_clock(study))
    gaps = gaps.assign(hours=waited)
    each = gaps.groupby("ticket_id").agg(longest=("hours", "max"), ends=("ends", "max"))
    each = each.reindex(tickets["ticket_id"]).set_index(tickets.index)
    return tickets[["ticket_id", "customer_id", "solved_at"]].assign(
        who=who(tickets), at=tickets["created_at"], priority=priority_then(study, tickets),
        longest=each["longest"].fillna(0.0), over=each["ends"] == 2, mature=mature,
    )  # fmt: skip


@cannot_tell_passes
def _solved_or_heard(facts: pd.DataFrame, study: Study, days: float, most: float) -> pd.DataFrame:
    in_time = (facts["solved_at"] - facts["at"]) / DAY <= days
    held = (in_time | (facts["longest"] <= most)).astype("boolean")
    return facts.assign(held=held.where(told(study, "first_solved_at", facts)))


@cannot_tell_passes
def _urgent(facts: pd.DataFrame, study: Study) -> pd.DataFrame | CannotTell:
    words = study.settings.urgent_priorities
    facts = facts[facts["priority"].isin([word.lower() for word in words])]
    if facts.empty:
        return CannotTell(
            "how often urgent customers hear from the desk: no ticket is of priority "
            f"{', '.join(words)}; an export with priorities would tell (or other "
            "urgent_priorities in study.toml)."
        )
    return facts.assign(held=facts["longest"] <= study.settings.urgent_update_minutes / 60)


@cannot_tell_passes
def _censored(facts: pd.DataFrame) -> pd.DataFrame:
    return facts.assign(time=facts["longest"], event=facts["over"].astype(int), known=True)
