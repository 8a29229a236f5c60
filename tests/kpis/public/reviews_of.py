"""Studies of few tickets and reviews, made by hand."""

import pandas as pd

from cxresearch.study.study import Study

DAY, START = pd.Timedelta(days=1), pd.Timestamp("2025-01-06T10:00:00Z")


def study(tickets: list[tuple], reviews: list[tuple], days: float = 400) -> Study:
    """tickets: (day, cause, customer, days until solved or None); reviews: (day, stars, cause or
    None, customer or None)."""
    names = sorted({cause for _, cause, *_ in tickets})
    rows = pd.DataFrame(tickets, columns=["day", "cause", "requester_id", "solved"])
    ids = [f"T{place}" for place in range(len(rows))]
    created = START + rows["day"] * DAY
    solved = created + rows["solved"].astype(float) * DAY
    told = pd.DataFrame(reviews, columns=["day", "stars", "cause", "customer_id"])
    ours = [f"R{place}" for place in range(len(told))]
    topic = told["cause"].map({name: place for place, name in enumerate(names)}).fillna(-5)
    customers = sorted({*rows["requester_id"]})
    end = START + days * DAY
    return Study.from_tables(
        {
            "tickets": pd.DataFrame({
                "ticket_id": ids, "created_at": created, "requester_id": rows["requester_id"],
                "status": rows["solved"].notna().map({True: "solved", False: "open"}),
                "first_solved_at": solved, "last_solved_at": solved,
            }),
            "ticket_causes": pd.DataFrame({
                "ticket_id": ids, "topic": rows["cause"].map(names.index), "cause": rows["cause"],
                "weight": 1.0, "is_exit_request": False,
            }),
            "reviews": pd.DataFrame({
                "review_id": ours, "source": "google", "written_at": START + told["day"] * DAY,
                "stars": told["stars"].astype(float),
                "customer_id": told["customer_id"].astype("str"),
            }),
            "voice_topics": pd.DataFrame({
                "voice": "review", "voice_id": ours, "topic": topic.astype(int),
            }),
            "customers": pd.DataFrame({
                "customer_id": customers, "started_at": START - 100 * DAY, "observed_until": end,
            }),
            "identities": pd.DataFrame({"requester_id": customers, "customer_id": customers}),
        },
        observed_until=end.isoformat(), unresolved_after_days=7.0, outcome="churn",
    )  # fmt: skip
