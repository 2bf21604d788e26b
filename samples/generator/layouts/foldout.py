"""Fold-out of two panels: cover with the laboratory left, results right."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import Sheet

SIZE = (2000, 1300)
PAPER = (253, 251, 244)
FOLD = 960
TEXT = 30
HEAD = (96, 66, 24)


def draw(sheet: Sheet) -> None:
    """Draws both panels."""
    marks.guilloche(sheet, (214, 198, 160), 0.38)
    for shade in range(14):
        tone = 226 + shade * 2
        sheet.draw.line((FOLD + shade, 0, FOLD + shade, SIZE[1]), fill=(tone, tone, tone - 6))
    _cover(sheet)
    y = blocks.rows(sheet, ("certificate_no", "issue_date"), 1020, 60, 900, TEXT, column=170)
    sheet.draw.line((1020, y + 4, 1930, y + 4), fill=HEAD, width=2)
    y = blocks.rows(sheet, blocks.FIELDS, 1020, y + 22, 910, TEXT, column=170)
    y = blocks.extra_rows(sheet, 1020, y, 910, TEXT)
    y = max(y + 40, 1000)
    blocks.signers(sheet, 1020, y, 930, 27)
    blocks.rows(sheet, ("security_code",), 1020, y + 90, 500, 27)
    rng = sheet.rng
    marks.stamp(sheet, (1690 + rng.uniform(-400, 60), y + 60 + rng.uniform(-30, 30)), 310)


def _cover(sheet: Sheet) -> None:
    middle = FOLD / 2
    marks.accreditation_marks(sheet, FOLD - 70, 60, 84, 23)
    y = blocks.title(sheet, middle, 230, 66, HEAD)
    blocks.photo(sheet, middle - 320, y + 40, 360)
    marks.qr_code(sheet, middle + 90, y + 80, 240, "证书查询")
    y = blocks.lab_name(sheet, middle, y + 470, 46, 840)
    blocks.foot(sheet, 70, max(y + 40, 1060), 830, 25)
