"""A study with another table in the place of its own."""

import pandas as pd

from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study


def study_with(study: Study, name: str, frame: pd.DataFrame) -> Study:
    """The same study with another table; the study itself stays as it is, nothing is written."""
    tables = {table: study.table(table) for table in TABLES if study.has(table)}
    other = Study(study.settings, None, tables | {name: frame})
    other.truth = study.truth
    return other
