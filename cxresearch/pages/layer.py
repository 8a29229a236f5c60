"""Notebook 04: the layer between topics and causes, and how far people stand behind it."""

import pandas as pd

from cxresearch.outcomes.spread import spread
from cxresearch.pages.words import SHARE, share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import cause_table, coverage, moved

WORDS = {"issue_type": "issue type", "cause_kind": "cause kind"}


def covered(study: Study) -> Finding | CannotTell:
    """How many tickets have a cause that a person confirmed, one that is suggested, or none."""
    found = coverage(study)
    if isinstance(found, CannotTell):
        return found
    row = found.loc["cause"]
    confirmed = SHARE + " of tickets have a cause that a person named or confirmed"
    nobody = "No person has named or confirmed a cause yet"
    return finding(
        (confirmed if row["confirmed"] else nobody)
        + "; {suggested:,} of {of:,} tickets have one that the machine suggests, and {other:,} "
        "none. A suggestion is no finding: it says which written description is nearest.",
        **share(int(row["confirmed"]), int(row["of"])), suggested=int(row["suggested"]),
        other=int(row["other"]),
    )  # fmt: skip


def coverage_table(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets by word of the layer: confirmed by a person, suggested, other."""
    found = coverage(study)
    if isinstance(found, CannotTell):
        return found
    named = {"confirmed": "confirmed by a person", "suggested": "suggested", "other": "other"}
    return found.rename(index=WORDS, columns=named)


def refitted(study: Study) -> Finding | CannotTell:
    """What became of what people wrote when topics were last fitted anew."""
    found = moved(study)
    if isinstance(found, CannotTell):
        return found
    if found.empty:
        return Finding("Topics were not fitted anew since causes were first written.")
    edited = found[found["by_person"]]
    gone = edited[edited["topic"].isna()]
    kept = edited.dropna(subset="topic")
    return finding(
        "When topics were last fitted anew, {same} of {n} were topics of before. What people wrote "
        "followed {kept} of {of} topics that they had edited; without a topic now: {gone}.",
        same=int(found["was"].notna().sum() - len(gone)), n=int(found["topic"].notna().sum()),
        kept=len(kept), of=len(edited), gone="; ".join(gone["name"].unique()) or "none",
    )  # fmt: skip


def kind_table(study: Study) -> pd.DataFrame | CannotTell:
    """The causes with what kind each is; a star marks what is only suggested."""
    found = cause_table(study)
    if isinstance(found, CannotTell):
        return found
    shown = found[["cause", "tickets", "issue_type", "cause_kind", "category", "owner"]].copy()
    for key in ("issue_type", "cause_kind", "category", "owner"):
        by_machine = ~found["by_person"].map(lambda keys, key=key: key in keys)
        told = ~found[key].isin(["", "unknown", "other"])
        shown[key] = shown[key].where(shown[key] != "", "nobody named")
        shown[key] = shown[key].mask(by_machine & told, shown[key] + "*")
    return shown.rename(columns=WORDS)


def spread_table(study: Study) -> pd.DataFrame | CannotTell:
    """Is a cause one event, a few customers, or the system? See causes.spread."""
    found = spread(study)
    if found.empty:
        return CannotTell("how causes spread: no ticket of a known customer has one.")
    shares = found[["top three", "severe"]].astype("Float64")
    percent = (100 * shares).round().astype("Int64")
    return pd.DataFrame(
        {
            "cause": found["cause"],
            "reads": found["reads"],
            "customers": found["customers"],
            "dispersion": [
                _with_p(*row) for row in zip(found["dispersion"], found["p"], strict=True)
            ],
            "top three %": percent["top three"],
            "severe %": percent["severe"],
        }
    )


@cannot_tell_passes
def spreads(table: pd.DataFrame) -> Finding:
    """How many causes are one-off, of few customers, systemic."""
    counts = table["reads"].value_counts()
    parts = "; ".join(f"{count} {what}" for what, count in counts.items())
    return finding("Of {n} causes: {parts}.", n=len(table), parts=parts)


def emotion() -> CannotTell:
    """That no emotion is read from words here, and what would tell."""
    return CannotTell(
        "how customers feel: a list of angry words finds only what is said outright, and no ticket "
        "here carries a label that it could be held against. A few hundred tickets sorted by two "
        "people, calm, confused, frustrated or angry, would tell how far a list can be trusted."
    )


def _with_p(ratio: float, p: float) -> str:
    if pd.isna(ratio):
        return "–"
    return f"{ratio:.2f} (p {'< 0.001' if p < 0.001 else f'{p:.3f}'})"
