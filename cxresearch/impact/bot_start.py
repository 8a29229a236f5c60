"""Did a bot's start spare people work? Judged as any decision is, on what the bot talks about."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from cxresearch.impact.decisions import Decision, decisions
from cxresearch.impact.realised import Realised, realised
from cxresearch.kpis.after_talks import came_next
from cxresearch.kpis.contact_rate import exposures, rate
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding, or_cannot_tell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import interval

ITS = "what the bot talks about"
LEAST = 5  # tickets after talks of an intent, to say of what cause it is
NOT_DRAWN = DoesNotApply("how tickets ran since the bot began: no change can be told.")


@dataclass(frozen=True, eq=False)
class BotStart(Realised):
    """What became of the tickets about the causes that a bot talks about, since it began, beside
    those about all other causes; rows as of any decision, but for what nobody expected."""

    causes: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Whether tickets fell beside the others, what a peak would feign, what could be seen, and
        how often customers wrote before and since."""
        parts = (self.said(), self._peak(), self._power(), self._rates())
        return tuple(part for part in parts if part is not None)

    def table(self) -> pd.DataFrame:
        """Tickets and those overdue: the change since, beside the others; none where it is not
        told."""
        return super().table().iloc[: 3 * self._told, :2]

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """Tickets in each four weeks, where a change can be told."""
        return super().plot(ax) if self._told else NOT_DRAWN

    @property
    def _told(self) -> bool:
        return bool(pd.notna(self.frame.loc["tickets", "ratio"]))

    def _rates(self) -> Finding | None:
        if not self.rates:
            return None
        return finding(
            "In all a customer wrote {before} tickets a month before, and {after} since. That "
            "holds all else that changed then, so it is no verdict.",
            before=self.rates[0], after=self.rates[1],
        )  # fmt: skip


@once
def bot_start(study: Study) -> BotStart | CannotTell:
    """The bot's start as page 11 judges a decision: from the day in decisions.toml that names a bot
    or else from the first talk. Its causes are the commonest ones of each intent's tickets
    (came_next), taken as one; where every cause is one of these, nothing is left to compare with.
    """
    after = came_next(study)
    if isinstance(after, CannotTell):
        return after
    its = tuple(sorted(set(after.loc[after["tickets"] >= LEAST, "cause"])))
    told = or_cannot_tell(decisions, study)
    told = () if isinstance(told, CannotTell) else told
    days = [each.since for each in told if re.search(r"bot\b", each.what, re.IGNORECASE)]
    first = study.bot_sessions["started_at"].min().tz_convert(study.settings.time_zone)
    merged, causes = study.with_settings(), study.ticket_causes
    merged.put(
        "ticket_causes", causes.assign(cause=causes["cause"].mask(causes["cause"].isin(its), ITS))
    )
    start = Decision("The bot’s start", ITS, min(days, default=first.date()))
    made = or_cannot_tell(realised, merged, start)
    if isinstance(made, CannotTell):
        return made
    day = made.told.day.isoformat()
    parts = [exposures(study.with_settings(**of)) for of in
             ({"observed_until": day}, {"tickets_from": day})]  # fmt: skip
    known = not any(isinstance(of, CannotTell) for of in parts)
    rates = tuple(interval(*list(rate(of).values())[:3], ".2f") for of in parts) if known else ()
    return BotStart(made.frame, made.decision, made.told, its, rates)
