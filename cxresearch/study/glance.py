"""A study at a glance: its name, outcome, dates and tables, as text and as HTML."""

import html

from cxresearch.study.visible import isolated, visible

OUTCOME = {"churn": "churn (who left)", "return": "return (who writes again)"}


def as_text(study) -> str:
    """A study's name, outcome, dates and rows by table, a line each."""
    facts = [f"{name}: {value}" for name, value in _facts(study).items()]
    rows = [f"{name}: {n:,} rows" for name, n in study.rows.items()]
    return visible("\n  ".join([f"Study {study.name}", *facts, *rows]))


def as_html(study) -> str:
    """The same as a table; every text in it is escaped."""
    facts = [(name, html.escape(value), "") for name, value in _facts(study).items()]
    rows = [(name, f"{n:,}", " style='text-align:right'") for name, n in study.rows.items()]
    lines = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th><td{side}>{value}</td></tr>"
        for name, value, side in (*facts, *rows)
    )
    return isolated(f"<table><caption>Study {html.escape(study.name)}</caption>{lines}</table>")


def _facts(study) -> dict[str, str]:
    until, since = study.observed_until, study.settings.time("tickets_from")
    if since is None and study.rows.get("tickets"):
        since = study.tickets["created_at"].min()
    told = {
        "outcome": OUTCOME[study.outcome],
        "tickets from": "not known" if since is None else f"{since:%Y-%m-%d}",
        "watched until": "not known" if until is None else f"{until:%Y-%m-%d}",
    }
    return told | ({"cut": study.cut} if study.cut else {})
