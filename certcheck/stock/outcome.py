"""What came of an item, in a few words: of its reports, those of all its certificates."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from certcheck import messages
from certcheck.errors import SERVER_ERROR, UNREADABLE, Problem
from certcheck.finding import Status as Verdict
from certcheck.finding import worst
from certcheck.messages import Text

# Items of the eight that make somebody look twice.
TELLING = (Verdict.INCONSISTENT, Verdict.SUSPECTED, Verdict.UNVERIFIABLE)
# Those that decide the verdict (contract).
_DECIDING = range(1, 6)


class State(StrEnum):
    """How far an item is."""

    REFUSED = "refused"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DELETED = "deleted"


@dc.dataclass(frozen=True, slots=True)
class Outcome:
    """What the reports of one photo say.

    Attributes:
        verdict: the worst of them; None where nothing could be checked.
        error: why nothing could be checked, or None.
        certificate_no: of the first certificate, "" where none was read.
        conclusion: likewise.
        lab: the laboratory's registered name, "" where it is not known.
        told: numbers of the eight items that were not consistent, the worst first.
        certificates: found in the photo.
        checked_at: when it was read.
        imported_at: when the registry that it was held against was last changed.
        revision: of that registry.
        demo: whether it rests on invented laboratories.
    """

    verdict: Verdict | None
    error: Problem | None
    certificate_no: str
    conclusion: str
    lab: str
    told: tuple[tuple[int, Verdict], ...]
    certificates: int
    checked_at: dt.datetime
    imported_at: dt.datetime
    revision: str
    demo: bool


def of_reports(reports: Sequence[Mapping[str, Any]]) -> Outcome:
    """The outcome of a photo that was checked.

    Args:
        reports: as the contract has them, at least one.
    """
    first = reports[0]
    good = [one for one in reports if not one["error"]]
    lab = first["lab"]
    return Outcome(
        verdict=worst(Verdict(one["verdict"]) for one in reports) if good else None,
        error=None if good else problem_of(first["error"]),
        certificate_no=_field(first, "certificate_no"),
        conclusion=_field(first, "conclusion"),
        lab=str(lab["name"]) if lab else "",
        told=_told(good),
        certificates=len(reports),
        checked_at=dt.datetime.fromisoformat(first["checked_at"]),
        imported_at=dt.datetime.fromisoformat(first["registry"]["imported_at"]),
        revision=str(first["registry"]["revision"]),
        demo=bool(lab.get("demo")) if lab else bool(first["registry"]["demo"]),
    )


def problem_of(error: Mapping[str, Any]) -> Problem:
    """Why a certificate could not be checked, as its report says it."""
    code = str(error["code"])
    return Problem(
        code=code,
        message=Text(**error["message"]),
        next_step=Text(**error["next_step"]),
        exit_status=messages.exit_status(code) or UNREADABLE,
        http_status=messages.http_status(code) or SERVER_ERROR,
    )


def _field(report: Mapping[str, Any], key: str) -> str:
    found = report["fields"].get(key)
    return str(found["value"]) if found else ""


def _told(reports: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, Verdict], ...]:
    worst_of: dict[int, Verdict] = {}
    for report in reports:
        for item in report["items"]:
            number, status = int(item["item"]), Verdict(item["status"])
            if status in TELLING and number in _DECIDING:
                worst_of[number] = worst((status, worst_of.get(number, status)))
    return tuple(sorted(worst_of.items(), key=lambda one: (TELLING.index(one[1]), one[0])))
