"""Named worlds: changes of a few parameters, each of which puts one claim of a method to the test.

simulate_world(2000, seed=1, **WORLDS["plain"]) makes one. All but "as the demo", "null" and
"snapshot covariates" are the plain world with one thing added, so that what goes wrong there has
one reason. Snapshots and wrong causes are a matter of the tables that are used, not of the world:
tests/benchmarks/estimator_bias.py mismeasures them.
"""

from cxresearch.lab.simulate.parameters import Incident

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
    # nothing stands between the method and the truth
    "plain": PLAIN,
    # issues do no harm at all; everything else is as in the demo
    "null": {"harm": 0.0},
    # those who use it most write most and leave least: unadjusted, harm hides
    "heavy users": PLAIN | {"activity_between": 0.8, "activity_effect": -1.0, "write_effect": 1.0},
    # agents close what is open in the two weeks before a customer gives notice
    "tidying up": PLAIN | {"tidied_up": 0.8, "tidied_days": 14.0},
    # half of those who leave stop writing two months before
    "silent leavers": PLAIN | {"silent": 0.5, "silent_days": 60.0},
    # payments fail for the same hidden reasons that make customers leave
    "informative censoring": PLAIN
    | {"frailty": 0.8, "pay_failure_per_year": 0.15, "failure_frailty": 1.0},
    # yearly terms, notice known for most: churn is booked months after the decision
    "annual contracts": PLAIN | {"annual_share": 1.0},
    # yearly terms, and only their ends are known
    "annual contracts, notice unknown": PLAIN | {"annual_share": 1.0, "notice_recorded": 0.0},
    # no harm, but most who leave ask for it in a ticket that stays open until they do
    "exit requests": PLAIN | {"harm": 0.0, "exit_requests": 0.9, "exit_lead_days": 12.0},
    # billing tells today's activity only, and zero for those who left; else as the demo
    "snapshot covariates": {},
    # most of the harm works through lower activity: adjusting for current activity hides it
    "usage as mediator": PLAIN | {"activity_effect": -0.7, "mediated": 0.7},
    # customers differ in ways that nobody sees
    "frailty": PLAIN | {"frailty": 1.0},
    # harm goes on for three months after a late solution
    "fading harm": PLAIN | {"fade_share": 0.8, "fade_days": 90.0},
    # the promise is seven days, harm begins after three
    "promise 7, harm 3": PLAIN | {"promise_days": 7.0, "harm_after_days": 3.0},
    # what is overdue adds to the hazard instead of multiplying it
    "additive hazards": PLAIN | {"additive": True},
    # half of those who leave ask for it, and the topics mistake three tickets in ten
    "30% wrong causes": PLAIN | {"exit_requests": 0.5},
    # an outage that everybody writes about, and a price rise that everybody leaves for, at once
    "calendar shock": PLAIN
    | {
        "harm": 0.0,
        "price_rise_on": SHOCK,
        "price_rise_ratio": 3.0,
        "price_rise_days": 91,
        "incidents": (Incident(SHOCK, "slow", 60, 0.5),),
    },
    # everything at once
    "as the demo": {},
}
