"""A company of any size, block by block: memory holds one block of customers at a time."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.broken import study_settings
from cxresearch.lab.simulate.parameters import make_world
from cxresearch.lab.simulate.world import simulate_world
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import settings_text
from cxresearch.study.writing import GrowingTable, new_folder, write_report
from cxresearch.topics.given import EXIT_REQUEST, GIVEN, given_causes, without_text

BLOCK = 10_000  # customers; some 30,000 tickets
SHARED = ("assignee_id", "group_id")  # one help desk serves all blocks
NOTES = (
    "Everything here is simulated: Larkfield does not exist, nor do its customers or their words.",
    "It was simulated in {blocks} blocks of {block:,} customers, each from a seed of its own: ids "
    "begin with the number of their block, and tables are in order of time within a block only.",
    "given_cause is the main cause that was planted in a ticket. truth.json holds the seed of each "
    "block, but neither single tickets nor what levers would have saved.",
    "{mute:,} of {tickets:,} tickets have no text: what they are about was given, not found.",
    "Customers who left before the first day of the export are not in it, and tickets written "
    "before it are not either, although some of them were still open.",
)


def stream_world(
    folder: Path,
    n_tickets: int,
    seed: int,
    *,
    text_for: int | None = None,
    block: int = BLOCK,
    progress: Callable[[int], object] = lambda tickets: None,
    **world,
) -> pd.DataFrame:
    """Simulates a company of at least n_tickets tickets as a study folder; rows by table, as the
    import report counts them (read, kept, quarantined).

    Each block of customers is a company of its own (simulate_world) in the same world, from a seed
    spawned from the seed; the last block is the one in which n_tickets is reached. The first blocks
    have text, until at least text_for tickets have it (None: all). No row is broken on purpose.
    tickets have the planted cause as given_cause, which ticket_causes repeats (topics.given).
    progress is told how many tickets there are after each block. Raises InputError if the folder
    is there already, a number is below what can be, or a parameter of the world is unknown.
    """
    if n_tickets < 1 or block < 1:
        raise InputError("A company needs at least 1 ticket, and 1 customer in a block.")
    parameters, spawned = make_world(**world), np.random.SeedSequence(seed)
    rows, blocks, mute = Counter(), [], 0
    with new_folder(Path(folder)) as new:
        with ExitStack() as files:
            held = {name: files.enter_context(GrowingTable(new, name)) for name in TABLES}
            while rows["tickets"] < n_tickets:
                own = int(spawned.spawn(1)[0].generate_state(1, np.uint64)[0])
                text = text_for is None or rows["tickets"] < text_for
                blocks.append({"n_customers": block, "seed": own})
                tables, truth = _block(len(blocks), block, own, text, world)
                for name, frame in tables.items():
                    held[name].append(frame)
                    rows[name] += len(frame)
                mute += int(without_text(tables["tickets"]).sum())
                progress(rows["tickets"])
        told = {"blocks": len(blocks), "block": block, "mute": mute, "tickets": rows["tickets"]}
        counts = pd.DataFrame({"read": rows, "kept": rows, "quarantined": 0}).rename_axis("table")
        write_report(new, {"rows": counts.reset_index().to_dict("records"),
                           "notes": [note.format(**told) for note in NOTES]})  # fmt: skip
        asked = f"--tickets {n_tickets} --seed {seed}"
        asked += "" if text_for is None else f" --text-for {text_for}"
        settings = study_settings(parameters, asked)
        (new / "study.toml").write_text(settings_text(settings), encoding="utf-8")
        truth |= {"n_customers": block * len(blocks), "seed": seed, "blocks": blocks}
        (new / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n", "utf-8")
    return counts


def _block(number: int, n: int, seed: int, text: bool, world: dict) -> tuple[dict, dict]:
    """The tables of one block, whose ids begin with its number, and its truth without tickets."""
    tables, truth = simulate_world(n, seed, text=text, voices=False, **world)
    truth.pop("vendor")
    causes = [each["causes"][0] for each in truth.pop("tickets").values()]  # as the tickets lie
    tables["tickets"][GIVEN] = pd.Series(causes, dtype="str")
    tables = {name: _numbered(frame, f"{number}-") for name, frame in tables.items()}
    names = sorted([*truth["hazard_ratio"], EXIT_REQUEST])
    return tables | {"ticket_causes": given_causes(tables["tickets"], names)}, truth


def _numbered(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The frame with every id that is of its block alone (of no agent, group or machine) behind
    the block's number."""
    own = [name for name in frame if name.endswith("_id") and name not in SHARED]
    made = {name: prefix + frame[name] for name in own}
    if "actor_id" in frame:
        customer = frame["actor_role"].eq("customer").fillna(False)
        made["actor_id"] = frame["actor_id"].mask(customer, made["actor_id"])
    return frame.assign(**made)
