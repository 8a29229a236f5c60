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
from cxresearch.study.writing import ParquetParts, new_folder, write_report
from cxresearch.topics.given import EXIT_REQUEST, GIVEN, given_causes

BLOCK = 10_000  # customers; some 30,000 tickets
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
) -> dict[str, int]:
    """Simulates a company of at least n_tickets tickets as a study folder; rows written by table.

    Each block of customers is a company of its own (simulate_world) in the same world, from a seed
    spawned from the seed; the last block is the one in which n_tickets is reached. The first blocks
    have text, until at least text_for tickets have it (None: all). No row is broken on purpose.
    tickets have the planted cause as given_cause, which ticket_causes repeats (topics.given).
    progress is told how many tickets there are after each block. world is as in simulate_world.
    Raises InputError if the folder is there already or a number is below what can be.
    """
    text_for = n_tickets if text_for is None else text_for
    if n_tickets < 1 or block < 1 or text_for < 0:
        raise InputError("A company needs at least 1 ticket, and 1 customer in a block.")
    parameters, spawned = make_world(**world), np.random.SeedSequence(seed)
    rows, blocks, mute = Counter(), [], 0
    with new_folder(Path(folder)) as new:
        with ExitStack() as open_files:
            files = {name: open_files.enter_context(ParquetParts(new / f"{name}.parquet"))
                     for name in TABLES}  # fmt: skip
            while rows["tickets"] < n_tickets:
                own = int(spawned.spawn(1)[0].generate_state(1, np.uint64)[0])
                tables = _block(len(blocks) + 1, block, own, rows["tickets"] < text_for, world)
                for name, frame in tables.items():
                    files[name].append(frame)
                    rows[name] += len(frame)
                mute += int(tables["tickets"]["description"].isna().sum())
                blocks.append({"n_customers": block, "seed": own})
                progress(rows["tickets"])
        told = {"blocks": len(blocks), "block": block, "mute": mute, "tickets": rows["tickets"]}
        counts = [{"table": n, "read": k, "kept": k, "quarantined": 0} for n, k in rows.items()
                  if n != "ticket_causes"]  # fmt: skip
        write_report(new, {"rows": counts, "notes": [note.format(**told) for note in NOTES]})
        settings = study_settings(parameters, f"--tickets {n_tickets} --seed {seed}")
        (new / "study.toml").write_text(settings_text(settings), encoding="utf-8")
        truth = {
            "n_customers": block * len(blocks), "seed": seed, "world": parameters.as_dict(),
            "hazard_ratio": parameters.planted_ratios, "blocks": blocks,
        }  # fmt: skip
        (new / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n", "utf-8")
    return dict(rows)


def _block(number: int, n: int, seed: int, text: bool, world: dict) -> dict[str, pd.DataFrame]:
    """The tables of one block, whose ids begin with its number."""
    tables, truth = simulate_world(n, seed, text=text, **world)
    told = truth["tickets"]
    causes = [told[ticket]["causes"][0] for ticket in tables["tickets"]["ticket_id"]]
    tables["tickets"][GIVEN] = pd.Series(causes, dtype="str")
    tables = {name: _numbered(frame, f"{number}-") for name, frame in tables.items()}
    names = sorted([*truth["hazard_ratio"], EXIT_REQUEST])
    return tables | {"ticket_causes": given_causes(tables["tickets"], names)}


def _numbered(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The frame with what belongs to its block alone (all but agents, groups and machines) called
    by the block's number."""
    own = [name for name in frame if name.endswith("_id") and name[:5] not in ("assig", "group")]
    made = {name: prefix + frame[name] for name in own}
    if "actor_id" in frame:
        customer = frame["actor_role"].eq("customer").fillna(False)
        made["actor_id"] = frame["actor_id"].mask(customer, made["actor_id"])
    return frame.assign(**made)
