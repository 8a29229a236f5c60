"""Does what is said in public hold in a second company, made by another hand?

    nice python -m tests.benchmarks.public_voice_again        writes public_voice_again.csv

Companies of 1,500 customers over two years, growing; 2,000 to 5,000 tickets, 200 to 600 reviews.
Customers meet troubles of eight causes, each with a mix of their own and a rate of their own
(gamma), by weekday and with still weeks at Christmas. A trouble may bring a ticket, and may bring
reviews, whether or not there was a ticket: as many as its cause is public, times how loud the
customer is (log-normal). They are written evenly over four months, so that neither lateness nor
causes have a share in when. Of three in five customers it is known whose reviews theirs are, an
eighth of the reviews is near to no ticket, some have no stars, sites differ in whom they ask.

Worlds: null (causes alike, lateness says nothing); planted (causes 16-fold apart; late solutions
are praised, and overdue issues complained about, more); bursts (null, twelve outages that bring
tickets and reviews within a day or so); hot (bursts, of which some go public and some do not);
wrong, null and wrong, planted (15% of reviews are placed with the cause beside); loud (null, but 20
customers write every third complaint, each about one cause); loud, known (all are known). Reviews
alone, for spikes: steady, rhythm, growth (sixfold), uneven (days differ, gamma of shape 2, with
rhythm and growth), waves (weeks differ), campaigns (three weeks at three times as many), sites
(every seventh complaint is posted on one or two sites more within six hours), uneven x 5 (five
times as many reviews, beyond what is promised); with "+ 12" 12 more come within 12 hours.

Truth is planted (ratios), or that of all seeds of a world together (stars, shares). Columns, shares
of seeds unless said: tickets, reviews (means); reach (of causes' intervals that hold the truth),
reach, known (of causes that are compared), alarms (any cause told as different that is not, or in
the wrong direction), power (of causes that are 1.5-fold from the rest), pull (slope of the
logarithm of ratios on that of the truth: 1 is right), stars (of the interval of their mean), by
cause (of causes' intervals), star alarms (any cause of all alike), star power, holds (bounds hold
the mean of all customers, to the decimal that is shown, if the silent gave 1, 5, or any), speak (of
intervals of differences of shares), speak alarms (any verdict where all are alike, or in the wrong
direction), praise late, blame overdue (told as more), spike (any was told), found (the planted).
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.kpis.public import reaching, reviewed, speaking_up, spikes
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

FILE = Path(__file__).with_suffix(".csv")
SEEDS, CUSTOMERS, DAYS, BEFORE = range(7000, 7100), 1500, 730, 200
BEGIN, DAY = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timedelta(days=1)
SHARE = np.array([0.22, 0.18, 0.15, 0.12, 0.11, 0.09, 0.08, 0.05])  # of troubles
WRITES = np.array([0.9, 0.5, 0.7, 0.8, 0.6, 0.9, 0.5, 0.7])  # tickets a trouble
PUBLIC = np.array([4, 0.3, 1, 2, 0.5, 1, 0.25, 1])  # complaints a ticket
PUBLIC = PUBLIC / np.average(PUBLIC, weights=SHARE * WRITES)
CAUSES = len(SHARE)
SITES = ["trustpilot", "google", "app store", "x"]
WORLDS = {
    "null": {},
    "planted": {"planted": True},
    "bursts": {"outages": 12},
    "hot": {"outages": 12, "hot": True},
    "wrong, null": {"wrong": 0.15},
    "wrong, planted": {"wrong": 0.15, "planted": True},
    "loud": {"loud": 20},
    "loud, known": {"loud": 20, "known": 1.0},
}
ALONE = ["steady", "rhythm", "growth", "uneven", "waves", "campaigns", "sites"]
ALONE = [*ALONE, "uneven x 5", "steady + 12", "growth + 12", "uneven + 12"]


def rhythm(days: np.ndarray) -> np.ndarray:
    """How much is written on each day since BEGIN: fewer at weekends, few at Christmas."""
    date = BEGIN + pd.to_timedelta(days, "D")
    still = ((date.month == 12) & (date.day >= 23)) | ((date.month == 1) & (date.day == 1))
    return np.where(date.day_of_week >= 5, 0.3, 1.0) * np.where(still, 0.25, 1.0)


def world(seed: int, planted: bool = False, outages: int = 0, hot: bool = False, wrong: float = 0.0,
          loud: int = 0, known: float = 0.6) -> tuple[Study, pd.DataFrame]:  # fmt: skip
    """A company, and its reviews as they truly are: day, stars, cause, of, known."""
    rng = np.random.default_rng(seed)
    public = PUBLIC if planted else np.ones(CAUSES)
    joined = DAYS - DAYS * rng.beta(1, 1.3, CUSTOMERS)
    since = np.where(rng.random(CUSTOMERS) < 0.4, -BEFORE, joined)
    loudness = rng.lognormal(-0.5, 1.0, CUSTOMERS)
    rows = _troubles(rng, since, outages, hot)
    lasts = np.minimum(rng.lognormal(0.9, 1.2, len(rows)), 80)
    rows = rows.assign(ticket=rng.random(len(rows)) < WRITES[rows["cause"]],
                       solved=rows["day"] + lasts, late=lasts > 7)  # fmt: skip
    said = _said(rng, rows, public, loudness, planted, 0.04 if loud else 0.06)
    said = pd.concat([said, _of_the_loud(rng, loud, said)], ignore_index=True)
    said = said[said["day"].between(0, DAYS - 1e-6)].reset_index(drop=True)
    said = said.assign(known=(rng.random(CUSTOMERS) < known)[said["of"]])
    placed = np.where(rng.random(len(said)) < wrong, said["cause"] ^ 1, said["cause"])
    placed = np.where(rng.random(len(said)) < 0.12, -7, placed)
    tickets = rows[rows["ticket"] & rows["day"].between(0, DAYS - 1e-6)]
    return _study(rng, tickets.reset_index(drop=True), said, placed, since), said


def _troubles(rng, since: np.ndarray, outages: int, hot: bool) -> pd.DataFrame:
    """of (whose), cause, day, goes (how public, times), outage."""
    days = np.arange(-BEFORE, DAYS)
    number = rng.poisson(4.5 * rng.gamma(0.8, 1 / 0.8, CUSTOMERS))
    of = np.repeat(np.arange(CUSTOMERS), number)
    weight = rhythm(days)
    day = rng.choice(days, len(of), p=weight / weight.sum()) + rng.random(len(of))
    mix = rng.dirichlet(3 * SHARE, CUSTOMERS).cumsum(1)
    cause = np.minimum((rng.random((len(of), 1)) > mix[of]).sum(1), CAUSES - 1)
    parts = [pd.DataFrame({"of": of, "cause": cause, "day": day, "goes": 1.0, "outage": False})]
    for place in range(outages):
        n = rng.poisson(45)
        at = rng.uniform(0, DAYS - 10) + rng.exponential(0.6, n)
        goes = rng.gamma(1.0, 1.0) if hot else 1.0
        parts.append(pd.DataFrame({"of": rng.integers(0, CUSTOMERS, n), "cause": place % 4,
                                   "day": at, "goes": goes, "outage": True}))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    return rows[rows["day"] >= since[rows["of"]]].reset_index(drop=True)


def _said(rng, rows, public, loudness, planted: bool, often: float) -> pd.DataFrame:
    """Reviews by trouble: complaints as public as its cause, others as often for all causes."""
    loud, cause = loudness[rows["of"]], rows["cause"].to_numpy()
    often_ = WRITES[cause] * loud * rows["goes"]
    days = [rows["day"] + _delay(rng, rows["outage"]) for _ in range(2)]
    asked = np.where(rows["day"] > 365, 0.08, 0.05)  # a site that asks, from the second year on
    parts = [_drawn(rng, rows, often * public[cause] * often_, days[0], [0.6, 0.4]),
             _drawn(rng, rows, asked * often_, days[1], [0, 0, 0.2, 0.3, 0.5])]  # fmt: skip
    if planted:
        waits = loud * (rows["ticket"] & rows["late"])
        parts += [_drawn(rng, rows, 0.10 * public[cause] * waits, rows["day"] + 7
                         + rng.uniform(0, 30, len(rows)), [0.6, 0.4]),
                  _drawn(rng, rows, 0.10 * waits, rows["solved"] + rng.uniform(0, 25, len(rows)),
                         [0, 0, 0, 0.3, 0.7])]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _delay(rng, outage: pd.Series) -> np.ndarray:
    """Days until a review: evenly over four months; after an outage within a day or so."""
    return np.where(outage, rng.exponential(0.7, len(outage)), rng.uniform(0, 120, len(outage)))


def _drawn(rng, rows, rate, day, of_stars: list[float]) -> pd.DataFrame:
    at = np.repeat(np.arange(len(rows)), rng.poisson(rate))
    stars = rng.choice(np.arange(1, len(of_stars) + 1), len(at), p=of_stars)
    return pd.DataFrame({"of": rows["of"].to_numpy()[at], "cause": rows["cause"].to_numpy()[at],
                         "day": np.asarray(day)[at], "stars": stars})  # fmt: skip


def _of_the_loud(rng, loud: int, said: pd.DataFrame) -> pd.DataFrame:
    """Complaints of customers who write again and again, each about one cause, in a year."""
    number = rng.poisson(3.5, loud)
    tickets = SHARE * WRITES / (SHARE * WRITES).sum()
    cause, begins = rng.choice(CAUSES, loud, p=tickets), rng.uniform(0, DAYS - 365, loud)
    who = rng.choice(CUSTOMERS, loud, replace=False)
    day = np.repeat(begins, number) + rng.uniform(0, 365, number.sum())
    return pd.DataFrame({"of": np.repeat(who, number), "cause": np.repeat(cause, number),
                         "day": day, "stars": 1}, dtype=None).astype(said.dtypes)  # fmt: skip


def _study(rng, tickets, said, placed, since) -> Study:
    person = tickets["of"].astype(str) + np.where(rng.random(len(tickets)) < 0.3, "b", "a")
    ids = "t" + tickets.index.astype(str)
    solved = (BEGIN + tickets["solved"] * DAY).where(tickets["solved"] < DAYS)
    bad = (said["stars"] <= 2).to_numpy()
    first = rng.random(len(said)) < np.where(bad, 0.6, 0.3)
    site = np.where(first, 0, rng.integers(1, 4, len(said)))
    stars = said["stars"].astype(float).where(site != 3)
    who = np.repeat([str(i) for i in range(CUSTOMERS)], 2)
    return Study.from_tables({
        "tickets": pd.DataFrame({"ticket_id": ids, "requester_id": person,
                                 "created_at": BEGIN + tickets["day"] * DAY,
                                 "first_solved_at": solved, "last_solved_at": solved,
                                 "status": np.where(solved.notna(), "solved", "open")}),
        "ticket_causes": pd.DataFrame({"ticket_id": ids, "topic": tickets["cause"], "weight": 1.0,
                                       "cause": "c" + tickets["cause"].astype(str),
                                       "is_exit_request": False}),
        "customers": pd.DataFrame({"customer_id": [str(i) for i in range(CUSTOMERS)],
                                   "started_at": BEGIN + pd.to_timedelta(since, "D"),
                                   "observed_until": BEGIN + DAYS * DAY}),
        "identities": pd.DataFrame({"requester_id": who + np.tile(["a", "b"], CUSTOMERS),
                                    "customer_id": who}),
        **_reviews(said["day"], stars, placed, np.array(SITES)[site],
                   said["of"].astype(str).where(said["known"])),
    }, observed_until=(BEGIN + DAYS * DAY).isoformat(), unresolved_after_days=7.0,
       outcome="churn")  # fmt: skip


def _reviews(day, stars, topic, source, customer) -> dict[str, pd.DataFrame]:
    ids = [f"r{place}" for place in range(len(day))]
    return {"reviews": pd.DataFrame({"review_id": ids, "source": source, "stars": stars,
                                     "written_at": BEGIN + pd.Series(day) * DAY,
                                     "customer_id": customer}),
            "voice_topics": pd.DataFrame({"voice": "review", "voice_id": ids,
                                          "topic": topic})}  # fmt: skip


def alone(seed: int, kind: str) -> tuple[Study, float | None]:
    """Complaints alone, and the day at which a dozen more were planted."""
    rng, (kind, *more) = np.random.default_rng([seed, ALONE.index(kind)]), kind.split(" + ")
    kind, times = kind.removesuffix(" x 5"), 5 if kind.endswith(" x 5") else 1
    days = np.arange(DAYS)
    rate = rhythm(days) if kind in ("rhythm", "uneven") else np.ones(DAYS)
    rate = rate * (6 ** (days / DAYS) if kind in ("growth", "uneven") else 1)
    rate = rate * (rng.gamma(2, 0.5, DAYS) if kind == "uneven" else 1)
    rate = rate * (rng.gamma(3, 1 / 3, DAYS // 7 + 1)[days // 7] if kind == "waves" else 1)
    for begin in rng.integers(60, DAYS - 21, 3) if kind == "campaigns" else ():
        rate[begin : begin + 21] *= 3
    number = rng.poisson(rate / rate.sum() * rng.integers(90, 270) * times)
    hour = rng.beta(4, 1.6, number.sum()) if kind != "steady" else rng.random(number.sum())
    day = np.repeat(days, number) + hour
    if kind == "sites":
        again = np.repeat(day, rng.integers(1, 3, len(day)) * (rng.random(len(day)) < 1 / 7))
        day = np.concatenate([day, again + rng.uniform(0, 0.25, len(again))])
    at = rng.uniform(60, DAYS - 2) if more else None
    if more:
        day = np.concatenate([day, at + rng.uniform(0, 0.5, 12)])
    ticket = pd.DataFrame({"ticket_id": ["t"], "created_at": BEGIN, "requester_id": "1",
                           "status": "open"})  # fmt: skip
    causes = pd.DataFrame({"ticket_id": ["t"], "topic": 0, "cause": "c0", "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    told = _reviews(day, 1.0, 0, "google", None)
    return Study.from_tables({"tickets": ticket, "ticket_causes": causes, **told},
                             observed_until=(BEGIN + DAYS * DAY).isoformat()), at  # fmt: skip


def one(job: tuple[str, int]) -> list[dict]:
    """What is told of one world: a row an answer."""
    name, seed = job
    if name in ALONE:
        study, at = alone(seed, name)
        return [{"world": name, "seed": seed, "of": "spike", **_spiking(study, at)}]
    study, said = world(seed, **WORLDS[name])
    reach, stars = reaching.reach(study), reviewed.stars(study)
    rows = [{"of": "reach", **row} for row in reach.frame.to_dict("records")]
    rows += [{"of": "cause stars", **row} for row in _frame(reaching.cause_stars(study))]
    all_ = stars.frame.iloc[0]
    rows += [{"of": "stars", **all_[["stars", "rated", "low", "high", "reviews"]],
              "tickets": len(study.tickets), "holds": _holds(stars, said, seed)},
             {"of": "spike", **_spiking(study, None)}]  # fmt: skip
    for after, row in getattr(speaking_up.speaking_up(study), "frame", pd.DataFrame()).iterrows():
        for tone in ("praise", "complaint"):
            rows.append({"of": "speak", "cause": f"{after} {tone}", "issues": row["issues"],
                         "n": row[tone], "low": row[tone + " gap low"],
                         "high": row[tone + " gap high"],
                         "verdict": row[tone + " verdict"]})  # fmt: skip
    return [{"world": name, "seed": seed, **row} for row in rows]


def _frame(told) -> list[dict]:
    return [] if isinstance(told, CannotTell) else told.frame.to_dict("records")


def _spiking(study: Study, at: float | None) -> dict:
    frame = spikes.spikes(study).frame
    when = None if at is None else BEGIN + at * DAY
    near = (frame["since"] <= when + DAY / 2) & (frame["until"] >= when) if at else [False]
    return {"told": len(frame) > 0, "found": float(np.any(near)) if at else np.nan}


def _holds(stars: reviewed.Stars, said: pd.DataFrame, seed: int) -> bool:
    """Is the mean of all customers, each by their own mean, inside the bounds, whatever those
    without a review would give?"""
    own = said.groupby("of")["stars"].mean()
    silent = CUSTOMERS - len(own)
    any_ = np.random.default_rng(seed).integers(1, 6, silent).sum()
    means = [(own.sum() + rest) / CUSTOMERS for rest in (silent, 5 * silent, any_)]
    return all(stars.lowest - 0.05 <= mean <= stars.highest + 0.05 for mean in means)


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a world."""
    table = []
    for name, of in runs.groupby("world", sort=False):
        parts = {key: rows for key, rows in of.groupby("of")}
        row = {"world": name, "seeds": of["seed"].nunique(), "spike": parts["spike"]["told"].mean(),
               "found": parts["spike"]["found"].mean()}  # fmt: skip
        if name in WORLDS:
            planted = WORLDS[name].get("planted", False)
            row |= _of_reach(parts["reach"], planted) | _of_stars(parts, planted)
            row |= _of_speaking(parts["speak"], planted)
        table.append(row)
    order = ["world", "seeds", "tickets", "reviews", "reach", "reach, known", "alarms", "power",
             "pull", "stars", "by cause", "star alarms", "star power", "holds", "speak",
             "speak alarms", "praise late", "blame overdue", "spike", "found"]  # fmt: skip
    return pd.DataFrame(table)[order].round(3)


