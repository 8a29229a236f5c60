"""Is a number made to look better than it is: six signs, what each hides, in which team."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.audit.deeds import ANSWER, audited_tickets, in_time
from cxresearch.kpis.audit.near_limit import SHARE, broken_off, more_of_it
from cxresearch.kpis.audit.signs import LOWERED, SIGNS, Sign
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view

ASK, UNSEEN, UNTOLD = "worth asking about", "not seen", "cannot tell"
CHANCE = 0.01  # that an honest desk is asked about, all signs together
WHAT = "a number is made to look better than it is"
IN_TIME = {True: "first answers in time", False: "solutions in time"}
ASKED = "**{tickets:,} tickets**: {name}, where {expected:,.0f} were to be expected. That is " \
    "worth asking about. "  # fmt: skip
HIDES = "Without those beyond that, {share:.1%} of {what} would be {without:.1%} ({low:.1%} to " \
    "{high:.1%})."  # fmt: skip
STAYS = "It hides nothing of {what}: {share:.1%} with them and without."
NOBODY = CannotTell("what was done to tickets: there is none that a known person wrote.")
COLUMNS = "tickets expected more low high p share without without_low without_high".split()


@dataclass(frozen=True, eq=False)
class Audited(Result):
    """A named row a sign: sign (1 to 6), limit, tickets (of the kind, just before the limit),
    expected (as the desk does it at other times), more (low, high), p and q (Holm's, over all),
    share (in time), without (of a sign worth asking about: the same if what is more than expected
    did not count; without_low, without_high), verdict (worth asking about, not seen, cannot tell),
    why.

    teams: the same by group, of signs worth asking about; tickets: which they are (name, ticket_id,
    group, at). Among them are those to be expected: each is to be asked about, none is proof.
    groups: how many teams the export names.
    """

    teams: pd.DataFrame
    tickets: pd.DataFrame
    groups: int

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many signs there are; of a row, what it would hide."""
        if row:
            return self._of(row)
        told = self.frame[self.frame["verdict"] != UNTOLD]
        if told.empty:
            return CannotTell(" ".join([f"whether {WHAT}.", *self._untold()]))
        seen = told.loc[told["verdict"] == ASK, "sign"].nunique()
        return finding(
            "Of {n} signs that " + WHAT + ", **{seen}** {verb} seen.",
            n=told["sign"].nunique(), seen=seen or "none", verb="are" if seen > 1 else "is",
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """That, each sign that is seen, and what cannot be told."""
        seen = self.frame.index[self.frame["verdict"] == ASK]
        untold = self._untold() if self.frame["verdict"].ne(UNTOLD).any() else []
        rest = (CannotTell(" ".join(untold)),) if untold else ()
        return (self.said(), *map(self._of, seen), *rest)

    def table(self) -> pd.DataFrame:
        """A row a sign."""
        rows = self.frame.rename_axis("sign").drop(columns="sign").reset_index()
        return _shown(rows, "sign")

    def by_team(self) -> pd.DataFrame | CannotTell:
        """The teams of what is worth asking about; nothing where nothing is. Cannot tell where no
        sign is told, or no two teams are known."""
        if self.frame["verdict"].eq(UNTOLD).all():
            return CannotTell(f"in which team {WHAT}: no sign is told.")
        if self.groups < 2:
            return CannotTell(f"in which team {WHAT}: the export does not name two teams.")
        if self.teams.empty:
            return DoesNotApply(f"in which team {WHAT}: no team stands out.")
        return _shown(self.teams, "name as sign", "group")

    def _untold(self) -> list[str]:
        """Why signs are not told, each reason once, as sentences."""
        why = self.frame.loc[self.frame["verdict"] == UNTOLD, "why"].drop_duplicates()
        return [reason[:1].upper() + reason[1:] for reason in why]

    def _of(self, row: str) -> Finding | CannotTell:
        r = self.frame.loc[row]
        if r["verdict"] == UNTOLD:
            return CannotTell(f"{row}: {r['why']}")
        if r["verdict"] == UNSEEN:
            return finding("{name}: no more tickets than chance gives.", name=row)
        hides = HIDES if f"{r['share']:.1%}" != f"{r['without']:.1%}" else STAYS
        return finding(
            ASKED + hides * bool(pd.notna(r["share"])), tickets=int(r["tickets"]), name=row,
            expected=r["expected"], share=r["share"], what=IN_TIME[r["limit"] == ANSWER],
            without=r["without"], low=r["without_low"], high=r["without_high"],
        )  # fmt: skip


@once
def audited(study: Study) -> Audited:
    """Six signs that a desk works for its number, each against the same desk at other times.

    Answers or solutions that break off at the limit itself; answers with nothing in them, tickets
    set to wait, lowered, closed and asked again, or merged, more often just before the limit than
    around it (near_limit), by the same people at the same hours. A desk that sorts its work by due
    time does not show them; one that is called an hour before a limit may. A chance of CHANCE for
    all signs together (Holm).
    """
    of = audited_tickets(study)["group"]
    found = {sign.name: NOBODY if of.empty else sign.rows(study) for sign in SIGNS}
    lines = {sign.name: _line(study, sign, found[sign.name]) for sign in SIGNS}
    frame = _judged(pd.DataFrame.from_dict(lines, orient="index"))
    seen = [sign for sign in SIGNS if frame.loc[sign.name, "verdict"] == ASK]
    teams = [
        {"name": sign.name, "group": group, **_line(study, sign, part, group)}
        for sign in seen
        for group, part in found[sign.name].groupby("group")
        if found[sign.name]["group"].nunique() > 1 and group != "unknown"
    ]
    columns = ["ticket_id", "group", "event_at"]
    tickets = [near(found[s.name])[columns].assign(name=s.name) for s in seen]
    each = pd.concat(tickets) if tickets else pd.DataFrame(columns=[*columns, "name"])
    told = _judged(pd.DataFrame(teams)) if teams else pd.DataFrame()
    each = each.rename(columns={"event_at": "at"}).reset_index(drop=True)
    return Audited(frame, told, each, int(of[of != "unknown"].nunique()))


def judged_by(rows: pd.DataFrame) -> dict:
    """tickets, expected, more, low, high and p of the rows of a sign."""
    return more_of_it(rows) if "act" in rows else broken_off(rows["past"])


def near(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a sign that are counted."""
    if "act" in rows:
        return rows[rows["act"] & rows["past"].between(-SHARE, 0, inclusive="right")]
    return rows[rows["past"].between(-1, 0, inclusive="right")]


def _line(study: Study, sign: Sign, rows: pd.DataFrame | CannotTell, group: str = "") -> dict:
    """A row of the frame, without its verdict; of a group where one is named."""
    told = {"sign": sign.number, "limit": sign.limit, **dict.fromkeys(COLUMNS, np.nan)}
    if isinstance(rows, CannotTell):
        return told | {"why": rows.reason}
    found = judged_by(rows)
    if np.isnan(found["p"]):
        return told | {
            "why": f"too few tickets come near the limit of a {sign.limit}, or times are rounded."
        }
    facts = in_time(study, sign.limit, sign.name == LOWERED)
    facts = facts[facts["group"] == group] if group else facts
    return told | found | _without(facts, near(rows)["ticket_id"], found) | {"why": ""}


def _without(facts: pd.DataFrame, tickets: pd.Series, found: dict) -> dict:
    """The share in time, and what it would be if those beyond expectation were late (where they are
    left out of it, were in it)."""
    held = facts.set_index("ticket_id")["held"].reindex(tickets)
    counted, of = held.eq(True).mean(), held.isna().mean()
    more = np.array([found["more"], found["high"], found["low"]])
    shares = np.clip((facts["held"].sum() - more * counted) / (len(facts) + more * of), 0, 1)
    names = ("without", "without_low", "without_high")
    return {"share": facts["held"].mean(), **dict(zip(names, shares, strict=True))}


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(q=of_many(rows["p"]))
    told = [rows["q"].isna(), rows["q"] <= CHANCE]
    rows = rows.assign(verdict=np.select(told, [UNTOLD, ASK], UNSEEN))
    hidden = [c for c in rows if c.startswith("without")]
    return rows.assign(**rows[hidden].where(rows["verdict"] == ASK))


def _shown(rows: pd.DataFrame, *first: str) -> pd.DataFrame:
    rows = rows.assign(
        low=rows["without_low"], high=rows["without_high"],
        of=rows["limit"].eq(ANSWER).map(IN_TIME),
        verdict=rows["verdict"].where(rows["why"] == "", rows["verdict"] + ": " + rows["why"]),
    )  # fmt: skip
    return view(rows, *first, "tickets ,.0f", "expected ,.0f", "of as share of", "share .1%",
                "without ±.1% as without those beyond", "verdict")  # fmt: skip
