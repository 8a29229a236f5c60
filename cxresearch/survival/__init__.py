"""The Cox model that this package owns. It knows no study; curves are in cxresearch.curves."""

from cxresearch.survival.cox import CoxFit, coxph

__all__ = ["CoxFit", "coxph"]
