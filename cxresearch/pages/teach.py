"""For a person at the keyboard: teach what causes are, and see the effect before it is saved."""

import html

import ipywidgets
import pandas as pd

from cxresearch.pages.explore import STYLE
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.tables import as_html
from cxresearch.study.visible import visible
from cxresearch.topics.causes.draft import NO_CAUSE, Draft, effect, save
from cxresearch.topics.topic_model import TopicModel

NEW = ""  # no cause is called so: it stands for one that is to be added
WIDE = {"width": "90%"}
BESIDE = {"description_width": "12em"}
LINES = "<style>.cx-teach .widget-html-content {line-height: 1.4}</style>"


def teach(study: Study, topics: TopicModel) -> ipywidgets.Widget:
    """A form to rename, merge, split, add and forbid causes and to move a ticket; the effect is
    shown first, and nothing is written until it is saved."""
    try:
        return _Form(study, topics).box
    except InputError as error:
        return ipywidgets.HTML(_sentence(error))


class _Form:
    """The fields, and the draft that they were read into."""

    def __init__(self, study: Study, topics: TopicModel):
        self.study, self.topics = study, topics
        self.cause = ipywidgets.Dropdown(description="cause", layout=WIDE, style=BESIDE)
        self.name = ipywidgets.Text(description="call it", layout=WIDE, style=BESIDE)
        self.says = ipywidgets.Textarea(
            description="customers would write", placeholder="one sentence a line",
            rows=3, layout=WIDE, style=BESIDE,
        )  # fmt: skip
        self.none = ipywidgets.Checkbox(description="no cause", layout=WIDE, style=BESIDE)
        self.ticket = ipywidgets.Text(
            description="ticket", placeholder="its number", layout=WIDE, style=BESIDE
        )
        self.belongs = ipywidgets.Dropdown(description="belongs to", layout=WIDE, style=BESIDE)
        self.below = ipywidgets.HTML()
        asked = {"See the effect": self.see, "Save": self.save, "Start over": self.start_over}
        self.buttons = [ipywidgets.Button(description=says) for says in asked]
        for button in self.buttons:
            button.on_click(lambda button: self._do(asked[button.description]))
        self.cause.observe(self._picked, "value")
        self.start_over()
        self.box = ipywidgets.VBox(
            [self.cause, self.name, self.says, self.none, self.ticket, self.belongs,
             ipywidgets.HBox(self.buttons), self.below]
        ).add_class("cx-teach")  # fmt: skip

    def start_over(self) -> str:
        """Forgets the draft: the fields are as the files are."""
        self.first = self.draft = Draft.of(self.study)
        told = self.study.ticket_causes.drop_duplicates("ticket_id")["cause"]
        self.counts = told.value_counts()
        self._offer(None)
        self.ticket.value = ""
        return ""

    def see(self) -> str:
        """What would come of the draft, as a table; nothing is written."""
        draft, cause = self._drafted()
        rows = effect(self.study, self.topics, draft)
        self.draft = draft
        self.counts = rows.set_index("cause")["then"]
        self._offer(cause)
        rows = rows.sort_values(["come", "go"], ascending=False, kind="stable")
        changed = rows[(rows["come"] > 0) | (rows["go"] > 0) | rows["was"].notna()]
        if changed.empty:
            return "No ticket would move, and no cause would be called otherwise."
        return STYLE + LINES + _table(changed)

    def save(self) -> str:
        """Writes the draft, and says so."""
        draft, _ = self._drafted()
        if draft == self.first:
            return "There is nothing to save."
        count = save(self.study, draft, self.first)
        self.start_over()
        return (
            f"Saved. Tickets whose cause is another now, or is called otherwise: {count:,}. Run "
            "the cells above again to see them so."
        )

    def _do(self, what) -> None:
        """Does what a button asks for; the others wait, and what cannot be is said."""
        self.below.value = "Reading the tickets …"
        for button in self.buttons:
            button.disabled = True
        try:
            self.below.value = what()
        except (InputError, OSError) as error:
            self.below.value = _sentence(error)
        finally:
            for button in self.buttons:
                button.disabled = False

    def _drafted(self) -> tuple[Draft, str]:
        """The draft with what the fields say, and what the chosen cause is called there."""
        draft, cause = self._of_cause(self.cause.value)
        if ticket := self.ticket.value.strip():
            draft = draft.moved(ticket, self.belongs.value)
        return draft, cause

    def _of_cause(self, cause: str) -> tuple[Draft, str]:
        draft, name = self.draft, " ".join(self.name.value.split())
        sentences = self.says.value.splitlines()
        if cause == NEW:
            asked = name or self.says.value.strip()
            return (draft.added(name, sentences) if asked else draft), name
        if draft.examples(cause) != tuple(sentences):
            draft = draft.with_examples(cause, sentences)
        if self.none.value != draft.forbidden(cause):
            draft = (draft.without if self.none.value else draft.again)(cause)
        return (draft.renamed(cause, name) if cause in draft.names else draft), name

    def _picked(self, change: dict) -> None:
        """Another cause is chosen: what was said of the one before stays in the draft."""
        self.below.value = ""
        try:
            self.draft, _ = self._of_cause(change["old"])
        except InputError as error:
            self.below.value = _sentence(error)
        self._offer(change["new"])

    def _offer(self, cause: str | None) -> None:
        """Causes with their tickets, the largest first; one of them is chosen."""
        self.cause.unobserve(self._picked, "value")
        names = sorted(self.draft.names, key=lambda name: (-self.counts.get(name, 0), name))
        offered = [(self._label(name), name) for name in names]
        self.cause.options = [*offered, ("a new cause, or a part of one", NEW)]
        self.cause.value = cause if cause in (*names, NEW) else names[0]
        there = self.belongs.value
        self.belongs.options = [(visible(name), name) for name in (*names, NO_CAUSE)]
        self.belongs.value = there if there in (*names, NO_CAUSE) else names[0]
        self.cause.observe(self._picked, "value")
        self._fill()

    def _label(self, name: str) -> str:
        label = visible(name)
        return f"{label} ({self.counts[name]:,})" if name in self.counts else label

    def _fill(self) -> None:
        cause = self.cause.value
        self.name.value = cause
        self.says.value = "\n".join(self.draft.examples(cause)) if cause else ""
        self.none.value = bool(cause) and self.draft.forbidden(cause)


def _table(rows: pd.DataFrame) -> str:
    quotes = rows["such_as"].map(lambda quotes: " ".join(f"“{quote}”" for quote in quotes))
    now = rows.assign(such_as=quotes).rename(
        columns={"was": "is called now", "now": "tickets now", "then": "tickets then",
                 "such_as": "of those that come"}
    )  # fmt: skip
    return as_html(now if rows["was"].notna().any() else now.drop(columns="is called now"))


def _sentence(error: Exception) -> str:
    return f"<p>{html.escape(str(error))}</p>"
