"""Portrait page where every value stands on the line after its label."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import PALE, Sheet

SIZE = (1240, 1754)
PAPER = (253, 252, 249)
TEXT = 30
HEAD = (40, 40, 90)
LEFT = ("conclusion", "mass", "shape", "colour", "refractive_index", "density", "metal")
RIGHT = ("certificate_no", "magnification", "optic_character", "fluorescence", "standards")
COLUMN = 470


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    marks.accreditation_marks(sheet, SIZE[0] - 80, 60, 78, 22)
    y = blocks.title(sheet, SIZE[0] / 2, 196, 60, HEAD)
    sheet.draw.line((80, y + 10, SIZE[0] - 80, y + 10), fill=HEAD, width=3)
    low = [_column(sheet, LEFT, 90, y + 34), _column(sheet, RIGHT, 640, y + 34)]
    y = max(*low, 960)
    blocks.photo(sheet, 90, y + 10, 290)
    marks.qr_code(sheet, 900, y + 20, 230, "扫一扫")
    _column(sheet, ("issue_date", "security_code"), 440, y + 40)
    y = blocks.rows(sheet, ("remarks",), 90, y + 320, 1060, 27)
    y = blocks.signers(sheet, 90, y + 26, 1080, 28)
    blocks.lab_name(sheet, SIZE[0] / 2, y + 4, 46, 1060)
    blocks.foot(sheet, 90, 1610, 1060, 25)
    rng = sheet.rng
    marks.stamp(sheet, (880 + rng.uniform(-380, 60), y + 20 + rng.uniform(-40, 20)), 310)


def _column(sheet: Sheet, keys: tuple[str, ...], left: float, top: float) -> float:
    """Label, then the value indented on the lines after it; returns the y beneath."""
    y = top
    for key in keys:
        if not sheet.has(key):
            continue
        sheet.write((left, y), sheet.label(key, "both") + "：", 25, "", PALE)
        y = sheet.put(key, (left + 28, y + 36), TEXT, COLUMN - 28) + 6
    return y
