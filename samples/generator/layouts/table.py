"""Landscape page with ruled cells in two columns, label left and value right in each."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import Sheet

SIZE = (1754, 1240)
PAPER = (252, 252, 250)
TEXT = 30
RULE = (70, 78, 92)
ROW = 64
PAIRS = (
    ("mass", "shape"),
    ("colour", "density"),
    ("refractive_index", "optic_character"),
    ("fluorescence", "metal"),
)
WIDE = ("magnification", "standards", "remarks")
LEFT, MIDDLE, RIGHT = 470, 1080, 1690
LABEL = 180


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    marks.accreditation_marks(sheet, RIGHT, 40, 80, 23)
    blocks.lab_name(sheet, 560, 46, 50, 980)
    sheet.write((560, 158), sheet.cert.title, 52, sheet.title_face, (20, 60, 120), "ma")
    y = _cells(sheet, 240)
    blocks.photo(sheet, 64, 240, 370)
    marks.qr_code(sheet, 130, 660, 220, "扫码验证")
    blocks.rows(sheet, ("security_code",), 64, 960, 390, 26)
    marks.bar_code(sheet, 84, 1010, 320, 60, sheet.printed("certificate_no"))
    y = max(y + 26, 960)
    blocks.signers(sheet, LEFT, y, 1220, 29)
    blocks.rows(sheet, ("issue_date",), 1230, y + 66, 460, 30)
    blocks.foot(sheet, 64, 1130, 1620, 26)
    rng = sheet.rng
    marks.stamp(sheet, (1420 + rng.uniform(-420, 60), y + 20 + rng.uniform(-50, 20)), 300)


def _cell(sheet: Sheet, key: str, left: float, right: float, top: float) -> float:
    """One ruled pair of cells; returns the y beneath."""
    label = sheet.label(key)
    size = sheet.fit(label, TEXT, LABEL - 24)
    sheet.write((left + 12, top + 14), label, size)
    bottom = sheet.put(key, (left + LABEL + 14, top + 14), TEXT, right - left - LABEL - 26)
    return max(top + ROW, bottom + 8)


def _rule(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> None:
    sheet.draw.rectangle((left, top, right, bottom), outline=RULE, width=2)
    sheet.draw.line((left + LABEL, top, left + LABEL, bottom), fill=RULE, width=2)


def _cells(sheet: Sheet, top: float) -> float:
    y = top
    for key in ("certificate_no", "conclusion"):
        bottom = _cell(sheet, key, LEFT, RIGHT, y)
        _rule(sheet, LEFT, RIGHT, y, bottom)
        y = bottom
    for pair in PAIRS:
        present = [key for key in pair if sheet.has(key)]
        if not present:
            continue
        edges = ((LEFT, MIDDLE), (MIDDLE, RIGHT)) if len(present) == 2 else ((LEFT, RIGHT),)
        spans = list(zip(present, edges, strict=True))
        bottom = max(_cell(sheet, key, left, right, y) for key, (left, right) in spans)
        for _, (left, right) in spans:
            _rule(sheet, left, right, y, bottom)
        y = bottom
    for key in WIDE:
        if sheet.has(key):
            bottom = _cell(sheet, key, LEFT, RIGHT, y)
            _rule(sheet, LEFT, RIGHT, y, bottom)
            y = bottom
    return y
