"""The one door through which a customer's words are shown: masked, on one line, shortened."""

from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.text.redaction import excerpt, people
from cxresearch.topics.text.ticket_text import joined_text


def shown(text: str | None, study: Study, n: int = 240, whole: str | None = None) -> str:
    """Words of a ticket as they may be shown, at most n characters: see redaction.redact; names
    that are signed or greeted anywhere in the study are masked wherever they stand.

    whole is the ticket that the words were cut from, if they are a part: whom it greets or signs
    is known from there.
    """
    names = names_in(study)
    return excerpt(text, n, names.union(people([whole])) if whole else names)


@once(on_disk=False)
def names_in(study: Study) -> frozenset[str]:
    """The words that name people in the study's tickets (redaction.people)."""
    return people(joined_text(study.tickets))
