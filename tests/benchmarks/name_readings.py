"""Do people who read a topic's tickets know it by its name?

    python -m tests.benchmarks.name_readings --sheets FOLDER --study FORUM    writes sheets to read
    python -m tests.benchmarks.name_readings --answers FOLDER                 name_readings.csv

Protocol. Two readers who have seen neither code nor names get the same sheets and do not talk. On
the first sheet (pick.txt) each topic shows ten of its tickets, drawn by seed, and four names in an
order drawn by seed: its own and those of the three topics nearest to it by the cosine of their mean
directions. A reader writes the letter of the name that fits best. Only then they open the second
sheet (rate.txt): twenty other tickets of the topic and its name, to be called clear (somebody at
the desk who hears it knows what these customers write about), half (part of it, or too wide) or
misleading (one would think of something else, or of the opposite). Answers are lines of "set topic
letter" and "set topic word" in pick-READER.txt and rate-READER.txt beside the sheets.

Sets: the demo, all topics; a forum's study, 25 topics, and 5,000 queries of Banking77, 25 topics,
drawn by seed but for the ten largest, which are always among them. Sheets hold customers' words,
masked and cut to 220 letters, and stay outside the project; the table holds names and answers.

Columns: set, topic (by size), tickets, name, reader, picked (is the own name the one picked?),
called (clear, half, misleading).

Wanted: at least 90% picked by each reader; at least 85% clear, at most 2% misleading and none of
the ten largest of a set.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch import open_study
from cxresearch.topics.causes.refit import study_topics, told_tickets
from cxresearch.topics.communities import centroids
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.text import excerpt, joined_text, people
from cxresearch.topics.topic_model import TopicModel

FILE = Path(__file__).with_suffix(".csv")
DEMO = Path(__file__).parents[2] / "data" / "demo"
SHOWN, RATED, LETTERS, LARGEST, SOME, SEED = 10, 20, "ABCD", 10, 25, 47


def sets(study: Path, data: Path) -> dict[str, tuple[list[str], TopicModel]]:
    """By name, the texts and the topics that were fitted on them."""
    found = {}
    for name, folder in {"demo": DEMO, "forum": study}.items():
        of = open_study(folder)
        topics = study_topics(of)
        texts = joined_text(told_tickets(of)).tolist()
        found[name] = texts, topics.recalled(texts)
    queries = pd.read_csv(data / "banking77" / "train.csv").sample(5000, random_state=0)
    found["banking77"] = queries["text"].tolist(), fit_topics(queries["text"].tolist())
    return found


def sheets(found: dict, folder: Path) -> None:
    """Writes pick.txt and rate.txt, and key.csv with what is right."""
    pick, rate, key = [], [], []
    for name, (texts, topics) in found.items():
        rng, persons = np.random.default_rng(SEED), people(texts)
        info = topics.info().set_index("topic")
        near = _nearest(topics)
        later = rng.permutation(np.arange(LARGEST, len(info)))[: max(0, SOME - LARGEST)]
        for topic in [*range(min(LARGEST, len(info))), *sorted(later)]:
            rows = rng.permutation(np.flatnonzero(topics.labels == topic))
            shown = [excerpt(texts[at], 220, persons) for at in rows[: SHOWN + RATED]]
            offered = rng.permutation([topic, *near[topic][:3]])
            names = [info.loc[each, "name"] for each in offered]
            pick += [f"\n## {name} {topic}", *(f"- {text}" for text in shown[:SHOWN])]
            pick += [f"{letter}) {each}" for letter, each in zip(LETTERS, names, strict=False)]
            rest = shown[SHOWN:] or shown
            rate += [f"\n## {name} {topic}: {info.loc[topic, 'name']}", *(f"- {t}" for t in rest)]
            right = LETTERS[list(offered).index(topic)]
            key.append((name, topic, info.loc[topic, "size"], info.loc[topic, "name"], right))
    (folder / "pick.txt").write_text("\n".join(pick), encoding="utf-8")
    (folder / "rate.txt").write_text("\n".join(rate), encoding="utf-8")
    columns = ["set", "topic", "tickets", "name", "right"]
    pd.DataFrame(key, columns=columns).to_csv(folder / "key.csv", index=False)


def _nearest(topics: TopicModel) -> np.ndarray:
    made = topics.clusterer
    centres = centroids(made.node_labels_, made.vectors_)
    alike = np.round(centres @ centres.T, 6)
    np.fill_diagonal(alike, -2)
    return np.argsort(-alike, axis=1, kind="stable")


def readings(folder: Path) -> pd.DataFrame:
    """The answers of all readers beside what is right."""
    key = pd.read_csv(folder / "key.csv")
    parts = []
    for file in sorted(folder.glob("pick-*.txt")):
        reader = file.stem.removeprefix("pick-")
        picks, rates = _lines(file), _lines(folder / f"rate-{reader}.txt")
        one = key.merge(picks.rename(columns={"said": "letter"}), how="left")
        one = one.merge(rates.rename(columns={"said": "called"}), how="left")
        parts.append(one.assign(reader=reader, picked=one["letter"] == one["right"]))
    table = pd.concat(parts, ignore_index=True)
    return table[["set", "topic", "tickets", "name", "reader", "picked", "called"]]


def _lines(file: Path) -> pd.DataFrame:
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    table = pd.DataFrame(rows, columns=["set", "topic", "said"])
    return table.astype({"topic": int})


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """By set and reader: topics, picked, clear, misleading (shares), and misleading among the ten
    largest (count)."""
    told = table.assign(
        clear=table["called"] == "clear", misleading=table["called"] == "misleading",
        large=(table["called"] == "misleading") & (table["topic"] < LARGEST),
    )  # fmt: skip
    return told.groupby(["set", "reader"]).agg(
        topics=("topic", "size"), picked=("picked", "mean"), clear=("clear", "mean"),
        misleading=("misleading", "mean"), large=("large", "sum"),
    ).round(3)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=Path, help="write sheets to this folder")
    parser.add_argument("--answers", type=Path, help="read answers from this folder")
    parser.add_argument("--study", type=Path, help="a forum's study, with its topics")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="label sets")
    asked = parser.parse_args()
    if asked.sheets:
        asked.sheets.mkdir(parents=True, exist_ok=True)
        sheets(sets(asked.study, asked.data), asked.sheets)
    if asked.answers:
        table = readings(asked.answers)
        table.to_csv(FILE, index=False, lineterminator="\n")
        print(summary(table).to_string())


if __name__ == "__main__":
    main()
