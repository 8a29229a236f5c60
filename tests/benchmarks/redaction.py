"""What of planted personal data is masked, and what of other words is kept, by kind and language.

    python -m tests.benchmarks.redaction                 writes redaction.csv
    python -m tests.benchmarks.redaction --set FILE      a look at another set
    python -m tests.benchmarks.redaction --missed KIND   what was not masked

The set (tests/planted/held_out.jsonl.gz) was written by a hand that had not seen the rules, and no
rule was made for it: invented messages to help desks in seven languages, with personal data planted
in them and decoys (versions, error codes, part numbers, products, ordinary words that are names
too) that are none. A planted value is masked if no word of it that is its own stands in what is
shown at its place; a decoy is kept if it stands there as often as before.

Columns: kind, language, planted (or decoys), right (masked; of decoys kept), share, low, high (95%,
Wilson). Wanted: structured kinds at least .99, secrets .95, names .90 in greetings, signatures and
"I am", .75 elsewhere, addresses .80; of all that is masked .95 planted (precision).
"""

import argparse
import gzip
import json
import re
import time
from pathlib import Path

import pandas as pd

from cxresearch.study.intervals import wilson
from cxresearch.topics.text import people, redact

PARTICLES = frozenset("von van der den del dei des the rua via calle rue street road lane".split())
MASK = re.compile(r"\[[a-z -]+\]")  # such as [name], which is also how an address may end
FILE = Path(__file__).with_suffix(".csv")
SET = Path(__file__).parents[1] / "planted" / "held_out.jsonl.gz"


def read(file: Path) -> list[dict]:
    """The messages: text, lang, planted and decoys (kind, value, where)."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judged(messages: list[dict]) -> pd.DataFrame:
    """A row a planted value or decoy: what, kind, where, lang, value, right, shown."""
    persons = people([each["text"] for each in messages])
    rows = []
    for each in messages:
        shown = redact(each["text"], persons)
        for what in ("planted", "decoys"):
            for one in each[what]:
                kept = shown.count(one["value"]) >= each["text"].count(one["value"])
                right = kept if what == "decoys" else not _left(one["value"], each["text"], shown)
                rows.append((what, one["kind"], one.get("where", ""), each["lang"], one["value"],
                             right, shown))  # fmt: skip
    columns = ["what", "kind", "where", "language", "value", "right", "shown"]
    return pd.DataFrame(rows, columns=columns)


def _left(value: str, text: str, shown: str) -> bool:
    """Does the value, or a word of it of three letters or figures or more, stand in what is shown
    more often than the text holds it beside the value?"""
    if value in shown:
        return True
    beside, shown = text.replace(value, " "), MASK.sub(" ", shown)
    words = set(re.findall(r"[^\W_]{3,}", value)) - PARTICLES
    return any(_count(word, shown) > _count(word, beside) for word in words)


def _count(word: str, text: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def shares(rows: pd.DataFrame, *by: str) -> pd.DataFrame:
    """How many of each group, how many right, and the share with its interval."""
    found = rows.groupby(list(by))["right"].agg(n="size", right="sum").reset_index()
    low, high = wilson(found["right"], found["n"])
    return found.assign(share=found["right"] / found["n"], low=low, high=high)


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """By what is planted and kind, names by where they stand, in all languages and in each."""
    names = rows["kind"].eq("name")
    told = rows.assign(kind=rows["kind"].where(~names, "name, " + rows["where"].astype(str)))
    everywhere = shares(told, "what", "kind").assign(language="all")
    return pd.concat([everywhere, shares(told, "what", "kind", "language")])[
        ["what", "kind", "language", "n", "right", "share", "low", "high"]
    ].round(3)


def precision(rows: pd.DataFrame) -> float:
    """Of planted values and decoys that are masked, the share that is planted."""
    planted = rows["what"] == "planted"
    right, wrong = (rows["right"] & planted).sum(), (~rows["right"] & ~planted).sum()
    return right / (right + wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, default=SET, help="another set of messages")
    parser.add_argument("--missed", help="show what of this kind was not right")
    asked = parser.parse_args()
    messages = read(asked.set)
    began = time.process_time()
    rows = judged(messages)
    took = time.process_time() - began
    if asked.missed:
        for row in rows[~rows["right"] & rows["kind"].eq(asked.missed)].itertuples():
            print(f"{row.language} {row.where} {row.value!r} in {row.shown!r}")
        return
    found = table(rows)
    if asked.set == SET:
        found.to_csv(FILE, index=False, lineterminator="\n")
    every = found[found["language"] == "all"].drop(columns="language")
    print(every.to_string(index=False))
    planted = rows[rows["what"] == "planted"]
    print(
        f"all planted {planted['right'].mean():.3f} of {len(planted)}, precision"
        f" {precision(rows):.3f}, {1000 * took / len(messages):.1f} CPU seconds per 1,000"
    )


if __name__ == "__main__":
    main()
