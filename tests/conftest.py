"""What holds for all tests."""

import pytest
from hypothesis import settings

from cxresearch.study import once

settings.register_profile("without a clock", deadline=None)  # a busy machine is no fault
settings.load_profile("without a clock")


@pytest.fixture(autouse=True)
def kept_for_this_test_alone(request):
    """A test may put other functions in the place of ours: what they make must not be kept on disk,
    nor found by the next test of the same study."""
    with pytest.MonkeyPatch.context() as patch:
        if request.node.path.name != "test_once.py":
            patch.setattr(once, "_on_disk", once._make)
            if (
                "monkeypatch" in request.fixturenames
                or request.node.path.name == "test_cause_table.py"
            ):
                state, test = once._state, request.node.nodeid
                patch.setattr(once, "_state", lambda study, what: (test, state(study, what)))
        yield
