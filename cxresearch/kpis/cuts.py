"""By group: whose tickets fare worse than all others', in every column that groups are known by.

Errors are by customer; all comparisons of a table share one false-discovery rate (Benjamini and
Hochberg 1995). What shows in a group may lie in what its tickets are about, so each ratio stands
beside that among tickets of the same cause (Simpson 1951, J R Stat Soc B 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.contact_rate import contact_rate
from cxresearch.kpis.cut_columns import NOTHING, cut_groups, later
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.segments import VERDICTS, judged
from cxresearch.kpis.share_ratios import share_ratios
from cxresearch.kpis.surveys.reach import invitations
from cxresearch.kpis.surveys.scores import score_values
from cxresearch.outcomes.coming_back import MONTH
from cxresearch.outcomes.hazards import told
from cxresearch.outcomes.recurrence import DAY, own_tickets, solved_tickets
from cxresearch.study import drawing
from cxresearch.study.answers import (
    CannotTell,
    DoesNotApply,
    Finding,
    cannot_tell_passes,
    finding,
    or_cannot_tell,
)
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import view

DRAWN = 12  # groups
KEPT = 0.5  # of a difference, for it to hold among tickets of the same cause
SHARES = (
    "measure as what", "who as group", "n as tickets", "share .0%", "others .0% as all others",
    "ratio ±.2f as times all others", "alike ±.2f as of the same cause",
)  # fmt: skip
SAYS = "{what}: **{who}**, {share:.0%} of its tickets, against {others:.0%} of all others."


@dataclass(frozen=True, eq=False)
class ByGroup(Result):
    """Groups against all others: measure, column, group, who (both), customers, ratio, low, high,
    p, q, verdict (from q) and what columns show; says is the sentence of the clearest above."""

    says: str = SAYS
    columns: tuple[str, ...] = SHARES
    axis: str = "times the share of all others"
    later: tuple[str, ...] = ()  # columns known only in the end

    def said(self, row: str = "") -> Finding | CannotTell:
        """Of a measure (the first): the group farthest above all others of those that clearly are,
        one known from the start if there is any; how many are, and of how many it is not told."""
        what = row or self.frame["measure"].iloc[0]
        rows = without(self.frame)[0].query("measure == @what").dropna(subset="p")
        above = rows[told(rows) & (rows["ratio"] > 1)].sort_values("ratio", ascending=False)
        above = above.sort_values("column", key=lambda c: c.isin(self.later), kind="stable")
        if above.empty:
            return CannotTell(
                f"{what}, by group: none of {len(rows)} groups is clearly above all others."
            )
        return finding(
            self.says + " Of {of} groups {n} are clearly above, {rest} cannot be told.",
            what=what[:1].upper() + what[1:], n=len(above),
            rest=int((~told(rows)).sum()), of=len(rows), **above.iloc[0][self._held(above)],
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """One for each measure, then whether they hold among tickets of the same cause."""
        return (*(self.said(what) for what in self.frame["measure"].unique()), self.alike())

    def alike(self) -> Finding | CannotTell:
        """Which clear difference is lost, or turns, among tickets of the same cause."""
        clear = self._clear()
        if "alike" not in clear or (clear := clear.dropna(subset="alike")).empty:
            return DoesNotApply("how groups differ within causes: nothing is clear, or no cause.")
        kept = np.log(clear["alike"]) / np.log(clear["ratio"])
        if (kept >= KEPT).all():
            return Finding("Among tickets of the same cause all these differences hold.")
        row = clear.loc[kept.idxmin()]
        other = row["alike high"] < 1 < row["ratio"] or row["ratio"] < 1 < row["alike low"]
        return finding(
            "{what}, {who}: the difference " + ("turns" if other else "shrinks") + " from "
            "{ratio:.2f} to {alike:.2f} times ({low:.2f} to {high:.2f}) among tickets of the same "
            "cause. {n} of {of} differences lose half or more.",
            what=row["measure"][:1].upper() + row["measure"][1:], n=int((kept < KEPT).sum()),
            of=len(clear), low=row["alike low"], high=row["alike high"],
            **row[["who", "ratio", "alike"]],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The groups that clearly differ; the others are counted, not ranked."""
        return view(self._clear(), *self.columns)

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """The clearest groups' ratios with their intervals."""
        rows = self._clear().head(DRAWN)
        if rows.empty:
            return DoesNotApply("how groups differ: none does so clearly.")
        ax = drawing.axes(0.42 * len(rows) + 1.6, ax)
        drawing.ratio_axis(ax, rows["low"].min(), rows["high"].max())
        drawing.forest(ax, rows, rows["who"] + ", " + rows["measure"], "ratio",
                       clear=rows["ratio"] > 1)  # fmt: skip
        drawing.xlabel(ax, f"{self.axis} (log scale, 1 = no difference)")
        clear, of = len(self._clear()), int(self.frame["p"].notna().sum())
        drawing.title(ax, f"{clear} of {of} comparisons of a group with all others differ clearly")
        return ax

    def described(self) -> str:
        """What dots and bars are, and how many groups are not drawn."""
        drawn = min(len(self._clear()), DRAWN)
        return (
            f"Dots are ratios, bars 95% intervals, orange where above, for the {drawn} clearest of "
            f"{int(self.frame['p'].notna().sum())} comparisons."
        )

    def _clear(self) -> pd.DataFrame:
        rows = without(self.frame)[0]
        rows = rows[told(rows)].assign(above=lambda of: of["ratio"] > 1)
        by = ["measure", "above", "p", "column"]
        return rows.sort_values(by, ascending=[True, False, True, True], kind="stable")

    def _held(self, rows: pd.DataFrame) -> list[str]:
        return [c for c in ("who", "share", "others", "ratio", "low", "high") if c in rows]


