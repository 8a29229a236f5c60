"""BERTopic (Grootendorst 2022) around our own vectors and clusterer: the words of each topic."""

import re
import warnings
from collections.abc import Callable, Collection, Sequence

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
from stop_words import LANGUAGE_MAPPING, get_stop_words

from cxresearch.study.schema import InputError
from cxresearch.topics.embed import go_offline, quiet
from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.text import language_of

go_offline()
with warnings.catch_warnings():  # BERTopic silences everybody's warnings when it is imported
    warnings.simplefilter("ignore")
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation._base import BaseRepresentation

POLITE = """hi hello hey dear team thanks thank thx please pls help regards kind best greetings
    sincerely cheers appreciated advance sorry hope ve ll don doesn didn isn wasn aren couldn won
    wouldn shouldn haven hasn just like want need know getting got does did doing im ive dont cant
    doesnt didnt really way make trying tried try using use used going able says say said""".split()
STOP_WORDS = sorted({*ENGLISH_STOP_WORDS, *POLITE})
# Longer ones are whole sentences of scripts without spaces.
WORD = r"(?u)\b(?:[a-z]\w{1,24}|[^\W\d_]\w{1,11})\b"
ABSENT = "…"
ASKED = "asked"  # the aspect of topics that holds what a language model suggests
SOME, TENTH = 500, 0.1  # texts looked at for their language; the share that makes it one of theirs


class Encoder(BaseEmbedder):
    """The package's own encoder as BERTopic wants it, to place new texts among the topics."""

    def __init__(self, name: str | None, embedded: Callable[[list[str]], np.ndarray]):
        super().__init__()
        self.name, self.embedded = name, embedded

    def embed(self, documents: Sequence[str], verbose: bool = False) -> np.ndarray:
        """The documents' vectors, a row each."""
        return self.embedded(list(documents))


class OrderedBERTopic(BERTopic):
    """BERTopic that leaves topics numbered as the clusterer did if that is by size already.

    Of topics of equal size it would put first whichever it met first.
    """

    def _sort_mappings_by_frequency(self, documents):
        if (np.diff(np.bincount(documents["Topic"])) > 0).any():
            return super()._sort_mappings_by_frequency(documents)
        self._update_topic_size(documents)
        return documents


def fit_bertopic(
    texts: list[str],
    vectors: np.ndarray,
    clusterer: SharedNeighbourTopics,
    encoder: Encoder,
    people: Collection[str] = (),
    asker: BaseRepresentation | None = None,
) -> BERTopic:
    """BERTopic fitted on texts with our vectors, no dimension reduction and our clusterer.

    people are words that name persons: they tell no topic and are no word of any. asker, if
    there is one, suggests names beside them.
    """
    model = OrderedBERTopic(
        embedding_model=encoder,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=clusterer,
        vectorizer_model=_vectorizer(texts, people),
        top_n_words=30,
        representation_model={ASKED: asker} if asker else None,
    )
    with quiet():
        model.fit(texts, embeddings=vectors, y=np.array(texts, dtype=object))
    return model


def topic_words(model: BERTopic) -> list[list[str]]:
    """Each topic's words and word pairs, the most telling first, none empty."""
    by_topic = model.get_topics()
    return [[word for word, _ in by_topic[topic] if word] for topic in sorted(by_topic)]


def stop_words(texts: Sequence[str]) -> list[str]:
    """Words that tell no topic: English and polite ones, and those of each further language that a
    tenth of the texts are surely in."""
    some = sorted(set(texts))
    told = language_of(some[:: max(1, len(some) // SOME)]).dropna()
    shares = told.value_counts() / max(len(told), 1)
    further = [each for each in shares.index[shares >= TENTH] if each in LANGUAGE_MAPPING]
    words = " ".join(word for each in sorted({*further} - {"en"}) for word in get_stop_words(each))
    return sorted({*STOP_WORDS, *re.findall(WORD, words.lower())})


def _vectorizer(texts: list[str], people: Collection[str]) -> CountVectorizer:
    """Counts words and pairs that two texts or more hold; in odd texts, whatever there is.

    BERTopic cannot work with a single word, so a second one that no text holds goes with it.
    """
    persons = (word for word in people if word.islower() and re.fullmatch(WORD, word))
    untold = [*stop_words(texts), *persons]
    plain = {"ngram_range": (1, 2), "token_pattern": WORD, "stop_words": untold}
    anything = {"token_pattern": r"(?u)\w+"}
    for options, least in ((plain, 2), (plain, 1), (anything, 1)):
        try:
            words = CountVectorizer(**options, min_df=min(least, len(texts))).fit(texts).vocabulary_
        except ValueError:  # nothing is left
            continue
        return CountVectorizer(**options, vocabulary=sorted({*words, ABSENT}))
    raise InputError("There are no words in these texts to name a topic by.")
