"""What is left of runs that are killed at any moment, and does the next run make up for it?

    python -m tests.benchmarks.killed [command ...]

writes tests/benchmarks/killed.csv: a row a kill (SIGKILL, 50 of each command) of import, topics,
topics --refit --accept, report and simulate on small studies: the moment; what stood there after
it: before, after, or, of a study's topics, causes.toml and ticket_causes, each whole but some of
before and some of after, which the next run takes up (a kill between two renames; anything else is
torn);
whether the next run completed and made, byte by byte, what an undisturbed run makes; how many
hidden, unfinished or temporary files and folders lay there then.

A run is the whole command in a process of its own, forked from one that has imported the package,
so that moments fall into work and not into imports. Moments are drawn from a seed: half are a time,
half a step, the how-manieth time the run opens, makes, renames or removes a file in the places that
it writes to, because the clock would miss most of these. What stands in the table already is not
done again: delete it to begin anew.
"""

import contextlib
import gc
import hashlib
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cxresearch.cli import app
from cxresearch.study import db
from cxresearch.topics import embed
from cxresearch.topics.text import language

FILE = Path(__file__).with_suffix(".csv")
EXPORT = Path(__file__).parents[1] / "loaders" / "formats" / "zendesk"
SEED, KILLS, CUSTOMERS = 6, 50, 8
EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir")
CELL = "from cxresearch import open_study\nlen(open_study().tickets)"
USED = ("bertopic", "IPython.display", "pyarrow.dataset", "pydantic", "cxresearch.topics.fit",
        "cxresearch.lab.simulate", "cxresearch.report.run",
        "cxresearch.topics.causes.refit")  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A command, what it needs to lie there, and the place whose contents are compared."""

    words: tuple[str, ...]
    makes: str
    needs: tuple["Command", ...] = ()


SIMULATE = Command(("simulate", "--customers", str(CUSTOMERS), "--seed", "3", "--to", "s"), "s")
IMPORT = Command(("import", "zendesk", str(EXPORT), "--time-zone", "Europe/Madrid", "--to", "z"),
                 "z")  # fmt: skip
TOPICS = Command(("topics", "s"), "s", (SIMULATE,))
REFIT = Command(("topics", "s", "--refit", "--accept"), "s", (SIMULATE, TOPICS))
OLDER = Command(("report", "s", "--notebooks", "older"), "reports/s")
REPORT = Command(("report", "s", "--notebooks", "books"), "reports/s", (SIMULATE, TOPICS, OLDER))
COMMANDS = {"import": IMPORT, "topics": TOPICS, "refit": REFIT, "report": REPORT,
            "simulate": SIMULATE}  # fmt: skip


def forked(
    words: tuple[str, ...],
    folder: Path,
    at_step: int = -1,
    count: Path | None = None,
    first: Callable[[], object] = int,
) -> int:
    """The process id of a whole run of a command in a folder, which kills itself at a step, or
    counts its steps into a file. first is called in that process before."""
    if pid := os.fork():
        return pid
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        os.environ["CXRESEARCH_CACHE"] = str(folder / "cache")
        tempfile.tempdir = str(folder / "tmp")
        parents = db.beside_memory() if db.beside_memory.cache_info().currsize else None
        db.beside_memory.cache_clear()  # parents stays referred to: what is forgotten is removed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(nowhere, 1)
        os.dup2(log, 2)
        sys.stdout, sys.stderr = (open(at, "w", buffering=1, closefd=False) for at in (1, 2))
        steps = Steps(at_step, folder)
        if at_step >= 0 or count:
            sys.addaudithook(steps)
        first()
        app(list(words), standalone_mode=False)
        code = 0
        if count:
            count.write_text(str(steps.done))
    except SystemExit as error:
        code = int(error.code or 0)
    finally:
        if db.beside_memory.cache_info().currsize and db.beside_memory() is not parents:
            db.beside_memory().cleanup()  # as at the end of a program
        os._exit(code)


class Steps:
    """An audit hook that counts how often files are changed, and kills its process at a step."""

    def __init__(self, at_step: int, folder: Path):
        self.done, self.at_step, self.folder = 0, at_step, f"{folder}{os.sep}"

    def __call__(self, event: str, args: tuple) -> None:
        if event in EVENTS and isinstance(args[0], str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(args[0]))
            if path.startswith(self.folder):
                if self.done == self.at_step:
                    os.kill(os.getpid(), signal.SIGKILL)
                self.done += 1


def ended(pid: int) -> int:
    """The exit code of a process that has ended, -9 where it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ran(command: Command, folder: Path) -> int:
    """The exit code of an undisturbed run."""
    return ended(forked(command.words, folder))


def killed(command: Command, folder: Path, moment: float | int) -> int:
    """The exit code of a run that is killed after so many seconds, or at a step."""
    by_step = isinstance(moment, int)
    pid = forked(command.words, folder, moment if by_step else -1)
    if not by_step:
        time.sleep(moment)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return ended(pid)


def state(folder: Path, place: str) -> dict[str, str]:
    """The checksum of every part of a place: its files, and of folders in it all files together;
    hidden and unfinished files are left out."""
    parts: dict[str, str] = {}
    for file in sorted((folder / place).rglob("*")):
        inside = file.relative_to(folder / place)
        if file.is_file() and not _left(inside):
            held = hashlib.sha256(f"{inside}\n".encode() + file.read_bytes()).hexdigest()[:12]
            parts[inside.parts[0]] = parts.get(inside.parts[0], "") + held
    return parts


