"""cxresearch: from a help desk's export to the root-cause story."""

from cxresearch.say import CannotTell, finding, say, show, table
from cxresearch.schema import InputError
from cxresearch.study import Study, open_study

__version__ = "0.1.0"
__all__ = [
    "CannotTell",
    "InputError",
    "Study",
    "finding",
    "open_study",
    "say",
    "show",
    "table",
]
