"""What customers say and meet beside tickets, drawn over the tables of a company: reviews, talks
with a bot, articles and searches, incidents. Nothing of it changes a ticket."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.bot_talks import bot_talks
from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, seconds
from cxresearch.lab.simulate.readers import readers
from cxresearch.lab.simulate.reviewers import reviews
from cxresearch.study.column_types import typed
from cxresearch.study.schema import TABLES

VOICES = ("reviews", "bot_sessions", "articles", "article_views", "incidents")


@dataclass(frozen=True)
class Voices:
    """What is planted beside tickets. Shares and chances are a ticket's unless said.

    Reviews: blamed is the chance that a ticket's customer complains in public within 30 days while
    nothing is overdue, overdue_ratio how many times that of one that is, and public the ratio of
    causes to others. praised is the chance of praise after a solution in time, praised_late after
    one that came late; unprompted reviews a customer and year come from nowhere. known is the share
    whose customer is told. crisis: a day on which crisis_reviews strangers write within hours.
    Bot: it talks from bot_from on with talks of those who then write by chat or web all the same,
    and with others who do not; by cause, helps is the share of all its talks after which nobody
    writes. silent is the share of these that were given up without help, and losing the chance that
    a leaver talked in vain within 25 days before notice. named: the share whose person is known.
    Articles: from articles_from on, searches is the share of tickets whose writer searched before;
    found the chance that a search leads to an article that is opened, where there is one; would the
    share of searchers who write if nothing helps; answers is by cause the share of these whom the
    article keeps from writing. Releases and maintenances on quiet days set off nothing.
    """

    blamed: float = 0.006
    overdue_ratio: float = 5.0
    public: Mapping[str, float] = field(default_factory=lambda: {
        "app_crash": 3.0, "double_charge": 2.5, "sync": 2.0, "permissions": 0.3, "integration": 0.3,
    })  # fmt: skip
    praised: float = 0.010
    praised_late: float = 0.030
    unprompted: float = 0.02
    known: float = 0.5
    crisis: str = "2025-09-03"
    crisis_reviews: int = 30
    bot_from: str = "2025-01-15"
    talks: float = 0.35
    helps: Mapping[str, float] = field(default_factory=lambda: {
        "login": 0.70, "two_factor": 0.60, "delivery": 0.65, "permissions": 0.60, "refund": 0.45,
        "import_export": 0.45, "double_charge": 0.20, "sync": 0.20, "app_crash": 0.25, "slow": 0.25,
        "integration": 0.25, "data_loss": 0.05,
    })  # fmt: skip
    silent: float = 0.15
    losing: float = 0.10
    named: float = 0.85
    articles_from: str = "2024-07-01"
    searches: float = 0.12
    found: float = 0.55
    would: float = 0.7
    answers: Mapping[str, float] = field(default_factory=lambda: {
        "login": 0.45, "two_factor": 0.35, "permissions": 0.45, "delivery": 0.30,
        "import_export": 0.25, "refund": 0.15, "slow": 0.05,
    })  # fmt: skip
    quiet_releases: int = 8
    quiet_maintenances: int = 5


def draw_voices(
    world: World,
    tables: Mapping[str, pd.DataFrame],
    causes: Mapping[str, str],
    seed: int,
    voices: Voices | None = None,
    text: bool = True,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """The tables of VOICES over a company's own, and what was planted in them. causes has the main
    cause of each ticket by its id. The same seed gives the same; without text nobody's words."""
    voices = voices or Voices()
    tickets = told(world, tables, causes)
    given = (world, voices, tables, tickets, seed)
    said, written = reviews(*given, text=text)
    sessions, talked = bot_talks(*given)
    articles, views, read = readers(*given)
    made = {
        "reviews": said, "bot_sessions": sessions, "articles": articles, "article_views": views,
        "incidents": _incidents(world, voices, seed),
    }  # fmt: skip
    made = {name: typed(TABLES[name], rows) for name, rows in made.items()}
    return made, {**asdict(voices), "reviews": written, "sessions": talked, "searches": read}


def told(world: World, tables: Mapping[str, pd.DataFrame], causes: Mapping) -> pd.DataFrame:
    """Customers' own tickets: ticket_id, customer_id, requester_id, cause, channel, english; and in
    seconds created, solved and due (NEVER where it is not)."""
    rows, who = tables["tickets"], tables["identities"].drop_duplicates("requester_id")
    rows = rows[~(rows["is_spam"] | rows["is_merged"]).fillna(False).astype(bool)]
    account = rows["requester_id"].map(who.set_index("requester_id")["customer_id"])
    created, solved = (_seconds(rows[name]) for name in ("created_at", "first_solved_at"))
    frame = pd.DataFrame({
        "ticket_id": rows["ticket_id"], "customer_id": account,
        "requester_id": rows["requester_id"], "cause": rows["ticket_id"].map(causes),
        "channel": rows["created_channel"], "english": rows["language"].str.startswith("en"),
        "created": created, "solved": solved, "due": created + int(world.promise_days * DAY),
    })  # fmt: skip
    known = frame["cause"].isin([cause.name for cause in world.causes])
    return frame[known & account.notna()].reset_index(drop=True)


def _seconds(times: pd.Series) -> np.ndarray:
    whole = times.dt.tz_convert(None).astype("datetime64[s]").astype("int64")
    return np.where(times.isna(), NEVER, whole)


def _incidents(world: World, voices: Voices, seed: int) -> pd.DataFrame:
    """The incidents of the world, and days on which nothing came of a release or maintenance."""
    rng, product = stream(seed, "incidents told"), {c.name: c.product for c in world.causes}
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    held = [i for i in world.incidents if since <= seconds(i.date) < until]
    rows = [
        (seconds(i.date) + 6 * 3600, int(i.days * DAY), "incident", product[i.cause],
         f"{product[i.cause]}: disruption", "major") for i in held
    ]  # fmt: skip
    quiet = np.arange(since + 30 * DAY, until - 30 * DAY, DAY)
    for each in held:
        quiet = quiet[np.abs(quiet - seconds(each.date)) > 21 * DAY]
    for kind, n in (("release", voices.quiet_releases), ("maintenance", voices.quiet_maintenances)):
        length = 2 * 3600 if kind == "maintenance" else 0
        for day in np.sort(rng.choice(quiet, min(n, len(quiet)), replace=False)):
            of = sorted(set(product.values()))[rng.integers(len(set(product.values())))]
            rows.append((day + 5 * 3600, length, kind, of, f"{of}: {kind}", None))
    rows.sort(key=lambda row: row[0])
    names = ["started", "length", "kind", "component", "title", "severity"]
    frame = pd.DataFrame(rows, columns=names)
    ended = time(frame["started"] + frame["length"]).where(frame["length"] > 0)
    ids = [f"INC-{number}" for number in range(1, len(frame) + 1)]
    return frame.assign(incident_id=ids, started_at=time(frame["started"]), ended_at=ended).drop(
        columns=["started", "length"]
    )


def changed(**given) -> Voices:
    """The voices with some parameters changed."""
    return replace(Voices(), **given)
