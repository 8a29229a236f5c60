"""cxresearch: from a help desk's export to the root-cause story."""

import os
from importlib import import_module

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # gives back what is freed
__version__ = "0.1.0"
# The public names by what they are for, each with the room that it lives in; a room is imported
# when one of its names is first asked for (PEP 562). docs/reference.md is made from them.
GROUPS = {
    "Studies": {
        "Study": "study",
        "open_study": "study",
        "partitions": "study.whole_customers",
        "load": "loaders",
    },
    "Topics": {
        "fit_topics": "topics.fit",
        "study_topics": "topics.causes.refit",
    },
    "Customers' lives in rows": {
        "build_episodes": "episodes",
        "check_episodes": "episodes",
        "customer_lives": "episodes",
    },
    "Events over time, on any rows": {
        "coxph": "survival",
        "cumulative_incidence": "survival",
        "Curves": "survival.curves",
        "kaplan_meier": "outcomes.still_there",
        "mean_cumulative_function": "survival",
        "rmst": "survival",
        "smallest_hazard_ratio": "survival",
    },
    "What became of customers": {
        "hazards": "outcomes",
        "by_cause": "outcomes",
        "curves": "outcomes",
    },
    "Where the desk stands": {
        "scorecard": "kpis.scorecard",
        "first_contact_resolution": "kpis.first_contact",
        "recurrence": "kpis.staying_solved",
        "response_compliance": "kpis.compliance",
        "retention": "kpis.retention",
    },
    "What fixing would save": {
        "cause_model": "impact",
        "customers_kept": "impact",
        "fix_list": "impact",
        "revenue_saved": "impact",
    },
    "Answers and pages": {
        "CannotTell": "study",
        "Finding": "study",
        "InputError": "study",
        "cards": "pages.show",
        "finding": "study",
        "peek": "pages.show",
        "say": "pages.show",
        "show": "pages.show",
        "table": "pages.show",
    },
}
ROOMS = {name: room for names in GROUPS.values() for name, room in names.items()}
__all__ = sorted(ROOMS)


def __getattr__(name: str):
    if name in ROOMS:
        return getattr(import_module(f"cxresearch.{ROOMS[name]}"), name)
    from difflib import get_close_matches

    near = get_close_matches(name, ROOMS, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise AttributeError(f"cxresearch has no '{name}'{hint}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
