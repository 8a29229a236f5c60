"""Notebook 09, over many simulated companies: who finds the truth, where, and was it expected?"""

import numpy as np
import pandas as pd

from cxresearch.lab.estimators import OURS
from cxresearch.pages.can_the_method_be_trusted import interval
from cxresearch.study.answers import Finding, cannot_tell_passes, finding

NOMINAL = 0.95
MISTAKEN = "30% wrong causes"
SOME = 10  # with fewer companies a share of them says nothing
USUAL = 0.9  # of companies: below, a cause is estimated only where it was overdue uncommonly long


@cannot_tell_passes
def recommended(found: pd.DataFrame) -> Finding:
    """In which worlds our own estimator is right, and where its intervals keep their promise."""
    ours = found[found["name"] == OURS]
    told = ours[ours["found"] != "cannot"]
    off = told[told["found"] != "right"]
    short = told[told["high"] < NOMINAL]
    return finding(
        "Over {companies} simulated companies in each of {worlds} worlds, **our own estimator is "
        "right in {right}**: its mean is within five percent of the truth, or not surely farther. "
        "It is off in: {off}. In {none} it gives no estimate. Its 95% intervals hold the truth as "
        "often as they promise in {held} of {told} worlds (the exact interval of the observed "
        "coverage holds {nominal:.0%}); surely too seldom in: {short}.",
        companies=int(ours["companies"].max()), worlds=len(ours), right=len(told) - len(off),
        off=_listed(off, lambda r: f"“{r['world']}” ({r['ratio']:.2f} for {r['planted']:.2f})"),
        none=len(ours) - len(told), held=len(told) - len(short), told=len(told), nominal=NOMINAL,
        short=_listed(short, lambda r: f"“{r['world']}” ({r['coverage']:.0%})"),
    )  # fmt: skip


@cannot_tell_passes
def written_down(found: pd.DataFrame) -> Finding:
    """How many worlds did to an estimator what had been written down beforehand."""
    rows = found[found["expected"].notna()]
    same = int((rows["expected"] == rows["found"]).sum())
    wrong = rows[(rows["found"] == "flips") & (rows["planted"] > 1)]
    turned = ", ".join(dict.fromkeys(wrong["name"])) or "none"
    return finding(
        "Of {n} pairs of world and estimator {same} came out as written down before the runs; the "
        "other {other} were surprises. Estimators that turned the sign of real harm somewhere: "
        "{turned}.",
        n=len(rows), same=same, other=len(rows) - same, turned=turned,
    )  # fmt: skip


@cannot_tell_passes
def recommended_table(found: pd.DataFrame) -> pd.DataFrame:
    """Our own estimator world by world: bias, error, coverage, rejection."""
    rows = found[found["name"] == OURS]
    return pd.DataFrame(
        {
            "world": rows["world"],
            "planted": rows["planted"],
            "mean estimate": interval(rows, "ratio", "ratio "),
            "bias of the log": [
                "–" if np.isnan(b) else f"{b:+.3f} ± {1.96 * e:.3f}"
                for b, e in zip(rows["bias"], rows["bias error"], strict=True)
            ],
            "sd / se": _pairs(rows["sd"], rows["se"]),
            "coverage": _shares(rows),
            "rejects no effect": ["–" if np.isnan(r) else f"{r:.0%}" for r in rows["rejection"]],
        }
    )


@cannot_tell_passes
def surprise_table(found: pd.DataFrame) -> pd.DataFrame:
    """World by world: how many estimators did as expected, and the others in words."""
    rows = found[found["expected"].notna()]
    return pd.DataFrame(
        [
            {
                "world": world,
                "as expected": f"{int((r['expected'] == r['found']).sum())} of {len(r)}",
                "surprises": _listed(
                    r[r["expected"] != r["found"]],
                    lambda row: f"{row['name']}: {row['found']}, not {row['expected']}",
                ),
            }
            for world, r in rows.groupby("world", sort=False)
        ]
    )


