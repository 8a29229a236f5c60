"""A name that is not known is answered with the nearest ones that are."""

from collections.abc import Iterable
from difflib import get_close_matches

from cxresearch.study.schema import InputError


def nearest(name: object, known: Iterable) -> str:
    """The known names most like this one, for the end of a sentence; "" if none is like it.

    >>> nearest("segmnet", ["segment", "currency"])
    "; did you mean 'segment'?"
    """
    by_lower = {str(each).lower(): str(each) for each in known}
    like = get_close_matches(str(name).lower(), by_lower, n=3)
    return f"; did you mean {' or '.join(repr(by_lower[n]) for n in like)}?" if like else ""


def refuse_unknown(where: object, names: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raises InputError for the first of the names that is not known, with the nearest and all that
    are; what says what kind of name it is."""
    known = list(known)
    for name in names:
        if name not in known:
            like = nearest(name, known) or "."
            raise InputError(
                f"{where} has an unknown {what} '{name}'{like} Known are: {', '.join(known)}."
            )
