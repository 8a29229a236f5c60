"""The method tried where the truth is known: a simulated company whose causes were planted.

A planted ratio is the total effect of a cause while one of its issues is overdue. Every function
takes a Study and answers with a table, or with CannotTell where nothing was planted.
"""

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import share
from cxresearch.lab.estimators import CompanyRows, estimates
from cxresearch.lab.truth_results import Analyses, ExitsMarked, FoundCauses, PlantedCauses, covers
from cxresearch.outcomes import leaving
from cxresearch.outcomes.cause_ratios import by_name
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.conform import typed
from cxresearch.study.once import once
from cxresearch.study.schema import TABLES
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with
from cxresearch.topics.causes import named
from cxresearch.topics.given import EXIT_REQUEST, found_alone, planted_causes

DIFFERENCES = {
    "mediated": ("{mediated:.0%} of the harm works through lower activity",
                 "activity is taken as it was before the issue, so that this part stays"),
    "activity_effect": ("heavy users write more and leave less, and activity changes",
                        "what was measured of it before the issue is taken out; the rest stays"),
    "silent": ("{silent:.0%} of those who leave write nothing in their last {silent_days:g} days",
               "what bothered them is not in the tickets"),
    "unmatched": ("{unmatched:.0%} of people are in no account", "their issues count for nobody"),
    "tickets_from": ("issues from before {tickets_from}, when the export begins, are not in it",
                     "still open, they do their harm unseen"),
}  # fmt: skip
NO_TRUTH = DoesNotApply("only a simulated company has a truth to compare with.")
NONE_FOUND = DoesNotApply("no ticket has a text, so causes were given and none was found.")


def planted_study(tables: dict[str, pd.DataFrame], truth: dict) -> Study:
    """What simulate_world returned, as a study whose tickets carry their true causes."""
    world = truth["world"]
    start, until = (f"{world[name]}T00:00:00Z" for name in ("tickets_from", "observed_until"))
    study = Study.from_tables(
        tables,
        tickets_from=start,
        customers_from=start,
        observed_until=until,
        unresolved_after_days=float(world["promise_days"]),
    )
    study.truth = truth
    return _truly_caused(study)


def with_true_causes(study: Study) -> Study | CannotTell:
    """The same study with the planted cause of each ticket in the place of the topic found.

    Of a ticket about two causes the main one counts; requests to leave are marked as such.
    """
    return _truly_caused(study) if study.truth else NO_TRUTH


def _truly_caused(study: Study) -> Study:
    told = planted_causes(study).str[0]
    ids = study.tickets["ticket_id"]
    ids = ids[ids.isin(told.index)].reset_index(drop=True)
    cause = ids.map(told).astype("str")
    order = {name: place for place, name in enumerate(study.truth["hazard_ratio"])}
    causes = pd.DataFrame(
        {
            "ticket_id": ids,
            "topic": cause.map(order).fillna(-1).astype("Int64"),
            "cause": cause,
            "weight": 1.0,
            "is_exit_request": (cause == EXIT_REQUEST).astype("boolean"),
        }
    )
    return study_with(study, "ticket_causes", typed(TABLES["ticket_causes"], causes))


@once
def against_truth(study: Study) -> PlantedCauses | CannotTell:
    """Each planted hazard ratio beside its estimate, from tickets with their true causes.

    A row a cause, the most harmful first: planted, hazard ratio, low, high, left while exposed,
    smallest visible ratio, verdict (does the 95% interval hold the planted ratio?).
    """
    seen = with_true_causes(study)
    if isinstance(seen, CannotTell):
        return seen
    ratios = leaving.by_cause(seen)
    if isinstance(ratios, CannotTell):
        return ratios
    planted = pd.Series(seen.truth["hazard_ratio"], name="planted").rename_axis("cause")
    both = beside(planted, ratios.frame)
    both = both.sort_values(["planted", "left while exposed"], ascending=False)
    return PlantedCauses(by_name(both.assign(verdict=covers(both, "hazard ratio"))))


@once
def topics_against_truth(study: Study) -> FoundCauses | CannotTell:
    """Each cause that the study found, beside the planted cause of most of its tickets.

    Requests to leave are left out, as from every exposure. Columns: cause, tickets, mostly
    (planted cause), purity (its share of the tickets), planted (its ratio), hazard ratio, low,
    high, left while exposed, verdict. A mixture should show a mixed ratio, so an impure cause that
    misses its main one need not be the method's fault.
    """
    if not study.truth:
        return NO_TRUTH
    if found_alone(study, study.ticket_causes).empty:
        return NONE_FOUND
    ratios = leaving.by_cause(study)
    if isinstance(ratios, CannotTell):
        return ratios
    both = beside(_mostly(study), ratios.frame)
    both = both.sort_values("tickets", ascending=False)
    both = both.assign(verdict=covers(both, "hazard ratio"))
    return FoundCauses(by_name(both), frozenset(study.truth["hazard_ratio"]))