def _of_reach(rows: pd.DataFrame, planted: bool) -> dict:
    """Against the planted ratio of each cause, others weighted by the tickets of all seeds."""
    tickets = rows.groupby("cause")["tickets"].sum().sort_index()
    public = pd.Series(PUBLIC if planted else np.ones(CAUSES), tickets.index)
    rest = ((public * tickets).sum() - public * tickets) / (tickets.sum() - tickets)
    truth = rows["cause"].map(public / rest)
    held, known = rows["low"].le(truth) & rows["high"].ge(truth), rows["p"].notna()
    up, down = rows["verdict"] == reaching.PUBLIC, rows["verdict"] == reaching.INSIDE
    false = (up & (truth < 1.1)) | (down & (truth > 1 / 1.1))
    differs = (truth > 1.5) | (truth < 1 / 1.5)
    logs = np.log(pd.DataFrame({"told": rows["times"], "truth": truth})[known])
    pull = (logs["told"] * logs["truth"]).sum() / (logs["truth"] ** 2).sum() if planted else np.nan
    right = ((up & (truth > 1)) | (down & (truth < 1)))[differs]
    return {"reach": held[known].mean(), "reach, known": known.mean(),
            "alarms": false.groupby(rows["seed"]).any().mean(),
            "power": right.mean(), "pull": pull}  # fmt: skip


