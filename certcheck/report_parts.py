"""Parts of a report's JSON that come straight from the reading."""

from __future__ import annotations

from typing import Any

from ocr.reading import Quad, Reading
from ocr.signature.read import SURELY_WRITTEN

_DIGITS_OF_A_PIXEL = 1
_DIGITS_OF_CONFIDENCE = 4


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
