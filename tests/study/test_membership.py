"""Membership in long lists of text is that of isin."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.study.among import among

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=2)), max_size=8)


@given(TEXTS, TEXTS)
def test_it_is_isin_with_what_repeats_and_what_is_null(values, known):
    values, known = pd.Series(values, dtype="str"), pd.Series(known, dtype="str")
    pd.testing.assert_series_equal(among(values, known), values.isin(known))
