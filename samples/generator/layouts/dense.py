"""Chinese only and closely set, two fields to a line, no pattern."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import Sheet

SIZE = (1240, 1560)
PAPER = (249, 247, 238)
TEXT = 27
PAIRS = (
    ("mass", "shape"),
    ("colour", "density"),
    ("refractive_index", "fluorescence"),
    ("optic_character", "metal"),
)


def draw(sheet: Sheet) -> None:
    """Draws the page."""
    blocks.frame(sheet, (90, 110, 90), 20)
    marks.accreditation_marks(sheet, SIZE[0] - 70, 54, 70, 21)
    face_of_title = sheet.title_face
    sheet.put("lab_name", (SIZE[0] / 2, 190), 46, face=face_of_title, anchor="ma")
    sheet.write((SIZE[0] / 2, 256), sheet.cert.title, 54, face_of_title, (40, 80, 50), "ma")
    blocks.rows(sheet, ("certificate_no",), 80, 344, 560, TEXT, joint=":")
    y = blocks.rows(sheet, ("issue_date",), 690, 344, 480, TEXT, joint=":")
    y = blocks.rows(sheet, ("conclusion",), 80, y, 1080, 34, joint=":")
    for pair in PAIRS:
        low = [y]
        left = 80.0
        for key in pair:
            low.append(blocks.rows(sheet, (key,), left, y, 560, TEXT, joint=":"))
            left = 690.0 if sheet.has(pair[0]) else left
        y = max(low)
    y = blocks.rows(sheet, ("magnification",), 80, y, 1080, TEXT, joint=":")
    y = blocks.extra_rows(sheet, 80, y, 1080, TEXT)
    y = blocks.rows(sheet, ("standards", "remarks"), 80, y, 1080, TEXT, joint=":")
    y = max(y + 20, 800)
    blocks.photo(sheet, 80, y, 340)
    blocks.rows(sheet, ("security_code",), 480, y, 400, TEXT, joint=":")
    # Long numbers must end before the white border of the QR code.
    marks.bar_code(sheet, 500, y + 60, 330, 64, sheet.printed("certificate_no"))
    marks.qr_code(sheet, 930, y + 10, 220, "扫码查询")
    y = blocks.signers(sheet, 80, y + 380, 1100, 27)
    blocks.foot(sheet, 80, max(y + 30, 1400), 1080, 25)
    rng = sheet.rng
    marks.stamp(sheet, (700 + rng.uniform(-60, 60), y - 120 + rng.uniform(-20, 30)), 300)
