"""Support worlds with planted truth, and the text that customers write in them."""

from cxresearch.simulate.broken import as_export, write_world
from cxresearch.simulate.causes import CAUSES, Cause
from cxresearch.simulate.levers import levers
from cxresearch.simulate.parameters import World
from cxresearch.simulate.world import simulate_world
from cxresearch.simulate.worlds import WORLDS

__all__ = [
    "CAUSES",
    "WORLDS",
    "Cause",
    "World",
    "as_export",
    "levers",
    "simulate_world",
    "write_world",
]
