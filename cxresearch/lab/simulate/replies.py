"""What is written in the course of a ticket: answers of agents and the bot, and of customers."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.mess import clauses

WORDS = {"workaround": 0.15, "date_promised": 0.2}  # of messages of progress in English
BRIEF = ("bot", "note", "nudge", "answer", "back")  # one sentence, neither greeting nor closing


def write_replies(cases: pd.DataFrame, events: pd.DataFrame, seed: int) -> pd.Series:
    """The text of each message among the events of these cases; null where an event is none.

    Agents use saved replies: sentences repeat, their combinations less so. What solved a ticket
    depends on its cause. Replies are in the language of the ticket.
    """
    rng = stream(seed, "replies")
    said = events.loc[events["says"].notna(), ["case", "says"]]
    asked = cases.loc[said["case"], ["language", "cause"]].set_index(said.index)
    kinds = said.assign(**asked).groupby(["language", "says", "cause"], observed=True)
    body = pd.Series(index=events.index, dtype=object)
    for (language, kind, cause), rows in kinds.groups.items():
        body.loc[rows] = _messages(language, kind, cause, len(rows), rng)
    english = asked["language"].eq("en") & said["says"].eq("progress")
    return _with_words(body, said.index[english], seed)


def _with_words(body: pd.Series, progress: pd.Index, seed: int) -> pd.Series:
    """Some messages of progress hold a word that customers need (WORDS) instead; numbers of their
    own draw them, so that all other messages are what they would be without."""
    rng = stream(seed, "words")
    which, draws = rng.random(len(progress)), rng.random(len(progress))
    begins = 0.0
    for word, share in WORDS.items():
        has = (which >= begins) & (which < begins + share)
        body.loc[progress[has]] = _some(clauses("replies")["words"][word], draws[has])
        begins += share
    return body


def _messages(language: str, kind: str, cause: str, size: int, rng: np.random.Generator):
    """So many messages of one kind, each put together from saved sentences."""
    said = clauses("replies")
    of = said[language]
    draws = {part: rng.random(size) for part in ("hello", "main", "point", "after", "bye")}
    main = _some(of[kind], draws["main"])
    if kind in BRIEF:
        return main
    parts = [_some(of["hello"], draws["hello"]), main]
    if kind in ("solved", "reopened"):
        if language == "en" and cause in said["solution"]:
            parts.append(_some(said["solution"][cause], draws["point"]))
        parts.append(_some([*of["after"], ""], draws["after"]))
    parts.append(_some([*of["bye"], ""], draws["bye"]))
    return [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]


def _some(sentences: list[str], draws: np.ndarray) -> np.ndarray:
    """A sentence for each number from 0 to 1."""
    return np.array(sentences, dtype=object)[(draws * len(sentences)).astype(int)]
