"""A5 portrait, bilingual labels and values on one line."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import Sheet

SIZE = (1240, 1754)
PAPER = (253, 252, 249)
TEXT = 30
HEAD = (124, 32, 36)


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    marks.guilloche(sheet, (222, 200, 190), 0.35)
    blocks.frame(sheet, HEAD)
    marks.accreditation_marks(sheet, SIZE[0] - 80, 70, 76, 22)
    y = blocks.title(sheet, SIZE[0] / 2, 206, 62, HEAD)
    y = blocks.rows(sheet, ("certificate_no",), 90, y + 14, 700, TEXT, "both", "：")
    sheet.draw.line((80, y + 4, SIZE[0] - 80, y + 4), fill=HEAD, width=2)
    y = blocks.rows(sheet, blocks.FIELDS, 90, y + 26, 1060, TEXT, "both", "：")
    y = max(y + 10, 1010)
    blocks.photo(sheet, 110, y, 300)
    marks.qr_code(sheet, 890, y + 20, 230, "Scan to verify")
    low = blocks.rows(sheet, ("security_code",), 440, y + 60, 430, 25, "both", "：")
    blocks.rows(sheet, ("issue_date",), 440, low + 20, 430, 25, "both", "：")
    y = blocks.signers(sheet, 90, y + 336, 1080, 28)
    blocks.lab_name(sheet, SIZE[0] / 2, y + 6, 48, 1060)
    blocks.foot(sheet, 90, 1612, 1060, 25)
    rng = sheet.rng
    marks.stamp(sheet, (840 + rng.uniform(-380, 90), y + 30 + rng.uniform(-40, 20)), 310)
