"""What holds for all tests."""

import pytest

from cxresearch.study import once


@pytest.fixture(autouse=True)
def kept_for_this_test_alone(request, monkeypatch):
    """A test may put other functions in the place of ours: what they make must not be kept on disk,
    nor found by the next test of the same study."""
    if request.node.path.name != "test_once.py":
        state, test = once._state, request.node.nodeid
        monkeypatch.setattr(once, "_state", lambda study, what: (test, state(study, what)))
        monkeypatch.setattr(once, "_on_disk", once._make)
