"""The one door through which a customer's words are shown: masked, on one line, shortened."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pandas as pd

from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.text.doubtful import common_words, in_doubt
from cxresearch.topics.text.markup import known
from cxresearch.topics.text.redaction import excerpt, people, redact
from cxresearch.topics.text.ticket_text import joined_text

QUOTES = 3


def shown(text: str | None, study: Study, n: int = 240, whole: str | None = None) -> str:
    """Words of a ticket as they may be shown, at most n characters: see redaction.redact; names
    that are signed or greeted anywhere in the study are masked wherever they stand.

    whole is the ticket that the words were cut from, if they are a part: whom it greets or signs
    is known from there.
    """
    names = names_in(study)
    return excerpt(text, n, names.union(people([whole])) if whole else names)


def undoubted(
    study: Study,
    texts: pd.Series,
    ids: Iterable[str],
    n: int,
    own: Callable = known,
    most: int = QUOTES,
) -> Iterator[tuple[str, str]]:
    """The first (three) of these tickets, each with what may be shown of its text (by ticket_id),
    that leave no doubt that nothing personal is left; own cuts a text first."""
    masked = ((i, shown(own(texts[i]), study, n, texts[i])) for i in ids if i in texts.index)
    common = common_in(study)
    sure = ((i, quote) for i, quote in masked if quote and not in_doubt(quote, common))
    return islice(sure, most)


def shown_groups(names: Iterable[str]) -> dict[str, str]:
    """What each group that the export names is shown as: what tells of a person is replaced
    (redact), and names that become equal are numbered, not merged."""
    masked = pd.Series({name: redact(name) for name in sorted(set(names))}, dtype=object)
    number = (masked.groupby(masked).cumcount() + 1).astype(str)
    return masked.where(~masked.duplicated(keep=False), masked + " " + number).to_dict()


@once(on_disk=False)
def common_in(study: Study) -> frozenset[str]:
    """The words that at least five of the study's tickets hold (doubtful.common_words)."""
    return common_words(joined_text(study.tickets))


@once(on_disk=False)
def names_in(study: Study) -> frozenset[str]:
    """The words that name people in the study's tickets (redaction.people)."""
    return people(joined_text(study.tickets))
