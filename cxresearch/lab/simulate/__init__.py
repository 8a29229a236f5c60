"""Support worlds with planted truth, and the text that customers write in them."""

from cxresearch.lab.simulate.broken import as_export, write_world
from cxresearch.lab.simulate.causes import CAUSES, Cause
from cxresearch.lab.simulate.interventions import levers
from cxresearch.lab.simulate.parameters import World
from cxresearch.lab.simulate.streamed import stream_world
from cxresearch.lab.simulate.world import simulate_world
from cxresearch.lab.simulate.worlds import WORLDS

__all__ = [
    "CAUSES",
    "WORLDS",
    "Cause",
    "World",
    "as_export",
    "levers",
    "simulate_world",
    "stream_world",
    "write_world",
]
