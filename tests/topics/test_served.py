"""Which tickets the encoder serves."""

import pandas as pd
import pytest

from cxresearch.topics.study import in_language


@pytest.mark.parametrize(
    ("locales", "served"),
    [
        (["en-US", "EN_gb", "en", "pt-BR", None], [True, True, True, False, True]),
        ([None, None], [True, True]),  # an export that knows no language at all
    ],
)
def test_a_ticket_is_served_unless_its_locale_names_another_language(locales, served):
    assert in_language(pd.Series(locales, dtype="str"), ("en",)).tolist() == served
