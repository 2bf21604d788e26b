"""Narrow portrait page with the label in small type above its value."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import PALE, Sheet

SIZE = (1120, 1680)
PAPER = (254, 253, 250)
LABEL, TEXT = 23, 32
HEAD = (24, 70, 110)
PAIRS = (
    ("certificate_no", "issue_date"),
    ("conclusion", "mass"),
    ("shape", "colour"),
    ("refractive_index", "density"),
    ("magnification", "fluorescence"),
    ("optic_character", "metal"),
)


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    sheet.draw.rectangle((0, 0, SIZE[0], 190), fill=(232, 240, 246))
    blocks.lab_name(sheet, SIZE[0] / 2, 32, 50, 1000, HEAD)
    sheet.write((70, 150), sheet.cert.title, 30, sheet.title_face, HEAD, "lm")
    marks.accreditation_marks(sheet, SIZE[0] - 60, 206, 70, 21)
    blocks.photo(sheet, 70, 214, 330)
    marks.qr_code(sheet, 760, 340, 200, "查询")
    _pair(sheet, 440, 380, 300, "security_code")
    y = 570.0
    for left, right in PAIRS:
        low = [_pair(sheet, 70, y, 470, left), _pair(sheet, 580, y, 470, right)]
        y = max(*low, y) + 8
    for key in ("standards", "remarks"):
        y = _pair(sheet, 70, y, 980, key) + 8
    y = max(y + 18, 1215)
    for place, key in enumerate(blocks.SIGNERS):
        x = 70 + place * 330
        sheet.write((x, y), sheet.label(key), LABEL, "", PALE)
        sheet.put(key, (x, y + 34), 38, face=sheet.hand_face, fill=(20, 22, 52))
    blocks.foot(sheet, 70, 1540, 980, 25)
    rng = sheet.rng
    marks.stamp(sheet, (820 + rng.uniform(-380, 60), y + 130 + rng.uniform(-20, 30)), 290)


def _pair(sheet: Sheet, left: float, top: float, width: float, key: str) -> float:
    """Label, and the value beneath it; returns the y beneath."""
    if not sheet.has(key):
        return top
    sheet.write((left, top), sheet.label(key), LABEL, "", PALE)
    return sheet.put(key, (left, top + LABEL * 1.5), TEXT, width)
