"""How different the silent would have to be from those who answered before the verdict changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cxresearch.kpis.surveys.bounds import ALL, ASKED
from cxresearch.kpis.surveys.reach import eligible
from cxresearch.kpis.surveys.scores import MEANS, Scale, judged
from cxresearch.kpis.surveys.weighted import ALIKE, SAME, adjusted, scored
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import LEVEL
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import interval, view

STEPS = 2001
BOTTOM, TOP = "at the bottom of the scale", "at the top of the scale"


@dataclass(frozen=True, eq=False)
class Turning(Result):
    """Where the verdict turns, by what the silent are assumed to say: rows of those asked and of
    all, named bottom, same (as those who answered), alike, top, and turn where it changes.

    Columns: of whom, the silent would say, silent (their mean), apart (from those who answered),
    mean (of all), low, high, verdict (against target).
    """

    scale: Scale
    target: float

    def said(self, row: str = "") -> Finding | CannotTell:
        """What the silent would have to average, of both populations."""
        what, form = f"what would change the verdict on {self.scale.name}", self.scale.form
        if np.isnan(self.target):
            return DoesNotApply(f"{what}: no target is set.")
        if self.frame["low"].isna().all():
            return CannotTell(
                f"{what}: all answers are alike or from one customer, so chance cannot be told; "
                "more answers would tell."
            )
        return finding(
            "If the silent were as those who answered, the verdict on {name} of at least {target} "
            "would be **{told}**. {asked} {could}",
            name=self.scale.name, target=f"{self.target:{form}}",
            told=self.frame.loc["asked"].loc["same", "verdict"], asked=self._turns("asked"),
            could=self._turns("all"),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """What the silent would say, and what all then said."""
        form, ends = self.scale.form, self.frame[["mean", "low", "high"]].to_numpy(float)
        columns = {
            "their mean": [f"{value:{form}}" for value in self.frame["silent"]],
            "apart from those who answered": [self._signed(value) for value in self.frame["apart"]],
            "mean of all (95% interval)": [interval(*row, form) for row in ends],
        }
        named = ("of whom", "the silent would say", *columns, "verdict as target met?")
        return view(self.frame.assign(**columns), *named)

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """The mean of all against the mean assumed of the silent, a line with its 95% band for each
        population; the target is dotted, dots show the silent taken as those who answered."""
        ax = drawing.axes(4.0, ax)
        for name, colour in (("asked", drawing.ACCENT), ("all", drawing.WARN)):
            rows = self.frame.loc[name]
            alike, turns = rows[rows.index.isin(("same", "alike"))], rows[rows.index == "turn"]
            ax.plot(rows["silent"], rows["mean"], color=colour, lw=2, label=rows["of whom"].max())
            ax.fill_between(rows["silent"], rows["low"], rows["high"], color=colour, alpha=0.15,
                            lw=0)  # fmt: skip
            ax.scatter(alike["silent"], alike["mean"], color=colour, s=40, zorder=3)
            ax.scatter(turns["silent"], turns["mean"], marker="|", s=240, color=drawing.INK,
                       zorder=4)  # fmt: skip
        if np.isfinite(self.target):
            ax.axhline(self.target, color=drawing.QUIET, lw=1.4, ls=":")
            ax.annotate(f" target {self.target:g}", (self.frame["silent"].min(), self.target),
                        va="bottom", color=drawing.INK, fontsize=9)  # fmt: skip
        ax.set(xlabel=f"if the silent averaged … ({self.scale.axis})", ylabel="… all would average")
        ax.legend(frameon=False, loc="lower right")
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What lines, dots and marks are."""
        return (
            "Lines are the mean of all for each mean that the silent might have, shaded their 95% "
            "intervals. Dots take the silent as those who answered or as alike customers. Upright "
            "marks are where the verdict turns."
        )

    def _title(self) -> str:
        """Where the verdict turns first above those who answered, if it does."""
        rows = self.frame.loc["all"]
        if rows["low"].isna().all():
            return "All answers are alike or from one customer, so there is no verdict"
        up = rows[(rows.index == "turn") & (rows["apart"] > 0)]
        if up.empty:
            return "No answers of the silent could lift the score over its target"
        first = f"{up['silent'].min():{self.scale.form}}"
        return f"Only if the silent averaged {first} or more would the verdict be other"

    def _turns(self, name: str) -> str:
        """What would turn the verdict for one population, in words."""
        rows, form = self.frame.loc[name], self.scale.form
        whom, turns = rows["of whom"].max(), rows[rows.index == "turn"]
        if turns.empty:
            return f"Of {whom}, no answers of the silent could change it."
        now = rows.loc["same", "apart"]
        parts = ", ".join(
            f"{row['silent']:{form}} or {'more' if row['apart'] > now else 'less'} for "
            f"“{row['verdict']}”"
            for _, row in turns.iterrows()
        )
        return f"Of {whom}, the silent would have to average {parts}."

    def _signed(self, value: float) -> str:
        return f"{value:+{self.scale.form.lstrip('+')}}"


