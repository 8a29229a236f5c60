"""Do topics last when a study grows? The demo and a forum, fitted on their first half, then grown.

    python -m tests.benchmarks.topics_that_last --forum FOLDER      writes topics_that_last.csv

Topics are fitted on the older half of the tickets; then come the others, with 40 invented ones of
one new theme, or none. Columns: study, theme, fitted and came (tickets), kept (share of the old
tickets with the topic that they had), apart (share of those that came, without the theme, held
apart), found (of the 40, in the theme that most of them are in), pure (share of that theme which is
of the 40), others (further themes), usual and recent (shares of doubtful topics: drift), more, low,
high (their difference), pays (a refit), minutes (of one core). Rows that are there are not made
again; --forum is a study folder, read and not written to.

Wanted: kept 1, found at least 15 (the fewest that are a theme) with pure at least .9, others 0
where nothing else is new. Those that are not found are near enough to a topic, and placed there.
"""

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path

import pandas as pd

from cxresearch import open_study
from cxresearch.study.study import Study
from cxresearch.topics.causes.refit import study_topics, told_tickets
from cxresearch.topics.corpus import NEW_OR_OTHER
from cxresearch.topics.drift import drift
from cxresearch.topics.new_themes import new_themes

FILE = Path(__file__).with_suffix(".csv")
DEMO = Path(__file__).parents[2] / "data" / "demo"
THEMES = {
    "handbook": (
        ["The printed handbook that I ordered from your shop has not arrived",
         "My order of the paper manual never came",
         "I paid for the printed guide and no parcel reached me",
         "The book with the instructions was sent to a wrong address",
         "The courier returned the printed handbook to you",
         "The paper manual arrived with torn pages",
         "Where is the handbook that I bought last week",
         "The shop took my money for the printed guide but ships nothing"],
        ["Please send it again.", "The tracking number shows nothing.",
         "The courier knows of no parcel.", "I want the shop to refund me.",
         "My neighbours did not get it either."]),
    "meeting notes": (
        ["The new meeting notes write down the wrong speaker",
         "Meeting notes stop recording after ten minutes",
         "The recording of our meeting has no notes at all",
         "The assistant that listens to meetings does not hear my microphone",
         "Notes of the video meeting are attributed to the wrong person",
         "The meeting summary invents things that nobody said",
         "After the meeting no summary of the call is written",
         "The notes assistant joins the meeting but writes nothing"],
        ["This began when the feature was added.", "We use it for our weekly team call.",
         "Other participants see the same.", "How do I correct the transcript?",
         "The transcript is empty."]),
    "transfer code": (
        ["Scanning the QR code to move my accounts to the phone fails",
         "The phone does not recognise the QR code on the desktop",
         "The QR code for the transfer of accounts is not shown",
         "After scanning the code the phone says export invalid",
         "Moving accounts to Android with the code stops at half",
         "The transfer code expires before my phone can scan it",
         "Only one of my accounts arrives on the phone after scanning",
         "The camera of my phone cannot read the transfer code"],
        ["I use the newest version on both.", "I tried three times.",
         "The desktop shows no error.", "What else can I try to bring the accounts over?",
         "Passwords were ticked as well."]),
}  # fmt: skip


def invented(theme: str) -> list[str]:
    """Forty texts of a theme."""
    return [f"{what}. {more}" for what, more in product(*THEMES[theme])]


def with_theme(tickets: pd.DataFrame, theme: str, months: int = 3) -> pd.DataFrame:
    """The tickets and, in their last months, forty of a theme by twenty who asked for the first
    time."""
    texts, last = invented(theme), tickets["created_at"].max()
    like = tickets.iloc[[-1] * len(texts)].assign(
        ticket_id=[f"new-{at}" for at in range(len(texts))],
        created_at=pd.date_range(last - pd.DateOffset(months=months), last, len(texts)),
        subject=None, description=texts, language=None,
        requester_id=[f"asks-{at % 20}" for at in range(len(texts))],
    )  # fmt: skip
    return pd.concat([tickets, like.astype(tickets.dtypes)], ignore_index=True)


def in_folder(study: Study, tickets: pd.DataFrame, folder: Path) -> Study:
    """A study of these tickets alone, whose topics are kept in a folder."""
    settings = study.settings
    return Study(settings, folder, {"tickets": tickets.reset_index(drop=True)})


def grown(study: Study, name: str, theme: str, folder: Path, fitted: pd.Series) -> dict:
    """The row of a theme, of a study whose older half is fitted in a folder."""
    began, every = time.process_time(), told_tickets(study)
    new = in_folder(study, with_theme(every, theme) if theme else every, folder)
    topics = study_topics(new)
    labels, found = pd.Series(topics.labels, index=topics.ids), new_themes(new)
    came = labels[~topics.made_fit & ~labels.index.str.startswith("new-")]
    came = came[(came >= 0) | (came == NEW_OR_OTHER)]
    of_theme = [sum(each.startswith("new-") for each in ids) for ids in found["ids"]]
    best = max(range(len(found)), key=of_theme.__getitem__, default=None) if theme else None
    told = drift(new, topics)
    more, low, high = told.more()
    return {
        "study": name, "theme": theme or "none", "fitted": len(fitted), "came": len(came),
        "kept": (labels[fitted.index] == fitted).mean(), "apart": (came == NEW_OR_OTHER).mean(),
        "found": 0 if best is None else of_theme[best],
        "pure": None if best is None else of_theme[best] / found["tickets"][best],
        "name": None if best is None else found["name"][best],
        "others": len(found) - (best is not None),
        "usual": told.usual[0] / told.usual[1], "recent": told.recent[0] / told.recent[1],
        "more": more, "low": low, "high": high, "pays": low > 0,
        "minutes": (time.process_time() - began) / 60,
    }  # fmt: skip


def main(studies: dict[str, Path]) -> None:
    """Writes the rows, as they are made."""
    rows = pd.read_csv(FILE).to_dict("records") if FILE.exists() else []
    for name, place in studies.items():
        study = open_study(place)
        there = {(row["study"], row["theme"]) for row in rows}
        left = [theme for theme in ("", *THEMES) if (name, theme or "none") not in there]
        for at, theme in enumerate(left):
            with tempfile.TemporaryDirectory() as folder:
                every = told_tickets(study)
                half = in_folder(study, every.iloc[: len(every) // 2], Path(folder))
                if at == 0:
                    topics = study_topics(half)
                    first = pd.Series(topics.labels, index=topics.ids)
                    kept = {f.name: f.read_bytes() for f in (Path(folder) / "topics").iterdir()}
                    beside = {f.name: f.read_bytes() for f in Path(folder).iterdir() if f.is_file()}
                else:
                    (Path(folder) / "topics").mkdir()
                    for held, to in ((kept, Path(folder) / "topics"), (beside, Path(folder))):
                        for file, content in held.items():
                            (to / file).write_bytes(content)
                rows.append(grown(study, name, theme, Path(folder), first))
            print(rows[-1], flush=True)
            pd.DataFrame(rows).round(4).to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--forum", type=Path, help="a study folder")
    forum = parser.parse_args().forum
    main({"demo": DEMO} | ({"forum": forum} if forum else {}))
