"""A customer's words: scrubbed for the topic model, redacted for the page."""

from cxresearch.topics.text.language import language_of, served
from cxresearch.topics.text.redaction import excerpt, people, redact
from cxresearch.topics.text.scrubbing import SCRUB_VERSION, has_words, scrub
from cxresearch.topics.text.ticket_text import boilerplate, joined_text

__all__ = [
    "SCRUB_VERSION",
    "boilerplate",
    "excerpt",
    "has_words",
    "joined_text",
    "language_of",
    "people",
    "redact",
    "scrub",
    "served",
]
