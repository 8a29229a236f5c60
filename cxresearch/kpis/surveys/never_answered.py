"""Who never answers."""

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.measure import share
from cxresearch.kpis.surveys.reach import invitations, what_became
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view


@dataclass(frozen=True, eq=False)
class NeverAnswers(Result):
    """Of customers asked twice or more, how many answered nothing, a row a group and named by it:
    group, customers, never answered, share, low, high."""

    def table(self) -> pd.DataFrame:
        """Counts, and the share with its interval."""
        return view(
            self.frame, "group", "customers as asked twice or more", "never answered",
            "share ±.1% as never answered (95% interval)",
        )  # fmt: skip


@once
def never_answers(study: Study) -> NeverAnswers | CannotTell:
    """Of customers asked twice or more, the share who answered nothing, by what became of them.

    Who left early was asked less often and had fewer chances to answer, so this describes and
    compares nothing; see silent_leave.
    """
    asked = invitations(study, "who never answers")
    if isinstance(asked, CannotTell):
        return asked
    known = asked[asked["customer_id"].notna()]
    each = known.groupby("customer_id")["answered"].agg(["size", "sum"])
    each = each[each["size"] >= 2]
    if each.empty:
        return CannotTell("who never answers: no known customer was asked twice.")
    each = each.reset_index().rename(columns={"customer_id": "who"})
    silent, became = each["sum"] == 0, what_became(study, each)
    groups = {"all": silent} | {
        name: silent[became == name] for name in became.value_counts().index
    }
    rows = {name: _row(name, flags) for name, flags in groups.items()}
    return NeverAnswers(pd.DataFrame.from_dict(rows, orient="index"))


def _row(group: str, silent: pd.Series) -> dict:
    of = share(silent)
    row = {"group": group, "customers": of["n"], "never answered": int(silent.sum())}
    return row | {"share": of["estimate"], "low": of["low"], "high": of["high"]}
