"""A second company with planted truth: hazards in continuous time, harm that adds to them.

Everything that could happen is drawn first, as if nobody ever left; who leaves when is read off
afterwards. A lever takes harm away and leaves every draw as it is.
"""

from cxresearch.lab.second_world.company import CAUSES, HARM, KINDS, SETTINGS, Company
from cxresearch.lab.second_world.planted import Truth
from cxresearch.lab.second_world.whole import second_world

__all__ = ["CAUSES", "HARM", "KINDS", "SETTINGS", "Company", "Truth", "second_world"]
