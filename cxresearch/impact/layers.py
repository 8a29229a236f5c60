"""What the layers of causes.toml add up to: tickets, waiting and departures by what people said.

Causes are merged by a person's words for them: who can mend it, which rule or step it comes from,
where it hurts, why it arose, what kind of fix, could it be avoided, and by what. What nobody said
is a row of its own. Departures and revenue are counts of what happened, not what mending would
save.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.episodes.history import as_it_was
from cxresearch.impact.issue_rows import counting, issues
from cxresearch.impact.revenue import mrr_now
from cxresearch.outcomes.left_overdue import left_overdue
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import counted, without
from cxresearch.study.study import Study
from cxresearch.study.words import NONE, intervals
from cxresearch.topics.causes.table import cause_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYERS = {
    "owner": "who can mend it",
    "policy": "rule or step it comes from",
    "issue_type": "where it hurts",
    "cause_kind": "why it arose",
    "category": "what kind of fix",
    "avoidable": "could it be avoided",
    "prevention": "what would have prevented it",
}
UNSAID = "nobody said"
NOTHING_SAID = CannotTell(
    "what causes add up to: nobody has said in causes.toml what kind of cause each is, whose it "
    "is, or whether it could be avoided."
)


@dataclass(frozen=True, eq=False)
class Layers(Result):
    """A row a layer and word, the word with most tickets first: layer, what (the layer in words),
    word, causes, tickets, customers, share (of the tickets counted), late (share of its issues that
    were late), days (share of all days late), each with low and high (Wilson, by customer),
    late_days, left (customers who left while one of its issues was overdue), mrr (what they paid a
    month when they left; null where not known), by_person (tickets for which a person said it).
    The word "nobody said" holds the rest of each layer. late_word is what late is; coin is of mrr.
    """

    late_word: str
    coin: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """How much could have been avoided, and whose most overdue days are."""
        return self._avoidable()

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What could be avoided, whose most days are, and which rule or step has most."""
        return (self._avoidable(), self._most("owner"), self._most("policy"))

    def table(self) -> pd.DataFrame:
        """All layers; small groups are left out. A word that a machine suggested has a star."""
        rows = self.frame
        star = np.where((rows["by_person"] == 0) & (rows["word"] != UNSAID), "*", "")
        shown = pd.DataFrame({
            "asked of each cause": rows["what"], "said": rows["word"] + star,
            "causes": rows["causes"],
            "tickets": [f"{n:,.0f}: {of}" for n, of in
                        zip(rows["tickets"], intervals(rows, "share", ".0%"), strict=True)],
            "customers": rows["customers"],
            self.late_word: intervals(rows, "late", ".0%"),
            "days late": [f"{n:,.0f}" for n in rows["late_days"]],
        })  # fmt: skip
        if rows["left"].notna().any():
            shown[f"left while {self.late_word}"] = rows["left"].astype("Int64").array
        if rows["mrr"].notna().any():
            shown[f"what those who left paid, {self.coin} a month"] = [
                _whole(paid) for paid in rows["mrr"]
            ]
        shown.attrs["groups"] = counted(rows.rename(columns={"what": "column", "word": "group"}))
        return shown.reset_index(drop=True)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Shares of tickets by owner, or by the first layer of which anything is told."""
        rows = self._drawn()
        if rows.empty:
            return NOTHING_SAID
        ax = drawing.axes(0.34 * len(rows) + 1.5, ax)
        drawing.forest(ax, rows, rows["word"], "share", length=38)
        ax.set_xlim(0, None)
        drawing.percent(ax)
        ax.set_xlabel("share of tickets", fontsize=9)
        top = rows.iloc[0]
        drawing.title(ax, f"{top['share']:.0%} of tickets: {top['word']} ({top['what']})")
        return ax

    def described(self) -> str:
        """The words and their shares."""
        told = zip(self._drawn()["word"], intervals(self._drawn(), "share", ".0%"), strict=True)
        each = "; ".join(f"{word} {says}" for word, says in told)
        return f"Dots are shares of tickets, bars 95% intervals: {each}."

    def _layer(self, name: str) -> pd.DataFrame:
        """The words of a layer that a page may show, without what nobody said."""
        rows = self.frame[self.frame["layer"] == name].rename(columns={"word": "group"})
        rows = without(rows.assign(column=name))[0].rename(columns={"group": "word"})
        return rows[~rows["word"].isin([UNSAID])]

    def _drawn(self) -> pd.DataFrame:
        named = (self._layer(name) for name in LAYERS)
        return next((rows for rows in named if len(rows)), self.frame.head(0))

    def _avoidable(self) -> Finding | CannotTell:
        rows = self._layer("avoidable").set_index("word")
        if "yes" not in rows.index:
            return CannotTell(
                "how much could be avoided: nobody has said it of a cause (avoidable in "
                "causes.toml)."
            )
        yes, every = rows.loc["yes"], self.frame[self.frame["layer"] == "avoidable"]
        return finding(
            "**{share:.0%}** of tickets ({low:.0%} to {high:.0%}) come from causes that a person "
            "called avoidable. Of {unsaid:,.0f} of {of:,.0f} tickets nobody has said it.",
            share=yes["share"], low=yes["share low"], high=yes["share high"],
            of=float(every["tickets"].sum()),
            unsaid=float(every.loc[every["word"] == UNSAID, "tickets"].sum()),
        )  # fmt: skip

    def _most(self, layer: str) -> Finding | CannotTell:
        rows = self._layer(layer)
        if rows.empty:
            return CannotTell(f"{LAYERS[layer]}: nobody has said it ({layer} in causes.toml).")
        top = rows.loc[rows["late_days"].idxmax()]
        if not top["late_days"]:
            return CannotTell(f"whose days late are most, by {LAYERS[layer]}: no day was late.")
        return finding(
            "Most days late, by {what}: {word}, {part:.0%} of all such days ({low:.0%} to "
            "{high:.0%}).",
            what=LAYERS[layer], word=top["word"], part=top["days"], low=top["days low"],
            high=top["days high"],
        )  # fmt: skip


@once
def layers(study: Study) -> Layers | CannotTell:
    """Tickets, customers, waiting and departures by each layer of causes.toml.

    Counted are the issues of impact.issue_rows: tickets of known customers that tell a cause and do
    not ask to leave; a ticket of several causes counts to each by its weight.
    """
    causes, rows = cause_table(study), issues(study)
    if isinstance(causes, CannotTell):
        return causes
    rows = rows.merge(causes[["cause", *LAYERS, "by_person"]], on="cause", how="left")
    words = {name: _word(rows, name) for name in LAYERS}
    if rows.empty or all((word == UNSAID).all() for word in words.values()):
        return NOTHING_SAID
    left, paid = left_overdue(study), mrr_now(study)
    if not isinstance(left, CannotTell) and not isinstance(paid, CannotTell):
        then = as_it_was(study, "mrr", left["customer_id"], left["leaves_at"])
        left = left.assign(paid=pd.to_numeric(then, errors="coerce"))
    each = [_layer(name, rows.assign(word=word), left) for name, word in words.items()]
    coin = "" if isinstance(paid, CannotTell) else str(paid.name)
    return Layers(pd.concat(each, ignore_index=True), counting(study).late, coin)


def _word(rows: pd.DataFrame, layer: str) -> pd.Series:
    """The word of each row's cause, unless nobody, and no machine that may, has said one."""
    nothing = rows[layer].isna() | rows[layer].isin(["", "unknown"])
    by_person = _by_person(rows, layer)
    nothing |= (rows[layer] == "other") & ~by_person
    return rows[layer].mask(nothing, UNSAID)


