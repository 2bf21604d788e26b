"""Portrait page: labels right-aligned before a rule of dots, signatures one under another."""

from __future__ import annotations

from samples.generator import blocks, fonts, marks
from samples.generator.paper import INK, PALE, Sheet

SIZE = (1300, 1820)
PAPER = (252, 249, 240)
TEXT = 32
HEAD = (96, 62, 20)
KEYS = ("certificate_no", *blocks.FIELDS)
LABELS, VALUES, RIGHT = 350, 386, 1220
ROW = 60


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    blocks.frame(sheet, HEAD)
    marks.accreditation_marks(sheet, RIGHT, 70, 76, 23)
    sheet.write((90, 84), sheet.cert.title, 54, sheet.title_face, HEAD)
    sheet.write((90, 160), blocks.ENGLISH_TITLE, 22, "", PALE)
    y = 240.0
    for key in KEYS:
        if sheet.has(key):
            y = _row(sheet, key, y)
    y = max(y + 20, 1130)
    blocks.photo(sheet, 90, y, 300)
    marks.qr_code(sheet, 430, y + 4, 210, "查询真伪")
    _people(sheet, 720, y)
    blocks.rows(sheet, ("security_code",), 430, y + 262, 500, 28)
    marks.bar_code(sheet, 720, y + 320, 420, 56, sheet.printed("certificate_no"))
    blocks.rows(sheet, ("issue_date",), 720, y + 218, 480, 30)
    blocks.lab_name(sheet, SIZE[0] / 2, 1530, 44, 1100)
    blocks.foot(sheet, 90, 1660, 1110, 25)
    rng = sheet.rng
    marks.stamp(sheet, (960 + rng.uniform(-80, 60), y + 130 + rng.uniform(-30, 30)), 300)


def _row(sheet: Sheet, key: str, top: float) -> float:
    """Label up to its column's right, value behind it, dots beneath; returns the y beneath."""
    size = sheet.fit(sheet.label(key) + "：", TEXT, LABELS - 90)
    sheet.write((LABELS, top), sheet.label(key) + "：", size, "", PALE, "ra")
    bottom = max(top + ROW - 12, sheet.put(key, (VALUES, top), TEXT, RIGHT - VALUES))
    for x in range(VALUES, RIGHT, 9):
        sheet.draw.point((x, bottom), fill=PALE)
    return bottom + 12


def _people(sheet: Sheet, left: float, top: float) -> None:
    """The three signatures, one a row."""
    for place, key in enumerate(blocks.SIGNERS):
        words = sheet.label(key) + "："
        y = top + place * 66
        sheet.write((left, y), words, 29)
        indent = fonts.load(sheet.face, 29).getlength(words) + 14
        sheet.put(key, (left + indent, y - 6), 38, face=sheet.hand_face, fill=(20, 22, 52))
        sheet.draw.line((left + indent, y + 44, left + 430, y + 44), fill=INK, width=1)
