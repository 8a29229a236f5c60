"""Customers' lives in pieces: when each was at risk, and what was open or overdue then."""

from cxresearch.study.face import face

__getattr__, __all__ = face(__file__)
