"""Is a cause one event, a few customers, or the system? By when its tickets came and from whom."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from cxresearch.outcomes.doses import severity
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import NONE, view
from cxresearch.topics.causes.per_ticket import named

BURST = 4  # weeks
FEW, MANY = 3, 10  # customers, and tickets
STEADY = 0.75  # of months
EXPECTED = 5  # tickets of a cause a stretch of weeks, at least, for a chi-squared test


@dataclass(frozen=True, eq=False)
class Spread(Result):
    """When the tickets of each cause came and from whom, and how that reads (see how_spread)."""

    def said(self, row: str = "") -> Finding:
        """How many causes are one-off, of few customers, systemic."""
        counts = self.frame["reads"].value_counts()
        parts = "; ".join(f"{count} {what}" for what, count in counts.items())
        return finding("Of {n} causes: {parts}.", n=len(self.frame), parts=parts)

    def table(self) -> pd.DataFrame:
        """Shares in percent."""
        rows = self.frame
        percent = (100 * rows[["top three", "severe"]].astype("Float64")).round().astype("Int64")
        each = zip(rows["dispersion"], rows["p"], strict=True)
        shown = view(rows, "cause", "reads", "customers")
        return shown.assign(
            dispersion=[_with_p(*row) for row in each],
            **{f"{name} %": percent[name].array for name in percent},
        )


def _with_p(ratio: float, p: float) -> str:
    if pd.isna(ratio):
        return NONE
    return f"{ratio:.2f} (p {'< 0.001' if p < 0.001 else f'{p:.3f}'})"


@once
def how_spread(study: Study) -> Spread | CannotTell:
    """A row a cause, the most frequent first: cause, tickets, customers, top three (share of its
    tickets that the three customers with most wrote), months (share of months with a ticket),
    burst (largest share of its tickets within four weeks), dispersion, p (Holm over causes),
    severe (share of high or urgent among tickets with a known priority; null without), reads.

    dispersion is Pearson's chi-squared over its degrees of freedom, of the cause's customers in
    stretches of weeks against as many as its share of all: 1 is what Poisson numbers would give
    (Fisher 1950, Biometrics 6), more means that they come in bursts. A customer counts once a
    stretch, so that one who keeps asking makes no burst. Stretches are as long as it takes to
    expect five.

    reads: one-off (bursts, p below 0.05, and half of the tickets within four weeks), few customers
    (three wrote half of it, of ten tickets or more), systemic (in three months of four, from ten
    customers or more, and not the others; with bursts where p is below 0.05), else cannot tell.
    """
    rows = study.customer_tickets[["ticket_id", "customer_id", "created_at", "priority"]]
    rows = rows.dropna(subset="customer_id").merge(named(study), on="ticket_id")
    days = (rows["created_at"] - rows["created_at"].min()) / pd.Timedelta(days=1)
    month = rows["created_at"].dt.tz_localize(None).dt.to_period("M")
    level = severity(rows["priority"])
    rows = rows.assign(week=(days // 7).astype(int), month=month,
                       severe=(level >= 2).astype("Float64"))  # fmt: skip
    spreads = [_row(cause, each, rows) for cause, each in rows.groupby("cause")]
    columns = "cause tickets customers top_three months burst dispersion p severe".split()
    table = pd.DataFrame(spreads, columns=columns)
    table["p"] = of_many(table["p"])
    table = table.assign(reads=_reads(table)).rename(columns={"top_three": "top three"})
    table = table.sort_values(["tickets", "cause"], ascending=[False, True], ignore_index=True)
    if table.empty:
        return CannotTell("how causes spread: no ticket of a known customer has one.")
    return Spread(table)


def dispersion(each: pd.DataFrame, everyone: pd.DataFrame) -> tuple[float, float]:
    """Pearson's dispersion of a cause's customers over time against all causes', and its p.

    Both have customer_id, week (a number) and, for everyone, cause. Null with fewer than three
    stretches of time.
    """
    weeks = int(everyone["week"].max()) + 1
    own = each.drop_duplicates(["customer_id", "week"])
    length = max(1, int(np.ceil(EXPECTED * weeks / max(len(own), 1))))
    stretches = weeks // length  # what is left over at the end joins the last one
    if stretches < 3:
        return np.nan, np.nan
    counts = []
    for rows in (each, everyone):
        at = np.minimum(rows["week"] // length, stretches - 1)
        once = rows.assign(at=at).drop_duplicates(["cause", "customer_id", "at"])
        counts.append(np.bincount(once["at"], minlength=stretches))
    seen, whole = (c.astype(float) for c in counts)
    expected = seen.sum() * whole / whole.sum()
    used = expected > 0
    free = int(used.sum()) - 1
    statistic = float(((seen - expected)[used] ** 2 / expected[used]).sum())
    return statistic / free, float(chdtrc(free, statistic))


def _row(cause: str, each: pd.DataFrame, everyone: pd.DataFrame) -> tuple:
    by_customer = each["customer_id"].value_counts()
    by_week = np.bincount(each["week"], minlength=int(everyone["week"].max()) + 1)
    running = np.convolve(by_week, np.ones(min(BURST, len(by_week))), mode="valid")
    severe = each["severe"].dropna()
    return (
        cause, len(each), len(by_customer), by_customer.head(FEW).sum() / len(each),
        each["month"].nunique() / max(_months(everyone["month"]), 1), running.max() / len(each),
        *dispersion(each, everyone), severe.mean() if len(severe) else np.nan,
    )  # fmt: skip


def _months(months: pd.Series) -> int:
    return len(pd.period_range(months.min(), months.max(), freq="M"))


def _reads(table: pd.DataFrame) -> np.ndarray:
    bursts = table["p"] < 0.05
    once = bursts & (table["burst"] >= 0.5)
    few = (table["top_three"] >= 0.5) & (table["tickets"] >= MANY)
    steady = (table["months"] >= STEADY) & (table["customers"] >= MANY)
    words = ["one-off", "few customers", "systemic, with bursts", "systemic"]
    return np.select([once, few, steady & bursts, steady], words, "cannot tell")
