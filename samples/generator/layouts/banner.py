"""Landscape page with a dark head in which the laboratory's name stands in white."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import PALE, Sheet

SIZE = (1820, 1240)
PAPER = (247, 249, 251)
TEXT = 30
HEAD = (32, 58, 92)
WHITE = (250, 250, 250)
PAIRS = (
    ("mass", "shape"),
    ("colour", "refractive_index"),
    ("density", "optic_character"),
    ("fluorescence", "metal"),
)
WIDE = ("magnification", "remarks", "standards")
LEFT, MIDDLE, RIGHT = 70, 660, 1240


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    marks.guilloche(sheet, (196, 208, 222), 0.35)
    _head(sheet)
    y = _fields(sheet, 330)
    blocks.photo(sheet, 1330, 240, 410)
    marks.qr_code(sheet, 1340, 690, 190, "扫一扫")
    marks.bar_code(sheet, 1350, 958, 330, 52, sheet.printed("certificate_no"))
    blocks.rows(sheet, ("security_code",), 1560, 700, 240, 25)
    y = max(y + 30, 950)
    blocks.signers(sheet, LEFT, y, 1180, 29)
    sheet.draw.line((LEFT, 1130, SIZE[0] - LEFT, 1130), fill=HEAD, width=3)
    blocks.foot(sheet, LEFT, 1144, 1680, 24)
    rng = sheet.rng
    marks.stamp(sheet, (1010 + rng.uniform(-60, 160), y - 20 + rng.uniform(-30, 20)), 290)


def _head(sheet: Sheet) -> None:
    sheet.draw.rectangle((0, 0, SIZE[0], 130), fill=HEAD)
    size = sheet.fit(sheet.printed("lab_name"), 50, 1180, sheet.title_face)
    sheet.put("lab_name", (LEFT, 22), size, face=sheet.title_face, fill=WHITE)
    sheet.write((LEFT, 90), sheet.cert.name_en, sheet.fit(sheet.cert.name_en, 24, 1180), "", WHITE)
    marks.accreditation_marks(sheet, 1240, 146, 68, 20)
    sheet.write((SIZE[0] - LEFT, 38), sheet.cert.title, 44, sheet.title_face, WHITE, "ra")
    sheet.write((1330, 168), blocks.ENGLISH_TITLE, 20, "", PALE)


def _fields(sheet: Sheet, top: float) -> float:
    """Conclusion and number first, then two columns, then the long ones."""
    y = 262.0
    blocks.rows(sheet, ("certificate_no",), LEFT, y - 90, 560, TEXT)
    blocks.rows(sheet, ("issue_date",), LEFT, y - 34, 560, TEXT)
    y = blocks.rows(sheet, ("conclusion",), LEFT, top - 24, RIGHT - LEFT, 36)
    for pair in PAIRS:
        present = [key for key in pair if sheet.has(key)]
        columns = (LEFT, MIDDLE) if len(present) == 2 else (LEFT,)
        width = (RIGHT - LEFT) / max(1, len(present)) - 20
        low = [
            blocks.rows(sheet, (key,), left, y, width, TEXT)
            for key, left in zip(present, columns, strict=False)
        ]
        y = max([y, *low])
    return blocks.rows(sheet, WIDE, LEFT, y, RIGHT - LEFT, TEXT)
