"""For a person at the keyboard: search tickets, pick a cause, see its months and quotes."""

import html
import json
import textwrap

import ipywidgets
import itables
import pandas as pd
import plotly.express as px
from IPython.display import display
from plotly.graph_objects import Figure

from cxresearch.outcomes.cause_months import CauseMonths, cause_months
from cxresearch.pages.show import as_picture
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.tables import as_html
from cxresearch.study.visible import visible
from cxresearch.topics.causes import named
from cxresearch.topics.text import joined_text
from cxresearch.topics.text.shown import shown
from cxresearch.topics.topic_model import TopicModel

PLOTLY = "application/vnd.plotly.v1+json"  # JupyterLab draws it with what plotly installed there
COLOURED = 12  # topics
MOST_ROWS = 20_000
STYLE = """<style>
.cx-table td, .cx-table th {vertical-align: top; padding: 0.2em 0.6em}
.cx-table td:not(.num), .cx-table th:not(.num) {text-align: left}
.cx-about .widget-html-content {line-height: 1.4}
.cx-about td:not(:last-child), .cx-tickets th, .cx-tickets .cx-whole {white-space: nowrap}
.cx-tickets td {vertical-align: top}
.cx-tickets th:not(.dt-ordering-asc, .dt-ordering-desc) .dt-column-order {display: none}
.cx-tickets .cx-cut {overflow-wrap: anywhere}
.cx-tickets tfoot input {width: 100%; box-sizing: border-box; padding: 1px; font-size: 11px}
</style>"""
SHOWN = "created status cause subject text language channel".split()


@once
def tickets(study: Study) -> pd.DataFrame:
    """Tickets with their cause, newest first, masked and shortened: ticket_id as index, then
    created (date), status, cause, subject, text, language, channel. At most the newest 20,000."""
    return _masked(_newest(study), study)


def _newest(study: Study) -> pd.DataFrame:
    """A row a ticket with its cause, as customers wrote it: for no eye before _masked."""
    told = study.tickets.merge(study.ticket_causes, on="ticket_id")
    told = told.sort_values("created_at", ascending=False).drop_duplicates("ticket_id")
    return told.head(MOST_ROWS).set_index("ticket_id")


def _masked(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    masked = rows.assign(
        created=rows["created_at"].dt.strftime("%Y-%m-%d"),
        channel=rows["created_channel"].fillna(""),
        language=rows["language"].fillna(""),
        subject=rows["subject"].map(lambda text: shown(text, study, 80)),
        text=rows["description"].map(lambda text: shown(text, study, 200)),
    )[SHOWN]
    return masked.map(visible, na_action="ignore").rename(index=visible)


def ticket_table(study: Study) -> None:
    """Shows the tickets as a table that can be searched, sorted and filtered by column, offline."""
    _show(tickets(study), maxBytes=0, column_filters="footer", lengthMenu=[10, 25, 100])


def pick_cause(study: Study) -> ipywidgets.Widget:
    """A list of causes, the largest first; whichever is picked shows its months and quotes."""
    sizes = named(study).groupby("cause")["weight"].sum().sort_values(ascending=False)
    options = [(f"{visible(name)} ({size:,.0f})", name) for name, size in sizes.items()]
    picked = ipywidgets.Dropdown(options=options, layout={"width": "90%"}, description="cause")
    below = ipywidgets.VBox()

    def look(change: dict | None = None) -> None:
        parts = [ipywidgets.HTML(part) for part in about(study, picked.value)]
        below.children = tuple(part.add_class("cx-about") for part in parts)

    picked.observe(look, "value")
    look()
    return ipywidgets.VBox([picked, below])


def about(study: Study, cause: str, n: int = 8, seed: int = 1) -> list[str]:
    """One cause as pieces of HTML: its tickets a month, and masked quotes drawn by seed."""
    told = _newest(study)
    told = told[told["cause"] == cause]
    drawn = _masked(told.sample(min(n, len(told)), random_state=seed), study)
    quotes = as_html(drawn[["created", "status", "text"]].rename_axis("ticket"))
    return [as_picture(_months(study, cause)), STYLE + quotes]


def _months(study: Study, cause: str) -> CauseMonths | CannotTell:
    months = cause_months(study)
    return months if isinstance(months, CannotTell) else months.of(cause)


def topic_map(study: Study, topics: TopicModel) -> None:
    """Shows tickets near where their meaning is near; the pointer on one shows what it says.

    Drawn by JupyterLab itself: nothing is asked of the network.
    """
    drawn = json.loads(map_figure(study, topics).to_json())
    config = {"displaylogo": False, "responsive": True, "plotlyServerURL": "",
              "showSendToCloud": False}  # fmt: skip
    text = "A map of tickets, for JupyterLab with plotly's extension."
    display({PLOTLY: {**drawn, "config": config}, "text/plain": text}, raw=True)


def map_figure(study: Study, topics: TopicModel) -> Figure:
    """The map of tickets; the twelve largest topics are coloured, and texts are redacted, cut and
    escaped, because plotly reads markup in them."""
    names = topics.names().map(lambda name: html.escape(visible(name)[:60]))
    told = study.tickets.set_index("ticket_id").reindex(topics.points["ticket_id"])
    places = topics.points.assign(
        topic=topics.points["topic"].map(names).to_numpy(),
        group=topics.points["topic"].map(names[:COLOURED]).fillna("other topics").to_numpy(),
        ticket=told.index.map(visible),
        says=[_says(text, study) for text in joined_text(told)],
    )
    figure = px.scatter(
        places, x="x", y="y", color="group", custom_data=["ticket", "topic", "says"],
        category_orders={"group": [*names[:COLOURED], "other topics"]},
        color_discrete_sequence=[*px.colors.qualitative.Safe[:COLOURED - 1], "#26323f", "#d0d4d8"],
        height=640, template="plotly_white",
    )  # fmt: skip
    figure.update_traces(
        marker={"size": 6, "opacity": 0.75},
        hovertemplate="<b>%{customdata[1]}</b><br>%{customdata[2]}<br>ticket %{customdata[0]}"
        "<extra></extra>",
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    below = {"orientation": "h", "y": 0, "title": None}
    return figure.update_layout(legend=below, margin=dict.fromkeys("lrtb", 8))


def _says(text: str, study: Study) -> str:
    lines = textwrap.wrap(shown(text, study, 200), 60)
    return "<br>".join(html.escape(line) for line in lines)


def _show(frame: pd.DataFrame, **options) -> None:
    """A table without anything from outside, its texts escaped, no wider than what holds it: words
    stay whole, and only what was written freely is broken wherever it must."""
    rows = frame.rename_axis("ticket").reset_index()
    names = list(rows)
    display({"text/html": STYLE}, raw=True)
    itables.show(
        rows,
        connected=False,
        allow_html=False,
        showIndex=False,
        classes="display compact cx-tickets",
        style="table-layout:auto;width:100%;max-width:100%;font-size:12px",
        autoWidth=False,
        columnDefs=[
            {"className": "dt-left", "targets": "_all"},
            {"className": "dt-left cx-whole", "targets": [names.index("created")]},
            {"className": "dt-left cx-cut", "width": "20%", "targets": [names.index("subject")]},
            {"className": "dt-left cx-cut", "width": "40%", "targets": [names.index("text")]},
        ],
        **options,
    )
