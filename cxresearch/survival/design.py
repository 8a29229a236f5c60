"""The columns that a model or a curve reads, and what is wrong with them, by column and rows."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError

if TYPE_CHECKING:
    from formulaic import ModelMatrix, ModelSpec


def design(
    rows: pd.DataFrame, covariates: "list[str] | str | ModelSpec"
) -> tuple[pd.DataFrame, list[str]]:
    """A frame with the covariates, and their names; formulaic reads a formula, such as
    "unresolved + C(plan)", and raises where it would drop rows."""
    if not (isinstance(covariates, str) or hasattr(covariates, "encoder_state")):
        table, names = rows, list(covariates)
    else:
        table = pd.DataFrame(matrix(rows, covariates)).drop(columns="Intercept", errors="ignore")
        names = list(table.columns)
    if not names:
        raise InputError("Name at least one covariate.")
    return table, names


def levels_shown(rows: pd.DataFrame, covariates: str) -> pd.DataFrame:
    """Those of the rows that show every level of a formula's factors, in the columns it reads."""
    spec = matrix(rows, covariates, most=1).model_spec
    if spec.transform_state:
        asked = ", ".join(spec.transform_state)
        raise InputError(f"{asked} asks for all rows at once: make it a column before, by hand.")
    read = [name for name in rows if name in spec.required_variables]
    factors = [
        [name for name in read if name in used]
        for factor, used in spec.factor_variables.items()
        if spec.encoder_state.get(factor.expr, [None])[0] is type(factor.kind).CATEGORICAL
    ]
    return pd.concat([rows[read].head(1), *(rows[read].drop_duplicates(by) for by in factors)])


def matrix(
    rows: pd.DataFrame, covariates: "str | ModelSpec", most: int | None = None
) -> "ModelMatrix":
    """The columns that a formula makes of the first so many rows (all), and of what; a ModelSpec
    is one with the levels that its factors have in other rows."""
    from formulaic import Formula  # takes most of a second
    from formulaic.errors import FormulaicError

    try:
        formula = Formula(covariates) if isinstance(covariates, str) else covariates
        refuse_missing(rows, sorted(str(name) for name in formula.required_variables))
        with np.errstate(all="ignore"):  # a logarithm of 0 is refused by name later
            return formula.get_model_matrix(rows[:most], context={}, na_action="raise")
    except InputError:
        raise
    except (FormulaicError, ValueError) as error:
        raise InputError(f"The formula '{covariates}' cannot be used: {error}") from error


def refuse_missing(rows: pd.DataFrame, names: list[str]) -> None:
    """InputError that names the first column that is not there, or has missing values."""
    for name in names:
        if name not in rows:
            like = nearest(name, rows.columns) or "."
            held = ", ".join(map(str, rows.columns))
            raise InputError(f"There is no column '{name}'{like} There are {held}.")
        missing = int(rows[name].isna().sum())
        if missing:
            where = f"{missing:,} of {len(rows):,} rows"
            raise InputError(f"'{name}' is missing in {where}: fill it in or leave them out.")


def floats(rows: pd.DataFrame, name: str) -> np.ndarray:
    """A column as floats, all of them finite."""
    if not pd.api.types.is_numeric_dtype(rows[name]):
        raise InputError(f"'{name}' is not numeric: write C({name}) in a formula.")
    values = rows[name].to_numpy(float)
    infinite = int((~np.isfinite(values)).sum())
    if infinite:
        raise InputError(f"'{name}' is not finite in {infinite:,} of {len(rows):,} rows.")
    return values


def refuse_repeats(
    names: list[str], information: np.ndarray, spread: np.ndarray, events: int, rows: str
) -> None:
    """InputError if a covariate does not vary among those at risk together, or repeats others: by
    the information on each at 0, and its spread over all rows, which rows says."""
    scale = np.sqrt(np.maximum(np.diag(information), 0))
    for name, wide, seen in zip(names, spread, scale, strict=True):
        if seen <= 1e-7 * (wide or 1) * np.sqrt(events):
            raise InputError(
                f"'{name}' has one value only among those at risk together "
                f"({rows}), so its effect cannot be seen: leave it out."
            )
    alike = information / np.outer(scale, scale)
    for k in range(1, len(names)):
        fitted = np.linalg.lstsq(alike[:k, :k], alike[:k, k], rcond=None)[0]
        if alike[k, k] - alike[k, :k] @ fitted < 1e-10:
            said = ", ".join(n for n, part in zip(names, fitted, strict=False) if abs(part) > 1e-6)
            raise InputError(f"'{names[k]}' only repeats {said}: leave one of them out.")
