"""Two states of a table become one: whatever the cut, the newest state of each row is left."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.study.column_types import typed
from cxresearch.study.joining import became, joined
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings, settings_text
from cxresearch.study.told_dates import apart, dates_told, joined_dates, settings_of


def day(at: int) -> pd.Timestamp:
    return pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=at)


def rows(name: str, **columns) -> pd.DataFrame:
    return typed(TABLES[name], pd.DataFrame(columns))


def tickets(states: list[tuple[str, int]]) -> pd.DataFrame:
    """Tickets as they were on a day, which their priority repeats."""
    ids, days = ([state[n] for state in states] for n in (0, 1))
    return rows("tickets", ticket_id=ids, created_at=day(0), status="open",
                updated_at=[day(at) for at in days], priority=[str(at) for at in days],
                dq_flags=[[] for _ in ids])  # fmt: skip


def events(*told: tuple) -> pd.DataFrame:
    """event_id, ticket_id, day, type, value_to."""
    names = ("event_id", "ticket_id", "event_at", "event_type", "value_to")
    columns = dict(zip(names, zip(*told, strict=True), strict=True))
    return rows("ticket_events", **columns | {"event_at": [day(at) for at in columns["event_at"]]})


STATES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1)


@settings(max_examples=40, deadline=None)
@given(st.lists(STATES, min_size=1, max_size=5), st.booleans())
def test_the_newest_state_is_left_whatever_came_first(exports, later):
    held, newest = tickets([*exports[0].items()]), dict(exports[0])
    for export in exports[1:]:
        before = held
        held, now = joined("tickets", held, tickets([*export.items()]), later)
        fates = became("tickets", before, held, now).tolist()
        for (ticket, at), fate in zip(export.items(), fates, strict=True):
            was = newest.get(ticket)
            expected = "new" if was is None else "updated" if at > was else "unchanged"
            assert fate == expected
        newest |= {ticket: max(at, newest.get(ticket, 0)) for ticket, at in export.items()}
    assert held.set_index("ticket_id")["priority"].astype(int).to_dict() == newest


def test_events_that_say_the_same_are_one_whatever_their_number():
    held = events(("1", "A", 1, "reply", None), ("2", "A", 2, "status", "solved"))
    new = events(("7", "A", 2, "status", "solved"), ("8", "A", 3, "status", "open"))
    both, now = joined("ticket_events", held, new, True)
    assert both["event_id"].tolist() == ["1", "2", "8"]
    assert became("ticket_events", held, both, now).tolist() == ["unchanged", "new"]


def test_two_events_alike_stay_two():
    twice = events(("1", "A", 1, "reply", None), ("2", "A", 1, "reply", None))
    assert len(joined("ticket_events", twice.head(1), twice, True)[0]) == 2
    assert len(joined("ticket_events", twice, twice, True)[0]) == 2


def test_a_number_that_another_event_has_gets_its_moment_behind_it():
    held = events(("1", "A", 1, "reply", None))
    both, now = joined("ticket_events", held, events(("1", "B", 5, "reply", None)), True)
    assert both["event_id"].tolist() == ["1", "1 2025-01-06T00:00:00.000000"]
    assert became("ticket_events", held, both, now).tolist() == ["new"]
    again, now = joined("ticket_events", both, events(("1", "B", 5, "reply", None)), True)
    assert len(again) == 2


def test_the_same_event_told_otherwise_is_updated():
    held = events(("1", "A", 1, "reply", None))
    new = held.assign(body="Hello")
    both, now = joined("ticket_events", held, new, True)
    assert both["body"].tolist() == ["Hello"]
    assert became("ticket_events", held, both, now).tolist() == ["updated"]


def test_a_customer_whom_the_later_billing_has_not_is_still_censored_where_last_seen():
    one = rows("customers", customer_id=["A", "B"], started_at=day(0), observed_until=day(9))
    two = rows("customers", customer_id=["A"], started_at=day(0), observed_until=day(20))
    both, _ = joined("customers", one, two, True)
    assert both["observed_until"].tolist() == [day(20), day(9)]


def test_who_came_back_has_not_left():
    left = rows("customers", customer_id=["A", "B"], started_at=day(0), observed_until=day(9),
                ended_at=[day(5), day(6)])  # fmt: skip
    back = left.assign(observed_until=day(30), ended_at=[pd.NaT, day(6)])
    assert joined("customers", left, back, True)[0]["ended_at"].isna().tolist() == [True, False]


def test_an_answered_survey_beats_one_that_is_not():
    asked = rows("surveys", survey_id=["1"], kind="csat", offered_at=day(0))
    answered = asked.assign(responded_at=day(1), score_raw=4.0)
    for one, other, later in ((asked, answered, False), (answered, asked, True)):
        assert joined("surveys", one, other, later)[0]["score_raw"].tolist() == [4.0]


def test_a_person_moves_to_another_account_where_no_day_is_told():
    one = rows("identities", requester_id=["p", "q"], customer_id=["A", "A"])
    two = rows("identities", requester_id=["p"], customer_id=["B"])
    both, _ = joined("identities", one, two, True)
    assert [*zip(both["requester_id"], both["customer_id"], strict=True)] == [
        ("q", "A"),
        ("p", "B"),
    ]
    dated = one.assign(valid_from=day(0))
    assert len(joined("identities", dated, two, True)[0]) == 3


def test_what_a_customer_had_then_is_told_by_the_later_export():
    one = rows("customer_history", customer_id="A", valid_from=[day(0), day(3)], field="mrr",
               value=["10", "20"])  # fmt: skip
    both, now = joined("customer_history", one, one.tail(1).assign(value="25"), True)
    assert both["value"].tolist() == ["10", "25"]
    assert became("customer_history", one, both, now).tolist() == ["updated"]


def test_dates_of_two_exports():
    one = {"tickets_from": "2025-03-01T00:00:00Z", "observed_until": "2025-06-01T00:00:00Z"}
    two = {"tickets_from": "2025-05-01T02:00:00+02:00", "customers_from": "2024-01-01T00:00:00Z",
           "observed_until": "2025-07-01T00:00:00Z"}  # fmt: skip
    both = {**two, "tickets_from": one["tickets_from"]}
    assert joined_dates(one, two) == joined_dates(two, one) == both
    assert apart({"source": "Desk", **one, "customers_from": ""}) == ({"source": "Desk"}, one)


def test_what_study_toml_says_goes_before_what_exports_tell(tmp_path):
    (tmp_path / "study.toml").write_text(
        settings_text(Settings(tickets_from="2025-02-01T00:00:00Z"))
    )
    told = """{"told": {"tickets_from": "2025-01-01T00:00:00Z",
                        "observed_until": "2025-03-01T00:00:00Z"}}"""
    (tmp_path / "import.json").write_text(told)
    held = settings_of(tmp_path)
    assert (held.tickets_from, held.observed_until) == (
        "2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z")  # fmt: skip


@pytest.mark.parametrize(
    "told", ['["a"]', '{"observed_until": "soon"}', '{"observed_until": 7}', '{"name": "x"}']
)
def test_dates_that_are_none_are_named(tmp_path, told):
    (tmp_path / "import.json").write_text(f'{{"told": {told}}}')
    with pytest.raises(InputError, match=r"import\.json cannot be used"):
        dates_told(tmp_path)
