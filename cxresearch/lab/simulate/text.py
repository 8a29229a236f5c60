"""What customers write: messages composed of clauses, with everything that real ones carry."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.causes import SPAM
from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.mess import blemished, clauses
from cxresearch.lab.simulate.parameters import DAY
from cxresearch.lab.simulate.wording import MONTHS, SHOPS, Dice, email_of, person_name, slots_filled

LOCAL = ("de", "es")
EMPTY, NO_TEXT, ONE_WORD, VAGUE = 0.005, 0.006, 0.02, 0.10
IN_SUBJECT = 0.45  # of the subjects: how many begin to tell the problem
STORY = ("story", "aside", "story", "pressure")
OWN = 0.5  # of the sentences around the problem: how many tell of its cause


def write_words(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """subject, description and clauses (ids such as sync/angry03) of each case.

    Clauses are dealt like cards, so that each is used about as often as the others of its cause.
    """
    writer = _Writer(stream(seed, "text"))
    written = []
    for case in cases.itertuples():
        before = case.double_of if case.double_of >= 0 else -1
        written.append(writer.again(case, written[before]) if before >= 0 else writer(case))
    frame = pd.DataFrame(written, columns=["subject", "description", "clauses"], index=cases.index)
    return frame.astype({"subject": object, "description": object})


class _Writer:
    """Writes one message after the other; holds the dice and the decks of clauses."""

    def __init__(self, rng: np.random.Generator):
        self.dice, self.decks = Dice(rng), {}

    def __call__(self, case) -> tuple[str, str, list[str]]:
        """Subject, description and clause ids of a new message."""
        known = _known(case)
        if case.cause == SPAM:
            said = slots_filled(self.dice.one(clauses("common")["odd"]["spam"]), self.dice, known)
            return " ".join(said.split()[:5]), said, []
        luck = self.dice()
        if luck < EMPTY:
            return "", "", []
        subject = self._subject(case, known)
        if luck < EMPTY + NO_TEXT:
            return subject, "", []
        if luck < EMPTY + NO_TEXT + ONE_WORD:
            return "", self.dice.one(clauses("common")["odd"]["word"]), []
        write = self._local if case.language in LOCAL else self._english
        problem, body, ids = write(case)
        text = slots_filled(blemished(self._laid_out(case, body), self.dice), self.dice, known)
        if subject and self.dice() < IN_SUBJECT:
            subject = slots_filled(_beginning(problem, self.dice.whole(4, 10)), self.dice, known)
        return subject, text, ids

    def again(self, case, before: tuple[str, str, list[str]]) -> tuple[str, str, list[str]]:
        """The message of a case that was written before, almost the same."""
        first = self._some("en", "again", 0.7) if case.language == "en" else []
        text = "\n".join([*first, before[1]]).strip()
        text = slots_filled(blemished(text, self.dice), self.dice, _known(case))
        return before[0], text, before[2]

    def _english(self, case) -> tuple[str, list[str], list[str]]:
        """The problem, the sentences of a message, and the ids of its problem clauses."""
        of, talk = clauses(case.cause), self._talk(case)
        first, ids = self._problem(case.cause, "en")
        problem = first
        if case.second:
            other, more = self._problem(case.second, "en")
            problem, ids = f"{problem} {self._shared('en', 'second')} {other}", ids + more
        body = [
            *self._some("en", "follow", 0.5 if case.follows >= 0 else 0.0),
            *self._some("en", "opening", 0.6 * talk),
            problem,
            *self._either(of, "context", 0.55 * talk),
            *(one for part in STORY for one in self._some("en", part, 0.25 * (talk - 0.85))),
            *self._some("en", "aside", 0.5 * talk),
            *self._some("en", "aside", 0.3 * talk),
            *self._either(of, "tried", 0.6 * talk),
            *self._some("en", "pressure", 0.45 * talk),
            *self._either(of, "wanted", 0.5 + 0.25 * talk),
        ]
        return first, list(dict.fromkeys(body)), ids

    def _talk(self, case) -> float:
        """How much is said beside the problem: little in a chat and by one in five, much by one in
        six, 1 by the rest."""
        luck = self.dice()
        if case.channel == 2:
            return 0.35
        return 0.3 if luck < 0.2 else 2.5 if luck > 0.84 else 1.0

    def _local(self, case) -> tuple[str, list[str], list[str]]:
        lang = case.language
        problem, ids = self._problem(case.cause, lang)
        more, second = self._problem(case.second, lang) if case.second else ("", [])
        body = [problem, *self._some(lang, "aside", 0.8), *self._some(lang, "aside", 0.4), more]
        body = [*filter(None, body), *self._some(lang, "wanted", 0.8)]
        return problem, list(dict.fromkeys(body)), ids + second

    def _laid_out(self, case, body: list[str]) -> str:
        """Greeting, body in one or two paragraphs, signature; by phone an agent's note."""
        lang = case.language
        if case.channel == 3 and lang == "en":
            return " ".join([self._shared("en", "phone"), *body])
        if case.channel == 2:
            return " ".join(body)
        cut = len(body) // 2 if self.dice() < 0.4 else len(body)
        paragraphs = [" ".join(body[:cut]), " ".join(body[cut:])]
        greeting = self._some(lang, "greeting", 0.8)
        closing = self._some(lang, "closing", 0.8)
        signature = ["\n".join([*closing, *self._signature(case)])] if closing else []
        return "\n\n".join(filter(None, [*greeting, *paragraphs, *signature]))

    def _signature(self, case) -> list[str]:
        name, luck = person_name(int(case.requester)), self.dice()
        if luck < 0.45:
            return [name.split()[0]]
        lines = [name]
        if luck > 0.7:
            lines.append(SHOPS[case.account % len(SHOPS)])
        if luck > 0.85:
            lines += ["{phone}", email_of(name, case.account)]
        return lines

    def _subject(self, case, known) -> str:
        if self.dice() < 0.06 or case.channel == 2:
            return ""
        own = clauses(case.cause)["subject"]
        shared = clauses("common")[case.language]["subject"]
        mine = case.language == "en" and self.dice() < 0.42
        return slots_filled(self.dice.one(own if mine else shared), self.dice, known)

    def _problem(self, cause: str, language: str) -> tuple[str, list[str]]:
        """The next clause of the deck of this cause and language, and its id; now and then a
        sentence that tells nothing."""
        if language == "en" and self.dice() < VAGUE:
            cause = "vague"
        deck = self.decks.setdefault((cause, language), [])
        if not deck:
            deck += _deck(cause, language)
            deck.sort(key=lambda _: self.dice())
        name, text = deck.pop()
        return text, [name]

    def _shared(self, language: str, part: str) -> str:
        return self.dice.one(clauses("common")[language][part])

    def _some(self, language: str, part: str, share: float) -> list[str]:
        return [self._shared(language, part)] if self.dice() < share else []

    def _either(self, own: dict, part: str, share: float) -> list[str]:
        """With this chance a sentence: of the cause's own or a shared one."""
        if self.dice() >= share:
            return []
        shared = clauses("common")["en"].get(part, clauses("common")["en"]["aside"])
        return [self.dice.one(own[part] if self.dice() < OWN else shared)]


def _beginning(problem: str, words: int) -> str:
    """The first words of a sentence, as they are put in a subject."""
    return " ".join(problem.split()[:words]).rstrip(".,;:!?")


def _deck(cause: str, language: str) -> list[tuple[str, str]]:
    """Ids and texts of all problem clauses of a cause in a language; `vague` is no cause's."""
    shared = {"": clauses("common")["en"]["vague"]}
    voices = shared if cause == "vague" else clauses(cause)["problem"]
    return [
        (f"{cause}/{voice}{place + 1:02d}", text)
        for voice, texts in voices.items()
        if (voice if voice in LOCAL else "en") == language
        for place, text in enumerate(texts)
    ]


def _known(case) -> dict[str, str]:
    """What the ticket knows of itself: dates near its own, the writer's address."""
    day = pd.Timestamp(int(case.created) - 9 * DAY - case.created % (5 * DAY), unit="s")
    name = person_name(int(case.requester))
    return {
        "year": str(day.year),
        "year0": str(2022 + case.account % 2),
        "month": MONTHS[day.month - 1],
        "date": f"{day.day} {MONTHS[day.month - 1]}",
        "email": email_of(name, case.account),
    }
