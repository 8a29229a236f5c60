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

from cxresearch.pages import figures
from cxresearch.pages import why_customers_write as why
from cxresearch.pages.show import show
from cxresearch.study.answers import CannotTell, Picture
from cxresearch.study.study import Study
from cxresearch.topics.causes import named
from cxresearch.topics.text import excerpt, redact
from cxresearch.topics.topic_model import TopicModel

PLOTLY = "application/vnd.plotly.v1+json"  # JupyterLab draws it with what plotly installed there
COLOURED = 12  # topics
MOST_ROWS = 20_000
BARE = dict.fromkeys(("topStart", "topEnd", "bottomStart", "bottomEnd"))
SHOWN = "created status cause subject text language channel".split()


def tickets(study: Study) -> pd.DataFrame:
    """Tickets with their cause, newest first, redacted and shortened: ticket_id as index, then
    created (date), status, cause, subject, text, language, channel. At most the newest 20,000."""
    told = study.tickets.merge(study.ticket_causes, on="ticket_id")
    told = told.sort_values("created_at", ascending=False).drop_duplicates("ticket_id")
    told = told.head(MOST_ROWS).set_index("ticket_id")
    return told.assign(
        created=told["created_at"].dt.strftime("%Y-%m-%d"),
        channel=told["created_channel"].fillna(""),
        language=told["language"].fillna(""),
        subject=told["subject"].map(redact),
        text=told["description"].map(lambda text: excerpt(text, 200)),
    )[SHOWN]


def ticket_table(study: Study) -> None:
    """Shows the tickets as a table that can be searched, sorted and filtered by column, offline."""
    _show(tickets(study), maxBytes=0, column_filters="footer", lengthMenu=[10, 25, 100])


def pick_cause(study: Study) -> ipywidgets.Widget:
    """A list of causes, the largest first; whichever is picked shows its months and quotes."""
    sizes = named(study).groupby("cause")["weight"].sum().sort_values(ascending=False)
    options = [(f"{name} ({size:,.0f})", name) for name, size in sizes.items()]
    return ipywidgets.interactive(
        lambda cause: show_cause(study, cause),
        cause=ipywidgets.Dropdown(options=options, layout={"width": "90%"}),
    )


def show_cause(study: Study, cause: str, quotes: int = 8, seed: int = 1) -> None:
    """Shows one cause: tickets a month, and redacted quotes drawn by seed."""
    show(trend(study, cause))
    told = tickets(study)
    told = told[told["cause"] == cause]
    drawn = told.sample(min(quotes, len(told)), random_state=seed)
    _show(drawn[["created", "status", "text"]], paging=False, layout=BARE)


def trend(study: Study, cause: str) -> Picture | CannotTell:
    """The figure of one cause's tickets a month."""
    counts = why.monthly(study)
    if not isinstance(counts, CannotTell):
        counts = counts[counts["cause"] == cause]
    return figures.topic_trends(counts)


def topic_map(study: Study, topics: TopicModel) -> None:
    """Shows tickets near where their meaning is near; the pointer on one shows what it says.

    Drawn by JupyterLab itself: nothing is asked of the network.
    """
    drawn = json.loads(map_figure(study, topics).to_json())
    config = {"displaylogo": False, "responsive": True, "plotlyServerURL": ""}
    text = "A map of tickets, for JupyterLab with plotly's extension."
    display({PLOTLY: {**drawn, "config": config}, "text/plain": text}, raw=True)


def map_figure(study: Study, topics: TopicModel) -> Figure:
    """The map of tickets; the twelve largest topics are coloured, and texts are redacted, cut and
    escaped, because plotly reads markup in them."""
    names = topics.names().map(lambda name: html.escape(name[:60]))
    told = study.tickets.set_index("ticket_id").reindex(topics.points["ticket_id"])
    shown = topics.points.assign(
        topic=topics.points["topic"].map(names).to_numpy(),
        group=topics.points["topic"].map(names[:COLOURED]).fillna("other topics").to_numpy(),
        ticket=told.index,
        says=(told["subject"].fillna("") + " " + told["description"].fillna("")).map(_says).array,
    )
    figure = px.scatter(
        shown, x="x", y="y", color="group", custom_data=["ticket", "topic", "says"],
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


def _says(text: str) -> str:
    return "<br>".join(html.escape(line) for line in textwrap.wrap(excerpt(text, 200), 60))


def _show(frame: pd.DataFrame, **options) -> None:
    """A table without anything from outside, its texts escaped and aligned at the left."""
    shown = frame.rename_axis("ticket").reset_index()
    wide = [i for i, name in enumerate(shown) if name in ("text", "subject")]
    itables.show(
        shown,
        connected=False,
        allow_html=False,
        showIndex=False,
        classes="display compact",
        columnDefs=[
            {"className": "dt-left", "targets": "_all"},
            {"width": "30%", "targets": wide},
        ],
        **options,
    )
