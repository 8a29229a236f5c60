"""What is asked only where it can be seen who leaves, answered for studies where it cannot."""

from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.study import Study


def cause_rows(study: Study) -> CannotTell:
    """There are no rows of leaving where nobody can be seen to leave."""
    return CannotTell("what fixing a cause would save: who leaves is not in this data. A customers "
                      "table from billing would tell.")  # fmt: skip


def causes_differ(study: Study) -> CannotTell:
    """Asked only of causes of leaving."""
    return CannotTell("whether causes differ at all: who leaves is not in this data.")


def more_months(study: Study) -> str:
    """Nothing: no number of months shows who leaves."""
    return ""


def asks_to_leave(study: Study) -> CannotTell:
    """Requests to cancel cannot be told apart from others where nobody has a contract."""
    return DoesNotApply("who asks to leave: nobody has a contract here that could be ended.")


exit_requests = asks_to_leave


def _not_here(what: str):
    def asked(study: Study) -> CannotTell:
        """Asked only where it can be seen who leaves."""
        return DoesNotApply(f"{what}: who leaves is not in this data.")

    return asked


rules = _not_here("what speaks against the comparison")
yardstick = _not_here("what a hidden trouble would do")
promise = _not_here("what other days of the promise would say")
proposed = _not_here("from which day on customers leave more")
reconciled = _not_here("what the rate makes of the shares")
