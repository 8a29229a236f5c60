"""Renders reports/example from the notebooks as committed: python -m cxresearch.report.publish.

With --check it writes nothing and fails if reports/example is not what it would render.
"""

import sys
from pathlib import Path

from cxresearch.report.render import check_published, publish
from cxresearch.study.schema import InputError
from cxresearch.study.study import DEMO

EXAMPLE = Path("reports") / "example"

if __name__ == "__main__":
    act = check_published if sys.argv[1:] == ["--check"] else publish
    try:
        act(Path("notebooks"), DEMO, EXAMPLE)
    except InputError as error:
        sys.exit(str(error))
