"""Over many simulated companies: do the intervals of savings hold, does the fix list pick well?"""

from dataclasses import dataclass

import pandas as pd

from cxresearch.study.answers import Finding, finding
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
        """Each cell's coverage with its interval, and how often a page tells the number."""
        parts = "; ".join(
            f"{WORDS[r['kind']]} in “{r['world']}” {r['coverage']:.0%} ({r['low']:.0%} to "
            f"{r['high']:.0%} of {r['estimated']})"
            for _, r in self.frame.iterrows()
        )
        return finding(
            "Savings over all causes together, by two simulators of different make: their 95% "
            "intervals hold the truth for {parts}. As wanted (at least 90%, and not surely below "
            "95%) are {ok} of {n}; a page tells the number in {least:.0%} of companies or more.",
            parts=parts, ok=int(self.frame["wanted"].sum()), n=len(self.frame),
            least=self.frame["shown"].min(),
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
        """Where nothing does harm, and where something does."""

        def listed(rows: pd.DataFrame) -> str:
            return "; ".join(
                f"“{r['world']}” {r['held']} of {r['companies']} ({r['low']:.0%} to "
                f"{r['high']:.0%})"
                for _, r in rows.iterrows()
            )

        null, some = (listed(self.frame[self.frame["harm"] == harm]) for harm in (False, True))
        return finding(
            "A first fix is named where nothing does harm: {null}. Where something does: {some}.",
            null=null, some=some,
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

    def listed(self) -> str:
        """Each share with its interval and denominator."""
        return "; ".join(
            f"{r['kind']} in “{r['world']}” {r['flagged']:.0%} ({r['low']:.0%} to {r['high']:.0%} "
            f"of {r['estimates']:,})"
            for _, r in self.frame.iterrows()
        )


@dataclass(frozen=True, eq=False)
class SavingsHeld(Result):
    """Coverage of each number, by world, kind, lever and whose; with the flags of false causes."""

    flags: Flags

    def said(self, row: str = "") -> Finding:
        """In how many rows coverage is as promised, where it is not, and false alarms."""
        short = "; ".join(
            f"{r['kind']}{', ' + r['lever'] if isinstance(r['lever'], str) and r['lever'] else ''}"
            f", {r['whose']} in “{r['world']}” ({r['coverage']:.0%})"
            for _, r in self.frame[~self.frame["holds"]].iterrows()
        )
        counts = self.frame["estimates"]
        return finding(
            "Over all {n} numbers and worlds, {pooled:.1%} of {of:,} intervals hold the truth; in "
            "{ok} the interval of coverage holds 95%. It does not in: {short}. Causes without "
            "effect are flagged: {false}.",
            n=len(self.frame), pooled=float((self.frame["coverage"] * counts).sum() / counts.sum()),
            of=int(counts.sum()), ok=int(self.frame["holds"].sum()), short=short or "none",
            false=self.flags.listed(),
        )  # fmt: skip

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
        listed = "; ".join(
            f"{r['kind']}, {r['lever']}, in “{r['world']}” {r['ratio']:.2f} times "
            f"({r['narrowest']:.2f} to {r['widest']:.2f} in {r['companies']} companies)"
            for _, r in self.frame.iterrows()
        )
        return finding(
            "The intervals tested here are of the delta method. Bootstrap intervals of the same "
            "companies are so many times as wide: {listed}.",
            listed=listed,
        )


@dataclass(frozen=True, eq=False)
class SavingsMissed(Result):
    """What each ranking's pick misses of the best saving, by world, kind of pick and lever."""

    def said(self, row: str = "") -> Finding:
        """How much the first cause of each ranking misses, world by world."""
        by = self._firsts().groupby("world", sort=False)
        return finding(
            "To fix the list's first cause (by the lever that misses more) misses this share of "
            "the revenue that the best single cause would save: {parts}.",
            parts="; ".join(self._beside(world, rows) for world, rows in by),
        )

    def table(self) -> pd.DataFrame:
        """In percent, a column a world."""
        rows = self._firsts()
        names = (rows["ranking"] + " " + rows["lever"]).str.strip()
        shown = rows.assign(ranking=names, shown=intervals(rows, "missed", ".0%"))
        wide = shown.pivot(index="ranking", columns="world", values="shown")
        return wide.rename_axis(columns=None).reset_index()

    def _firsts(self) -> pd.DataFrame:
        return self.frame[self.frame["kind"] == PICK]

    def _beside(self, world: str, rows: pd.DataFrame) -> str:
        mine = rows["ranking"] == OURS
        ours = rows.loc[rows.loc[mine, "missed"].idxmax()]
        other = rows.loc[rows.loc[~mine, "missed"].idxmin()]
        half = "at most half" if ours["best"] else "more than half"
        return (
            f"in “{world}” {ours['missed']:.0%} ({ours['low']:.0%} to {ours['high']:.0%}), against "
            f"{other['missed']:.0%} of the best other ranking, {other['ranking']}: {half} of it"
        )
