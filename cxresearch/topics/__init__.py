"""What customers write about: topics found by machine, with their words, quotes and stability."""

from cxresearch.topics.fit import fit_topics
from cxresearch.topics.model import TopicModel, load_topics
from cxresearch.topics.study import study_topics

__all__ = ["TopicModel", "fit_topics", "load_topics", "study_topics"]
