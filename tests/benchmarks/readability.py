"""Words, sentences, tables and printed sheets of a report.

    python -m tests.benchmarks.readability reports/example            prints them
    python -m tests.benchmarks.readability reports/example --long     sentences that are too much

Open is what a reader sees without unfolding anything. Computed sentences are those of findings; a
number's own interval in brackets counts with it. Sheets are A4, printed by Chromium where it is
there (open parts alone; folded ones are not printed).
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pandas as pd

from tests.readable import JARGON, read, sentence_lengths


def sheets(file: Path) -> int | None:
    """How many A4 sheets a page prints to; None without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "page.pdf"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        where = [f"--user-data-dir={folder}/browser", f"--print-to-pdf={to}"]
        command = [chromium, *flags, *where, file.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        return len(re.findall(rb"/Type\s*/Page\b", to.read_bytes()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--long", action="store_true", help="sentences that are too much to read")
    asked = parser.parse_args()
    told = sentence_lengths(asked.report)
    if asked.long:
        jargon = ~told["folded"] & told["sentence"].str.contains(JARGON)
        for row in told[(told["words"] > 25) | (told["numbers"] > 3) | jargon].itertuples():
            print(f"{row.page}{' folded' * row.folded}, {row.words} words, {row.numbers} numbers:")
            print(f"    {row.sentence}")
        return
    pages = [read(file) for file in sorted(asked.report.glob("*.html"))]
    rows = pd.DataFrame(pages).drop(columns=["said", "open text"]).set_index("page")
    lengths = told.groupby("page")["words"]
    rows["sentences"] = lengths.size()
    rows["90th percentile"], rows["longest"] = lengths.quantile(0.9), lengths.max()
    rows["over 35"] = told[told["words"] > 35].groupby("page").size()
    rows["over three numbers"] = told[told["numbers"] > 3].groupby("page").size()
    rows["sheets"] = [sheets(asked.report / f"{page}.html") for page in rows.index]
    print(rows.astype(float).fillna(0).round().astype(int).to_string())
    sums = rows[["open words", "all words", "open tables", "open cells", "sheets"]].sum()
    print("all pages:", ", ".join(f"{n:,.0f} {name}" for name, n in sums.items()))


if __name__ == "__main__":
    main()
