"""What each ticket is about, as every later question reads it, and who asks to leave."""

import pandas as pd

from cxresearch.study.once import once
from cxresearch.study.schema import TICKET_CAUSES
from cxresearch.topics.causes.exit_requests import by_rule, is_exit_request
from cxresearch.topics.causes.file import NO_TOPIC, CausesFile
from cxresearch.topics.causes.teaching import corrections, said, taught
from cxresearch.topics.corpus import NEW_OR_OTHER, OTHER_LANGUAGE, UNCLEAR
from cxresearch.topics.given import with_given
from cxresearch.topics.text import joined_text, scrub

EXIT_TOPIC_SHARE = 0.5  # of a topic's tickets that ask to leave: then it is a topic of leavers ...
WHOLLY = 0.9  # ... and so is a ticket with this share of it


def ticket_causes(study, topics, told: CausesFile | None = None) -> pd.DataFrame:
    """A row for every ticket with a topic, as the schema's ticket_causes.

    cause is the name that causes.toml gives the topic, without it the topic's own, unless people
    taught otherwise (teaching.taught); without words it is "no words", in a language that was not
    read "other language", "unclear" where nothing is said of it, "new or other" where it is near to
    no topic that stands. Each has weight 1.
    is_exit_request: as a person says of the topic (all, none), else by words: the ticket asks to
    leave, or it lies wholly in a topic of which half do, because a topic of people who leave would
    otherwise look like the cause of their leaving. In a return study, where nobody has a contract,
    only the rule on words is asked. Tickets without text whose cause was given follow
    (given.with_given). attrs["exit_request"] holds what people said, by topic (text),
    attrs["said"] a checksum of all they said.
    """
    labelled = pd.DataFrame({"ticket_id": topics.ids, "topic": topics.labels})
    tickets = study.tickets[["ticket_id", "subject", "description"]]
    tickets = labelled.merge(tickets, on="ticket_id", how="left", validate="one_to_one")
    asks = _asks(study, joined_text(tickets))
    topic_asks = asks.astype(float).groupby(tickets["topic"]).transform("mean")
    wholly = (topics.weights >= WHOLLY).any(axis=1) & (topic_asks >= EXIT_TOPIC_SHARE)
    told = told or CausesFile(())
    corrected = corrections(study)
    by_name = taught(study, topics, told, corrected)
    leaves = {e.topic: e.exit_request for e in told.topics if e.exit_request != "by words"}
    by_cause = {e.name: e.exit_request for e in (*told.topics, *told.added)
                if e.exit_request != "by words"}  # fmt: skip
    cause = tickets["ticket_id"].map(by_name)
    by_person = cause.map(by_cause).map({"all": True, "none": False}).astype("boolean")
    causes = pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"].astype("str"),
            "topic": tickets["topic"].astype("Int64"),
            "cause": cause.astype("str"),
            "weight": 1.0,
            "is_exit_request": by_person.fillna(asks | wholly.astype("boolean")),
        }
    )[TICKET_CAUSES.names]
    causes.attrs["exit_request"] = {str(topic): words for topic, words in leaves.items()}
    causes.attrs["said"] = said(told, corrected)
    return with_given(study, causes)


def named(study) -> pd.DataFrame:
    """The rows of ticket_causes that tell a cause: not "no words" and the like (NO_TOPIC)."""
    return study.ticket_causes[tells(study.ticket_causes)]


@once
def of_few(study, least: float) -> tuple[str, ...]:
    """The causes about which fewer than least customers wrote."""
    if not study.has("ticket_causes"):
        return ()
    rows = study.customer_tickets.merge(named(study), on="ticket_id")
    who = rows["customer_id"].fillna(rows["requester_id"]).groupby(rows["cause"]).nunique()
    return tuple(who.index[who < least])


def tells(causes: pd.DataFrame) -> pd.Series:
    """Which rows of a topic and a cause tell a cause? A person may have given one to a ticket of no
    topic, or none to one of some."""
    taught = causes["topic"].isin([UNCLEAR, OTHER_LANGUAGE, NEW_OR_OTHER])
    return ((causes["topic"] >= 0) | taught) & ~causes["cause"].isin(NO_TOPIC.values())


def _asks(study, texts: pd.Series) -> pd.Series:
    if study.outcome == "return":
        return by_rule(texts.map(scrub))
    return is_exit_request(texts, encoder=study.settings.encoder)
