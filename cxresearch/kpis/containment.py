"""Does a bot settle what customers ask, or are they only out of its sight? By intent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import share
from cxresearch.kpis.talks import DAY, FATES, STAYS, UNTOLD, WINDOW, left_within, talks
from cxresearch.kpis.tidy import sees_leaving
from cxresearch.outcomes.hazards import told
from cxresearch.outcomes.shares import DRAWN, GroupShares
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, SaidOnce, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.small_groups import without
from cxresearch.study.study import Study
from cxresearch.study.words import each, listed, view

WHOLE = "all talks"
ENOUGH = 5  # contained, and not, in an intent and in the rest
WOULD_TELL = SaidOnce(
    "what a bot contains, and whom it loses: a table bot_sessions would tell, with each talk's "
    "time, person and end."
)


@dataclass(frozen=True, eq=False)
class Containment(GroupShares):
    """What became of talks with a bot, a row an intent (most talks first) after all of them:
    intent, talks, customers, maker (share that its maker counts as contained), share (contained),
    low, high, handed over, wrote again, broke off (shares), p (each intent against the rest, false
    discoveries controlled) and verdict.

    left_out: which talks are not judged. least, most: the share contained of all talks watched, if
    of those that cannot be followed all, or none, came to a person.
    """

    left_out: tuple[str, ...] = ()
    least: float = np.nan
    most: float = np.nan

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """How many of 100 talks are contained, what became of the rest, what is not judged."""
        return (self.said(), self._rest(), *([self._untold()] if self.left_out else []))

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many of 100 talks are contained, beside its maker's count; "intents": which
        differ."""
        if row == "intents":
            return self._intents()
        top = self.frame.loc[WHOLE]
        return finding(
            "The bot spares a person **{ours:.0f} of 100** talks ({low:.0f} to {high:.0f}); its "
            "maker counts {maker:.0f} as contained. Judged are {n:,} talks.",
            ours=100 * top["share"], low=100 * top["low"], high=100 * top["high"],
            maker=100 * top["maker"], n=int(top["talks"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """What its maker counts, what is contained, and what became of the rest."""
        return view(
            self.frame, "intent", "talks", "customers", "maker .0% as contained by its maker",
            "share ±.0% as contained", *[f"{fate} .0%" for fate in FATES[1:]], "verdict",
        )  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Contained by intent, with intervals, beside what the bot's maker counts (upright)."""
        ax, rows = super().plot(ax), self._drawn()
        places = np.arange(len(rows))[::-1]
        ax.hlines(places, rows["share"], rows["maker"], color=drawing.QUIET, lw=1, ls=":")
        ax.scatter(rows["maker"], places, marker="|", s=160, color=drawing.INK, zorder=3)
        ax.set_xlim(0, 1)
        return ax

    def described(self) -> str:
        """What dots, bars and marks are."""
        return f"{super().described()} Upright marks are what the bot's maker counts."

    def _title(self) -> str:
        top = self.frame.loc[WHOLE]
        ours, maker = f"{top['share']:.0%}", f"{top['maker']:.0%}"
        return f"The bot spares a person {ours} of talks; its maker counts {maker}"

    def _drawn(self) -> pd.DataFrame:
        return self.frame.drop(index=WHOLE).head(DRAWN)

    def _rest(self) -> Finding:
        handed, again, off = (100 * self.frame.loc[WHOLE, fate] for fate in FATES[1:])
        return finding(
            "Of 100 talks {handed:.0f} were handed over, and after {again:.0f} more the customer "
            "came to a person within a week. Broken off were {off:.0f}: whether these were helped "
            "is not known.",
            handed=handed, again=again, off=off,
        )  # fmt: skip

    def _untold(self) -> Finding:
        says = f"Talks not judged: {listed(self.left_out)}."
        if self.most > self.least:
            says += (
                " With those that cannot be followed it is {least:.0f} of 100 if all of them "
                "came to a person, {most:.0f} if none did."
            )
        return finding(says, least=100 * self.least, most=100 * self.most)

    def _intents(self) -> Finding | CannotTell:
        rows = without(self.frame)[0].drop(index=WHOLE, errors="ignore")
        clear = rows[told(rows)].sort_values("share")
        if clear.empty:
            return CannotTell(
                f"which intent the bot contains best: none of {len(rows)} differs clearly from the "
                "rest."
            )
        ends = {"More": clear.tail(1), "Less": clear.head(1)}
        ends = {how: e for how, e in ends.items() if e["verdict"].item().startswith(how.lower())}
        says = "Of {of} intents {n} differ clearly from the rest."
        says += "".join(f" {how} is contained of {{{how}}}." for how in ends)
        named = {how: each(end["intent"], end, "share", ".0%") for how, end in ends.items()}
        return finding(says, of=len(rows), n=len(clear), **named)


@once
def containment(study: Study) -> Containment | CannotTell:
    """The share of talks after which no person was needed within a week, beside what the bot's
    maker counts, of all and by intent.

    Talks are judged that were watched so long, of a customer or person known, whose end is told.
    Intervals allow for several talks of one customer.
    """
    every = talks(study)
    if isinstance(every, CannotTell):
        return WOULD_TELL
    counts = every["untold"].value_counts()
    left = tuple(
        says.format(f"{counts[name]:,}") for name, says in UNTOLD.items() if name in counts
    )
    rows = every[every["untold"] == ""]
    if rows.empty:
        return CannotTell(f"what a bot contains: no talk can be judged; {listed(left)}.")
    by = {WHOLE: _row(rows)} | {name: _row(of) for name, of in rows.groupby("intent")}
    frame = pd.DataFrame.from_dict(by, orient="index")
    frame = frame.sort_values("talks", ascending=False, kind="stable")
    frame = pd.concat([frame.loc[[WHOLE]], frame.drop(index=WHOLE)])
    frame.insert(0, "intent", frame.index)
    frame["p"] = against_rest(rows["fate"] == FATES[0], rows["who"], rows["intent"])
    more = frame["share"] > frame.loc[WHOLE, "share"]
    few, unclear = frame["p"].isna() & (frame.index != WHOLE), ~(frame["p"] < 0.05)
    verdict = ["cannot tell: too few", "cannot tell", "more than the rest"]
    frame["verdict"] = np.select([few, unclear, more], verdict, "less than the rest")
    frame.loc[WHOLE, "verdict"] = ""
    axis, whole = "share of talks that are contained", frame.loc[WHOLE, "share"]
    return Containment(frame, "intent", axis, "", whole, left, *_bounds(every))


def against_rest(flags: pd.Series, who: pd.Series, group: pd.Series) -> pd.Series:
    """p of each group's share against that of all the other rows; null where too few are true, or
    false, in one of the two. Corrected for their number so that false discoveries are held however
    tests hang together (Benjamini and Yekutieli 2001, Annals of Statistics 29): one group's rest
    holds the others.

    A score test with the scores of one `who` added up (Boos 1992, The American Statistician 46).
    """
    from scipy.special import ndtr

    counts = pd.crosstab(group, flags).reindex(columns=[True, False], fill_value=0)
    enough = counts.index[np.minimum(counts, counts.sum() - counts).min(axis=1) >= ENOUGH]
    if enough.empty:
        return pd.Series(dtype=float)
    apart, told = flags - flags.mean(), group.isin(enough)
    every = apart.groupby(who).sum()
    mine = apart[told].groupby([who[told], group[told]]).sum().unstack(fill_value=0.0)
    mine = mine.reindex(every.index, fill_value=0.0)
    scores = mine - np.outer(every, group.value_counts(normalize=True)[mine.columns])
    error = np.sqrt((scores**2).sum() * len(scores) / max(len(scores) - 1, 1))
    return pd.Series(of_many(2 * ndtr(-(scores.sum().abs() / error)), "fdr_by"), mine.columns)


@once
def by_definition(study: Study) -> pd.DataFrame | CannotTell:
    """The same talks counted otherwise: definition, talks, and the share contained by it. All were
    watched for as long as the longest definition takes."""
    stays, longest = sees_leaving(study), STAYS if sees_leaving(study) else 14
    every = talks(study, longest)
    if isinstance(every, CannotTell):
        return every
    rows = every[every["untold"] == ""]
    if rows.empty:
        return CannotTell(f"what other definitions say: no talk was watched for {longest} days.")
    alone = {days: (rows["fate"] != FATES[1]) & ~(rows["again_at"] <= rows["at"] + days * DAY)
             for days in (3, WINDOW, 14)}  # fmt: skip
    flags = {"its maker's count": rows["maker"], "confirmed only": rows["ended"] == "confirmed"}
    flags |= {f"no person within {days} days": of & rows["maker"] for days, of in alone.items()}
    flags[f"no person within {WINDOW} days, broken off counted"] = alone[WINDOW]
    if stays:
        left = left_within(study, rows).fillna(False).astype(bool)
        flags[f"no person within {WINDOW} days, nor left within {STAYS}"] = (
            alone[WINDOW] & rows["maker"] & ~left
        )
    made = [{"definition": name} | share(of, rows["who"]) for name, of in flags.items()]
    return view(pd.DataFrame(made), "definition", "n as talks", "estimate ±.0% as contained")


def _row(rows: pd.DataFrame) -> dict:
    held = share(rows["fate"] == FATES[0], rows["who"])
    fates = rows["fate"].value_counts(normalize=True).reindex(list(FATES[1:]), fill_value=0.0)
    sizes = {"talks": len(rows), "customers": rows["who"].nunique(), "maker": rows["maker"].mean()}
    return sizes | {"share": held["estimate"], "low": held["low"], "high": held["high"], **fates}


def _bounds(every: pd.DataFrame) -> tuple[float, float]:
    """The share contained if all talks that cannot be followed came to a person, and if none."""
    seen = every[~every["untold"].isin(list(UNTOLD)[:2])]
    surely = (seen["untold"] == "") & (seen["fate"] == FATES[0])
    return float(surely.mean()), float(seen["fate"].isin([FATES[0], "not told"]).mean())
