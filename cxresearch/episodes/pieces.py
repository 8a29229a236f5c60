"""Episodes: each customer's life cut into (start, stop] pieces, with what was open in each of them.

Nothing here looks ahead: a piece knows only what had happened when it began.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from cxresearch.episodes.history import (
    activity_as_it_was,
    activity_held,
    held,
    history_fields,
    last_begun,
    latest,
)
from cxresearch.episodes.lives import at_start, customer_lives, decided, known_since, quarter_of
from cxresearch.episodes.spells import merged_runs, open_spells, unresolved_spells
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.causes import OTHER

DAY = pd.Timedelta(days=1)
STATES = ("none", "solved in time", "open in time", "solved late", "overdue")
WORST = ("overdue", "late", "open", "prompt")  # the counts behind STATES, the worst first
ELSEWHERE = "elsewhere "  # before the counts of issues outside the cut of a part of a study
LEVELS = ("cause", "topic")
SCALES = ("tenure", "calendar")
SPAN = ["enters_at", "leaves_at"]
WRITTEN = (0, 7, 14, 30, 60)  # days since the last issue was written; then it is long ago


@once
def build_episodes(
    study: Study,
    *,
    unresolved: str = "overdue",
    lag: float = 0,
    memory: float = 90,
    max_exposure: float | None = None,
    by: str | None = None,
    time_scale: str = "tenure",
    include_exit_requests: bool = False,
) -> pd.DataFrame:
    """One row per piece of a customer's life in which nothing changed.

    Columns: customer_id; start, stop (days: since the customer started, or with
    time_scale="calendar" since every ticket is known); event (1 if the customer left by choice at
    stop: notice where it is known, else the end); end (voluntary, involuntary or null at a
    customer's last row); quarter (of the calendar); billing_period; open, overdue (issues open, and
    open longer than the promise); the rule in `unresolved` where it is another one; state (of the
    worst issue that is open, or was solved within memory days; see STATES; null while such an issue
    could lie before the export, and in a part of a study while an issue outside its cut is worse);
    each field of customer_history as it was when the piece began
    (plan, mrr ...); activity, usual_activity (the latest reading and the mean of all so far, as
    they were before the first of the issues open or remembered was written); activity_now (the
    latest reading, issue or not); since_writing (days since the last issue was written, one of
    WRITTEN, the last where it is longer or never); what was known of customers when they started
    ("mrr at start", see lives.at_start). With by="cause" or "topic" also counts a level, "open:
    LEVEL" and "overdue: LEVEL" (or the rule), and of those remembered "solved late: LEVEL" and
    "solved in time: LEVEL", weighted where a ticket has several; these columns are sparse, as most
    are 0.

    A customer is at risk from max(started, tickets_from, customers_from) + promise + lag, because
    what was open before the export is unknown, which is not none. Those who stay are censored when
    last seen; those who end against their will are censored there, and end says so; for yearly
    contracts without a notice see `decided`. An issue counts until it is solved, and for at most
    max_exposure days (None: without limit) after it began to count. With a lag everything but the
    quarter is as it was lag days earlier. Requests to cancel are left out unless asked for: they
    are the outcome. In a part of a study that was cut by a column of tickets, issues outside the
    cut count neither as open nor as overdue; by cause they are "overdue: other issues" and the
    like. Raises InputError for an unknown rule, level or scale.

    >>> import cxresearch
    >>> rows = build_episodes(cxresearch.open_study("data/demo"))
    >>> int(rows["event"].sum()), rows["customer_id"].nunique() <= 4000
    (1122, True)
    """
    for name, value, known in (("by", by, (None, *LEVELS)), ("time_scale", time_scale, SCALES)):
        if value not in known:
            raise InputError(f"{name} is {value!r}; it must be one of: {known}.")
    lives = decided(customer_lives(study, lag))
    lives = lives[lives["enters_at"] < lives["leaves_at"]]
    lives = lives.sort_values("customer_id", ignore_index=True)
    spells = _numbered(open_spells(study, include_exit_requests, others=True), lives)
    counted = _counted(unresolved_spells(study, spells, unresolved), max_exposure)
    spells = _counted(unresolved_spells(study, spells, "overdue"), max_exposure)
    marks = _marks(spells, counted, unresolved, memory, by)
    marks = marks.assign(at=marks["at"] + lag * DAY)
    promise = study.settings.unresolved_after_days
    settled = known_since(study) + (promise + memory + lag) * DAY
    pieces = _pieces(lives, marks, _cuts(study, lives, lag, settled), unresolved)
    told = lives[["customer_id", "started_at", "leaves_at", "end", "billing_period"]]
    told = told.loc[pieces["customer_id"]].set_axis(pieces.index)
    pieces = _with_history(study, pieces, told["customer_id"], _busy(spells, memory), lag)
    pieces = pieces.assign(**told)
    return _described(pieces, unresolved, study, time_scale, settled)


def _counted(spells: pd.DataFrame, max_exposure: float | None) -> pd.DataFrame:
    """Spells with stops_at, when they stop to count: at their end, or max_exposure later at most;
    forgotten marks those for which the limit came first."""
    far = pd.Timestamp("2262-01-01", tz="UTC")
    ends = spells["ends_at"].fillna(far)
    limit = far if max_exposure is None else spells["begins_at"] + max_exposure * DAY
    stops = ends.where(ends <= limit, limit)
    return spells.assign(stops_at=stops, forgotten=stops < ends)


def _marks(spells, counted, rule: str, memory: float, by: str | None) -> pd.DataFrame:
    """Changes of the counts: customer_id, at, what, change (the weight when it begins, minus it
    when it ends)."""
    inside, counts_in = spells["topic"].ne(OTHER).fillna(True), counted["topic"].ne(OTHER)
    parts = [*_by_state(spells[inside], memory), *_by_state(spells[~inside], memory, ELSEWHERE)]
    if rule != "overdue":
        own = counted[counts_in.fillna(True)]
        parts.append(_interval(own, own["begins_at"], own["stops_at"], rule))
    for since, until in pairwise(WRITTEN):
        span = (spells["opened_at"] + days * DAY for days in (since, until))
        parts.append(_interval(spells, *span, f"written {since}"))
    if by:
        shut, solved, late, remembered = _ends(spells, memory)
        parts.append(
            _interval(spells, spells["opened_at"], shut, "open: " + spells[by].astype("str"))
        )
        name = f"{rule}: " + counted[by].astype("str")
        parts.append(_interval(counted, counted["begins_at"], counted["stops_at"], name))
        for word, on in (("solved late: ", late), ("solved in time: ", ~late)):
            name = word + spells.loc[on, by].astype("str")
            parts.append(_interval(spells[on], solved[on], remembered[on], name))
    return pd.concat(parts, ignore_index=True)


def _by_state(spells: pd.DataFrame, memory: float, where: str = "") -> list[pd.DataFrame]:
    """The changes of the counts of issues open, overdue, and remembered as solved late or prompt;
    where they lie goes before the counts' names."""
    shut, solved, late, remembered = _ends(spells, memory)
    return [
        _interval(spells, spells["opened_at"], shut, f"{where}open"),
        _interval(spells, spells["begins_at"], spells["stops_at"], f"{where}overdue"),
        _interval(spells[late], solved[late], remembered[late], f"{where}late"),
        _interval(spells[~late], solved[~late], remembered[~late], f"{where}prompt"),
    ]


