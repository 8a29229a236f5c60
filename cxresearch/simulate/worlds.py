"""Named worlds: changes of a few parameters, each of which puts one claim of a method to the test.

simulate_world(2000, seed=1, **WORLDS["null"]) makes one. What stays in a billing export as of
today (snapshots) is a matter of the columns that are used, not of the world.
"""

from cxresearch.simulate.parameters import Incident

# Nothing but the planted harm: no confounding, no memory, no silence, no waiting on customers.
PLAIN = {
    "activity_effect": 0.0,
    "mediated": 0.0,
    "fade_share": 0.0,
    "silent": 0.0,
    "exit_requests": 0.0,
    "pending": 0.0,
    "reopened": 0.0,
    "annual_share": 0.0,
    "price_rise_ratio": 1.0,
}
SHOCK = "2025-04-01"

WORLDS: dict[str, dict] = {
    # the demo's world
    "as the demo": {},
    # nothing stands between the method and the truth
    "plain": PLAIN,
    # issues do no harm at all; everything else is as in the demo
    "null": {"harm": 0.0},
    # those who use it most write most and leave least: unadjusted, harm hides
    "heavy users": {
        "activity_between": 0.8,
        "activity_effect": -1.0,
        "write_effect": 1.0,
        "mediated": 0.0,
    },
    # agents close what is open in the two weeks before a customer gives notice
    "tidying up": {"tidied_up": 0.8, "tidied_days": 14.0},
    # half of those who leave stop writing two months before
    "silent leavers": {"silent": 0.5, "silent_days": 60.0},
    # payments fail for the same hidden reasons that make customers leave
    "informative censoring": {
        "frailty": 0.8,
        "pay_failure_per_year": 0.15,
        "failure_frailty": 1.0,
    },
    # yearly terms, notice known for most: churn is booked months after the decision
    "annual contracts": {"annual_share": 1.0},
    # yearly terms, and only their ends are known
    "annual contracts, notice unknown": {"annual_share": 1.0, "notice_recorded": 0.0},
    # no harm, but most who leave ask for it in a ticket that stays open until they do
    "exit requests": {"harm": 0.0, "exit_requests": 0.9, "exit_lead_days": 12.0},
    # most of the harm works through lower activity: adjusting for current activity hides it
    "usage as mediator": {"mediated": 0.7},
    # customers differ in ways that nobody sees
    "frailty": {"frailty": 1.0},
    # harm goes on for three months after a late solution
    "fading harm": {"fade_share": 0.8, "fade_days": 90.0},
    # the promise is seven days, harm begins after three
    "promise 7, harm 3": {"promise_days": 7.0, "harm_after_days": 3.0},
    # an outage that everybody writes about, and a price rise that everybody leaves for, at once
    "calendar shock": {
        "harm": 0.0,
        "price_rise_on": SHOCK,
        "price_rise_ratio": 3.0,
        "price_rise_days": 91,
        "incidents": (Incident(SHOCK, "slow", 60, 0.5),),
    },
}
