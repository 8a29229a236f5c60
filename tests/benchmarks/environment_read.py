"""Does the environment that rules read agree with what texts name?

    python -m tests.benchmarks.environment_read KEY HAND HAND      writes environment_read.csv

KEY is a file of n, set, id, text, of which the set "forum" is read: 130 real posts to a public
forum, which stay outside of the project. HAND is a file of n and version: y where a person says
that the post names the version of a program, device or system. Rules say so where they read a
version, or a browser or system with its number. It is no blind test: lines of the posts that hold
numbers or systems had been seen before the rules were written, and after a first reading against
one hand one pattern was made stricter.

simulated: the demo's texts, which name browsers, systems and devices of lab/simulate/wording (with
slips of the pen); two of its eight devices are the company's own, which no public list has.

Columns: texts, against, named (by a person, or planted), read, both, precision and recall with
Wilson's intervals.
"""

import argparse
from pathlib import Path

import pandas as pd

from cxresearch import open_study
from cxresearch.lab.simulate.wording import LISTS
from cxresearch.study.intervals import wilson
from cxresearch.topics.text.environment import environment
from cxresearch.topics.text.ticket_text import joined_text

FILE = Path(__file__).with_suffix(".csv")


def agreement(texts: str, against: str, named: pd.Series, read: pd.Series) -> dict:
    """A row of the table."""
    both = int((named & read).sum())
    row = {"texts": texts, "against": against, "n": len(named), "named": int(named.sum()),
           "read": int(read.sum()), "both": both}  # fmt: skip
    for name, of in (("precision", read.sum()), ("recall", named.sum())):
        low, high = wilson(both, int(of))
        row |= {name: both / of, f"{name} low": low, f"{name} high": high}
    return row


def by_hand(key: str, hands: list[str]) -> list[dict]:
    """The forum's posts against each hand, and the hands against each other."""
    posts = pd.read_csv(key).query("set == 'forum'").set_index("n")["text"]
    found = posts.map(environment)
    read = found.map(lambda e: any(
        (e[kind] or "")[-1:].isdigit() or (kind == "version" and e[kind])
        for kind in ("browser", "system", "version")
    )).astype(bool)  # fmt: skip
    said = [pd.read_csv(h).set_index("n")["version"].reindex(posts.index) == "y" for h in hands]
    rows = [agreement("forum", f"hand {i + 1}", hand, read) for i, hand in enumerate(said)]
    return [*rows, agreement("forum", "hand 1, by hand 2", said[0], said[1])]


def planted() -> list[dict]:
    """The demo's texts against the names that its generator puts in."""
    texts = joined_text(open_study("data/demo").tickets)
    found = pd.DataFrame(list(texts.map(environment)))
    names = {kind: LISTS[kind] for kind in ("browser", "device")}
    names |= {"system": ["Windows"], "version": [r"(?<![\d.])[456]\.\d\d?\.[0-3](?!\d)"]}
    rows = []
    for kind, words in names.items():
        named = pd.Series(False, texts.index)
        for word in words:
            named |= texts.str.contains(word, case=False)
        rows.append(agreement("simulated", kind, named.reset_index(drop=True), found[kind].notna()))
    return rows


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("key")
    asked.add_argument("hands", nargs=2)
    told = asked.parse_args()
    table = pd.DataFrame([*by_hand(told.key, told.hands), *planted()]).round(3)
    table.to_csv(FILE, index=False)
    print(table.to_string(index=False))
