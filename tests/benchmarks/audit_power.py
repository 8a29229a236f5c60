"""Is a desk that games its number found, and an honest one left alone?

    python -m tests.benchmarks.audit_power          writes audit_power.csv (8 minutes)
    python -m tests.benchmarks.audit_power --seeds 7000 7050 --rows FILE          in pieces
    python -m tests.benchmarks.audit_power --seeds 0 0 --rows FILE --written      of all pieces

Desks of about 11,000 tickets (audited_desks), each honest and with each of six signs planted in 500
of them; sign 1 is planted in answers of one half of desks and in solutions of the other, sign 6 in
tickets that wait for either. Of desks by seed, THROUGH are planted ticket by ticket and read as a
study; in all of them what near_limit judges is planted, which is much faster (a test holds that
both agree). The method was tried on seeds under 203 and on those from 5000 on; those from FIRST on
were then run once. Of the first 19 of these (SEEN) two were named at a level of 5%, for which
CHANCE was made 1%: what they show is counted of planted signs alone. Rows of the table say of how
many desks they are. That desks with an alert are not counted as honest was decided on seed 1.

Rows: part honest (of a kind: desks, alarms, the share in which any sign is worth asking about; p
under 5%, the share of all p), unlike (desks that work by other rules of the limit; not counted as
honest), planted and through the study (a sign: desks, planted tickets, counted beyond expectation,
found, the share in which the sign is told; least planted), of desks with a daily rhythm also alone.
Planted is in the last fiftieth of the promise (90 minutes of the solution's), planted earlier in
the last tenth (8 hours).

Wanted: found at least 90% of 200 desks a sign; alarms at most 5% of honest desks, all kinds
together.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.audit.audited import CHANCE, judged_by
from cxresearch.kpis.audit.signs import SIGNS
from cxresearch.study.intervals import of_many
from cxresearch.study.study import Study
from tests.benchmarks.audited_desks import (
    DAILY,
    HONEST,
    OF_ANSWER,
    PLANTED,
    UNLIKE,
    honest,
    planted,
    tables,
)
from tests.benchmarks.audited_desks import SIGNS as PLANTS

FILE = Path(__file__).with_suffix(".csv")
FIRST, SEEN = 7000, range(7047, 7066)  # seeds
DESKS, OTHERS, THROUGH = 200, 12, 8  # desks: honest and planted, by other rules, read as a study
EITHER = {"answered or solved": ("answered", "solved"), "empty": ("empty",), "paused": ("paused",),
          "lowered": ("lowered",), "followed": ("followed",),
          "merged": ("merged unanswered", "merged unsolved")}  # fmt: skip
LEAD, EARLIER = 0.8, 4.0  # a fiftieth and a tenth of the promise, in windows


def looked(kind: str, seed: int, plant: bool) -> list[dict]:
    """A row of the desk as it is, and one of each sign planted in it."""
    desk = honest({**HONEST, **UNLIKE}[kind], seed)
    study, rng = Study.from_tables(tables(desk), **desk.settings), np.random.default_rng(seed)
    rows = {name: sign.rows(study) for name, sign in zip(PLANTS, SIGNS, strict=True)}
    p = {name: judged_by(of)["p"] for name, of in rows.items()}
    alarm = [
        name for name, holm in zip(p, of_many(list(p.values())), strict=True) if holm <= CHANCE
    ]
    part = "unlike" if kind in UNLIKE else "honest"
    told = [{"part": part, "kind": kind, "seed": seed, "alarm": bool(alarm),
             "which": "; ".join(alarm), **{f"p {name}": of for name, of in p.items()}}]  # fmt: skip
    for name, signs in EITHER.items() if plant else ():
        sign = signs[seed // len(HONEST) % len(signs)]
        row = {"kind": kind, "seed": seed, "which": name, "sign": sign}
        gamed, n = in_rows(sign, rows, rng)
        told.append(row | {"part": "planted", "planted": n} | _found(p, sign, gamed))
        gamed, n = in_rows(sign, rows, rng, EARLIER)
        told.append(row | {"part": "planted earlier", "planted": n} | _found(p, sign, gamed))
        if seed < FIRST + THROUGH:
            made, which = planted(desk, sign, seed)
            read = Study.from_tables(tables(made), **made.settings)
            found = _found(p, sign, SIGNS[list(PLANTS).index(sign)].rows(read))
            told.append(row | {"part": "through the study", "planted": len(which)} | found)
    return told


def in_rows(
    sign: str, rows: dict, rng: np.random.Generator, lead: float = LEAD
) -> tuple[pd.DataFrame, int]:
    """What near_limit judges with a sign planted: late answers or solutions (or, in their place,
    something else) come just before the limit."""
    ends = rows["answered" if sign in OF_ANSWER else "solved"]
    late = ends[ends["past"] > 0]
    late = late.sample(min(PLANTED, len(late)), random_state=rng)
    own = rows[sign]
    if sign in ("answered", "solved", "empty", "followed"):
        of = own.index[own["ticket"].isin(late["ticket"])]
        own = pd.concat([own.drop(of), _moved(own.loc[of], lead, rng)])
        return own.assign(act=own["act"] | own.index.isin(of)) if "act" in own else own, len(of)
    if sign.startswith("merged"):
        own = own[~(own["ticket"].isin(late["ticket"]) & (own["past"] > 0))]
    gamed = _moved(late, lead, rng).assign(act=True)
    return pd.concat([own, gamed], ignore_index=True), len(late)


def _moved(rows: pd.DataFrame, lead: float, rng: np.random.Generator) -> pd.DataFrame:
    """Done up to lead windows before the limit, at the time of day that this is."""
    past = -lead * rng.random(len(rows))
    hour, day = rows["hour"] % 24 + (past - rows["past"]) * rows["window"], rows["hour"] // 24
    return rows.assign(past=past, hour=hour % 24 + 24 * day)


def _found(p: dict, sign: str, gamed: pd.DataFrame) -> dict:
    line = judged_by(gamed)
    holm = of_many([*(p | {sign: line["p"]}).values()])[list(p).index(sign)]
    return {"beyond": line.get("more"), "p": line["p"], "found": holm <= CHANCE}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a kind of honest desk, all of them, and a row a sign."""
    desks = rows[rows["part"].isin(["honest", "unlike"]) & ~rows["seed"].isin(SEEN)]
    p = [c for c in desks if c.startswith("p ")]
    desks = desks.assign(low=(desks[p] < 0.05).sum(axis=1) / desks[p].notna().sum(axis=1))
    alarms = {"desks": ("seed", "size"), "alarms": ("alarm", "mean"), "p under 5%": ("low", "mean")}
    each = desks.groupby(["part", "kind"]).agg(**alarms).reset_index()
    whole = desks[desks["part"] == "honest"].groupby("part").agg(**alarms).reset_index()
    signs = rows[rows["planted"].notna()]
    daily = signs[signs["kind"].isin(DAILY) & signs["part"].eq("planted")]
    signs = pd.concat([signs, daily.assign(part="planted, daily rhythm")])
    signs = signs.groupby(["part", "which"]).agg(
        desks=("seed", "size"), planted=("planted", "mean"), beyond=("beyond", "mean"),
        found=("found", "mean"), least=("planted", "min"),
    )  # fmt: skip
    signs = signs.reset_index().rename(columns={"which": "kind"})
    return pd.concat([whole.assign(kind="all honest"), each, signs], ignore_index=True).round(4)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--seeds", nargs=2, type=int, default=(FIRST, FIRST + DESKS))
    asked.add_argument("--rows", type=Path, help="keep the rows of each desk here, and add to them")
    asked.add_argument("--written", action="store_true", help="write the table of these rows")
    asked = asked.parse_args()
    rows = []
    for seed in range(*asked.seeds):
        kind = list(HONEST)[seed % len(HONEST)]
        rows += looked(kind, seed, plant=True)
        if seed < FIRST + OTHERS:
            rows += looked(list(UNLIKE)[seed % len(UNLIKE)], seed, plant=False)
    table = pd.DataFrame(rows)
    if asked.rows:
        held = [pd.read_csv(asked.rows)] if asked.rows.exists() else []
        table = pd.concat([*held, table], ignore_index=True)
        yes = {"True": 1.0, "1.0": 1.0, "False": 0.0, "0.0": 0.0}
        table = table.assign(**{c: table[c].astype("str").map(yes) for c in ("alarm", "found")})
        table.to_csv(asked.rows, index=False)
    made = summary(table)
    print(made.to_string())
    if asked.written or not asked.rows:
        made.to_csv(FILE, index=False)


if __name__ == "__main__":
    main()
