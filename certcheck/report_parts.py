"""Parts of a report's JSON that come straight from the reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from certcheck.finding import MEMORIES, Status
from certcheck.record.model import Outcome
from certcheck.rules.framework import ItemResult
from ocr.reading import Code, Field, Quad, Reading
from ocr.signature.read import SURELY_WRITTEN

_RECORD = "item5.record"
_RECORD_OPEN = frozenset({Outcome.NOT_ASKED, Outcome.ABSENT})
_DIGITS_OF_A_PIXEL = 1
_DIGITS_OF_CONFIDENCE = 4


def next_code(
    verdict: str, *, foreign: bool, outcome: str | None, unverifiable: Iterable[str]
) -> str:
    """The message that says what to do after a result.

    Args:
        verdict: of the report.
        foreign: whether the laboratory is one abroad.
        outcome: of the look-up of the laboratory's own record, None where there was none.
        unverifiable: rules that could not check.
    """
    if verdict == Status.UNVERIFIABLE and foreign:
        return "next.foreign"
    # All else was in order: another photo would not help.
    alone = verdict == Status.UNVERIFIABLE and set(unverifiable) == {_RECORD}
    return "next.record" if alone and outcome in _RECORD_OPEN else f"next.{verdict}"


def box_json(box: Quad | None) -> list[list[float]]:
    """Four corners, or an empty list where there is no place to show."""
    if box is None or len(set(box)) == 1:
        return []
    return [[round(float(v), _DIGITS_OF_A_PIXEL) for v in point] for point in box]


def confidence_json(value: float) -> float:
    """A confidence as reports give it."""
    return round(float(value), _DIGITS_OF_CONFIDENCE)


def marks_json(reading: Reading | None) -> list[dict[str, Any]]:
    """Accreditation marks with their numbers."""
    return [
        {
            "kind": one.kind,
            "number": one.number,
            "confidence": confidence_json(one.confidence),
            "box": box_json(one.box),
            "number_box": box_json(one.number_box),
        }
        for one in (reading.marks if reading else ())
    ]


def signatures_json(reading: Reading | None) -> list[dict[str, Any]]:
    """Signatures: whose label, whether by a pen, and where; never their form."""
    return [
        {
            "field": one.key,
            "written": one.written >= SURELY_WRITTEN,
            "confidence": confidence_json(max(one.written, 1 - one.written)),
            "box": box_json(one.box),
        }
        for one in (reading.signatures if reading else ())
    ]


def fields_json(reading: Reading | None) -> dict[str, dict[str, Any]]:
    """Fields by their keys, with where and by whom they were read."""
    return {key: _field(one) for key, one in reading.fields.items()} if reading else {}


def _field(field: Field) -> dict[str, Any]:
    told = {
        "value": field.value if isinstance(field.value, str) else list(field.value),
        "confidence": confidence_json(field.confidence),
        "box": box_json(field.box),
        "reader": field.reader,
        "raw": field.raw,
        "label": field.label,
    }
    # The value is in grams whatever was printed; what was printed stands beside it.
    return {**told, "printed": field.printed, "unit": field.unit} if field.unit else told


def codes_json(reading: Reading | None) -> list[dict[str, Any]]:
    """QR and bar codes."""
    return [_code(one) for one in (reading.codes if reading else ())]


def _code(code: Code) -> dict[str, Any]:
    """A code; its bytes in hexadecimal where the text in UTF-8 is not what it holds."""
    told = {
        "symbology": code.symbology,
        "text": code.text,
        "box": box_json(code.box),
        "status": code.status,
        "reader": code.reader,
    }
    return told if code.is_utf8 else {**told, "bytes": code.data.hex()}


def seals_json(reading: Reading | None) -> list[dict[str, Any]]:
    """Seals, as far as they were read."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "shape": one.shape,
            "confidence": confidence_json(one.confidence),
            "box": box_json(one.box),
        }
        for one in (reading.seals if reading else ())
    ]


def failures_json(reading: Reading | None) -> list[dict[str, str]]:
    """Readers that failed, and why."""
    failures = reading.failures if reading else ()
    return [{"reader": one.reader, "code": one.code} for one in failures]


def remembered(items: Iterable[ItemResult]) -> list[str]:
    """What rests on earlier checks and observations, which another day may have more of."""
    return sorted(
        f"{one.message} {sorted(one.params.items())}"
        for item in items
        for one in item.findings
        if any(each.source.startswith(MEMORIES) for each in one.evidence)
    )
