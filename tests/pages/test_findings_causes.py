"""What pages 04 and 07 say of the cause layer, stories, doses and volume."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.kpis.volume import Volume
from cxresearch.pages import doses, volume
from cxresearch.study.settings import Settings

START = pd.Timestamp("2024-01-01", tz="UTC")
IDS = [f"t{i}" for i in range(10)]
SAID = [
    "Please correct the invoice.", "Please correct the invoice!", "I was charged twice.",
    "Mail me at ann@example.com. Could you call our bookkeeper at +34 600 123 456?", "It is wrong.",
    "It crashes.", "The app is dead. Please tell Mrs Lorca to fix the scanner.", "It froze.",
    "It hangs.", None,
]  # fmt: skip
CAUSES = [*["<b>bills</b>"] * 5, *["crash"] * 4, "no words"]


@pytest.fixture
def study(tmp_path) -> Study:
    tickets = pd.DataFrame(
        {"ticket_id": IDS, "created_at": START, "status": "open", "description": SAID,
         "requester_id": IDS}
    )  # fmt: skip
    told = pd.DataFrame(
        {"ticket_id": IDS, "topic": [0] * 5 + [1] * 4 + [-1], "cause": CAUSES, "weight": 1.0,
         "is_exit_request": False}
    )  # fmt: skip
    made = Study.from_tables({"tickets": tickets, "ticket_causes": told})
    tables = {"tickets": made.tickets, "ticket_causes": made.ticket_causes}
    return Study(Settings(outcome="return"), tmp_path, tables)


def made(mix: bool = True, low: float = -5.0) -> Volume:
    names = ["customers", "mix", "rate"] if mix else ["customers", "rate"]
    parts = pd.DataFrame({"part": [*names, "not of a customer at the time"],
                          "tickets": [10.0, 2, 8, 4] if mix else [10.0, 8, 4]})  # fmt: skip
    parts = parts.assign(low=parts["tickets"] + low, high=parts["tickets"] + 5)
    parts.loc[parts.index[-1], ["low", "high"]] = np.nan
    periods = pd.DataFrame(
        {"start": [START, START + pd.Timedelta(days=60)], "tickets": [100, 124],
         "end": [START + pd.Timedelta(days=60), START + pd.Timedelta(days=120)]},
        index=["before", "after"],
    )  # fmt: skip
    return Volume(parts, pd.DataFrame(), periods)


def test_the_change_in_volume_is_said_with_its_parts():
    said = volume.change(made()).text
    assert said.startswith("From 100 to 124 tickets: +10 for the number of customers, +2 for their")
    assert "**+8** for how often they write (95% interval +3 to +13)" in said
    assert "different seasons" in said
    assert "+13, which holds no change)" in volume.change(made(low=-9)).text
    assert "nothing known of their mix" in volume.change(made(mix=False)).text
    assert volume.change_table(made())["tickets"].tolist()[-2:] == ["+4", "+24"]


def contact(change: float, width: float) -> pd.DataFrame:
    row = {"issues": 60, "customers": 50, "before": 1.0, "after": 0.5, "change": change,
           "low": change - width, "high": change + width, "p": 0.1}  # fmt: skip
    groups = ["solved in time", "unresolved", "difference"]
    return pd.DataFrame([{"group": g, **row} for g in groups])


def test_giving_up_is_said_only_if_the_interval_excludes_no_difference():
    assert "write less than" in volume.gave_up(contact(-0.5, 0.2)).text
    assert isinstance(volume.gave_up(contact(-0.5, 0.6)), CannotTell)
    assert "for the same reason" in volume.contact_table(CannotTell("x")).reason


def test_groups_that_cannot_be_told_have_no_table(study):
    for said in (doses.group_table(CannotTell("x"), study), doses.silence_alone(CannotTell("x"),
                 study)):  # fmt: skip
        assert "for the same reason" in said.reason