@cannot_tell_passes
def estimator_table(found: pd.DataFrame) -> pd.DataFrame:
    """Estimator by estimator: in how many worlds it is right, where it is farthest off, and how
    often it finds an effect in the worlds that have none."""
    rows = found[found["kind"] == "analysis"]
    return pd.DataFrame([_estimator(name, of) for name, of in rows.groupby("name", sort=False)])


@cannot_tell_passes
def steady(found: pd.DataFrame) -> Finding:
    """Coverage by cause over many companies, and where it falls short."""
    causes = found[(found["kind"] == "cause") & (found["estimated"] > 0)]
    usual = causes["estimated"] >= USUAL * causes["companies"]
    often, seldom = causes[usual], causes[~usual]
    low = int((often["high"] < NOMINAL).sum())
    off = np.exp(often["bias"]) - 1
    return finding(
        "Over {companies} simulated companies in each of {worlds} worlds, 95% intervals of single "
        "causes held the planted ratio in {share:.1%} of {n:,} estimates; their means are off by "
        "{least:+.0%} to {most:+.0%}, and in {low} of {cells} pairs of world and cause coverage is "
        "surely below {nominal:.0%}. Left out are {seldom} pairs estimated in fewer than "
        "{usual:.0%} of companies, since few departures were to be expected; they are off by "
        "{too_high:+.0%} in the median.",
        companies=int(found["companies"].max()), worlds=found["world"].nunique(),
        share=float(often["held"].sum() / often["estimated"].sum()),
        n=int(often["estimated"].sum()), least=float(off.min()), most=float(off.max()), low=low,
        cells=len(often), nominal=NOMINAL, seldom=len(seldom), usual=USUAL,
        too_high=float(np.exp(seldom["bias"].median()) - 1),
    )  # fmt: skip


@cannot_tell_passes
def coverage_table(found: pd.DataFrame, world: str) -> pd.DataFrame:
    """Bias and coverage of the causes in one world."""
    rows = found[(found["kind"] == "cause") & (found["world"] == world)]
    counts = zip(rows["estimated"], rows["companies"], strict=True)
    return pd.DataFrame(
        {
            "cause": rows["name"],
            "planted": rows["planted"],
            "mean estimate": interval(rows, "ratio", "ratio "),
            "sd / se": _pairs(rows["sd"], rows["se"]),
            "estimated": [f"{n} of {of}" for n, of in counts],
            "coverage": _shares(rows),
        }
    )


def _estimator(name: str, rows: pd.DataFrame) -> dict:
    told = rows[rows["found"] != "cannot"]
    none = told.loc[told["planted"] == 1, "rejection"].max()
    row = {"estimator": name, "right in": f"{(told['found'] == 'right').sum()} of {len(told)}"}
    if told.empty:
        return row | {"farthest off": "–", "estimate for planted": "–", "most false alarms": "–"}
    worst = told.loc[told["bias"].abs().idxmax()]
    return row | {
        "farthest off": worst["world"],
        "estimate for planted": f"{worst['ratio']:.2f} for {worst['planted']:.2f}",
        "most false alarms": "–" if np.isnan(none) else f"{none:.0%}",
    }


def _listed(rows: pd.DataFrame, say) -> str:
    return "; ".join(say(row) for _, row in rows.iterrows()) or "none"


def _pairs(first: pd.Series, second: pd.Series) -> list[str]:
    return [
        "–" if np.isnan(a) or np.isnan(b) else f"{a:.2f} / {b:.2f}"
        for a, b in zip(first, second, strict=True)
    ]


def _shares(rows: pd.DataFrame) -> list[str]:
    columns = ["coverage", "low", "high"]
    return [
        "–" if np.isnan(c) else f"{c:.0%} ({low:.0%} to {high:.0%})"
        for c, low, high in rows[columns].itertuples(index=False, name=None)
    ]
