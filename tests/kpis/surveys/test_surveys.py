"""Who was asked, who answered, and what the silence allows: by hand and on a simulated company."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.kpis import surveys
from cxresearch.kpis.surveys.funnel import _is_over
from cxresearch.kpis.surveys.scores import SCORES, score_in
from cxresearch.kpis.surveys.voice import csat
from cxresearch.lab.simulate import simulate_world
from cxresearch.pages import who_stays_silent as silent

START = pd.Timestamp("2025-01-01T00:00:00Z")


def day(days):
    return START + pd.to_timedelta(pd.Series(days, dtype=float), unit="D")


def customers(ends) -> pd.DataFrame:
    """Customers c0, c1, … from day -100, with the day on which they left (NaN = stayed)."""
    names = [f"c{i}" for i in range(len(ends))]
    return pd.DataFrame(
        {
            "customer_id": names,
            "started_at": START - pd.Timedelta(days=100),
            "ended_at": day(ends),
            "end_kind": ["voluntary" if e == e else None for e in ends],
            "observed_until": START + pd.Timedelta(days=400),
        }
    )


def asked(who, offered, answers, kind="nps", scale=(0, 10), ticket=None) -> pd.DataFrame:
    """Invitations answered a day later, unless the answer is NaN."""
    score = pd.Series(answers, dtype=float)
    offered_at = day(offered)
    return pd.DataFrame(
        {
            "survey_id": [str(i) for i in range(len(who))],
            "customer_id": who,
            "ticket_id": ticket,
            "kind": kind,
            "offered_at": offered_at,
            "responded_at": (offered_at + pd.Timedelta(days=1)).where(score.notna()),
            "score_raw": score,
            "scale_min": float(scale[0]),
            "scale_max": float(scale[1]),
        }
    )


def study(invited, ends=(np.nan,) * 4, tickets=None, **settings) -> Study:
    if tickets is None:
        tickets = pd.DataFrame(
            {"ticket_id": ["t"], "created_at": START, "status": "open", "requester_id": "c0"}
        )
    until = (START + pd.Timedelta(days=400)).isoformat()
    tables = {"tickets": tickets, "customers": customers(list(ends)), "surveys": invited}
    settings = {"targets_given": True} | settings
    return Study.from_tables(tables, observed_until=until, **settings)


def four() -> Study:
    """Four customers, three asked on one day: a promoter, a detractor, a silent one who left."""
    return study(asked(["c0", "c1", "c2"], [10, 10, 10], [10, 3, np.nan]), [np.nan] * 2 + [50, 60])


def test_the_funnel_by_hand():
    steps = surveys.funnel(four(), "nps").frame
    assert steps.loc["all", ["eligible", "invited", "answered"]].tolist() == [4, 3, 2]
    assert steps.loc["left later", ["eligible", "invited", "answered"]].tolist() == [2, 1, 0]
    assert steps.loc["stayed", ["eligible", "invited", "answered"]].tolist() == [2, 2, 2]
    assert steps.loc["all", "answered share"] == pytest.approx(2 / 3)


def test_groups_add_up_to_all():
    steps = surveys.funnel(four(), "nps").frame[["eligible", "invited", "answered"]]
    assert steps.drop("all").sum().tolist() == steps.loc["all"].tolist()


def test_who_had_left_could_not_be_asked():
    steps = surveys.funnel(study(asked(["c0"], [70], [9]), [np.nan, 50]), "nps").frame
    assert steps["eligible"].tolist() == [1, 1]


def test_an_invitation_whose_two_weeks_are_not_over_is_no_silence():
    young = study(asked(["c0", "c1"], [10, 390], [9, np.nan]))
    assert surveys.invitations(young)["customer_id"].tolist() == ["c0"]


def test_bounds_by_hand():
    # Of 4: one promoter, one detractor, two unknown: all detractors -50, all promoters +50.
    rows = surveys.bounds(four(), "nps").frame
    assert rows["lowest"].to_dict() == pytest.approx({"answered": 0, "asked": -100 / 3, "all": -50})
    assert rows["highest"].tolist() == pytest.approx([0, 100 / 3, 50])
    assert rows["answered"].tolist() == [2, 2, 2]


def test_bounds_hold_whatever_the_silent_think():
    rng = np.random.default_rng(4)
    for _ in range(20):
        answers = rng.integers(0, 11, 12).astype(float)
        silence = rng.random(12) < 0.5
        silence[:2] = False
        who = [f"c{i}" for i in range(12)]
        heard = study(asked(who, [5] * 12, np.where(silence, np.nan, answers)), [np.nan] * 12)
        truth = 100 * ((answers >= 9).mean() - (answers <= 6).mean())
        row = surveys.bounds(heard, "nps").frame.loc["all"]
        assert row["lowest"] - 1e-9 <= truth <= row["highest"] + 1e-9
        assert row["low"] <= row["lowest"]
        assert row["high"] >= row["highest"]


def test_when_all_answer_the_bounds_are_the_score():
    both = surveys.bounds(study(asked(["c0", "c1"], [5, 5], [10, 0]), [np.nan] * 2), "nps").frame
    assert (both["lowest"] == both["highest"]).all()


def test_a_ticket_never_asked_about_still_counts():
    tickets = pd.DataFrame(
        {
            "ticket_id": list("abc"),
            "requester_id": ["c0", "c1", "c2"],
            "created_at": day([1, 1, 1]),
            "first_solved_at": day([2, 3, np.nan]),
            "status": ["solved", "solved", "open"],
        }
    )
    invited = asked(["c0"], [1], [5], "csat", (1, 5), ["a"])
    steps = surveys.funnel(study(invited, tickets=tickets), "csat").frame
    assert steps.loc["all", ["eligible", "invited", "answered"]].tolist() == [3, 1, 1]
    assert steps.loc["not solved", ["eligible", "invited"]].tolist() == [1, 0]
    rows = surveys.bounds(study(invited, tickets=tickets), "csat").frame
    assert rows["lowest"].tolist() == pytest.approx([100, 100, 100 / 3])
    assert rows["highest"].tolist() == pytest.approx([100, 100, 100])


@pytest.mark.parametrize(
    ("scale", "answer", "top"),
    [
        ((1, 5), 4, 1),
        ((1, 5), 3, 0),
        ((1, 7), 6, 1),
        ((1, 7), 5, 0),
        ((0, 1), 1, 1),
        ((0, 1), 0, 0),
    ],
)
def test_the_top_box_is_the_upper_quarter_of_any_scale(scale, answer, top):
    one = study(asked(["c0"], [5], [answer], "csat", scale, ["t"]))
    assert score_in(surveys.invitations(one), "csat")["estimate"] == 100 * top


def test_a_mean_is_rescaled_to_ten():
    answers = [1, 5] * 10
    invited = asked([f"c{i}" for i in range(20)], [5] * 20, answers, "csat", (1, 5))
    rows = csat(study(invited)).frame.set_index("kpi")
    assert rows.loc["Satisfaction", "estimate"] == pytest.approx(5)


def test_a_net_promoter_score_on_another_scale_is_refused():
    rows = surveys.invitations(study(asked(["c0"], [5], [4], "nps", (1, 5))))
    assert "0 to 10" in score_in(rows, "nps").reason


def test_the_silent_are_watched_from_two_weeks_after_their_second_invitation():
    who = ["c0", "c0", "c1", "c1", "c2", "c2", "c3"]
    invited = asked(who, [0, 20, 0, 20, 0, 20, 0], [9, np.nan] + [np.nan] * 5)
    cohort = surveys.silent_cohort(study(invited, [np.nan, 100, 30, np.nan]))
    cohort = cohort.set_index("customer_id")
    # c2 left before the landmark on day 34, c3 was asked once.
    assert cohort.index.tolist() == ["c0", "c1"]
    assert cohort["group"].tolist() == ["answered at least once", "answered neither"]
    assert cohort["time"].tolist() == pytest.approx([366, 66])
    assert cohort["event"].tolist() == [0, 1]


def test_a_later_answer_does_not_look_back():
    who = ["c0", "c0", "c0", "c1", "c1"]
    invited = asked(who, [0, 20, 90, 0, 20], [np.nan, np.nan, 9, 8, 8])
    groups = surveys.silent_cohort(study(invited, [np.nan] * 2)).set_index("customer_id")["group"]
    assert groups["c0"] == "answered neither"


def test_without_invitations_every_result_names_its_question():
    bare = Study.from_tables(
        {"tickets": pd.DataFrame({"ticket_id": ["t"], "created_at": [START], "status": ["open"]})}
    )
    assert "send list" in silent.headline(bare)[0].reason
    for ask in (surveys.funnel, surveys.answered_by_month, surveys.bounds, surveys.adjusted,
                surveys.tipping):  # fmt: skip
        assert ask(bare, "csat").reason.endswith(": it takes survey invitations.")
    for ask in (surveys.left_after, surveys.left_by_day):
        assert ask(bare).reason.endswith(": it takes survey invitations.")
    reasons = {ask(bare, "nps").reason for ask in (surveys.funnel, surveys.bounds)}
    assert len(reasons) == 2


def test_a_survey_whose_tickets_are_all_too_young_reaches_nobody_yet():
    tickets = pd.DataFrame({"ticket_id": ["a"], "requester_id": ["c0"], "created_at": day([370]),
                            "status": "solved"})  # fmt: skip
    young = study(asked(["c0"], [371], [5], "csat", (1, 5), ["a"]), tickets=tickets)
    for ask in (surveys.funnel, surveys.answered_by_month, surveys.bounds):
        assert "nobody it is about was seen so long" in ask(young, "csat").reason


@pytest.fixture(scope="module")
def company() -> Study:
    tables, truth = simulate_world(1500, 5, text=False)
    start, until = (f"{truth['world'][k]}T00:00:00Z" for k in ("tickets_from", "observed_until"))
    times = {"tickets_from": start, "customers_from": start, "observed_until": until}
    return Study.from_tables(tables, targets_given=True, **times)


def test_the_page_tells_of_a_simulated_company(company):
    for kind in ("csat", "nps"):
        steps = surveys.funnel(company, kind).frame
        assert steps.loc["all", "eligible"] > steps.loc["all", "invited"] > 0
        assert (
            steps.drop(["all", "solved", "not solved"], errors="ignore")["eligible"].sum()
            == (steps.loc["all", "eligible"])
        )
        bounds = surveys.bounds(company, kind).frame
        widths = (bounds["highest"] - bounds["lowest"]).tolist()
        assert widths == sorted(widths)
    assert "may be anything from" in silent.headline(company)[1].text
    assert surveys.left_after(company).frame["group"].nunique() == 2


def test_those_who_had_given_notice_answer_less_as_planted(company):
    steps = surveys.funnel(company, "csat").frame["answered share"]
    assert steps["had given notice"] < steps["stayed"]


def test_the_bounds_are_judged_by_the_studys_own_target():
    # 40 of 50 promoters and 10 detractors, all heard: 60 points (about 36 to 80), so 30 is met
    # and 90 is not.
    said = [10] * 40 + [0] * 10
    who = [f"c{i}" for i in range(50)]
    for wanted, told in ((30.0, "met"), (90.0, "not met")):
        one = study(asked(who, [5] * 50, said), [np.nan] * 50, nps_target=wanted)
        rows = surveys.bounds(one, "nps")
        assert rows.table()[f"at least {wanted:g}?"].tolist() == [told] * 3
    assert np.isnan(SCORES["csat"].target(one))  # its target is of the mean, not of a share


def test_invitations_that_the_page_does_not_count_are_said():
    # t0 is written before the first invitation, on day 0, so its two invitations are not counted.
    tickets = pd.DataFrame(
        {"ticket_id": ["t0", "t1", "t2"], "requester_id": ["c0", "c1", "c2"], "status": "solved",
         "created_at": day([-5, 1, 2]), "first_solved_at": day([0, 2, 3])}
    )  # fmt: skip
    rows = asked(["c0", "c1", "c2", "c0"], [0, 3, 4, 9], [5, 4, np.nan, np.nan], "csat", (1, 5),
                 ["t0", "t1", "t2", "t0"])  # fmt: skip
    one = study(rows, tickets=tickets)
    said = "Of 4 invitations under 5 are not counted here. Their ticket is older"
    assert surveys.bounds(one, "csat").out.text.startswith(said)


def test_where_every_invitation_counts_that_is_said():
    one = study(asked(["c0", "c1"], [5, 5], [9, np.nan]))
    assert surveys.bounds(one, "nps").out.text == "All 2 invitations (1 answered) are counted."


def test_months_of_a_survey_are_cut_on_the_studys_clock():
    # 03:00 UTC on the first of February is still January in New York: the same month as day 5.
    rows = asked(["c0", "c1"], [5, 31.125], [9, 9])
    local = surveys.eligible(study(rows, time_zone="America/New_York"), "nps")
    assert local["month"].unique().tolist() == ["2025-01"]
    assert surveys.eligible(study(rows), "nps")["month"].unique().tolist() == ["2025-01", "2025-02"]


def test_a_month_that_begins_at_a_midnight_that_is_skipped_can_be_over():
    # Asuncion's clocks went from 2023-09-30 23:59 to 2023-10-01 01:00, so October has no midnight.
    one = study(asked(["c0"], [5], [9]), time_zone="America/Asuncion")
    assert _is_over(one, "2023-10", 14)
    assert _is_over(one, "2023-09", 14)


def test_a_month_is_over_on_the_day_on_which_its_window_closes():
    # Watched until 2026-02-05, 35 days after the end of December.
    one = study(asked(["c0"], [5], [9]))
    assert (_is_over(one, "2025-12", 35), _is_over(one, "2025-12", 36)) == (True, False)
