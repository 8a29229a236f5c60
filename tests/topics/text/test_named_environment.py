"""Browser, system, device and version as customers name them; nothing where they do not."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import Study
from cxresearch.topics.text.environment import KINDS, environment, environments

NAMED = {
    "We use Chrome 126 on Windows.": {"browser": "Chrome 126", "system": "Windows"},
    "MacOS High Sierra 10.13.6 on iMac": {"system": "macOS 10.13.6", "device": "Mac"},
    "Seit Version 5.2.1 friert sie auf dem iPad 9 ein.": {"version": "5.2.1", "device": "iPad 9"},
    "Falla en Firefox desde la versión 4.1": {"browser": "Firefox", "version": "4.1"},
    "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 "
    "Safari/537.36": {"browser": "Chrome 126.0", "system": "Windows 10.0"},
    "It fails in Firefox and works in Chrome.": {},  # two: which it is about is not told
    "Invoice 12.345.678 of 3.4.2024, from 192.168.1.1": {},
    "Mr Dell wrote": {},
    "The Surface area is wet": {},
    "I want my mac and cheese": {},
    "Quiero ver 3 pedidos": {},
    "Please release 3 of my money": {},
    "My phone is 1.800.555.1234": {},
    "My Dell and ver 5.8": {"device": "Dell", "version": "5.8"},
    "Surface Pro 7 since release 12": {"device": "Surface", "version": "12"},
    "x " * 3000 + "iPhone": {},
    "An Edge case: the machine has windows, see https://plum.example.com/v2/items": {},
}


@pytest.mark.parametrize("text", NAMED)
def test_what_a_text_names_is_read_and_nothing_else(text):
    assert {kind: name for kind, name in environment(text).items() if name} == NAMED[text]


@given(st.text(max_size=80))
def test_any_text_has_all_kinds_and_a_version_is_digits_and_points(text):
    found = environment(text)
    assert tuple(found) == KINDS
    assert all(c.isdigit() or c == "." for c in found["version"] or "")


def test_every_ticket_has_a_row_and_who_names_nothing_is_null():
    rows = [{"ticket_id": str(i), "created_at": pd.Timestamp("2024-01-01", tz="UTC"),
             "status": "open", "requester_id": "p", "subject": subject}
            for i, subject in enumerate(["Safari shows nothing", None])]  # fmt: skip
    found = environments(Study.from_tables({"tickets": pd.DataFrame(rows)}))
    assert found["browser"].fillna("").tolist() == ["Safari", ""]
    assert found[list(KINDS)].iloc[1].isna().all()
