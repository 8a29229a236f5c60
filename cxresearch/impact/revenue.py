"""What today's customers would pay more in a year like the last one, under a lever.

Each customer lives their own last year again: the same pieces with the same exposures, hazards from
the fitted model. Who has been seen for less than a year repeats what there is of it; who has been
seen for less than ENOUGH_DAYS is left out, and counted.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.impact.doubt import bounds, covariance
from cxresearch.impact.hazard import Expected, expected, of_expected
from cxresearch.impact.levers import ALL, seen, shift
from cxresearch.impact.model import CauseModel
from cxresearch.say import CannotTell, cannot_tell_passes
from cxresearch.study import Study

YEAR, MONTH, ENOUGH_DAYS = 365, 30.4, 90
NEAR = 1e-6
NO_MRR = CannotTell(
    "what fixing a cause would save in money: the study has no history of what customers pay. MRR "
    "with the day from which it held, by customer, would tell."
)


def mrr_now(study: Study) -> pd.Series | CannotTell:
    """What each customer pays a month as of now, by customer_id; of the latest reading of MRR
    (what is to be paid only after the study's end is not counted)."""
    if not study.has("customer_history"):
        return NO_MRR
    history = study.customer_history
    known = history["valid_from"] <= study.observed_until
    paid = history[known & (history["field"].str.lower() == "mrr")]
    paid = paid.sort_values("valid_from", kind="stable")
    last = paid.drop_duplicates("customer_id", keep="last").set_index("customer_id")["value"]
    values = pd.to_numeric(last, errors="coerce").dropna()
    if values.empty:
        return NO_MRR
    coins = study.customers["currency"].dropna().unique()
    if len(coins) > 1:
        return CannotTell(
            f"what fixing a cause would save in money: customers pay in {', '.join(sorted(coins))},"
            " which cannot be added. MRR in one currency would tell."
        )
    return values


@cannot_tell_passes
def revenue_saved(
    model: CauseModel,
    mrr: pd.Series,
    lever: str = "answer sooner",
    causes: list[str] | None = None,
) -> pd.DataFrame | CannotTell:
    """Revenue more than without the lever, over a year like the last one, from today's customers:
    cause (first all causes together), customers, too new, mrr (theirs, a month), saved, low, high,
    and the three again without the largest account.

    The sum over customers and days of MRR times the difference in the chance to be still there,
    over 30.4 days a month; in the currency of MRR. Intervals by the delta method, clustered by
    customer, of the expectation for these customers. too new counts customers left out because they
    were seen for less than 90 days, or their MRR is not known.
    """
    path = replay(model.rows, mrr)
    if path.empty:
        return CannotTell("what fixing a cause would save in money: no customer of today, seen for "
                          "90 days, has a known MRR.")  # fmt: skip
    today = _today(model.rows).nunique()
    money = path.drop_duplicates("customer_id").set_index("customer_id")["mrr"]
    chosen = [ALL, *(model.told if causes is None else causes)]
    due = expected(model.fit, model.rows)
    parts = [savings(due, path, lever, cause) for cause in chosen]
    rows = []
    for cause, (estimate, slope, own) in zip(chosen, parts, strict=True):
        limits = bounds(estimate, covariance(model.fit, model.rows, slope, own))
        found = [estimate, limits["low"], limits["high"]]
        rows.append([cause, len(money), today - len(money), money.sum(), *np.transpose(found).flat])
    names = ["saved", "low", "high"]
    names += [f"{name} without largest" for name in names]
    return pd.DataFrame(rows, columns=["cause", "customers", "too new", "mrr", *names])


def _today(rows: pd.DataFrame) -> pd.Series:
    """Customers who are still there."""
    return rows.loc[(rows["ends"] > -NEAR) & (rows["event"] == 0) & rows["end"].isna(),
                    "customer_id"]  # fmt: skip


def replay(rows: pd.DataFrame, mrr: pd.Series) -> pd.DataFrame:
    """The last year of today's customers, to be lived again: row (its place), customer_id, lap,
    days, share (of the row), mrr, largest; in order of customer and time."""
    inside = (rows["ends"] > -YEAR) & rows["customer_id"].isin(_today(rows))
    place = np.flatnonzero(inside & rows["customer_id"].isin(mrr.index))
    path = rows.iloc[place][["customer_id", "begins", "ends"]].assign(row=place)
    path["days"] = path["ends"] - path["begins"].clip(lower=-YEAR)
    known = path.groupby("customer_id")["days"].transform("sum")
    path = path.assign(known=known)[known >= ENOUGH_DAYS]
    laps = pd.concat([path.assign(lap=lap) for lap in range(-(-YEAR // ENOUGH_DAYS))])
    laps = laps.sort_values(["customer_id", "lap", "row"], ignore_index=True)
    since = laps.groupby("customer_id")["days"].cumsum() - laps["days"]
    left = (YEAR - since).clip(lower=0)
    laps["days"] = np.minimum(laps["days"], left)
    laps = laps[laps["days"] > NEAR].reset_index(drop=True)
    laps = laps.assign(mrr=laps["customer_id"].map(mrr))
    share = laps["days"] / (laps["ends"] - laps["begins"])
    most = laps["mrr"].idxmax() if len(laps) else None
    largest = laps["customer_id"] == (laps["customer_id"].get(most))
    return laps.assign(share=share, largest=largest)


def savings(of_all: Expected, path: pd.DataFrame, lever: str, cause: str):
    """Revenue saved with and without the largest account, its slope in the log hazard ratios, and
    what each row adds to its error at given ratios."""
    rows, names = of_all.rows, list(of_all.fit.params.index)
    of = seen(rows.iloc[path["row"].to_numpy()])
    moved = shift(of, lever, of.causes if cause == ALL else [cause], names)
    who = path["customer_id"]
    some = who.isin(who[np.diff(moved.indptr) > 0]).to_numpy()  # the lever is nothing to the others
    path, moved = path[some], moved[np.flatnonzero(some)]
    place, share = path["row"].to_numpy(), path["share"].to_numpy()
    factor = np.exp(moved @ of_all.fit.params.to_numpy())
    hazard = of_all.due[place] * share
    estimates, slopes, owns = [], [], []
    for without in (False, True):
        pays = path["mrr"].to_numpy() * ~(path["largest"].to_numpy() & without) / MONTH
        before, fall = _paid(path, hazard, pays)
        after, fall_after = _paid(path, hazard * factor, pays)
        by = np.bincount(place, share * (fall_after * factor - fall), len(rows))
        slope, own = of_expected(of_all, by)
        bent = csr_matrix((fall_after * hazard * factor)[None, :]) @ moved
        estimates.append(after - before)
        slopes.append(slope + bent.toarray()[0])
        owns.append(own)
    return np.array(estimates), np.array(slopes), np.column_stack(owns)


def _paid(path: pd.DataFrame, hazard: np.ndarray, pays: np.ndarray) -> tuple[float, np.ndarray]:
    """What is paid along the paths, pays being by day, and its slope in the hazard of each row.

    Within a row the hazard is spread evenly.
    """
    who = path["customer_id"].to_numpy()
    total = pd.Series(hazard).groupby(who).cumsum().to_numpy()
    there = np.exp(-(total - hazard)) * pays * path["days"].to_numpy()
    lived, bend = _lived(hazard)
    paid = there * lived
    later = pd.Series(paid[::-1]).groupby(who[::-1]).cumsum().to_numpy()[::-1] - paid
    return float(paid.sum()), there * bend - later


@cannot_tell_passes
def revenue_at_risk(
    model: CauseModel, mrr: pd.Series, days: tuple[int, ...] = (30, 90)
) -> pd.DataFrame | CannotTell:
    """Revenue of today's overdue issues: days, customers (with an issue overdue), mrr (theirs, a
    month), customers kept and saved (customers not lost by then, and revenue, if all were resolved
    today, against staying open), low, high of the revenue; open in time, MRR not known.

    The last two count customers of today who are left out: with issues open, none of them overdue
    (in the model nothing sets them apart from solved ones until they are), and with an issue
    overdue, but no known MRR. The rate at which customers of a billing period, plan and span of
    tenure left in the last 90 days, given their issues, is taken to go on; where none did, it is 0.
    Resolved today means solved late: a late solution keeps what harm the model says it has.
    Intervals as in revenue_saved; the error of the rate is in them.
    """
    today = model.rows["customer_id"].isin(_today(model.rows)) & (model.rows["ends"] > -NEAR)
    late = today & (model.rows["overdue"] > 0)
    now = model.rows[late & model.rows["customer_id"].isin(mrr.index)]
    if now.empty:
        return CannotTell("what today's overdue issues put at risk: none is overdue today.")
    recent = _recent(model.rows)
    if not recent["event"].any():
        return CannotTell(f"what today's overdue issues put at risk: nobody left in the last "
                          f"{ENOUGH_DAYS} days. More customers would tell.")  # fmt: skip
    due = expected(model.fit, recent, strata=["billing_period", "plan"])
    pays = now["customer_id"].map(mrr).to_numpy() / MONTH
    waits = int((today & ~late & (model.rows["open"] > 0)).sum())
    found = []
    for length in days:
        kept, saved, slope, own = _resolved_today(model, due, now, pays, length)
        limits = bounds(np.array([saved]), covariance(model.fit, model.rows, slope, own))
        whom = [length, len(now), pays.sum() * MONTH]
        limits = [limits["low"][0], limits["high"][0]]
        found.append([*whom, kept, saved, *limits, waits, int(late.sum()) - len(now)])
    columns = ["days", "customers", "mrr", "customers kept", "saved", "low", "high"]
    return pd.DataFrame(found, columns=[*columns, "open in time", "MRR not known"])


def _recent(rows: pd.DataFrame) -> pd.DataFrame:
    """What of the rows lies in the last 90 days."""
    recent = rows[rows["ends"] > -ENOUGH_DAYS]
    return recent.assign(start=recent["start"] + (-ENOUGH_DAYS - recent["begins"]).clip(lower=0))


def _resolved_today(model, due: Expected, now: pd.DataFrame, pays: np.ndarray, length: int):
    """Customers and revenue saved over so many days; the revenue's slope in the log hazard ratios
    and what each row of the model adds to its error at given ratios."""
    names, at = list(model.fit.params.index), due.rows.index.get_indexer(now.index)
    moved = shift(seen(now), "answer sooner", seen(now).causes, names).tolil()
    if "solved late" in names:
        moved[:, names.index("solved late")] = 1
    moved = moved.tocsr()
    factor = np.exp(moved @ model.fit.params.to_numpy())
    times = length / (due.rows["stop"] - due.rows["start"]).to_numpy()[at]
    hazard = due.due[at] * times
    (stay, bend), (resolved, bent) = _lived(hazard), _lived(hazard * factor)
    pays = pays * length
    by = np.zeros(len(due.rows))
    by[at] = pays * (bent * factor - bend) * times
    slope, recent = of_expected(due, by)
    own = np.zeros((len(model.rows), 1))
    own[model.rows.index.get_indexer(due.rows.index), 0] = recent
    slope = slope + csr_matrix((pays * bent * hazard * factor)[None, :]) @ moved
    kept = float((np.exp(-hazard * factor) - np.exp(-hazard)).sum())
    return kept, float(pays @ (resolved - stay)), np.asarray(slope).reshape(1, -1), own


def _lived(hazard: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean share still there while a hazard is met, spread evenly: (1 - exp(-h)) / h, and its
    slope in the hazard."""
    some = np.where(hazard > 1e-8, hazard, 1.0)
    lived = np.where(hazard > 1e-8, -np.expm1(-some) / some, 1 - hazard / 2)
    bend = np.where(hazard > 1e-4, (np.exp(-some) - lived) / some, -0.5 + hazard / 3)
    return lived, bend
