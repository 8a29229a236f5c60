"""How much a person has to change in what `cxresearch map` drafts, layout by layout.

tests/loaders/layouts/ holds files in the form of an export that exists (the headers are from
vendors' documentation or public files, all rows are invented) and beside each the mapping that a
person who knows the export would write; a line there that begins with "# also" is as right as what
it stands for, or may be there. Of a draft are counted

    lines       what the right mapping holds, but for source
    to_change   lines of the right mapping that the draft lacks, asks about or has otherwise, and
                lines of the draft that have to go
    wrong       of these, the lines of the draft that hold what is not right, without a mark

held_out layouts were chosen when the code was done, and nothing was changed for them since.

    python tests/benchmarks/map_layouts.py            prints the table
    python tests/benchmarks/map_layouts.py --lines    also names the lines to change
    python tests/benchmarks/map_layouts.py --write    keeps it as map_layouts.csv
"""

import sys
import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from cxresearch.loaders.drafting.drafts import draft

HERE = Path(__file__).parent
LAYOUTS = HERE.parent / "loaders" / "layouts"
TABLE = HERE / "map_layouts.csv"
BILLING = ("konten_de",)
HELD_OUT = ("aircall_calls", "google_play_reviews", "segnalazioni_it", "servicenow_tasks")


def flat(held, name=()) -> dict[tuple, object]:
    """The values in a mapping by their place in it."""
    if isinstance(held, list) and held and isinstance(held[0], dict):
        held = {part.get("file", number): part for number, part in enumerate(held)}
    if not isinstance(held, dict):
        return {name: held}
    return {k: v for key, part in held.items() for k, v in flat(part, (*name, key)).items()}


def lines(text: str) -> dict[tuple, object]:
    """The lines of a mapping that tell something of the export."""
    return {k: v for k, v in flat(tomllib.loads(text)).items() if k != ("source",)}


def export_of(right: Path) -> Path:
    """The export that a right mapping is for."""
    return next(p for p in right.parent.glob(f"{right.stem}.*") if p.suffix != ".toml")


@cache
def drafted(right: Path) -> str:
    """What is drafted for a layout."""
    return draft(export_of(right))


def compared(right: Path) -> tuple[dict, set, set]:
    """The lines of the right mapping, those of the draft that are not right, and those it lacks."""
    text = right.read_text(encoding="utf-8")
    wanted, made = lines(text), lines(drafted(right))
    also = [lines(line.removeprefix("# also ")) for line in text.splitlines() if "# also " in line]
    allowed = {item for line in also for item in line.items()}
    wrong = {p for p, v in made.items() if wanted.get(p) != v and (p, v) not in allowed}
    lacking = {p for p in wanted if p not in made}
    return wanted, wrong, lacking


def counted(right: Path) -> dict[str, int]:
    """What is right in the draft for one layout, and what is to be changed."""
    wanted, wrong, lacking = compared(right)
    return {"lines": len(wanted), "to_change": len(wrong | lacking), "wrong": len(wrong)}


def table() -> pd.DataFrame:
    """One row a layout."""
    rights = sorted(LAYOUTS.glob("*.toml"))
    rows = [{"layout": r.stem, "held_out": r.stem in HELD_OUT} | counted(r) for r in rights]
    return pd.DataFrame(rows).sort_values(["held_out", "layout"]).set_index("layout")


if __name__ == "__main__":
    made = table()
    print(made.to_string())
    for right in sorted(LAYOUTS.glob("*.toml")) if "--lines" in sys.argv else ():
        print(
            right.stem,
            *(".".join(map(str, place)) for places in compared(right)[1:] for place in places),
        )
    if "--write" in sys.argv:
        made.to_csv(TABLE, lineterminator="\n")
