"""What customers say when asked: satisfied, would recommend, found it easy. Of those who answered.

Nothing here speaks for the silent; surveys tells how many they are and what they could change.
"""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import Kpi, mean_of
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.surveys import invitations
from cxresearch.kpis.surveys.scores import score_in
from cxresearch.kpis.tidy import measured
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.study import Study

EASE, EFFORT = (1.0, 7.0), (1.0, 5.0)  # scales of CES version 2 and version 1
NO_SCALE = (
    "{what}: {count:,} answers have no scale; give scale_min and scale_max, the lowest and the "
    "highest answer possible, with each survey."
)


def csat(study: Study, by: str | None = None) -> Standing:
    """Satisfaction in two ways, two rows a group: the share in the top of the scale, and the mean.

    Satisfied: in the upper quarter of the declared scale (4 or 5 of 1 to 5). Satisfaction: the mean
    with the lowest answer possible put at 0 and the highest at 10, so 4 of 1 to 5 is 7.5 and not 8;
    target satisfaction_target. The tidy frame of kpis.tidy: n answers of eligible invitations.
    Clustered by customer. A scale that is not declared is refused.
    """
    facts = _facts(study, "csat")
    top = Kpi("Satisfied", "of those who answered, in the upper quarter of the scale")
    mean = Kpi(
        "Satisfaction",
        "mean of those who answered, the lowest answer possible put at 0, the highest at 10",
        "of 10", study.settings.target("satisfaction_target"),
    )  # fmt: skip
    rows = [measured(study, kpi, facts, measure, by)
            for kpi, measure in ((top, _top_share), (mean, _satisfaction))]  # fmt: skip
    return _with_silence(Standing.of(rows))


def nps(study: Study, by: str | None = None) -> Standing:
    """The net promoter score in points, 9 or 10 less 0 to 6, of a scale of 0 to 10.

    The tidy frame of kpis.tidy; target nps_target. Adjusted Wald, centred at its own estimate (see
    measure.net_score) and clustered by customer.
    """
    kpi = Kpi(
        "Net promoter score", "of those who answered, 9 or 10 less 0 to 6, in points", "points",
        study.settings.target("nps_target"),
    )  # fmt: skip
    score = partial(score_in, kind="nps")
    return _with_silence(measured(study, kpi, _facts(study, "nps"), score, by))


def ces(study: Study, by: str | None = None) -> Standing:
    """How easy it was, as a mean from 0 (hard) to 10 (easy); target effort_target.

    The question decides which end is easy: version 2 asks for agreement that it was easy (1 to 7,
    high is easy), version 1 for the effort (1 to 5, high is hard, so it is turned round). Without
    the setting effort_question the scale decides; another scale, or several at once, is refused.
    The tidy frame of kpis.tidy, clustered by customer.
    """
    kpi = Kpi(
        "Customer effort score",
        "mean ease of those who answered, the hardest answer possible put at 0, the easiest at 10",
        "of 10", study.settings.target("effort_target"),
    )  # fmt: skip
    ease = partial(_ease, question=study.settings.effort_question)
    return _with_silence(measured(study, kpi, _facts(study, "ces"), ease, by))


def _facts(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """A row an invitation; mature: its two weeks to answer are over."""
    asked = invitations(study)
    if isinstance(asked, CannotTell):
        return asked
    every = study.surveys[study.surveys["kind"] == kind]
    if every.empty:
        return DoesNotApply(f"the {kind} score: no such survey was sent; one would tell.")
    young = every[~among(every["survey_id"], asked["survey_id"])]
    young = young.assign(answered=False, who=young["customer_id"])
    own = asked[asked["kind"] == kind]
    rows = pd.concat([own.assign(mature=True), young.assign(mature=False)], ignore_index=True)
    bare = rows["answered"] & rows[["scale_min", "scale_max"]].isna().any(axis=1)
    if bare.any():
        return CannotTell(NO_SCALE.format(what=f"the {kind} score", count=int(bare.sum())))
    return rows.assign(at=rows["offered_at"])


def _top_share(part: pd.DataFrame) -> dict | CannotTell:
    score = score_in(part, "csat")
    if isinstance(score, CannotTell):
        return score
    return {**score, **{k: score[k] / 100 for k in ("estimate", "low", "high")}}


def _satisfaction(part: pd.DataFrame) -> dict | CannotTell:
    return _mean_of_ten(part, turned=False)


def _ease(part: pd.DataFrame, question: str) -> dict | CannotTell:
    scales = _spoken(part)[["scale_min", "scale_max"]].drop_duplicates()
    if len(scales) > 1:
        return CannotTell("the customer effort score: its answers are on several scales at once.")
    scale = tuple(scales.iloc[0].astype(float)) if len(scales) else EASE
    question = question or {EASE: "ease", EFFORT: "effort"}.get(scale, "")
    if not question:
        return CannotTell(
            f"the customer effort score: whether {scale[1]:g} of {scale[0]:g} to {scale[1]:g} is "
            "easy or hard is not known; say so with effort_question in study.toml."
        )
    return _mean_of_ten(part, turned=question == "effort")


def _spoken(part: pd.DataFrame) -> pd.DataFrame:
    return part[part["answered"] & part["score_raw"].notna()]


def _mean_of_ten(part: pd.DataFrame, turned: bool) -> dict | CannotTell:
    """The mean place of the answers on their own scales, from 0 to 10; turned, 10 is the lowest."""
    spoken = _spoken(part)
    if spoken.empty:
        return CannotTell("what customers say: nobody of these has answered.")
    length = spoken["scale_max"] - spoken["scale_min"]
    placed = 10 * (spoken["score_raw"] - spoken["scale_min"]) / length
    mean = mean_of(10 - placed if turned else placed, spoken["who"])
    return {**mean, "low": max(mean["low"], 0.0), "high": min(mean["high"], 10.0)}


def _with_silence(scores: Standing) -> Standing:
    """How many answered, in why of each row that can be told."""
    rows = scores.frame
    said = [
        f"{n / asked:.0%} of {asked:,} asked answered; the rest may think otherwise" if n else ""
        for n, asked in zip(rows["n"], rows["eligible"], strict=True)
    ]
    return Standing(rows.assign(why=rows["why"].where(rows["why"] != "", said)))
