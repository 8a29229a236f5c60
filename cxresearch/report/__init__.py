"""The report: notebooks run on a study and rendered as pages that need nothing but themselves."""

from cxresearch.report.render import check_published, publish, render_report, report_study, stopped
from cxresearch.report.run import execute_in_place, run_notebooks

__all__ = [
    "check_published",
    "execute_in_place",
    "publish",
    "render_report",
    "report_study",
    "run_notebooks",
    "stopped",
]
