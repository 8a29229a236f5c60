"""What complaints and praise in public sound like: masked quotes, drawn by seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.kpis.public.reviewed import BLAME, PRAISE, complaints, reviewed
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.topics.text import joined_text, scrub
from cxresearch.topics.text.shown import undoubted

TOP, TRIED, LETTERS, SEED = 4, 12, 220, 12
NONE = "of no cause in the tickets"


def in_their_words(study: Study) -> pd.DataFrame | CannotTell:
    """A masked complaint and praise about each of the causes that public complaints are most about,
    and about none: cause, tone, quote, site, stars. Drawn by seed of those that leave no doubt that
    nothing personal stands in them."""
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows
    named = rows.assign(cause=rows["cause"].fillna(NONE), bad=complaints(rows))
    order = named[named["bad"]]["cause"].value_counts().index
    told = study.reviews.set_index("review_id")
    texts = joined_text(told.rename(columns={"title": "subject", "body": "description"}))
    quotes = []
    for place, cause in enumerate(order[:TOP]):
        for tone, of in ((BLAME, named["bad"]), (PRAISE, named["tone"].eq(PRAISE).fillna(False))):
            ids = named.loc[of & (named["cause"] == cause), "review_id"].sort_values().to_numpy()
            drawn = np.random.default_rng([SEED, place]).permutation(ids)[:TRIED]
            quotes += [
                {"cause": cause, "tone": tone, "quote": quote, "site": told["source"][each],
                 "stars": told["stars"][each]}
                for each, quote in undoubted(study, texts[texts != ""], drawn, LETTERS, scrub, 1)
            ]  # fmt: skip
    if not quotes:
        return CannotTell("what reviews sound like: none could be shown without a doubt.")
    return pd.DataFrame(quotes)