def _mostly(study: Study) -> pd.DataFrame:
    """By cause found: tickets, mostly (the planted cause of most of them), purity, planted."""
    true = _truly_caused(study).ticket_causes[["ticket_id", "cause"]]
    told = found_alone(study, named(study))
    told = told.loc[~told["is_exit_request"].astype(bool), ["ticket_id", "cause"]].merge(
        true, on="ticket_id", suffixes=("", "_true")
    )
    counts = told.groupby(["cause", "cause_true"]).size().unstack(fill_value=0)
    mostly = counts.idxmax(axis=1)
    return pd.DataFrame(
        {
            "tickets": counts.sum(axis=1),
            "mostly": mostly,
            "purity": counts.max(axis=1) / counts.sum(axis=1),
            "planted": mostly.map(study.truth["hazard_ratio"]),
        }
    )


@once
def every_analysis(study: Study) -> Analyses | CannotTell:
    """What every estimator says of the same customers: any overdue issue against the others.

    A row an analysis: analysis, measure, looks ahead, left while exposed, ratio, low, high (see
    cxresearch.lab.estimators), planted (see planted_mean), verdict.
    """
    seen = with_true_causes(study)
    if isinstance(seen, CannotTell):
        return seen
    rows = CompanyRows(seen)
    ratios = estimates(rows).assign(planted=planted_mean(seen, rows.now))
    ratios = ratios.assign(verdict=covers(ratios, "ratio"))
    return Analyses(ratios.set_index("analysis", drop=False).rename_axis(None))


def known_differences(study: Study) -> pd.DataFrame | CannotTell:
    """Where the simulated company and the method do not mean the same, known beforehand."""
    if not study.truth:
        return NO_TRUTH
    world = study.truth["world"]
    known = [(a.format(**world), b) for name, (a, b) in DIFFERENCES.items() if world.get(name)]
    return pd.DataFrame(known, columns=["what is so here", "what it does to the estimate"])


@once
def exit_requests_against_truth(study: Study) -> ExitsMarked | CannotTell:
    """Are the tickets marked as requests to leave those that were planted? measure, share, low,
    high, of: the recall and the precision of the marks, with 95% Wilson intervals.

    A ticket that also asks to leave counts, whatever its main cause.
    """
    if not study.truth:
        return NO_TRUTH
    told, found = planted_causes(study), found_alone(study, study.ticket_causes)
    if found.empty:
        return NONE_FOUND
    marked = found.groupby("ticket_id")["is_exit_request"].any().astype(bool)
    planted = marked.index.isin(told.index[[EXIT_REQUEST in causes for causes in told]])
    shares = {"recall": share(marked[planted]), "precision": share(pd.Series(planted[marked]))}
    frame = pd.DataFrame(shares).T.rename(columns={"estimate": "share", "n": "of"})
    return ExitsMarked(frame.astype({"of": int}))


def planted_mean(study: Study, episodes: pd.DataFrame) -> float:
    """The planted ratio while anything is overdue: departures to be expected then, over those to be
    expected at the same moments had nothing been overdue. NaN if nothing ever was.

    episodes are of build_episodes(study, by="cause") with true causes. The ratios of causes overdue
    together multiply or, in a world with additive hazards, add what each would to the hazard of
    the usual customer. Moments count by the hazard planted without harm, as far as it is known:
    plan, first days, and activity before the issue. Heavy users, who have more overdue at once,
    leave less; a mean over days alone would be theirs, and no departure shows it.
    """
    world = study.truth["world"]
    names = [c for c in episodes if c.startswith("overdue: ")]
    planted = pd.Series(study.truth["hazard_ratio"])
    log = np.log(planted.reindex([c.removeprefix("overdue: ") for c in names]).fillna(1.0))
    ratio = np.exp((episodes[names] > 0).to_numpy(float) @ log.to_numpy())
    time = (episodes["stop"] - episodes["start"]) * (episodes["overdue"] > 0)
    usual = _usual_hazard(world, episodes)
    harmed = usual + ratio - 1 if world.get("additive") else usual * ratio
    return float((time * harmed).sum() / (time * usual).sum()) if time.any() else np.nan


def _usual_hazard(world: dict, episodes: pd.DataFrame) -> pd.Series:
    """Planted hazard of each row without harm, over that of the usual customer."""
    plans = episodes["plan"].map({plan["name"]: plan["hazard_ratio"] for plan in world["plans"]})
    sessions = episodes["activity"].fillna(10).clip(lower=0.1)
    early = np.where(episodes["start"] < world["early_days"], world["early_ratio"], 1.0)
    return plans.fillna(1.0) * early * (sessions / 10) ** world["activity_effect"]


def beside(planted: pd.Series | pd.DataFrame, estimated: pd.DataFrame) -> pd.DataFrame:
    """What was planted by cause beside its estimate, or beside none."""
    estimated = estimated.drop(columns=["p", "verdict"])
    both = planted.reset_index().merge(estimated, on="cause", how="left")
    both["left while exposed"] = both["left while exposed"].fillna(0).astype(int)
    return both