def _ends(spells: pd.DataFrame, memory: float) -> tuple[pd.Series, ...]:
    """When each spell was shut, solved (null if it was not, or was forgotten), whether that was
    late, and until when it is remembered."""
    still_open = spells["resolved_at"].isna() | spells["forgotten"]
    solved = spells["resolved_at"].mask(still_open)
    shut = solved.fillna(spells["stops_at"])
    return shut, solved, solved > spells["overdue_at"], solved + memory * DAY


def _interval(spells: pd.DataFrame, begin: pd.Series, end: pd.Series, what) -> pd.DataFrame:
    frame = spells[["customer_id", "weight"]].assign(begin=begin, end=end, what=what).dropna()
    frame = frame[frame["begin"] < frame["end"]]
    on = frame.assign(at=frame["begin"], change=frame["weight"])
    off = frame.assign(at=frame["end"], change=-frame["weight"])
    return pd.concat([on, off])[["customer_id", "at", "what", "change"]]


def _busy(spells: pd.DataFrame, memory: float) -> pd.DataFrame:
    """Runs in which a customer had an issue open or remembered: customer_id, since, until."""
    until = spells["resolved_at"].mask(spells["forgotten"]) + memory * DAY
    return merged_runs(spells["customer_id"], spells["opened_at"], until.fillna(spells["stops_at"]))


