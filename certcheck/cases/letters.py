"""A letter that asks a laboratory for its own records of the certificates of a case.

It says what is asked and on what ground, accuses nobody, and names no one who complained. It is
made of what the case held when it was asked for, so it can be made again as it was.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from certcheck import law, messages
from certcheck.audit import Entry
from certcheck.cases import running, things
from certcheck.cases.tables import CaseFile, CaseThing
from certcheck.complaint import Letter
from certcheck.messages import Text

KIND = "request"
# 39号令: records and reports are kept for six years.
_GROUND = "39.12"
_KEPT_YEARS = 6
_GAP = Text("", "")


def papers(
    opened: Session, row: CaseFile, until: dt.datetime | None = None
) -> list[Mapping[str, Any]]:
    """The certificates of a case that bear the laboratory's name, in the order they came.

    Args:
        opened: the session.
        row: the case.
        until: of those that were in it then; None for all.
    """
    wanted = select(CaseThing).where(
        CaseThing.case_id == row.id, CaseThing.kind == things.CHECK
    )  # fmt: skip
    if until is not None:
        wanted = wanted.where(col(CaseThing.added_at) <= until)
    rows = opened.exec(wanted.order_by(col(CaseThing.added_at), col(CaseThing.ref))).all()
    every = [part for one in rows for part in json.loads(one.told)["parts"]]
    return [one for one in every if row.lab and one["lab"] == row.lab and one["number"]]


def letter(row: CaseFile, entry: Entry, some: Sequence[Mapping[str, Any]]) -> Letter:
    """The letter that a row of the log asked for.

    Args:
        row: the case.
        entry: of the step `letter`.
        some: see `papers`.
    """
    on = running.day_of(entry.moment)
    title = messages.text("case.letter.title")
    lines = [title, _GAP, _said("dear", lab=row.lab), _said("why", number=row.id)]
    lines += [_paper(at, one) for at, one in enumerate(some, start=1)]
    lines += [_said("by", day=entry.told["day"])]
    lines += [
        _said(f"ask.{name}") for name in ("issued", "samples", "records", "approver", "place")
    ]
    lines.append(_said("not_yours"))
    cited = law.cite(_GROUND, on)
    if cited is not None:
        check = "" if cited.confirmed else "_check"
        # The article is Chinese law's: who reads the translation finds it in the letter itself.
        lines.append(Text(_said(f"ground{check}", law=cited.zh).zh, ""))
    if old := [one["number"] for one in some if _older(one, on)]:
        lines.append(
            Text(_said("old", numbers="、".join(old)).zh, _said("old", numbers=", ".join(old)).en)
        )
    lines += [_GAP, _said("signed", day=on.isoformat())]
    english = [one.en for one in lines if one.en or one == _GAP]
    return Letter(KIND, title, Text("\n".join(one.zh for one in lines), "\n".join(english)))


def _paper(at: int, one: Mapping[str, Any]) -> Text:
    code = "paper" if one.get("day") else "paper_undated"
    return _said(code, at=at, number=one["number"], day=one.get("day", ""))


def _older(one: Mapping[str, Any], on: dt.date) -> bool:
    """Whether the time is over for which records have to be kept."""
    try:
        issued = dt.date.fromisoformat(str(one.get("day", "")))
    except ValueError:
        return False
    return (issued.year + _KEPT_YEARS, issued.month, issued.day) < (on.year, on.month, on.day)


def _said(code: str, **params: object) -> Text:
    return messages.text(f"case.letter.{code}", **params)
