"""Rows of KPIs say, show and draw what their verdicts say, and refuse where they must."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.standing import COLOURS, Standing, with_interval, with_row_names

KNOWN = {"estimate": 0.5, "low": 0.4, "high": 0.6, "n": 1096}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def row(name="Kept", group="all", known=KNOWN, **kpi) -> dict:
    return Kpi(name, "of tickets", **kpi).row(known) | {"group": group}


def standing(*rows) -> Standing:
    return Standing(with_row_names(pd.DataFrame(rows)))


def test_one_kpis_rows_are_named_by_group_and_several_kpis_by_themselves():
    one = standing(row(), row(group="chat"))
    assert list(one.frame.index) == ["all", "chat"]
    both = Standing.of([one, standing(row("Lost"))])
    assert list(both.frame.index) == ["Kept", "Kept, chat", "Lost"]


def test_a_row_is_said_with_its_interval_target_and_verdict():
    said = standing(row(target=0.95), row(group="chat", target=0.5)).said()
    assert said.text == (
        "Kept: **50.0%** (95% interval 40.0% to 60.0%; n = 1,096). The target is at least 95%: "
        "**not met**."
    )
    assert said.numbers == {**KNOWN, "target": 0.95}
    chat = standing(row(), row(group="chat", target=0.35)).said("chat").text
    assert chat.startswith("Kept, chat: **50.0%**")
    assert chat.endswith("The target is at least 35%: **met**.")


def test_what_has_no_target_no_interval_or_no_estimate_is_said_so():
    count = {"estimate": 1200.0, "low": np.nan, "high": np.nan, "n": 1200, "why": "*odd*"}
    said = standing(row("Open", known=count, unit="tickets")).said()
    assert said.text == r"Open: **1,200 tickets** (n = 1,200). Beware: \*odd\*."
    assert said.numbers == {"estimate": 1200, "n": 1200}
    open_ended = KNOWN | {"high": np.nan}
    median = standing(row("Wait", known=open_ended, unit="hours")).said()
    assert "**0.5 hours** (95% interval 0.4 to more; " in median.text
    untold = standing(row(known=CannotTell("no history."))).said()
    assert untold == CannotTell("Kept: no history.")


@pytest.mark.parametrize(
    ("unit", "values", "text"),
    [
        ("%", (0.123, 0.1, 0.15), "12.3% (10.0% to 15.0%)"),
        ("hours", (1234.5, 1, 2), "1,234.5 (1.0 to 2.0) h"),
        ("hours", (3, 1, np.nan), "3.0 (1.0 to more) h"),
        ("hours", (3, np.nan, np.nan), "3.0"),
        ("points", (28.4, 25, 31), "28 (25 to 31)"),
        ("of 10", (5.66, 5.5, 5.9), "5.7 (5.5 to 5.9)"),
        ("tickets a month", (0.2071, 0.2, 0.21), "0.207 (0.200 to 0.210)"),
        ("%", (np.nan, np.nan, np.nan), None),
    ],
)
def test_an_estimate_reads_in_its_unit(unit, values, text):
    keys = ("estimate", "low", "high")
    assert with_interval(pd.Series(dict(zip(keys, values, strict=True)) | {"unit": unit})) == text


def test_the_table_names_units_targets_and_groups():
    score = row("Score", unit="points", target=50.0, wanted="at most")
    shown = standing(row(target=0.975), score, row("Sent", unit="answers")).table()
    assert shown["KPI"].tolist() == ["Kept", "Score", "Sent, answers"]
    assert shown["target"].fillna("–").tolist() == ["at least 97.5%", "at most 50 points", "–"]
    assert list(shown) == ["KPI", "estimate (95% interval)", "n", "target", "verdict"]
    bare = standing(row(), row(group="chat")).table()
    assert bare["group"].tolist() == ["all", "chat"]
    assert "verdict" not in bare


def test_bars_have_the_colour_of_their_verdict_and_a_mark_at_their_target():
    card = standing(
        row("Answered", target=0.9), row("Escalated", target=0.7, wanted="at most"),
        row("Reopened", known=CannotTell("no history.")), row("Score", unit="points", target=50.0),
        row("Seen", target=0.5), row("Known"),
    )  # fmt: skip
    ax = card.plot()
    assert ax.figure.get_suptitle() == (
        "1 of the 3 targets that are shares are met; scores are in the table"
    )
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Answered", "Escalated", "Seen", "Known"]
    said = ["not met", "met", "cannot tell", "no target"]
    assert [to_hex(c) for c in ax.collections[1].get_facecolors()] == [COLOURS[v] for v in said]
    assert [text.get_text().strip() for text in ax.texts] == said[:3]
    marks = np.array(ax.collections[2].get_segments())
    assert marks[:, :, 0].tolist() == [[0.9] * 2, [0.7] * 2, [0.5] * 2]
    assert marks[:, :, 1].mean(axis=1).tolist() == pytest.approx([3, 2, 1])
    assert np.ptp(marks[:, :, 1], axis=1).max() < 1
    assert "1 not met, 1 met, 1 cannot tell and 1 no target" in card.described()


def test_without_a_share_there_is_no_figure():
    assert isinstance(standing(row(known=CannotTell("no history."))).plot(), CannotTell)
    assert isinstance(standing(row(unit="hours")).plot(), CannotTell)