def _numbered(rows: pd.DataFrame, lives: pd.DataFrame) -> pd.DataFrame:
    """The rows of customers with a life, each customer by the number of that life."""
    number = pd.Index(lives["customer_id"]).get_indexer(rows["customer_id"])
    return rows.assign(customer_id=number)[number >= 0]


def _cuts(study: Study, lives: pd.DataFrame, lag: float, known: pd.Timestamp) -> pd.DataFrame:
    """Where a life is cut besides: entry, quarters, changes of history, and when state is known."""
    enters = lives["enters_at"].rename_axis("customer_id").rename("at").reset_index()
    if lives.empty:
        return enters
    first, last = enters["at"].min(), lives["leaves_at"].max()
    starts = pd.date_range(first, last, freq="QS").normalize()
    common = pd.DataFrame({"at": [*starts, known]}).astype({"at": enters["at"].dtype})
    parts = [enters[["customer_id"]].merge(common, how="cross")]
    if study.has("customer_history"):
        changes = study.customer_history[["customer_id", "valid_from"]].drop_duplicates()
        changes = changes.assign(at=changes["valid_from"] + lag * DAY)
        parts.append(_numbered(changes[["customer_id", "at"]], lives))
    cuts = pd.concat(parts)
    span = lives[SPAN].loc[cuts["customer_id"]].set_index(cuts.index)
    inside = (span["enters_at"] < cuts["at"]) & (cuts["at"] < span["leaves_at"])
    return pd.concat([enters, cuts[inside]])


def _pieces(lives: pd.DataFrame, marks: pd.DataFrame, cuts, rule: str) -> pd.DataFrame:
    """Lives cut wherever a count changes and at the cuts, with the counts, those of levels sparse.

    customer_id is the number of the life.
    """
    span = lives[SPAN].loc[marks["customer_id"]].set_index(marks.index)
    marks = marks.assign(at=marks["at"].clip(lower=span["enters_at"]))
    marks = marks[marks["at"] < span["leaves_at"]]
    every = pd.concat([marks[["customer_id", "at"]], cuts], ignore_index=True)
    order = every.sort_values(["customer_id", "at"], kind="stable")
    first = ~order.duplicated()
    piece = (first.cumsum() - 1).sort_index()
    pieces = order[first].reset_index(drop=True)
    counts = _counts(marks.assign(piece=piece.to_numpy()[: len(marks)]), pieces["customer_id"])
    written = (f"written {since}" for since in WRITTEN)
    narrow = (*WORST, *(f"{ELSEWHERE}{name}" for name in WORST), rule, *written)
    dense = {c: counts[c].sparse.to_dense() if c in counts else 0.0 for c in narrow}
    return pieces.join(counts).assign(**dense)


