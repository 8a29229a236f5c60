"""Where a sample stands for all customers: the headline's comparison on the cells of all of them.

Cells know no activity before the issue, so this ratio is not the headline; the same model on the
sample's cells stands beside it, and what the two differ by is chance alone.
"""

from contextlib import suppress

import numpy as np
import pandas as pd

from cxresearch.episodes import WRITTEN, build_episodes
from cxresearch.episodes.cells import person_time_cells
from cxresearch.outcomes.models import ENOUGH_EVENTS, HEADLINE, in_words
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.whole_customers import engine_over
from cxresearch.study.words import LEAVING
from cxresearch.survival import poisson_hazard

BIN = ["quarter", "billing_period", "plan"]
VARIANTS = {"all": "all customers, in cells", "sample": "the sample, in the same cells"}
MODEL = "overdue + late + none + C(since_writing) + C(bin)"


def ratios_of_all(study: Study) -> dict[str, dict]:
    """The headline's comparison on cells (quarter, contract, plan, time since writing) of all
    customers and of the sample, as rows of leaving.variants; none where the study is no sample, or
    where the cells of the sample are not the sums of its episodes, because the study tells less
    than their SQL assumes."""
    if study.sample is None:
        return {}
    cells, rows = {of: cells_of(study, of) for of in VARIANTS}, build_episodes(study)
    rows = rows.assign(state=rows["state"].fillna("unknown"), days=rows["stop"] - rows["start"])
    sums = (rows.rename(columns={"event": "events"}), cells["sample"])
    here, wanted = (of.groupby("state")[["days", "events"]].sum().sort_index() for of in sums)
    if not (here.index.equals(wanted.index) and np.allclose(here, wanted, rtol=1e-9)):
        return {}
    return {f"{of} in cells": _row(study, cells[of], told) for of, told in VARIANTS.items()}


@once
def cells_of(study: Study, of: str) -> pd.DataFrame:
    """episodes.person_time_cells of the sample, or of all that it stands for."""
    return person_time_cells(engine_over(study, of), study.settings)


def _row(study: Study, cells: pd.DataFrame, told: str) -> dict:
    known = cells[cells["state"] != "unknown"]
    known = known.assign(bin=known[BIN].agg(" ".join, axis=1))
    left = known.groupby("bin")["events"].transform("sum")
    known = known[(left > 0) & (known["days"] > 0)].assign(
        overdue=known["state"].eq("overdue").astype(float),
        late=known["state"].eq("solved late").astype(float),
        none=known["state"].eq("none").astype(float),
        since_writing=known["since_writing"].where(known["since_writing"] < WRITTEN[-1], 0),
    )
    in_time = known["state"].isin(["open in time", "solved in time"])
    exposed = int(known.loc[known["overdue"] > 0, "events"].sum())
    reference = int(known.loc[in_time, "events"].sum())
    estimate = dict.fromkeys(("hazard_ratio", "low", "high", "p"), np.nan)
    if min(exposed, reference) >= ENOUGH_EVENTS:
        with suppress(InputError):  # no finite ratio
            estimate = poisson_hazard(known, MODEL).summary_frame().loc["overdue"].to_dict()
    row = {
        "comparison": HEADLINE.comparison,
        "adjusted for": "time since writing",
        "hazard ratio": estimate.pop("hazard_ratio"),
        **estimate,
        LEAVING.exposed: exposed,
        LEAVING.reference: reference,
        "who": HEADLINE.who,
        "against": HEADLINE.against,
        "variant": told,
    }
    return in_words(study, pd.DataFrame([row])).iloc[0].to_dict()