def _by_person(rows: pd.DataFrame, layer: str) -> pd.Series:
    return rows["by_person"].map(lambda keys: isinstance(keys, list) and layer in keys)


def _layer(name: str, rows: pd.DataFrame, left: pd.DataFrame | CannotTell) -> pd.DataFrame:
    """The rows of one layer."""
    of_cause = rows.drop_duplicates("cause").set_index("cause")["word"]
    days = rows["late_days"].astype(float).fillna(0) * rows["weight"]
    found = []
    for word, part in rows.groupby("word"):
        own, known = rows["word"] == word, part[part["late"].notna()]
        found.append({
            "layer": name, "what": LAYERS[name], "word": word, "causes": part["cause"].nunique(),
            "tickets": part["weight"].sum(), "customers": part["customer_id"].nunique(),
            **_share("share", own, rows["weight"], rows["customer_id"]),
            **_share("late", known["late"], known["weight"], known["customer_id"]),
            **_share("days", own, days, rows["customer_id"]),
            "late_days": days[own].sum(),
            "by_person": part.loc[_by_person(part, name), "weight"].sum(),
            **_gone(left, of_cause == word),
        })  # fmt: skip
    frame = pd.DataFrame(found).assign(unsaid=lambda of: of["word"] == UNSAID)
    frame = frame.sort_values(["unsaid", "tickets", "word"], ascending=[True, False, True])
    return frame.drop(columns="unsaid")


def _share(name: str, held: pd.Series, weight: pd.Series, who: pd.Series) -> dict[str, float]:
    """A weighted share, name, with its ends, by customers who differ (linearised; Cochran 1977,
    Sampling Techniques, ch. 6): Wilson's on as many rows as give that error."""
    total, ends = weight.sum(), (f"{name} low", f"{name} high")
    if not total:
        return dict.fromkeys((name, *ends), np.nan)
    held, weight = held.astype(float), weight.astype(float)
    share = float((held * weight).sum() / total)
    apart = (weight * (held - share)).groupby(who).sum()
    error = float((apart**2).sum() / total**2)
    rows = share * (1 - share) / error if error else float(len(apart))
    return dict(zip((name, *ends), (share, *wilson(share * rows, rows)), strict=True))


def _gone(left: pd.DataFrame | CannotTell, own: pd.Series) -> dict[str, float]:
    """How many customers left while an issue of these causes was overdue, and what they paid then;
    null where that is told of none."""
    if isinstance(left, CannotTell):
        return {"left": np.nan, "mrr": np.nan}
    gone = left[left["cause"].map(own).fillna(False).astype(bool)].drop_duplicates("customer_id")
    paid = gone["paid"].sum(min_count=1) if "paid" in gone else np.nan
    return {"left": len(gone), "mrr": float(paid)}


def _whole(paid: float) -> str:
    return NONE if pd.isna(paid) else f"{paid:,.0f}"