@once
def fares_worse(study: Study) -> ByGroup | CannotTell:
    """Whose first answers are late, whose issues run over, whose answers to surveys are low: shares
    of tickets, of issues, of answers, by group against all others."""
    return _compared(study, {
        "first answer late": _late(response_facts(study), False),
        "overdue": _late(or_cannot_tell(overdue_facts, study), True),
        "rated low": _rated(study),
    })  # fmt: skip


@once
def comes_back_more(study: Study) -> ByGroup | CannotTell:
    """Whose solved tickets come back within a month on the same cause, of those watched so long."""
    solved = solved_tickets(study)
    if isinstance(solved, CannotTell):
        return solved
    due = solved["solved_at"] + MONTH * DAY
    back = solved.assign(about=solved["next_same"] <= due)[due <= solved["watched_until"]]
    return _compared(study, {"came back": back})


def product_rate(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets of an active customer a month by product: product, customers (who wrote of it), rate.
    Who uses which product is not known, so all customers' time stands below each."""
    groups, rates = cut_groups(study), contact_rate(study, by="product")
    if isinstance(groups, CannotTell) or "product" not in groups or rates.frame["n"].max() == 0:
        return DoesNotApply("how often customers write of a product: none is told.")
    own = study.customer_tickets
    wrote = own.groupby(own["product"].fillna("unknown"))["customer_id"].nunique()
    rows = rates.frame.assign(customers=rates.frame["group"].map(wrote)).dropna(subset="customers")
    rows = rows.astype({"customers": int}).sort_values("estimate", ascending=False)
    return view(
        rows, "group as product", "customers as who wrote of it",
        "estimate ±.3f as tickets of an active customer a month",
    )  # fmt: skip


def by_cut(facts: pd.DataFrame, groups: pd.DataFrame, cause: pd.Series) -> pd.DataFrame:
    """share_ratios of facts (ticket_id, customer_id, about) by every column of groups that tells
    two or more of them apart, with column, group and alike: the ratio among tickets of the same
    cause (by ticket_id; null where that never differs)."""
    found = [pd.DataFrame()]
    for column in groups:
        group = facts["ticket_id"].map(groups[column])
        rows, group = facts[group.notna()], group.dropna()
        if group.nunique() < 2:
            continue
        of = share_ratios(rows, group, rows["about"])
        causes = rows["ticket_id"].map(cause).astype("str").fillna("")
        alike = share_ratios(rows, group, rows["about"], causes)
        for end, name in (("ratio", "alike"), ("low", "alike low"), ("high", "alike high")):
            of[name] = alike[end] if cause.nunique() > 1 else np.nan
        found.append(of.rename_axis("group").reset_index().assign(column=column))
    return pd.concat(found, ignore_index=True)


def _compared(study: Study, measures: dict[str, pd.DataFrame | CannotTell]) -> ByGroup | CannotTell:
    groups, lacks = cut_groups(study), [f for f in measures.values() if isinstance(f, CannotTell)]
    if isinstance(groups, CannotTell):
        return groups
    causes = own_tickets(study).set_index("ticket_id")["cause"]
    rows = [
        by_cut(facts, groups, causes).assign(measure=name)
        for name, facts in measures.items() if not isinstance(facts, CannotTell)
    ]  # fmt: skip
    if not any(len(of) for of in rows):
        return lacks[0] if lacks else NOTHING
    return ByGroup(judged(pd.concat(rows, ignore_index=True), *VERDICTS), later=tuple(later(study)))


@cannot_tell_passes
def _late(facts: pd.DataFrame, held: bool) -> pd.DataFrame:
    """The mature facts of which it is told, about being whether they are held so."""
    known = facts[facts["held"].notna() & facts["mature"]]
    return known.assign(customer_id=known["who"], about=known["held"].astype(bool) == held)


def _rated(study: Study) -> pd.DataFrame | CannotTell:
    """Answers to surveys about tickets, about being whether they are not of the satisfied."""
    asked = invitations(study)
    if isinstance(asked, CannotTell):
        return asked
    values = score_values(asked[(asked["kind"] == "csat") & asked["ticket_id"].notna()], "csat")
    if isinstance(values, CannotTell):
        return values
    rows = asked.loc[values.index]
    return rows.assign(customer_id=rows["who"], about=values == 0)
