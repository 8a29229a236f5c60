"""How page 08 words what fixing saves, what it draws, and what it says where nobody leaves."""

from types import SimpleNamespace

import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.impact.endings import BACK
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.pages import ends, figures
from cxresearch.pages import what_to_fix_first as saves

ZERO = pd.Timestamp("2024-01-01", tz="UTC")
EURO = SimpleNamespace(customers=pd.DataFrame({"currency": ["EUR"]}), outcome="churn")


def fixes_of(by: str = "revenue") -> pd.DataFrame:
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
        }
    )
    return pd.concat([rows.assign(lever=lever) for lever in impact.LEVERS], ignore_index=True)


def test_the_first_sentence_names_the_lever_the_cause_and_its_savings():
    said = saves.first(fixes_of(), EURO, None)
    assert "**Answer sooner: pay** first" in said.text
    assert "8.0 customers (4.0 to 12.0) and EUR 900 (500 to 1,300)" in said.text
    assert "1 other of 3 causes cannot be told apart from it" in said.text
    assert "**Prevent: pay** first" in said.text
    assert said.numbers["kept sooner"] == said.numbers["kept prevent"] == 8


def test_without_revenue_the_sentence_tells_customers_only():
    said = saves.first(fixes_of("customers kept").assign(revenue=float("nan")), EURO, None)
    assert "8.0 customers (4.0 to 12.0), if the association" in said.text
    assert "EUR" not in said.text


def test_a_single_cause_at_the_top_is_said_to_be_alone():
    said = saves.first(fixes_of().assign(band=[1, 2, 3] * 2), EURO, None)
    assert "no other of 3 causes is as good in 95% of draws" in said.text


def test_bars_stand_at_the_savings_in_the_colour_of_their_band():
    picture = figures.cause_savings(fixes_of())
    left, right = picture.axes.get_figure().axes
    assert left.collections[1].get_offsets()[:, 0].tolist() == [-100, 700, 900]
    colours = left.collections[1].get_facecolors().tolist()
    assert colours[1] == colours[2] != colours[0]
    assert right.get_title(loc="left") == "prevent"
    assert right.get_xlabel() == "revenue saved in a year"
    assert "First band: pay, mail. Most: pay, 900 (500 to 1,300)" in picture.description


def test_only_the_table_of_prevention_counts_tickets_saved():
    sooner, prevent = (saves.fix_table(fixes_of(), lever) for lever in impact.LEVERS)
    assert "tickets saved" not in sooner
    assert prevent["tickets saved"].tolist() == [4, 9, 2]
    assert sooner["revenue"].tolist()[2] == "-100 (-300 to 100)"


def test_the_excess_of_causes_and_of_what_tells_none_adds_up_to_that_of_all(harmful):
    model = impact.cause_model(harmful)
    table = saves.excess_table(model).set_index("cause")
    assert table.index[0] == impact.ALL
    assert set(table.index) > set(model.told)
    for lever in impact.LEVERS:
        shares = table[f"excess, {lever}"].str.extract(r"^(-?[\d.]+)%")[0].astype(float)
        assert shares[1:].sum() == pytest.approx(shares.iloc[0], abs=0.05 * len(shares))
        assert not table[f"excess, {lever}"].str.contains("-0.0%").any()
    assert (table[saves.LEFT["prevent"]] >= table[saves.LEFT["answer sooner"]]).all()


def test_what_is_at_risk_today_says_of_whom_and_who_is_not_counted():
    row = dict(customers=12, overdue=5, mrr=3000.0, saved=40.0, low=10.0, high=70.0)
    risk = pd.DataFrame([row | {"days": 30, "left out": 2}, row | {"days": 90, "saved": 90.0}])
    said = saves.today(risk.ffill(), EURO).text
    assert said.startswith("12 of today's customers, who pay EUR 3,000 a month, have an issue open")
    assert "5 of them an overdue one; 2 more could not be counted" in said
    assert "EUR 40 (10 to 70) more would be paid over 30 days and EUR 90" in said


@pytest.fixture(scope="module")
def harmful() -> Study:
    return trial.planted_study(*simulate_world(800, 4, text=False, **WORLDS["plain"]))


@pytest.fixture(scope="module")
def small() -> Study:
    """A company with too few departures."""
    return trial.planted_study(*simulate_world(120, 3, text=False, **WORLDS["plain"]))


def test_with_too_few_departures_months_and_counts_are_told(small):
    causes = impact.by_cause(small)
    said = saves.first(impact.fix_list(small), small, causes)
    assert isinstance(said, CannotTell)
    assert said.reason.startswith("Causes cannot yet be ranked by revenue.")
    assert "more months like these" in said.reason or "Nobody has left yet" in said.reason
    assert "By tickets: login" in said.reason
    assert "By replies, for hours: " in said.reason


