"""Over many simulated companies: do the intervals of savings hold, does the fix list pick well?"""

from dataclasses import dataclass

import pandas as pd

from cxresearch.study.answers import Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.results import Result
from cxresearch.study.words import NONE, intervals, view

OURS = "fix list"
NUMBERS = ("kept 365", "revenue")
WORDS = {"kept 365": "customers kept in a year", "revenue": "revenue"}
PICK = "pick 1 revenue"
SEVERAL = 20  # companies, for shares of each cause to say anything


@dataclass(frozen=True, eq=False)
class Cells(Result):
    """The cells that were named before the run: coverage by world and number (see cells)."""

    def said(self, row: str = "") -> Finding:
        """How many cells are as wanted, the lowest of them, and how often a page tells the
        number."""
        worst = self.frame.loc[self.frame["coverage"].idxmin()]
        return finding(
            "{ok} of {n} rows are as wanted. Wanted is that intervals hold the truth in 90% of "
            "companies or more, and not surely in less than 95%. The lowest is {low:.0%} "
            "({low0:.0%} to {low1:.0%}). "
            "A page tells the number in {least:.0%} of companies or more.",
            ok=int(self.frame["wanted"].sum()), n=len(self.frame), low=worst["coverage"],
            low0=worst["low"], low1=worst["high"], least=self.frame["shown"].min(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each cell."""
        wanted = self.frame["wanted"].map({True: "yes", False: "no"})
        rows = self.frame.assign(kind=self.frame["kind"].map(WORDS), wanted=wanted)
        return view(rows, "world", "kind as number", "estimated as companies",
                    "truth ,.0f as mean truth", "estimate ,.0f as mean estimate",
                    "coverage ±.0%", "width .1f as width over truth", "shown .0% as told",
                    "coverage shown .0% as coverage where told", "wanted as as wanted")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Named(Result):
    """How often a first fix is named, by world (see named)."""

    def said(self, row: str = "") -> Finding:
        """Where nothing does harm, and where something does, over all worlds of each kind."""
        said = [self._pooled(harm) for harm in (False, True) if (self.frame["harm"] == harm).any()]
        return Finding(" ".join(part.text for part in said), said[0].numbers)

    def _pooled(self, harm: bool) -> Finding:
        rows = self.frame[self.frame["harm"] == harm]
        k, n = int(rows["held"].sum()), int(rows["companies"].sum())
        low, high = wilson(k, n)
        return finding(
            "Where {some} does harm, a first fix is named in {k} of {n:,} companies ({low:.0%} to "
            "{high:.0%}).",
            some="something" if harm else "nothing", k=k, n=n, low=low, high=high,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A row a world."""
        rows = self.frame.assign(harm=self.frame["harm"].map({True: "yes", False: "no"}))
        return view(rows, "world", "harm as does anything harm", "companies", "held as named",
                    "share ±.0%")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Steps(Result):
    """Customers kept in a year, step by step, as shares of the truth (see steps)."""

    def table(self) -> pd.DataFrame:
        """A row a step, a column a world."""
        wide = (100 * self.frame.set_index("world")).round(0).T
        return wide.rename_axis("% of the truth", axis=0).rename_axis(None, axis=1).reset_index()


@dataclass(frozen=True, eq=False)
class Flags(Result):
    """How often causes without effect are flagged, by world and kind of ratio."""

    def said(self, row: str = "") -> Finding:
        """How often in all."""
        n = self.frame["estimates"]
        return finding(
            "Causes without effect are flagged in {share:.1%} of {n:,} estimates.",
            share=float((self.frame["flagged"] * n).sum() / max(n.sum(), 1)),
            n=int(n.sum()),
        )


@dataclass(frozen=True, eq=False)
class SavingsHeld(Result):
    """Coverage of each number, by world, kind, lever and whose; with the flags of false causes."""

    flags: Flags

    def said(self, row: str = "") -> Finding:
        """In how many rows coverage is as promised, and false alarms."""
        counts, flags = self.frame["estimates"], self.flags.said()
        held = finding(
            "{pooled:.1%} of {of:,} intervals hold the truth. As promised are {ok} of {n} rows; "
            "the table marks the others.",
            n=len(self.frame), pooled=float((self.frame["coverage"] * counts).sum() / counts.sum()),
            of=int(counts.sum()), ok=int(self.frame["holds"].sum()),
        )  # fmt: skip
        return Finding(f"{held.text} {flags.text}", flags.numbers | held.numbers)

    def table(self) -> pd.DataFrame:
        """Coverage of each number, world by world."""
        words = self.frame["holds"].map({True: "yes", False: "no"})
        lever = self.frame["lever"].fillna("").replace("", NONE)
        return view(
            self.frame.assign(lever=lever, promised=words), "world", "kind as number", "lever",
            "whose as of", "estimates", "truth as mean truth", "estimate as mean estimate",
            "coverage ±.0%", "promised as as promised",
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SavingsByCause(Result):
    """Coverage cause by cause (name), by world and kind."""

    def table(self) -> pd.DataFrame:
        """A column a number, in the worlds whose causes are planted."""
        rows = self.frame
        rows = rows[rows.groupby(["world", "kind"])["companies"].transform("max") >= SEVERAL]
        rows = rows.assign(shown=intervals(rows, "coverage", ".0%"))
        kinds = list(dict.fromkeys(rows["kind"]))
        wide = rows.pivot(index=["world", "name"], columns="kind", values="shown")[kinds]
        planted = rows[rows["kind"] == "shrunken ratio"].set_index(["world", "name"])["truth"]
        wide.insert(0, "planted ratio", planted)
        wide = wide.fillna(NONE).sort_values(["world", "planted ratio"], ascending=[False, False])
        return wide.rename_axis(columns=None).reset_index().rename(columns={"name": "cause"})


@dataclass(frozen=True, eq=False)
class Widths(Result):
    """How wide bootstrap intervals are beside those of the delta method, by world and number."""

    def said(self, row: str = "") -> Finding:
        """The mean of their ratio, and its range."""
        return finding(
            "The intervals tested here are of the delta method. Bootstrap intervals of the same "
            "companies are {ratio:.2f} times as wide ({narrowest:.2f} to {widest:.2f}).",
            ratio=self.frame["ratio"].mean(), narrowest=self.frame["narrowest"].min(),
            widest=self.frame["widest"].max(),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SavingsMissed(Result):
    """What each ranking's pick misses of the best saving, by world, kind of pick and lever."""

    def said(self, row: str = "") -> Finding:
        """How much the first cause of each ranking misses, world by world."""
        rows = self._firsts()
        ours = rows[rows["ranking"] == OURS].groupby("world")["missed"].max()
        others = rows[rows["ranking"] != OURS].groupby("world")["missed"].min()
        return finding(
            "To fix the list's first cause misses {least:.0%} to {most:.0%} of the revenue that "
            "the best single cause would save, by world. The best other ranking misses {other:.0%} "
            "to {others:.0%}. Ours misses at most half of that in {k} of {n} worlds.",
            least=ours.min(), most=ours.max(), other=others.min(), others=others.max(),
            k=int((ours <= others / 2).sum()), n=len(ours),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """In percent, a column a world."""
        rows = self._firsts()
        names = (rows["ranking"] + " " + rows["lever"]).str.strip()
        shown = rows.assign(ranking=names, shown=intervals(rows, "missed", ".0%"))
        wide = shown.pivot(index="ranking", columns="world", values="shown")
        return wide.rename_axis(columns=None).reset_index()

    def _firsts(self) -> pd.DataFrame:
        return self.frame[self.frame["kind"] == PICK]
