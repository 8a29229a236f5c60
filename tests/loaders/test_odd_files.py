"""Odd files of every kind are read, or refused in a sentence: 2,000 of them (100,000: fuzz.py)."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.loaders.odd_files import KINDS, tried

INPUTS = dict.fromkeys(KINDS, 175) | {"zendesk": 75}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", KINDS)
def test_odd_files_are_read_or_refused_in_a_sentence(kind, tmp_path):
    @settings(max_examples=INPUTS[kind], deadline=None, suppress_health_check=list(HealthCheck))
    @given(KINDS[kind])
    def each(content):
        tried(kind, content, tmp_path)

    each()