def test_what_cannot_be_told_passes_through_every_room():
    why = CannotTell("no.")
    for said in (
        saves.excess(why),
        saves.excess_table(why),
        saves.kept_table(why),
        saves.money_table(why, why),
        saves.today(why, EURO),
        saves.fix_table(why, "prevent"),
        saves.others(why),
        saves.others_table(pd.DataFrame(), why),
        ends.unanswered(why),
        ends.endings_table(why),
        ends.whom_table(why),
        figures.cause_savings(why),
        impact.customers_kept(why),
        impact.revenue_saved(why, pd.Series()),
        impact.revenue_at_risk(why, pd.Series()),
        impact.differences(why, why),
    ):
        assert said is why


def forum(rows) -> Study:
    """From (cause, day of the answer, day of the next ticket), a customer each, asked on day 0."""
    first = pd.DataFrame(rows, columns=["cause", "reply", "again"]).assign(
        requester_id=lambda f: "u" + f.index.astype(str), day=0.0
    )
    again = first.dropna(subset="again").assign(day=lambda f: f["again"], reply=None)
    tickets = pd.concat([first, again], ignore_index=True)
    tickets["ticket_id"] = tickets.index.astype(str)
    causes = tickets[["ticket_id", "cause"]].assign(topic=0, weight=1.0, is_exit_request=False)
    reply = ZERO + pd.to_timedelta(tickets["reply"].astype(float), unit="D")
    tickets = tickets.assign(
        created_at=ZERO + pd.to_timedelta(tickets["day"], unit="D"),
        first_reply_at=reply,
        status="open",
        language=["de", "en"] * (len(tickets) // 2) + ["en"] * (len(tickets) % 2),
    )[["ticket_id", "requester_id", "created_at", "first_reply_at", "status", "language"]]
    return Study.from_tables(
        {"tickets": tickets, "ticket_causes": causes},
        outcome="return",
        tickets_from=ZERO.isoformat(),
        observed_until="2025-01-01T00:00:00Z",
    )


@pytest.fixture(scope="module")
def asked() -> Study:
    # mail: 20 of 40 answered; of those without, 5 write again in time and 5 later; of the others 10
    rows = [("mail", 1, 30 if i < 10 else None) for i in range(20)]
    late = 8 + BACK
    rows += [("mail", None, 30 if i < 5 else late if i < 10 else None) for i in range(20)]
    rows += [("pay", 1, None)] * 30 + [("rare", None, None)] * 5
    return forum(rows)


def test_endings_by_hand(asked):
    found = impact.endings(asked).set_index("cause")
    assert found.index.tolist() == ["mail", "pay"]  # the most unanswered first; rare is too rare
    assert found.loc["mail", ["customers", "unanswered"]].tolist() == [40, 0.5]
    back = found.loc["mail", ["back, unanswered", "back, answered"]].tolist()
    assert back == pytest.approx([5 / 20, 10 / 20])
    assert pd.isna(found.loc["pay", "back, unanswered"])


def test_the_sentence_says_who_wrote_again(asked):
    said = ends.unanswered(ends.endings(asked))
    assert "without an answer: mail, 50% (35% to 65%) of 40 first tickets" in said.text
    assert "Of those left without, 25%" in said.text


def test_among_whom_by_what_was_known(asked):
    found = impact.among_whom(asked)
    assert found["field"].unique().tolist() == ["language"]
    assert found["customers"].sum() == 75
    shown = ends.whom_table(ends.among_whom(asked))
    assert len(shown) == 2


def test_where_leaving_is_seen_endings_are_not_asked_for(small):
    assert ends.endings(small) is ends.among_whom(small)


def test_the_surest_unsolved_cause_is_named_and_the_worst_of_the_groups():
    rows = pd.DataFrame(
        {
            "cause": ["few", "many"], "known": [2, 100], "unsolved": [1.0, 0.9],
            "unsolved low": [0.34, 0.83], "unsolved high": [1.0, 0.94],
        }
    )  # fmt: skip
    assert "without a solution: many, 90% (83% to 94%) of the 100" in ends.unsolved(rows).text
    assert isinstance(ends.unsolved(rows.assign(known=0)), CannotTell)
    whom = pd.DataFrame(
        {
            "field": ["created_channel", "language"], "level": ["web", "fi"], "customers": [90, 5],
            "unanswered": [0.4, 0.6], "unanswered low": [0.31, 0.23], "unanswered high": [0.5, 0.9],
        }
    )  # fmt: skip
    said = ends.most_among(whom).text
    assert "where the created channel is web: 40% (31% to 50%) of 90" in said
    assert "the worst of 2 groups" in said
