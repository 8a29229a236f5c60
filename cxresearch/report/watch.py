"""What is new in a study since the last look: each alert once, and again when it returns."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pandas as pd

from cxresearch.report.alerts import LOOKS, Alert, Look, look
from cxresearch.study.answers import plain
from cxresearch.study.exchange import replacing
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.emerging import APART, LEAST, WEEK

MEMORY = "watched.json"  # in the study's folder
HEADINGS = {"surge": "Causes that rise", "theme": "New themes", "target": "Targets that are missed",
            "coverage": "Fields that broke", "import": "Tickets that are missing"}  # fmt: skip
TOO_YOUNG = (
    f"Nothing can be judged yet: a week is held against at least {LEAST} weeks that ended "
    f"{APART - 1} weeks before it, and the study does not reach back so far."
)
SECONDS = 30  # that a webhook is given to answer


@dataclass(frozen=True)
class News:
    """What a look tells that was not told before: alerts (again says which were told earlier and
    had gone), names of what has gone since, and what is remembered next."""

    name: str
    seen: Look
    alerts: tuple[Alert, ...]
    again: frozenset[str]
    gone: tuple[str, ...]
    memory: dict

    def markdown(self) -> str:
        """A short text: what is new by kind, what has gone, how much was looked at."""
        until = self.seen.week + WEEK
        lines = [f"# What is new: {plain(self.name)}", "", f"Weeks until {until:%Y-%m-%d}."]
        for kind, heading in HEADINGS.items():
            told = [alert for alert in self.alerts if alert.kind == kind]
            lines += ["", f"## {heading}", ""] if told else []
            lines += [f"- {'Again: ' * (a.key in self.again)}{a.text}" for a in told]
        lines += [] if self.alerts or not self.seen.series else ["", "Nothing new."]
        if self.seen.unshown:
            few = f"{self.seen.unshown} more of fewer customers than are shown (least_shown)."
            lines += ["", few]
        lines += ["", f"Gone since: {plain('; '.join(self.gone))}."] if self.gone else []
        judged = (
            f"Judged: {self.seen.series} series, each so strictly that {LOOKS} weekly looks expect "
            "at most one false alert."
        )
        lines += ["", judged if self.seen.series else TOO_YOUNG]
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """The same for a program: study, until, alerts (kind, name, text, since, group, tickets,
        theme, again), gone, series (0: nothing can be judged yet), unshown."""
        told = [asdict(alert) | {"again": alert.key in self.again} for alert in self.alerts]
        until = f"{self.seen.week + WEEK:%Y-%m-%d}"
        news = {"study": self.name, "until": until, "alerts": told, "gone": list(self.gone),
                "series": self.seen.series, "unshown": self.seen.unshown}  # fmt: skip
        return json.dumps(news, indent=1, ensure_ascii=False) + "\n"


def news(study: Study, before: dict | None = None) -> News:
    """What the weeks since a study was last looked at tell that was not told before, as its folder
    remembers it (or the memory of other news).

    What was told is remembered until it has gone for two weeks (of a KPI: until its interval holds
    its target); when it returns, it is told again. Raises InputError if watched.json in the study's
    folder cannot be read.
    """
    before = before or remembered(study)
    after = before["until"] and pd.Timestamp(before["until"], tz="UTC") - WEEK
    seen = look(study, after or None)
    going = {key for key in before["open"] if key in seen.going}
    alerts = tuple(a for a in seen.alerts if a.key not in before["open"])
    told = {alert.key for alert in alerts}
    until = f"{max(seen.week, after or seen.week) + WEEK:%Y-%m-%d}"
    gone = {key for key in before["open"] if key not in going}
    memory = {
        "until": until,
        "open": sorted(going | {key for key in told if key in seen.going}),
        "gone": sorted((set(before["gone"]) | gone | told) - going - (told & seen.going)),
    }
    again = frozenset(told & set(before["gone"]))
    return News(study.name, seen, alerts, again, tuple(sorted(gone)), memory)


def remembered(study: Study) -> dict:
    """What was told of a study before: until when it was looked at, the keys of what goes on, and
    of what has gone. It holds names of causes, in customers' own words (masked), of fields and of
    KPIs, numbers of themes, and no ids."""
    file = study.file(MEMORY)
    if file is None or not file.exists():
        return {"until": "", "open": [], "gone": []}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        lists = {name: [str(key) for key in told[name]] for name in ("open", "gone")}
        return {"until": f"{pd.Timestamp(told['until']):%Y-%m-%d}"} | lists
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} cannot be read, so what was told cannot be known: remove it, and all that "
            "goes on is told once more."
        ) from error


def remember(study: Study, told: News) -> None:
    """Keeps in the study's folder what was told, once it has been."""
    file = study.file(MEMORY)
    if file is None:
        raise InputError("What was told is kept in a study's folder: this study has none.")
    with replacing(file) as new:
        new.write_text(json.dumps(told.memory, indent=1, ensure_ascii=False) + "\n", "utf-8")


def deliver(told: News, markdown: Path | None, as_json: Path | None, webhook: str | None) -> None:
    """Writes the Markdown and the JSON to files, and posts the JSON to an address if anything is
    new. Raises InputError if the address is none, or does not take it; OSError of a file."""
    for file, text in ((markdown, told.markdown()), (as_json, told.json())):
        if file is not None:
            with replacing(file) as new:
                new.write_text(text, "utf-8", newline="\n")
    if webhook and told.alerts:
        post(webhook, told.json())


def checked(address: str) -> str:
    """An address that something can be posted to. Raises InputError, which does not repeat it."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not address.isprintable() or " " in address:
        raise InputError("The webhook must be an address that begins with http:// or https://.")
    return address


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: news is for the host that a person named."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(address: str, text: str) -> None:
    """Posts JSON to an address that a person named, and follows no redirection. Raises InputError,
    which names the host alone, if it is not taken."""
    asked = Request(checked(address), text.encode(), {"Content-Type": "application/json"})
    try:
        with build_opener(_NoRedirect).open(asked, timeout=SECONDS):
            return
    except (URLError, OSError, ValueError) as error:
        why = f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
        raise InputError(
            f"The webhook at {urlsplit(address).hostname} did not take the news ({why}). It is "
            "told again by the next run."
        ) from error
