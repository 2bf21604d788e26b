"""Cases in the index: found by title, number, laboratory, place, notes, and what was complained.

Who complained is in no index: that is nobody's business but of who works on the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from certcheck import audit
from certcheck.archive import index
from certcheck.archive.filing import stall_ref
from certcheck.archive.index import Findable
from certcheck.archive.tables import Kind
from certcheck.cases.tables import CaseComplaint, CaseFile
from registry.days import CHINA

# What of a step is somebody's own words about the case.
_WORDS = ("note", "text", "reason", "label", "outcome")


def put(opened: Session, row: CaseFile, said: Mapping[str, Any] | None = None) -> None:
    """Writes what finds a case, in the transaction of the step that changes it.

    Args:
        opened: in a transaction that writes; nothing is committed.
        row: the case, with its id.
        said: what the step was told, which the log does not have yet.
    """
    index.put(opened, findable(opened, row, said or {}))


def findable(opened: Session, row: CaseFile, said: Mapping[str, Any]) -> Findable:
    """The entry of a case; see `put`."""
    complaint = opened.get(CaseComplaint, row.id)
    number, text = (complaint.number, complaint.text) if complaint else ("", "")
    told = [one.told for one in audit.about(opened, [("case", str(row.id))])]
    notes = [str(one[name]) for one in (*told, said) for name in _WORDS if one.get(name)]
    return Findable(
        Kind.CASE,
        str(row.id),
        (row.title, str(row.id), number, row.lab, row.market, row.stall, text, *notes),
        (row.title, str(row.id), number),
        {
            "state": (row.state,),
            "lab": (row.lab_id or row.lab,),
            "market": (row.market,),
            "stall": (stall_ref(row.market, row.stall) if row.stall else "",),
            "item": (str(row.item) if row.item else "",),
            "who": (f"person:{row.owner}" if row.owner else "",),
            "inspection": (row.batch_id or "",),
        },
        row.opened_at.astimezone(CHINA).date(),
        title=row.title,
        line=row.lab,
    )
