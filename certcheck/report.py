"""The result of one check: `certcheck.report/1`, as the contract describes it.

The schema stands in `certcheck/data/report.schema.json`. Everything a report says is fixed
when it is built; `to_json` and the text for people only show it.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import importlib.metadata
from collections.abc import Sequence
from typing import Any

from certcheck import advice, law, messages, whereabouts
from certcheck.abroad import Sighting, in_foreign_letters
from certcheck.corrections import ByHand
from certcheck.errors import Problem
from certcheck.finding import NAMED, Evidence, Finding, Status, worst
from certcheck.messages import Text
from certcheck.record.model import Record
from certcheck.report_parts import (
    box_json,
    codes_json,
    confidence_json,
    failures_json,
    fields_json,
    marks_json,
    remembered,
    seals_json,
    signatures_json,
)
from certcheck.rules.framework import ITEMS, ItemResult
from ocr.reading import Reading
from registry.lookup import Candidate, Revision
from registry.models import DEMO_PREFIX

SCHEMA = "certcheck.report/1"

# Items that decide the verdict, and the one that does when there is evidence for it.
DECIDING = (1, 2, 3, 4, 5)
PRICE = 6
VERDICTS = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE, Status.CONSISTENT)

_ID_LENGTH = 32


def _version() -> str:
    try:
        return importlib.metadata.version("certcheck")
    except importlib.metadata.PackageNotFoundError:
        return "source"


VERSION = _version()


@dc.dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Which picture was checked.

    Attributes:
        name: of the file, as given.
        page: of the file, from 1.
        part: certificate on that page, from 1.
        sha256: of the file's bytes.
        width: of the upright photo in pixels, 0 where it could not be opened.
        height: likewise.
    """

    name: str
    page: int
    part: int
    sha256: str
    width: int
    height: int


@dc.dataclass(frozen=True, slots=True)
class LabInfo:
    """The laboratory that the paper names.

    Attributes:
        lab_id: in the registry.
        name: registered.
        matched_by: the evidence that is its own.
        confidence: that the paper means it, 0..1.
        conflicts: the evidence that speaks for another.
    """

    lab_id: str
    name: str
    matched_by: tuple[str, ...]
    confidence: float
    conflicts: tuple[str, ...]

    @property
    def demo(self) -> bool:
        """Whether it is an invented laboratory of the demo registry."""
        return self.name.startswith(DEMO_PREFIX)


@dc.dataclass(frozen=True, slots=True)
class Report:
    """One certificate, checked.

    Attributes:
        photo: which picture.
        reading: what was read, the bare lines left out; None where nothing was.
        lab: which laboratory, or None.
        items: all eight, in order.
        revision: which registry.
        checked_at: UTC.
        judged_on: the day that counted, or None where it is not known.
        problem: why the check could not be made, or None.
        settings: what else than photo, registry and program the result depends on.
        foreign: the laboratory abroad that the paper names, or None.
        earlier_ink: digest of the signatures of earlier certificates that were compared, "" for
            none.
        by_hand: values that somebody entered, each beside what was read.
        record: what came of asking for the laboratory's own record, None where nobody asked.
    """

    photo: PhotoInfo
    reading: Reading | None
    lab: LabInfo | None
    items: tuple[ItemResult, ...]
    revision: Revision
    checked_at: dt.datetime
    judged_on: dt.date | None
    problem: Problem | None
    settings: str
    foreign: Sighting | None = None
    earlier_ink: str = ""
    by_hand: tuple[ByHand, ...] = ()
    record: Record | None = None

    @property
    def id(self) -> str:
        """The same for the same photo, part, registry, program, settings, ink, record, memory."""
        parts = (
            self.photo.sha256, str(self.photo.page), str(self.photo.part),
            self.revision.revision, VERSION, self.settings, self.earlier_ink,
            *([self.record.digest] if self.record else []), *remembered(self.items),
        )  # fmt: skip
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_ID_LENGTH]

    @property
    def verdict(self) -> Status:
        """The worst of the items that decide; `unverifiable` where the check was not made."""
        return verdict(self.items)

    def to_json(self) -> dict[str, Any]:
        """The report as the contract has it; ready for `json.dumps`."""
        reading = self.reading
        return {
            "schema": SCHEMA,
            "id": self.id,
            "program": VERSION,
            "settings": self.settings,
            "earlier_ink": self.earlier_ink,
            "photo": _photo(self.photo, reading),
            "checked_at": utc(self.checked_at),
            "judged_on": self.judged_on.isoformat() if self.judged_on else None,
            "registry": {
                "revision": self.revision.revision,
                "imported_at": utc(self.revision.imported_at),
                "demo": self.revision.demo,
            },
            "verdict": str(self.verdict),
            "corrections": [one.to_json() for one in self.by_hand],
            "fields": fields_json(reading),
            "codes": codes_json(reading),
            "seals": seals_json(reading),
            "marks": marks_json(reading),
            "signatures": signatures_json(reading),
            "readers_failed": failures_json(reading),
            "lab": _lab(self.lab),
            "foreign_lab": self.foreign.to_json() if self.foreign else None,
            "record": self.record.to_json() if self.record else None,
            "items": [_item(one, self.judged_on) for one in self.items],
            "error": _error(self.problem),
        }


