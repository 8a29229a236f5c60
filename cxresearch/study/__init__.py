"""What every notebook opens: a study's tables and settings, and how answers are said."""

from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study

__all__ = ["CannotTell", "Finding", "InputError", "Settings", "Study"]
__all__ += ["cannot_tell_passes", "finding", "open_study"]