def _counts(marks: pd.DataFrame, who: pd.Series) -> pd.DataFrame:
    """Each count by piece, sparse, of marks with the piece at which they are."""
    what, names = pd.factorize(marks["what"], sort=True)
    by = [what, marks["customer_id"].to_numpy(), marks["piece"].to_numpy()]
    runs = marks["change"].groupby(by).sum().rename_axis(["what", "who", "piece"])
    value = runs.groupby(level=["what", "who"]).cumsum().round(9)
    runs = value.reset_index(name="value")
    ends = who.drop_duplicates(keep="last")
    over = runs["who"].map(pd.Series(ends.index + 1, ends.array))
    until = runs.groupby(["what", "who"])["piece"].shift(-1).fillna(over).astype(int)
    runs = runs.assign(length=until - runs["piece"])[runs["value"] != 0]
    cells = runs.loc[runs.index.repeat(runs["length"])]
    row = cells["piece"] + cells.groupby(level=0).cumcount()
    shape = len(who), len(names)
    counts = csc_array((cells["value"], (row, cells["what"])), shape)
    return pd.DataFrame.sparse.from_spmatrix(counts, who.index, names)


def _with_history(
    study: Study, pieces: pd.DataFrame, customers: pd.Series, busy: pd.DataFrame, lag: float
) -> pd.DataFrame:
    """Pieces with each field of customer_history as it was, activity frozen while an issue is open
    or remembered, and activity_now."""
    now, index = pieces["at"] - lag * DAY, pieces.index
    busy = busy.sort_values(["customer_id", "since"], ignore_index=True)
    who = pieces["customer_id"].to_numpy()
    run = busy.reindex(last_begun(busy["customer_id"], busy["since"], who, now)).set_axis(index)
    frozen = now.mask(now < run["until"], run["since"])
    at = latest(study, customers, now)
    fields = [f for f in history_fields(study) if f != "activity"]
    values = {f: held(study, f, at, index) for f in (*fields, "plan")}
    values["plan"] = values["plan"].fillna("unknown")
    before = activity_as_it_was(study, customers, frozen)
    activity = activity_held(study, at, index)["activity"]
    return pieces.assign(**values, **before, activity_now=activity)


def _worst(pieces: pd.DataFrame, where: str = "") -> np.ndarray:
    """The place in STATES of the worst issue in each piece; 0 where there is none."""
    on = [pieces[f"{where}{name}"] > 0 for name in WORST]
    return np.select(on, range(len(WORST), 0, -1), 0)


def _since_writing(pieces: pd.DataFrame) -> np.ndarray:
    on = [pieces[f"written {days}"] > 0 for days in WRITTEN]
    return np.select(on, WRITTEN, WRITTEN[-1])


def _described(pieces: pd.DataFrame, rule: str, study: Study, scale: str, settled) -> pd.DataFrame:
    """Pieces in days, with the event on each customer's last piece and the worst issue's state."""
    following = pieces.groupby("customer_id")["at"].shift(-1)
    last = following.isna()
    zero = pieces["started_at"] if scale == "tenure" else known_since(study)
    worst, elsewhere = _worst(pieces), _worst(pieces, ELSEWHERE)
    state = pd.Series(pd.array(STATES, "str").take(worst), pieces.index)
    unsettled = (pieces["started_at"] < known_since(study)) & (pieces["at"] < settled)
    unsettled |= elsewhere > worst
    rows = pd.DataFrame(
        {
            "customer_id": pieces["customer_id"],
            "start": (pieces["at"] - zero) / DAY,
            "stop": (following.fillna(pieces["leaves_at"]) - zero) / DAY,
            "event": (last & (pieces["end"] == "voluntary")).astype(int),
            "end": pieces["end"].where(last),
            "quarter": quarter_of(pieces["at"]),
            "billing_period": pieces["billing_period"],
            "plan": pieces["plan"],
            "open": pieces["open"],
            "overdue": pieces["overdue"],
            "state": state.mask(unsettled),
            "since_writing": _since_writing(pieces),
        }
    )
    counts = tuple(f"{word}: " for word in ("open", "solved late", "solved in time", rule))
    more = [c for c in pieces if c == rule or str(c).startswith(counts)]
    more += [*history_fields(study), "activity", "usual_activity", "activity_now"]
    rows = rows.join(pieces[[c for c in dict.fromkeys(more) if c not in rows]])
    return rows.join(at_start(study), on="customer_id")