def build(
    *,
    photo: PhotoInfo,
    reading: Reading | None,
    match: Candidate | None,
    items: Sequence[ItemResult],
    revision: Revision,
    checked_at: dt.datetime,
    problem: Problem | None = None,
    settings: str = "",
    judged_on: dt.date | None = None,
    foreign: Sighting | None = None,
    earlier_ink: str = "",
    by_hand: Sequence[ByHand] = (),
    record: Record | None = None,
) -> Report:
    """Puts a report together.

    Args:
        photo: which picture.
        reading: what was read, also when the check went no further; None where nothing was.
        match: the laboratory, or None.
        items: all eight, or none where the check could not be made.
        revision: of the registry.
        checked_at: when, UTC.
        problem: why the check could not be made, or None.
        settings: what else the result depends on, for the id.
        judged_on: the day that counted, or None where it is not known.
        foreign: the laboratory abroad that the paper names, or None.
        earlier_ink: what else the content depends on, for the id; see `InkBook.digest`.
        by_hand: values that somebody entered.
        record: what came of asking for the laboratory's own record, or None.

    Raises:
        ValueError: items that are neither all eight in order nor none.
    """
    if items and tuple(one.item for one in items) != ITEMS:
        raise ValueError(f"items {[one.item for one in items]} are not all eight in order")
    return Report(
        photo=photo,
        reading=_lean(reading, foreign),
        lab=_lab_info(match),
        items=tuple(items) or _not_checked(),
        revision=revision, checked_at=checked_at, judged_on=judged_on, problem=problem,
        settings=settings, foreign=foreign, earlier_ink=earlier_ink, by_hand=tuple(by_hand),
        record=record,
    )  # fmt: skip


def _lean(reading: Reading | None, foreign: Sighting | None) -> Reading | None:
    """What was read without its bare lines, which nobody asks a report for.

    With them goes what tells where a field is that was not found, so that is worked out here;
    what is usual on our certificates is not on reports from abroad.
    """
    if reading is None:
        return None
    abroad = foreign is not None or in_foreign_letters(reading)
    told = reading.advice if abroad else whereabouts.advice(reading)
    return dc.replace(reading, lines=(), fields=dict(reading.fields), advice=told)


def verdict(items: Sequence[ItemResult]) -> Status:
    """The worst of items 1 to 5, and of item 6 where there was evidence for it."""
    deciding = [
        one.status
        for one in items
        if one.item in DECIDING or (one.item == PRICE and one.status in VERDICTS)
    ]
    found = worst(deciding)
    return found if found in VERDICTS else Status.UNVERIFIABLE


def sentence(finding: Finding) -> Text:
    """What a finding says, and which entered values it rests on."""
    params = dict(finding.params)
    named = params.pop(NAMED, "").split()
    said = (
        messages.in_both(finding.message, named, **params)
        if named
        else messages.text(finding.message, **params)
    )
    if not finding.by_hand:
        return said
    note = messages.in_both("correction.rests", fields=finding.by_hand)
    return Text(f"{said.zh}{note.zh}", f"{said.en} {note.en}")


def law_texts(finding: Finding, day: dt.date | None) -> list[Text]:
    """The articles a finding rests on, as in force on the day, each once.

    Of an edition whose articles are not known only the law is named, and once is enough.
    """
    note = messages.text("report.law_check")
    found = (
        Text(
            one.zh + ("" if one.confirmed else note.zh),
            one.en + ("" if one.confirmed else note.en),
        )
        for one in law.cite_all(finding.law, day)
    )
    return list(dict.fromkeys(found))


def utc(moment: dt.datetime) -> str:
    """`2026-11-21T08:00:00Z`; a moment without a zone is UTC, as databases give it back."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    whole = aware.astimezone(dt.UTC).replace(tzinfo=None)
    # isoformat, as strftime does not fill up years before 1000 (an empty registry's).
    return f"{whole.isoformat(timespec='seconds')}Z"


def _not_checked() -> tuple[ItemResult, ...]:
    """The eight items of a check that could not be made."""
    found = []
    for number in ITEMS:
        deciding = number in DECIDING
        status = Status.UNVERIFIABLE if deciding else Status.NOT_APPLICABLE
        code = "report.not_checked" if deciding else "report.not_counted"
        found.append(ItemResult(number, status, (Finding(code, status, code),)))
    return tuple(found)


def _lab_info(match: Candidate | None) -> LabInfo | None:
    if match is None:
        return None
    record = match.record
    return LabInfo(record.lab_id, record.name, match.matched_by, match.confidence, match.conflicts)


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _photo(photo: PhotoInfo, reading: Reading | None) -> dict[str, Any]:
    told = [
        {
            "code": one.code,
            "message": _text(advice.sentence(one)),
            "measure": float(one.measure),
            "box": box_json(one.box),
            "part": one.part,
            "fields": list(one.fields),
        }
        for one in (reading.advice if reading else ())
    ]
    return {**dc.asdict(photo), "advice": told}


def _lab(lab: LabInfo | None) -> dict[str, Any] | None:
    if lab is None:
        return None
    return {
        "lab_id": lab.lab_id,
        "name": lab.name,
        "matched_by": list(lab.matched_by),
        "confidence": confidence_json(lab.confidence),
        "conflicts": list(lab.conflicts),
        "demo": lab.demo,
    }


def _item(item: ItemResult, day: dt.date | None) -> dict[str, Any]:
    return {
        "item": item.item,
        "status": str(item.status),
        "findings": [_finding(one, day) for one in item.findings],
    }


def _finding(finding: Finding, day: dt.date | None) -> dict[str, Any]:
    step = messages.next_step(finding.message, **finding.params)
    return {
        "rule": finding.rule,
        "status": str(finding.status),
        "message": _text(sentence(finding)),
        "by_hand": list(finding.by_hand),
        "next_step": _text(step) if step else None,
        "law": [one.zh for one in law_texts(finding, day)],
        "evidence": [_evidence(one) for one in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "field": evidence.field,
        "read": evidence.read,
        "expected": evidence.expected,
        "box": box_json(evidence.box),
        "source": evidence.source,
    }


def _error(problem: Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    return {
        "code": problem.code,
        "message": _text(problem.message),
        "next_step": _text(problem.next_step),
    }
