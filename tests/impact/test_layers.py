"""What causes add up to by what people said of them, counted by hand."""

import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.impact import layers as module
from cxresearch.impact.layers import LAYERS, UNSAID, layers
from cxresearch.study import small_groups
from cxresearch.study.intervals import wilson

ZERO = pd.Timestamp("2024-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)
# customer, cause, opened, solved; promise 7 days, watched until day 100
ROWS = [
    ("a", "mail", 10, 12),  # in time
    ("a", "mail", 20, 37),  # 10 days overdue
    ("b", "mail", 90, None),  # 3 days overdue
    ("b", "pay", 50, 59),  # 2 days overdue
    ("c", "pay", 60, 61),
    ("d", "odd", 70, 71),
]


def study_of(rows=ROWS) -> Study:
    frame = pd.DataFrame(rows, columns=["requester_id", "cause", "opened", "solved"])
    frame["ticket_id"] = frame.index.astype(str)
    tickets = frame[["ticket_id", "requester_id"]].assign(
        status="open", created_at=ZERO + frame["opened"] * DAY,
        first_solved_at=ZERO + pd.to_timedelta(frame["solved"].astype("float64"), unit="D"),
        total_agent_replies=1,
    )  # fmt: skip
    causes = frame[["ticket_id", "cause"]].assign(topic=0, weight=1.0, is_exit_request=False)
    who = pd.DataFrame({"customer_id": list("abcd"), "started_at": ZERO - 400 * DAY,
                        "observed_until": ZERO + 100 * DAY})  # fmt: skip
    until = (ZERO + 100 * DAY).isoformat()
    tables = {"tickets": tickets, "ticket_causes": causes, "customers": who}
    return Study.from_tables(
        tables, tickets_from=ZERO.isoformat(), observed_until=until, outcome="churn"
    )


def told(**words) -> pd.DataFrame:
    """A cause_table in which a person said some words, by cause."""
    causes = ["mail", "pay", "odd"]
    frame = pd.DataFrame({"cause": causes, "by_person": [[*words] for _ in causes]})
    first = {**dict.fromkeys(LAYERS, ""), "avoidable": "unknown"}
    return frame.assign(**{k: words.get(k, [first[k]] * 3) for k in LAYERS})


@pytest.fixture
def said(monkeypatch):
    monkeypatch.setattr(small_groups, "_few", [small_groups.Few(0)])

    def of(table: pd.DataFrame, study: Study | None = None):
        monkeypatch.setattr(module, "cause_table", lambda _: table)
        return layers(study or study_of())

    return of


def test_words_add_up_over_causes(said):
    found = said(told(owner=["Technical", "Billing", "Technical"])).frame
    own = found[found["layer"] == "owner"].set_index("word")
    assert own.loc["Technical", ["causes", "tickets", "customers", "late_days"]].tolist() == [
        2, 4, 3, 13]  # fmt: skip
    assert own.loc["Billing", ["causes", "tickets", "customers", "late_days"]].tolist() == [
        1, 2, 2, 2]  # fmt: skip
    assert own.loc["Technical", "late"] == pytest.approx(2 / 4)
    assert own.loc["Technical", "by_person"] == 4
    assert own["share"].sum() == pytest.approx(1)


def test_every_layer_adds_up_to_all_tickets(said):
    found = said(told(owner=["x", "", "y"], avoidable=["yes", "unknown", "no"])).frame
    assert found.groupby("layer")["tickets"].sum().eq(len(ROWS)).all()
    assert found.groupby("layer")["late_days"].sum().eq(15).all()


def test_what_nobody_said_is_neither_yes_nor_no(said):
    of = said(told(avoidable=["yes", "unknown", "no"]))
    words = of.frame[of.frame["layer"] == "avoidable"].set_index("word")["tickets"]
    assert words.to_dict() == {"yes": 3, "no": 1, UNSAID: 2}
    says = of.said()
    assert says.numbers["share"] == pytest.approx(3 / 6)
    assert says.numbers["unsaid"] == 2


def test_a_machine_s_other_is_nothing_said_and_a_person_s_is_a_word(said):
    person = said(told(issue_type=["technical", "other", "other"])).frame
    assert set(person.loc[person["layer"] == "issue_type", "word"]) == {"technical", "other"}
    machine = told(issue_type=["technical", "other", "other"]).assign(by_person=[[]] * 3)
    found = said(machine)
    words = found.frame.loc[found.frame["layer"] == "issue_type", "word"]
    assert set(words) == {"technical", UNSAID}
    assert "technical*" in set(found.table()["said"])


def test_without_a_word_of_anybody_it_cannot_be_told(said):
    assert isinstance(said(told()), CannotTell)


def test_who_left_while_it_was_overdue_is_counted_with_what_they_paid(said, monkeypatch):
    left = pd.DataFrame({"cause": ["mail", "pay", "mail"], "customer_id": ["a", "a", "b"],
                         "leaves_at": ZERO})  # fmt: skip
    monkeypatch.setattr(module, "left_overdue", lambda _: left)
    monkeypatch.setattr(module, "mrr_now", lambda _: pd.Series({"a": 99.0}, name="EUR"))
    then = pd.Series(["10", "10", None])
    monkeypatch.setattr(module, "as_it_was", lambda *_: then)
    found = said(told(owner=["T", "B", "T"])).frame
    own = found[found["layer"] == "owner"].set_index("word")
    assert own[["left", "mrr"]].values.tolist() == [[2, 10.0], [1, 10.0]]  # as they left, not now
    then[:] = None
    study = said(told(owner=["T", "B", "T"])).frame
    assert study.loc[study["layer"] == "owner", "mrr"].isna().all()  # unknown is not zero


def test_the_interval_of_a_share_holds_it_where_tickets_have_several_causes():
    weight = pd.Series([0.95, 0.05] * 200)
    held, who = pd.Series([True, False] * 200), pd.Series(range(400)) // 2
    found = module._share("share", held, weight, who)
    assert found["share"] == pytest.approx(0.95)
    assert found["share low"] <= 0.95 <= found["share high"]


def test_a_share_of_tickets_of_one_weight_is_wilsons():
    held, who = pd.Series([True] * 30 + [False] * 70), pd.Series(range(100))
    found = module._share("share", held, pd.Series(1.0, held.index), who)
    assert found["share low"] == pytest.approx(wilson(30, 100)[0])


def test_where_no_day_was_late_nobody_has_most(said):
    quiet = study_of([("a", "mail", 10, 12), ("b", "pay", 20, 21)])
    says = said(told(owner=["T", "B", "T"]), quiet).sentences()[1]
    assert isinstance(says, CannotTell)


def test_the_sentence_names_whose_days_are_most(said):
    says = said(told(owner=["Technical", "Billing", "Technical"])).sentences()[1]
    assert "Technical, 87% of all such days" in says._repr_markdown_()
