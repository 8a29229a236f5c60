"""Are titles of topics what customers wrote?"""

import re
from collections.abc import Sequence

from cxresearch.topics.text import people, redact
from cxresearch.topics.text.scrubbing import sentences
from cxresearch.topics.topic_model import TopicModel


def titles_that_nobody_wrote(texts: Sequence[str | None], model: TopicModel) -> list[str]:
    """The titles with a part that is no run of words of a sentence, as it may be shown, of their
    topic."""
    texts, persons = list(texts), people(texts)
    written = {topic: "" for topic in model.names().index}
    for text, label in zip(texts, model.labels, strict=True):
        if label >= 0:
            said = [f" {_plain(redact(each, persons))} " for each in sentences(text)]
            written[label] += "|".join(["", *said])
    return [
        name for topic, name in model.names().items()
        if any(f" {_plain(part)} " not in written[topic] for part in name.split(" · "))
    ]  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
