"""The folder of a report: never takes the place of anything else."""

from pathlib import Path

from cxresearch.study.schema import InputError

MARK = '<meta name="generator" content="cxresearch">'


def refuse_what_is_not_ours(to: Path) -> None:
    """Raises InputError if a folder holds anything that no report of ours holds."""
    if not to.exists():
        return
    if not to.is_dir():
        raise InputError(f"{to} is a file: name a folder for the report.")
    for file in sorted(to.iterdir()):
        if not _is_ours(file):
            raise InputError(
                f"{to} holds {file.name}, which is not part of a report: "
                "name another folder, or move it away."
            )


def _is_ours(file: Path) -> bool:
    if file.name in ("answers.json", "finding.png", ".DS_Store"):
        return True
    return file.suffix == ".html" and MARK.encode() in file.read_bytes()[:1000]
