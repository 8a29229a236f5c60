"""Loaders: one module a help desk; each turns an export into text under canonical names.

What a module says of its help desk stands in help_desk, how an import goes its way in imports.
"""

from cxresearch.loaders.imports import SYSTEMS, detect, load, read
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export

__all__ = ["SYSTEMS", "Declared", "Export", "detect", "load", "read"]
