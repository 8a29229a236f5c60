"""What holds for all tests."""

import pytest

from cxresearch.study import once


@pytest.fixture(autouse=True)
def kept_in_the_process_alone(request, monkeypatch):
    """A test may put other functions in the place of ours: what they make must not stay on disk."""
    if not request.node.path.name == "test_once.py":
        monkeypatch.setattr(once, "_on_disk", once._make)
