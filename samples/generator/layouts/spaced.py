"""Portrait page, labels justified with inner spaces, English on a second line."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import PALE, Sheet

SIZE = (1240, 1754)
PAPER = (254, 252, 252)
TEXT = 31
HEAD = (110, 20, 60)
KEYS = ("certificate_no", *blocks.FIELDS, "issue_date")
STEP = 62


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    marks.guilloche(sheet, (226, 206, 214), 0.35)
    sheet.draw.rectangle((0, 0, 22, SIZE[1]), fill=HEAD)
    blocks.lab_name(sheet, SIZE[0] / 2, 60, 50, 1080, HEAD)
    marks.accreditation_marks(sheet, SIZE[0] - 80, 176, 74, 22)
    sheet.write((90, 196), sheet.cert.title, 50, sheet.title_face)
    y = 318.0
    for key in KEYS:
        if sheet.has(key):
            y = _row(sheet, key, y, 760 if y < 730 else 1070)
    blocks.photo(sheet, 860, 318, 290)
    y = max(y + 10, 1160)
    marks.qr_code(sheet, 930, y + 6, 220, "扫码查询")
    blocks.rows(sheet, ("security_code",), 90, y + 16, 500, 28, "inner", "：")
    marks.bar_code(sheet, 110, y + 76, 380, 60, sheet.printed("certificate_no"))
    blocks.signers(sheet, 90, y + 290, 1090, 28, "inner")
    blocks.foot(sheet, 90, 1610, 1060, 25, "inner")
    rng = sheet.rng
    marks.stamp(sheet, (700 + rng.uniform(-60, 40), y + 210 + rng.uniform(-30, 20)), 300)


def _row(sheet: Sheet, key: str, top: float, right: float) -> float:
    """Label with the English beneath it, value to the right; returns the y beneath."""
    sheet.write((90, top), sheet.label(key, "inner"), TEXT)
    sheet.write((90, top + 36), sheet.label(key, "en"), 19, "", PALE)
    bottom = sheet.put(key, (290, top), TEXT, right - 290)
    return max(top + STEP, bottom + 10)