def _of_stars(parts: dict[str, pd.DataFrame], planted: bool) -> dict:
    rows, causes = parts["stars"], parts["cause stars"]
    truth = np.average(rows["stars"], weights=rows["rated"])
    each = causes.assign(sum=causes["stars"] * causes["reviews"]).groupby("cause")
    means = each["sum"].sum() / each["reviews"].sum()
    own = causes["cause"].map(means)
    told = causes["verdict"] != reaching.UNTOLD
    differs = (own - truth).abs() > 0.3
    return {"tickets": rows["tickets"].mean(), "reviews": rows["reviews"].mean(),
            "stars": (rows["low"].le(truth) & rows["high"].ge(truth)).mean(),
            "by cause": (causes["low"].le(own) & causes["high"].ge(own)).mean(),
            "star alarms": (told & (~differs if planted else True)).groupby(causes["seed"])
            .any().mean(),
            "star power": told[differs].mean() if planted else np.nan,
            "holds": rows["holds"].astype(bool).mean()}  # fmt: skip


def _of_speaking(rows: pd.DataFrame, planted: bool) -> dict:
    """Against the shares of all seeds together; in time is what others are compared with."""
    shares = rows.groupby("cause")[["n", "issues"]].sum()
    shares = shares["n"] / shares["issues"]
    after, tone = rows["cause"].str.rsplit(n=1).str[0], rows["cause"].str.rsplit(n=1).str[1]
    truth = rows["cause"].map(shares) - ("in time " + tone).map(shares)
    other = after != "in time"
    held = rows["low"].le(truth) & rows["high"].ge(truth)
    told = rows["verdict"].isin(["more", "fewer"])
    wrong = told & ((rows["verdict"] == "more") != (truth > 0)) if planted else told
    more = {of: (rows.loc[rows["cause"] == of, "verdict"] == "more").mean()
            for of in ("late praise", "overdue complaint")}  # fmt: skip
    return {"speak": held[other].mean(), "praise late": more["late praise"],
            "speak alarms": (wrong & other).groupby(rows["seed"]).any().mean(),
            "blame overdue": more["overdue complaint"]}  # fmt: skip


def main() -> None:
    """Runs all worlds, two at a time, and writes the table."""
    jobs = [(name, seed) for name in [*WORLDS, *ALONE] for seed in SEEDS]
    with ProcessPoolExecutor(2) as pool:
        runs = pd.DataFrame([row for rows in pool.map(one, jobs, chunksize=10) for row in rows])
    table = summary(runs)
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.T.to_string())


if __name__ == "__main__":
    sys.exit(main())