def _left(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts) or file.suffix == ".part"


def leftovers(folder: Path) -> int:
    """How many hidden or unfinished files and folders lie in the places that a run writes to."""
    inside = [place.relative_to(folder) for place in folder.rglob("*")]
    hidden = sum(_left(place) and not _left(place.parent) for place in inside)
    return hidden + len([*(folder / "tmp").glob("cxresearch-*")])


def prepared(command: Command, folder: Path) -> Path:
    """A folder in which a command can be run: with what it needs, and the cache of sentences."""
    for name in ("tmp", "cache", "books", "older"):
        (folder / name).mkdir(parents=True)
    for name, text in (("older", "before"), ("books", "now")):
        cells = [new_markdown_cell(f"# How many {text}?\n\n> How many?", id="a")]
        cells += [new_code_cell(CELL, id="b")]
        nbformat.write(new_notebook(cells=cells), folder / name / "00-summary.ipynb")
    for before in command.needs:
        if ran(before, folder):
            raise RuntimeError((folder / "log").read_text(encoding="utf-8"))
    if command is REFIT:
        _as_a_person_edits(folder / "s" / "causes.toml", "confirmed = false", "confirmed = true")
        _as_a_person_edits(folder / "s" / "study.toml", "target_topics = 16", "target_topics = 2")
    return folder


def _as_a_person_edits(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise RuntimeError(f"{file.name} does not hold {old}")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def undisturbed(command: Command, start: Path, folder: Path) -> tuple[dict[str, str], int, float]:
    """What a whole run makes, in how many steps and seconds it does."""
    shutil.copytree(start, folder)
    begun, count = time.monotonic(), folder / "steps"
    if ended(forked(command.words, folder, count=count)):
        raise RuntimeError((folder / "log").read_text(encoding="utf-8"))
    seconds = time.monotonic() - begun
    if state(start, command.makes) == state(folder, command.makes):
        raise RuntimeError(f"before and after are the same: {' '.join(command.words)}")
    return state(folder, command.makes), int(count.read_text()), seconds


def found(command: Command, folder: Path, before: dict[str, str], after: dict[str, str]) -> str:
    """before, after, each whole (files of before and files of after), or torn."""
    there = state(folder, command.makes)
    if there in (before, after):
        return "before" if there == before else "after"
    whole = all(there.get(part) in (before.get(part), after.get(part)) for part in before | after)
    return "each whole" if whole and there.keys() <= (before | after).keys() else "torn"


def next_run(command: Command, folder: Path, there: str) -> bool:
    """Does the next run complete, or refuse to write over a study that is complete? Where it
    refuses it does no work, so another follows that writes beside it."""
    refuses = there == "after" and "--to" in command.words
    if refuses and ran(replace(command, words=(*command.words[:-1], "beside")), folder):
        return False
    return ran(command, folder) == (2 if refuses else 0)


def a_kill(command: Command, start: Path, folder: Path, whole: dict, moment: float | int) -> dict:
    """What becomes of one run that is killed after so many seconds, or at a step."""
    shutil.copytree(start, folder)
    by = "step" if isinstance(moment, int) else "time"
    code = killed(command, folder, moment)
    there = found(command, folder, state(start, command.makes), whole)
    completed = next_run(command, folder, there)
    row = {"by": by, "moment": moment, "killed": code == -9, "found": there, "completed": completed,
           "same": state(folder, command.makes) == whole, "left": leftovers(folder)}  # fmt: skip
    shutil.rmtree(folder)
    return row


def measured(name: str, kills: list[int], home: Path) -> Iterator[dict]:
    """A row a kill of a command: kill, by, moment, killed, found, completed, same, left."""
    command, place = COMMANDS[name], [*COMMANDS].index(name)
    start = prepared(command, home / name)
    whole, steps, seconds = undisturbed(command, start, home / f"{name}-whole")
    for i in kills:
        rng = np.random.default_rng([SEED, place, i])
        moment = float(rng.uniform(0, seconds)) if i % 2 else int(rng.integers(steps))
        row = a_kill(command, start, home / f"{name}-run", whole, moment)
        yield {"command": name, "kill": i} | row | {"moment": round(moment, 3)}


def warmed() -> None:
    """Everything a command imports, and the encoder, before any is forked."""
    embed._model(*embed.encoder_files(embed.DEFAULT))
    for name in USED:
        importlib.import_module(name)
    language._detector()
    gc.freeze()  # what a fork does not touch is not copied


def main(names: list[str], kills: int = KILLS) -> None:
    warmed()
    rows = pd.read_csv(FILE).to_dict("records") if FILE.exists() else []
    done = {(row["command"], row["kill"]) for row in rows}
    with tempfile.TemporaryDirectory() as home:
        todo = {n: [i for i in range(kills) if (n, i) not in done] for n in names or COMMANDS}
        for made in zip_longest(*(measured(n, i, Path(home)) for n, i in todo.items() if i)):
            rows += filter(None, made)
            table = pd.DataFrame(rows).sort_values(["command", "kill"])
            table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.groupby(["command", "by"])[["killed", "completed", "same", "left"]].sum())
    print(table.groupby(["command", "found"]).size())


if __name__ == "__main__":
    main(sys.argv[1:])
