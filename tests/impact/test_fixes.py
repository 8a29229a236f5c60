"""The fix list as it is said, shown and drawn: one band for sentence, title and colours."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, impact
from cxresearch.impact.fixes import FixList


def fixes_of(by: str = "revenue", **columns) -> FixList:
    rows = pd.DataFrame(
        {
            "cause": ["pay", "mail", "log in"],
            "tickets": [10.0, 30, 5],
            "band": [1, 1, 2],
            "share late": [0.5, 0.25, 0.1],
            "shrunken": [2.0, 1.5, 1],
            "shrunken low": [1.5, 1, 0.5],
            "shrunken high": [3.0, 2, 2],
            "customers kept": [8.0, 5, -1],
            "customers kept low": [4.0, 1, -3],
            "customers kept high": [12.0, 9, 1],
            "revenue": [900.0, 700, -100],
            "revenue low": [500.0, 100, -300],
            "revenue high": [1300.0, 1300, 100],
            "rank": [1, 2, 3],
            "rank low": [1, 1, 3],
            "rank high": [2, 2, 3],
            "top 3": [1.0, 0.9, 0.8],
            "by": by,
            "tickets saved": [4.0, 9, 2],
            "replies saved": [8.0, 20, 3],
            "survives": [True, True, False],
        }
    )
    parts = {lever: rows.assign(**columns).set_index("cause") for lever in impact.LEVERS}
    return FixList(pd.concat(parts, names=["lever"]), "EUR", {})


def test_the_first_sentence_names_the_lever_the_cause_and_its_savings():
    said = fixes_of().said()
    assert said.text.startswith(
        "**Solve pay within 7 days** first. That may keep 8 customers (4 to 12) and EUR 900 (500 "
        "to 1,300) in a year, if waiting is what makes them leave. It is among the best three with "
        "a chance of 100%; 1 of the 2 other causes may be just as good."
    )
    assert said.text.endswith(fixes_of().said("sure").text)
    assert said.numbers["kept sooner"] == 8


def test_preventing_has_a_rank_and_no_number():
    said = fixes_of().said("prevent").text
    assert said.startswith("**Prevent pay** first. It is among the best three with a chance of")
    assert "How much that would keep cannot be told" in said
    assert "900" not in said
    prevented = impact.of_lever(fixes_of(), "prevent").table()
    assert not [name for name in prevented if "kept" in name]


def test_the_first_named_is_the_highest_that_outlives_a_hidden_trouble():
    fixes = fixes_of(survives=[False, True, False], band=[1, 2, 3])
    said = fixes.said("solve sooner").text
    assert said.startswith("**Solve mail within 7 days** first.")
    assert "1 of 3 causes would keep more, but a hidden trouble may have made" in said
    assert fixes.first == "mail"
    assert "Most: pay" in fixes.described()
    ax = fixes.plot()
    assert ax.figure.get_suptitle() == "pay would keep most, and more than any other"
    plt.close(ax.figure)


def test_why_no_cause_can_be_named_takes_the_place_of_the_first():
    why = CannotTell("what to fix first: no.")
    stopped = replace(fixes_of(), stopped=why)
    assert stopped.said() is why
    ax = stopped.plot()
    assert ax.figure.get_suptitle() == "No cause can be named as the first to fix"
    plt.close(ax.figure)


def test_what_fixing_costs_is_set_against_what_it_saves():
    known = {"effort": [4.0, None, None], "saved per effort": [225.0, None, None]}
    paid = fixes_of(**known, cost=[800.0, None, None], **{"pays in a year": [0.7, None, None]})
    pays = impact.pays(paid)
    assert pays.said().text == (
        "Per day of work, pay pays most: EUR 220 a day in the first year (120 to 320). It costs "
        "EUR 800 and pays within a year with a chance of 70%."
    )
    shown = pays.table()
    assert shown.loc[0, ["cost", "chance to pay in a year"]].tolist() == ["800", "70%"]
    assert len(shown) == 1  # of the others no effort is known


def test_the_list_is_also_in_the_order_of_what_a_day_of_work_pays():
    known = {"effort": [90.0, 7.0, 1.0], "saved per effort": [10.0, 100.0, -100.0]}
    pays = impact.pays(fixes_of(**known))
    assert pays.table()["cause"].tolist() == ["mail", "pay", "log in"]
    assert pays.said().text.endswith("To see what pays, fill in `day_price` in `study.toml`.")


def test_where_effort_is_not_known_the_cell_to_fill_in_is_named():
    unknown = fixes_of(**dict.fromkeys(["effort", "saved per effort"], float("nan")))
    for fixes in (fixes_of(), unknown):
        said = impact.pays(fixes).said().text
        assert impact.pays(fixes).table().empty
        assert "`effort` (days of work) of each cause in `causes.toml`" in said
        assert "`day_price` in `study.toml`" in said
    nothing = impact.pays(fixes_of("customers kept", revenue=float("nan")))
    assert isinstance(nothing, CannotTell)


def test_the_first_is_the_one_that_ranks_first_wherever_its_row_stands():
    assert "**Solve mail within 7 days** first" in fixes_of(rank=[2, 1, 3]).said().text


def test_without_revenue_the_sentence_tells_customers_only():
    said = fixes_of("customers kept", revenue=float("nan")).said()
    assert "8 customers (4 to 12) in a year, if waiting" in said.text
    assert "EUR" not in said.text


def test_a_single_cause_at_the_top_is_said_to_be_alone():
    alone = fixes_of(band=[1, 2, 3])
    assert "It surely keeps more than each of the 2 other causes." in alone.said().text
    ax = alone.plot()
    assert ax.figure.get_suptitle() == "pay would keep most, and more than any other"
    plt.close(ax.figure)
    only = FixList(alone.frame.query("cause == 'pay'"), "EUR", {})
    assert "There is no other to compare it with." in only.said().text


def test_bars_stand_at_the_savings_in_the_colour_of_their_band():
    fixes = fixes_of()
    (left,) = fixes.plot().get_figure().axes
    assert left.collections[1].get_offsets()[:, 0].tolist() == [900, 700, -100]
    assert left.collections[0].get_segments()[0][:, 0].tolist() == [500, 1300]
    colours = left.collections[1].get_facecolors().tolist()
    assert colours[0] == colours[1] != colours[2]
    assert [name.get_text() for name in left.get_yticklabels()] == ["pay", "mail", "log in"]
    assert left.get_xlabel() == "EUR kept in a year by solving sooner, by cause"
    assert left.get_figure().get_suptitle() == "pay comes first; 1 of 2 others may be as good"
    assert "Most: pay, 900 (500 to 1,300)" in fixes.described()
    plt.close(left.get_figure())


def test_only_the_table_of_prevention_counts_tickets_saved():
    sooner, prevent = (impact.of_lever(fixes_of(), lever).table() for lever in impact.LEVERS)
    assert sooner.loc[0].to_dict() == {
        "cause": "pay", "customers kept in a year": "8 (4 to 12)",
        "EUR kept in a year": "900 (500 to 1,300)", "chance to be among the first three": "100%",
    }  # fmt: skip
    assert prevent["tickets saved"].tolist() == [4, 9, 2]
    assert prevent["replies saved"].tolist() == [8, 20, 3]
    assert sooner["EUR kept in a year"].tolist()[2] == "-100 (-300 to 100)"


def test_both_levers_together_are_shown_by_the_first():
    both = fixes_of().table()
    pd.testing.assert_frame_equal(both, impact.of_lever(fixes_of(), "solve sooner").table())


def test_the_order_is_shown_with_its_ranks_and_what_cannot_be_told_apart():
    shown = impact.order(fixes_of(), "solve sooner")
    assert shown.loc[1].to_dict() == {
        "cause": "mail", "ratio, shrunken": "1.5 (1.0 to 2.0)", "rank": "1–2",
        "not told apart from": "pay",
    }  # fmt: skip


def test_what_cannot_be_told_passes_through_every_room():
    why = CannotTell("no.")
    for said in (
        impact.excess(why),
        impact.customers_kept(why),
        impact.revenue_saved(why, pd.Series()),
        impact.revenue_at_risk(why, pd.Series()),
        impact.of_lever(why, "prevent"),
        impact.draws(why, "prevent"),
        impact.pulled(why, "prevent"),
        impact.other_rankings(why, pd.DataFrame()),
        impact.order(why, "prevent"),
        impact.pays(why),
    ):
        assert said is why


@pytest.mark.parametrize("lever", impact.LEVERS)
def test_one_lever_alone_is_said_and_drawn_alone(lever):
    alone = impact.of_lever(fixes_of(), lever)
    assert alone.levers == [lever]
    assert alone.said() == fixes_of().said(lever)
    ax = alone.plot()
    if lever == impact.PREVENT:
        assert isinstance(ax, CannotTell)
        return
    assert len(ax.figure.axes) == 1
    plt.close(ax.figure)
