"""Landscape card after the national laboratory's: photo left, fields right, codes below."""

from __future__ import annotations

from samples.generator import blocks, marks
from samples.generator.paper import PALE, Sheet

SIZE = (1740, 1120)
PAPER = (250, 251, 248)
TEXT = 31
KEYS = tuple(key for key in blocks.FIELDS if key != "standards")


def draw(sheet: Sheet) -> None:
    """Draws the card."""
    marks.guilloche(sheet, (176, 206, 196), 0.4)
    sheet.draw.rectangle((0, 0, SIZE[0], 18), fill=(38, 96, 84))
    marks.accreditation_marks(sheet, SIZE[0] - 60, 44, 78, 22)
    sheet.write((60, 48), sheet.cert.title, 56, sheet.title_face, (30, 84, 74))
    sheet.write((60, 122), blocks.ENGLISH_TITLE, 23, "", PALE)
    sheet.draw.line((60, 168, SIZE[0] - 60, 168), fill=(38, 96, 84), width=3)
    blocks.photo(sheet, 70, 196, 430)
    top = blocks.rows(sheet, ("certificate_no",), 560, 196, 1120, 34)
    top = blocks.rows(sheet, KEYS, 560, top, 700 if sheet.cert.query else 1120, TEXT)
    blocks.rows(sheet, ("standards",), 560, top, 1120, 27)
    _codes(sheet)
    blocks.signers(sheet, 560, 868, 1120, 30)
    blocks.lab_name(sheet, 1120, 940, 44, 1060)
    sheet.draw.line((60, 1046, SIZE[0] - 60, 1046), fill=(38, 96, 84), width=2)
    _foot(sheet)
    rng = sheet.rng
    marks.stamp(sheet, (1440 + rng.uniform(-480, 60), 830 + rng.uniform(-20, 20)), 300)


def _codes(sheet: Sheet) -> None:
    """Date and security code side by side over the bar code, as two groups of eight."""
    cert = sheet.cert
    y = 690
    sheet.put("issue_date", (70, y), 34, words=f"{cert.day:%Y%m%d}")
    sheet.put("security_code", (500, y), 34, anchor="ra")
    marks.bar_code(sheet, 86, y + 52, 400, 66, sheet.printed("certificate_no"))
    marks.qr_code(sheet, 1440, 230, 230, "扫码查询")
    sheet.write((70, 830), "左侧为出证日期，右侧为", 24, "", PALE)
    sheet.write((70, 864), sheet.label("security_code"), 24, "", PALE)


def _foot(sheet: Sheet) -> None:
    x = 60.0
    for key in ("address", "phone", "website"):
        if not sheet.has(key):
            continue
        words = sheet.label(key) + "："
        box = sheet.write((x, 1060), words, 23, "", PALE)
        sheet.put(key, (box[2] + 4, 1060), 23)
        x = float(sheet.boxes[key][1][0]) + 34
