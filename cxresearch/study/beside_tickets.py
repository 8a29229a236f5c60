"""The tables beside tickets: reviews, talks with bots, articles, incidents, agents.

All are optional. What a site or a system does not tell stays null: most sites do not say which
customer wrote a review, and few help desks tell who read an article.
"""

from cxresearch.study.table_form import Column, Table, columns_of, whole

# How a talk with a bot ended, and which of these its maker counts as contained.
ENDINGS = ("confirmed", "assumed", "handed_over", "abandoned", "unknown")
CONTAINED = ENDINGS[:2]
_WHO = columns_of(
    "text",
    requester_id="the person, as the help desk knows them",
    customer_id="the account, where it is known",
)

REVIEWS = Table(
    "reviews",
    "one row a public review or post, with stars where the site has them",
    "review_id",
    (
        *columns_of("text", needed=True, review_id="the site's own number, as text"),
        *columns_of("text", needed=True, source="the site: trustpilot, google, yelp, app store …"),
        *columns_of("time", needed=True, written_at="when it was written, or last changed"),
        *columns_of("number", stars="1 to 5; null where the site has none"),
        *columns_of(
            "text",
            title="its heading",
            body="what was written",
            language="locale or language tag of the text",
            product="what is reviewed: product, app version",
            place="which shop or site of the company",
            reply="the company's public answer",
        ),
        *columns_of("time", replied_at="when the company answered in public"),
        *_WHO,
    ),
    rules=(
        ("stars are outside 1 to 5", "stars NOT BETWEEN 1 AND 5"),
        ("written_at is before 1990", "written_at < TIMESTAMPTZ '1990-01-01 00:00:00+00'"),
        whole("review_id"),
    ),
)

BOT_SESSIONS = Table(
    "bot_sessions",
    "one row a talk with a bot, handed to a person or not",
    "session_id",
    (
        *columns_of("text", needed=True, session_id="the bot's own number, as text"),
        *columns_of("time", needed=True, started_at="when it began"),
        *columns_of("time", ended_at="the last message in it"),
        *columns_of("integer", turns="messages that the customer wrote"),
        *columns_of(
            "text",
            channel="where: chat, web, e-mail",
            intent="what the bot took it to be about",
            body="the customer's first words",
        ),
        Column(
            "ended",
            "text",
            "as its maker tells: the customer confirmed that it helped; nobody wrote more, so that "
            "is assumed; handed over; abandoned in the middle; unknown",
            True,
            ENDINGS,
        ),
        *columns_of("text", handed_to="the group or person", ticket_id="the ticket made of it"),
        *_WHO,
    ),
    rules=(("ended_at is before started_at", "ended_at < started_at"), whole("session_id")),
)

ARTICLES = Table(
    "articles",
    "one row an article that customers can read",
    "article_id",
    (
        *columns_of("text", needed=True, article_id="its number, as text", title="its heading"),
        *columns_of("text", body="its text, without markup", language="language tag", section="in"),
        *columns_of("time", created_at="when it was written", updated_at="when it last changed"),
        *columns_of(
            "integer",
            count_views="times read, where only the sum is told",
            count_helpful="votes that it helped",
            count_unhelpful="votes that it did not",
        ),
    ),
    rules=(whole("article_id"),),
)

ARTICLE_VIEWS = Table(
    "article_views",
    "one row an article that was read, or a search for one, with or without a result",
    "view_id",
    (
        *columns_of("text", needed=True, view_id="number of the view"),
        *columns_of("time", needed=True, viewed_at="when"),
        *columns_of(
            "text",
            article_id="what was read; null where a search led to none",
            query="what was searched for; null where nothing was",
        ),
        *columns_of("integer", count_results="results of the search; 0 where it found none"),
        *columns_of("integer", times="how many views the row stands for; null is one"),
        *_WHO,
    ),
)

INCIDENTS = Table(
    "incidents",
    "one row an incident, a maintenance or a release, which has no length",
    "incident_id",
    (
        *columns_of("text", needed=True, incident_id="its number, as text"),
        *columns_of("time", needed=True, started_at="when it began"),
        *columns_of("time", ended_at="when it was over; null of a release, or while it lasts"),
        Column("kind", "text", "what it was", True, ("incident", "maintenance", "release")),
        *columns_of("text", component="what was hit", title="its heading", severity="how bad"),
    ),
    rules=(("ended_at is before started_at", "ended_at < started_at"), whole("incident_id")),
)

AGENTS = Table(
    "agents",
    "one row an agent and a stretch of time in one team",
    None,
    (
        *columns_of("text", needed=True, agent_id="as in assignee_id and actor_id"),
        *columns_of("time", valid_from="from when; null is always", valid_to="until when"),
        *columns_of("text", team="as in group_id, or a name", role="first line, lead …"),
        *columns_of("list", languages="language tags that the agent answers in"),
    ),
    rules=(("valid_to is before valid_from", "valid_to < valid_from"), whole("agent_id")),
)

VOICE_TOPICS = Table(
    "voice_topics",
    "which topic of the tickets a review, search or article is near; made here, never imported",
    None,
    (
        Column("voice", "text", "what it is", True, ("review", "search", "article")),
        *columns_of("text", needed=True, voice_id="its number; of a search, a hash of its words"),
        *columns_of("integer", needed=True, topic="number of the topic; below 0 of none"),
        *columns_of("number", weight="share of its nearest texts that have this topic"),
        *columns_of("number", near="cosine to these texts"),
    ),
)

BESIDE = (REVIEWS, BOT_SESSIONS, ARTICLES, ARTICLE_VIEWS, INCIDENTS, AGENTS, VOICE_TOPICS)
