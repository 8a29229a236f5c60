"""Of issues open on their landmark day: does a word that the desk had said go with who leaves?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxresearch.outcomes import outcome
from cxresearch.outcomes.at_landmark import in_groups, issues_at
from cxresearch.outcomes.fates import HALF_A_YEAR, fates, sizes
from cxresearch.outcomes.models import ENOUGH_EVENTS
from cxresearch.outcomes.steps import trend
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import Words, ratio, view
from cxresearch.topics.desk_threads import messages, read_rule, untrusted

WITHOUT, WITH = "without", "with"
SAID: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "workaround": ("a workaround", lambda rows: read_rule(rows, "workaround")),
    "date_promised": ("a promised date", lambda rows: read_rule(rows, "date_promised")),
    "update": ("a second answer", lambda rows: rows.groupby("ticket_id").cumcount() > 0),
}


@dataclass(frozen=True, eq=False)
class WordsSaid(Result):
    """A row a word, named: what, issues and events with it and without, share with and without (by
    half a year), hazard ratio, low, high, p (Holm), verdict; lacking says why a word is no row."""

    words: Words
    lacking: dict[str, CannotTell] = field(default_factory=dict)

    def said(self, row: str = "") -> Finding | CannotTell:
        """The rate of customers with the word against those without, and their shares."""
        row = row or next(iter(SAID))
        if row in self.lacking:
            return self.lacking[row]
        r = self.frame.loc[row]
        against = {"who": f"customers who had {r['what']}", "against": "those who had none"}
        told = ratio(pd.Series({**r, **against, self.words.exposed: r["events with"]}), self.words)
        shares = (
            f" By day {HALF_A_YEAR}, {r['share with']:.1%} of the first {self.words.done}, and "
            f"{r['share without']:.1%} of the others."
        ) * bool(r[["share with", "share without"]].notna().all())
        if isinstance(told, CannotTell):
            return CannotTell(told.reason + shares)
        return Finding(told.text + shares, told.numbers)

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """A sentence a word."""
        return tuple(self.said(row) for row in SAID)

    def table(self) -> pd.DataFrame:
        """Issues with and without each word, who left or came back, and the ratio of the rates."""
        if self.frame.empty:
            return self.frame
        done = f"{self.words.done} by day {HALF_A_YEAR}"
        return view(self.frame, "what as had by then", "issues with as issues with it",
                    "issues without as without it", f"share with .1% as {done}, with it",
                    f"share without .1% as {done}, without", "hazard ratio ±.2f", "p .3f as p",
                    "verdict")  # fmt: skip


@once
def by_word(study: Study) -> WordsSaid | CannotTell:
    """Issues open when their promise ran out (return studies: on the landmark), by whether the desk
    had by then given a workaround, promised a date, or answered a second time.

    Nothing after the landmark is read. Only issues that an agent had answered by then, in words
    that can be read, are compared: whoever is answered later has stayed until then. p allows for
    the number of words, verdicts are read from it. Whoever gets a word may differ otherwise.
    """
    said = messages(study)
    if isinstance(said, CannotTell):
        return said
    issues = issues_at(study, study.settings.unresolved_after_days)
    if isinstance(issues, CannotTell):
        return issues
    issues = issues[~(issues["resolved_at"] <= issues["zero"])]
    said = said[said["role"] == "agent"].merge(issues[["ticket_id", "zero"]], on="ticket_id")
    said = said[said["at"] <= said["zero"]]
    issues = issues[among(issues["ticket_id"], said["ticket_id"])]
    told = {word: _compared(word, issues, said) for word in SAID}
    lacking = {word: row for word, row in told.items() if isinstance(row, CannotTell)}
    rows = pd.DataFrame({w: row for w, row in told.items() if w not in lacking}).T.infer_objects()
    return WordsSaid(_judged(rows) if len(rows) else rows, outcome(study).WORDS, lacking)


def _compared(word: str, issues: pd.DataFrame, said: pd.DataFrame) -> pd.Series | CannotTell:
    what, finds = SAID[word]
    if word != "update" and (lacks := untrusted(word)):
        return CannotTell(f"whether {what} goes with staying: {lacks.reason}")
    has = among(issues["ticket_id"], said.loc[finds(said), "ticket_id"])
    rows = in_groups(issues, np.asarray(has).astype(int), [WITHOUT, WITH])
    if isinstance(rows, CannotTell):
        return rows
    groups = fates(rows, [WITH, WITHOUT], (HALF_A_YEAR,))
    of = sizes(groups).reindex([WITH, WITHOUT], fill_value=0)
    if of["events"].min() < ENOUGH_EVENTS:
        few = " and ".join(f"{of.loc[side, 'rows']:,} {side}" for side in (WITH, WITHOUT))
        return CannotTell(
            f"whether {what} goes with staying: of issues still open {few} it, too few to compare."
        )
    step = trend(rows)
    if isinstance(step, CannotTell):
        return step
    sides = {f"{name} {side}": of.loc[side, column] for side in (WITH, WITHOUT)
             for name, column in (("issues", "rows"), ("events", "events"))}  # fmt: skip
    shares = {f"share {side}": groups["share"].get(side, np.nan) for side in (WITH, WITHOUT)}
    return pd.Series({"what": what, **sides, **shares, **step})


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(p=of_many(rows["p"]))
    more = np.where(rows["hazard ratio"] > 1, "more", "less")
    return rows.assign(verdict=np.where(rows["p"] < 0.05, more, "cannot tell"))