@once
def tipping(study: Study, kind: str) -> Turning | CannotTell:
    """How wrong it may be that the silent are like those who answered: where the verdict changes.

    For all who were asked, and all who could have been; rows go from the bottom of the scale to its
    top, with a row wherever the verdict changes in between. Intervals are clustered by customer and
    take apart as known (Rubin 1987, Multiple Imputation: a pattern mixture).
    """
    asking = "how different the silent would have to be to change the verdict"
    units = eligible(study, kind, asking)
    score = scored(units, kind)
    if isinstance(score, CannotTell):
        return score
    asked, scale = units["invited"], MEANS[kind]
    alike = _implied(score[asked], adjusted(study, kind).frame.loc["alike", "lowest"])
    aim = scale.target(study)
    frame = pd.concat({
        "asked": _scan(score[asked], units.loc[asked, "who"], scale, aim, alike).assign(whom=ASKED),
        "all": _scan(score, units["who"], scale, aim).assign(whom=ALL),
    }).rename(columns={"whom": "of whom"})  # fmt: skip
    frame[["low", "high"]] = frame[["low", "high"]].clip(scale.bottom, scale.top)
    return Turning(frame, scale, aim)


def _implied(score: pd.Series, whole: float) -> float:
    """The mean of the silent that makes the mean of all what it is said to be."""
    silent = score.isna().sum()
    return (whole * len(score) - score.sum()) / silent if silent else np.nan


def _scan(score, who, scale: Scale, aim: float, alike: float = np.nan) -> pd.DataFrame:
    """The rows of Turning for one population; alike is the adjusted mean of its silent."""
    heard = float(score.mean())
    steps = np.linspace(scale.bottom, scale.top, STEPS)
    told = judged(whole_if(score, who, steps - heard), aim)["verdict"].to_numpy()
    says = [("bottom", BOTTOM, scale.bottom), ("same", SAME, heard), ("top", TOP, scale.top)]
    says += [] if np.isnan(alike) else [("alike", ALIKE, alike)]
    turned = np.flatnonzero(told[1:] != told[:-1]) + 1
    says += [("turn", f"enough for “{told[k]}”", steps[k]) for k in turned]
    names, texts, silent = zip(*says, strict=True)
    rows = judged(whole_if(score, who, np.array(silent) - heard), aim).assign(silent=silent)
    rows = rows.assign(**{"the silent would say": texts}).set_axis(list(names))
    return rows.sort_values("silent", kind="stable")


def whole_if(score: pd.Series, who: pd.Series, apart: np.ndarray) -> pd.DataFrame:
    """The mean of all if the silent average so much more than those who answered: apart, mean, low,
    high. Each unit's influence is its own score's and its being heard's; a customer's are summed,
    and count for no less than as many customers' would. At apart 0 the interval is mean_of's of the
    answers; null where one customer gave them all or all are equal.
    """
    heard, apart = score.notna(), np.asarray(apart, float)
    share, mean = heard.mean(), score.mean()
    each = pd.DataFrame({"own": (score - mean).fillna(0) / share, "spoke": share - heard})
    squares = np.maximum(_squares(each, apart), _squares(each.groupby(who).sum(), apart))
    n, customers = int(heard.sum()), who[heard].nunique()
    width = np.nan
    if customers > 1 and score.nunique() > 1:
        width = stdtrit(customers - 1, (1 + LEVEL) / 2) * np.sqrt(n / (n - 1)) / len(score)
    whole, reach = mean + (1 - share) * apart, width * np.sqrt(squares)
    return pd.DataFrame({"apart": apart, "mean": whole, "low": whole - reach,
                         "high": whole + reach})  # fmt: skip


def _squares(each: pd.DataFrame, apart: np.ndarray) -> np.ndarray:
    """The sum of the squares of own + apart * spoke, for each apart."""
    own, spoke = each["own"].to_numpy(float), each["spoke"].to_numpy(float)
    return (own**2).sum() + 2 * apart * (own * spoke).sum() + apart**2 * (spoke**2).sum()
