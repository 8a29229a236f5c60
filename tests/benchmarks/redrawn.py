"""How sure a saving is by drawing customers anew, beside the delta method of impact/doubt.py.

Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap.
"""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.survival import CoxFit, coxph

Statistic = Callable[[CoxFit, pd.DataFrame, np.ndarray], np.ndarray]


def bootstrap(
    fit: CoxFit, rows: pd.DataFrame, of: Statistic, *, draws: int, seed: int, cores: int = 1
) -> np.ndarray:
    """The statistic in draws of customers with replacement, the model fitted anew in each (draws by
    numbers; NaN where it could not be). Counts done go to stderr.

    Who is not drawn weighs next to nothing, so that the rows, and their strata, stay.
    """
    seeds = np.random.SeedSequence(seed).spawn(draws)
    drawn = []
    with _drawing(cores, (fit, rows, of)) as again:
        for one in again(seeds):
            drawn.append(one)
            if len(drawn) % 10 == 0 or len(drawn) == draws:
                print(f"\r{len(drawn):,} of {draws:,} draws", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    some = next((one for one in drawn if one is not None), None)
    if some is None:
        raise InputError("In no draw of customers could the model be fitted.")
    return np.array([np.full(len(some), np.nan) if one is None else one for one in drawn])


@contextmanager
def _drawing(cores: int, given: tuple):
    """Runs draws here, or in processes of their own."""
    if cores == 1:
        _begin(*given)
        yield partial(map, _again)
        return
    with get_context("fork").Pool(cores, _begin, given) as pool:
        yield partial(pool.imap, _again)


_GIVEN: list = []


def _begin(*given) -> None:
    _GIVEN[:] = given


def _again(seed: np.random.SeedSequence) -> np.ndarray | None:
    fit, rows, of = _GIVEN
    codes, who = pd.factorize(rows["customer_id"])
    drawn = np.random.default_rng(seed).multinomial(len(who), np.full(len(who), 1 / len(who)))
    weights = np.maximum(drawn, 1e-9)[codes]
    again = {"strata": fit.strata, "pooled": fit.prior.names if fit.prior else None}
    try:
        new = coxph(rows.assign(_drawn=weights), list(fit.params.index), weights="_drawn", **again)
    except InputError:
        return None
    return of(new, rows, drawn[codes].astype(float))
