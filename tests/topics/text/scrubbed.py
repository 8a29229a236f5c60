"""Texts as the topic model reads them, for tests and benchmarks with vectors of their own."""

from collections.abc import Sequence

from cxresearch.topics.text import boilerplate, scrub


def scrubbed(texts: Sequence[str | None]) -> list[str]:
    """The texts, each scrubbed, also of the boilerplate that they share."""
    shared = boilerplate(texts)
    return [scrub(text, shared) for text in texts]
