"""The argument that most commands have: where the study is."""

from pathlib import Path
from typing import Annotated

import typer

StudyFolder = Annotated[Path, typer.Argument(help="The study's folder, such as data/demo.")]
