"""What comes back says, shows and draws what its rows and verdicts say, or refuses."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.outcomes import coming_back
from cxresearch.outcomes.back_by_group import CausesBack
from cxresearch.outcomes.coming_back import CameBack
from cxresearch.study.words import side
from cxresearch.survival import cumulative_incidence
from tests.outcomes.test_recurrence import study


def within(share=0.05, low=0.04, high=0.06, expected=0.01, reopened=None) -> CameBack:
    same = {"definition": "same cause", "share": share, "low": low, "high": high,
            "tickets": 200, "came back": 10}  # fmt: skip
    other = {"definition": "reopened", "share": np.nan, **(reopened or {})}
    rows = pd.DataFrame([same, other], index=["same cause 30", "reopened 30"]).assign(day=30)
    rows.loc["same cause 30", "expected"] = expected
    return CameBack(rows.assign(verdict=side(rows["low"], rows["high"], rows["expected"])))


def test_the_headline_holds_share_interval_and_denominator():
    assert within().said().text == (
        "Of 200 solved tickets **5.0%** come back within 30 days (95% interval 4.0% to 6.0%): the "
        "same customer writes again about the same cause."
    )


def test_nobody_watched_so_long_cannot_tell():
    nobody = within(np.nan, np.nan, np.nan)
    assert "within 30 days: nobody was watched so long" in nobody.said().reason
    assert "by chance: nobody was watched" in nobody.said("chance").reason


@pytest.mark.parametrize(("expected", "word"), [(0.01, "more"), (0.09, "fewer")])
def test_more_than_chance_needs_the_interval(expected, word):
    said = within(expected=expected).said("chance").text
    assert said.startswith(f"By coincidence {expected:.1%} would: ")
    assert said.endswith(f"So **{word}** come back than by coincidence.")


def test_an_interval_that_holds_chance_cannot_tell():
    said = within(expected=0.05).said("chance").reason
    assert said.endswith("it would bring 5.0%, and the interval holds that.")


def test_a_definition_that_the_export_cannot_tell_is_not_shown():
    shown = within().table()
    assert shown.index.tolist() == ["same cause"]
    assert shown.loc["same cause"].tolist() == ["5.0% (4.0% to 6.0%)", 200]
    assert "could be watched so long" in within().said("rivals").reason


def test_tickets_whose_reopening_is_not_told_are_said():
    reopened = {"share": 0.1, "low": 0.05, "high": 0.15}
    assert within(reopened={**reopened, "tickets": 180}).said("rivals").text == (
        "It depends on what counts: from 5.0% (same cause) to 10.0% (reopened) of the same tickets "
        "come back within 30 days. Without 20 tickets whose reopening is not told."
    )
    assert "not told" not in within(reopened={**reopened, "tickets": 200}).said("rivals").text


def causes(*verdicts: str, share=(0.1, 0.3, 0.2)) -> CausesBack:
    rows = pd.DataFrame(
        {"cause": ["mail", "app", "rare"], "tickets": [90, 80, 5], "came back": [9, 24, 1],
         "share": share, "low": 0.05, "high": 0.4, "p": [0.01, 0.02, np.nan],
         "verdict": [*verdicts, "cannot tell: too few events"]}
    )  # fmt: skip
    return CausesBack(rows, "cause", "share that came back", whole=0.15)


def test_sentence_and_title_count_the_same_causes():
    two = causes("comes back less", "comes back more")
    assert two.said().text == (
        "Of 3 causes 2 come back clearly more or less often than all others. More often: app 30.0% "
        "(5.0% to 40.0%). Less often: mail 10.0% (5.0% to 40.0%)."
    )
    less = causes("comes back less", "cannot tell").said().text
    assert "Less often: mail 10.0%" in less
    assert "More" not in less
    ax = two.plot()
    title = "2 of 3 causes come back clearly more or less than the rest"
    assert ax.figure.get_suptitle() == title
    assert [t.get_text() for t in ax.get_yticklabels()] == ["app", "rare", "mail"]
    plt.close(ax.figure)


def test_causes_without_a_clear_result_cannot_be_told_apart():
    said = causes("cannot tell", "cannot tell").said()
    assert isinstance(said, CannotTell)
    assert said.reason.endswith("within 30 days: none of 3 differs clearly from all others.")


def test_the_largest_causes_are_drawn_and_those_with_a_share():
    rows = pd.concat([causes("cannot tell", "cannot tell").frame.head(1)] * 13).reset_index()
    rows = rows.assign(cause=[f"c{i}" for i in range(13)], tickets=[*range(20, 32), 1])
    drawn = [t.get_text() for t in CausesBack(rows, "cause", "share").plot().get_yticklabels()]
    assert ("c11" in drawn, "c12" in drawn) == (True, False)
    ax = causes("", "", share=(np.nan, 0.1, 0.1)).plot()
    assert "mail" not in [t.get_text() for t in ax.get_yticklabels()]
    plt.close("all")


def test_the_table_of_causes_joins_a_share_and_its_interval():
    row = causes("comes back less", "cannot tell").table().iloc[0].to_dict()
    assert row == {"cause": "mail", "solved tickets": 90,
                   "share": "10.0% (5.0% to 40.0%)", "p": 0.01,
                   "verdict": "comes back less"}  # fmt: skip


def test_the_curves_are_headed_by_the_narrow_definition_beside_the_wide_one():
    # Of two, p writes on day 10 about something else and on day 20 about the same.
    one = study(("a", "p", "x", 0, 1), ("b", "p", "y", 11, None), ("c", "p", "x", 21, None),
                ("d", "q", "x", 0, 1))  # fmt: skip
    shown = coming_back.back_curves(one)
    assert shown.heading == "Within 30 days 50.0% write again on the same cause, 50% on any"
    ax = shown.plot()
    assert ax.get_ylabel() == "share of solved tickets that came back"
    assert max(line.get_xdata().max() for line in ax.lines) <= 90
    plt.close(ax.figure)


def test_curves_that_nobody_was_watched_for_have_no_numbers_in_their_title():
    short = study(("a", "p", "x", 350, 351), ("b", "q", "x", 350, 351))
    assert coming_back.back_curves(short).heading == "Nobody was watched for 30 days"


def test_a_curve_is_read_on_the_days_that_are_told():
    rows = pd.DataFrame({"customer_id": list("abcd"), "time": [5.0, 20.0, 40.0, 40.0],
                         "status": [1, 2, 0, 0]})  # fmt: skip
    shown = coming_back.on_days(cumulative_incidence(rows))
    assert shown["day"].tolist() == [7, 14, 30]
    assert [text[:5] for text in shown["share"]] == ["25.0%"] * 3
    assert shown["tickets watched until then"].tolist() == [3, 3, 2]
    unknown = CannotTell("nobody.")
    assert coming_back.on_days(cumulative_incidence(unknown)) is unknown


def test_what_a_page_is_not_depends_on_whether_leaving_can_be_seen():
    company, forum = (study(("a", "p", "x", 0, 1), **seen) for seen in ({"ended": {}}, {}))
    assert "Solved is what the help desk says" in coming_back.limits(company).text
    assert "Nobody can be seen to leave" in coming_back.limits(forum).text
