"""Parts that several layouts share: heading, rows of fields, signatures, foot."""

from __future__ import annotations

from collections.abc import Sequence

from samples.generator import fonts, pieces
from samples.generator.paper import INK, LINE_SPACING, PALE, Colour, Sheet

ENGLISH_TITLE = "GEMSTONE IDENTIFICATION CERTIFICATE"
FIELDS = (
    "conclusion",
    "mass",
    "shape",
    "colour",
    "optic_character",
    "refractive_index",
    "density",
    "magnification",
    "fluorescence",
    "metal",
    "remarks",
    "standards",
)
SIGNERS = ("inspector", "checker", "approver")
ROW_GAP = 0.18


def lab_name(
    sheet: Sheet, middle: float, top: float, size: int, width: float, colour: Colour = INK
) -> float:
    """The laboratory's Chinese and English names, centred.

    Returns:
        The y beneath.
    """
    face = sheet.title_face
    size = sheet.fit(sheet.printed("lab_name"), size, width, face)
    sheet.put("lab_name", (middle, top), size, face=face, fill=colour, anchor="ma")
    y = top + size * 1.42
    small = sheet.fit(sheet.cert.name_en, int(size * 0.46), width)
    sheet.write((middle, y), sheet.cert.name_en, small, fill=PALE, anchor="ma")
    return y + small * 1.5


def title(sheet: Sheet, middle: float, top: float, size: int, colour: Colour) -> float:
    """The certificate's title, with the English one beneath.

    Returns:
        The y beneath.
    """
    face = sheet.title_face
    sheet.write((middle, top), sheet.cert.title, size, face, colour, "ma")
    y = top + size * 1.36
    sheet.write((middle, y), ENGLISH_TITLE, int(size * 0.36), "", PALE, "ma")
    return y + size * 0.6


def photo(sheet: Sheet, left: float, top: float, size: int) -> None:
    """The photo of the piece in a thin frame."""
    picture = pieces.draw_piece(sheet.cert.picture, sheet.cert.hue, size, sheet.rng)
    sheet.image.paste(picture, (int(left), int(top)))
    sheet.draw.rectangle((left, top, left + size, top + size), outline=(170, 170, 172), width=2)


def rows(
    sheet: Sheet,
    keys: Sequence[str],
    left: float,
    top: float,
    width: float,
    size: int,
    form: str = "zh",
    joint: str = "：",
    column: float = 0,
) -> float:
    """Fields one under the other, label and value on one line.

    Args:
        sheet: to print on.
        keys: contract keys, in order; absent ones are skipped.
        left: x of the labels.
        top: y of the first row.
        width: of label and value together.
        size: of the type, pixels.
        form: of the labels, as `Sheet.label` has it.
        joint: between label and value.
        column: width of the label column; 0 sets the value right behind its label.

    Returns:
        The y beneath.
    """
    y = top
    for key in keys:
        if not sheet.has(key):
            continue
        words = sheet.label(key, form) + joint
        sheet.write((left, y), words, size, fill=PALE if column else INK)
        indent = max(column, fonts.load(sheet.face, size).getlength(words) + size * 0.2)
        y = sheet.put(key, (left + indent, y), size, width - indent) + size * ROW_GAP
    return y


def extra_rows(sheet: Sheet, left: float, top: float, width: float, size: int) -> float:
    """Rows that the contract has no key for.

    Returns:
        The y beneath.
    """
    y = top
    for label, value in sheet.cert.extras:
        words = sheet.fit(f"{label}：{value}", size, width)
        sheet.write((left, y), f"{label}：{value}", words)
        y += size * (LINE_SPACING + ROW_GAP)
    return y


def signers(
    sheet: Sheet,
    left: float,
    top: float,
    width: float,
    size: int,
    form: str = "zh",
    keys: Sequence[str] = SIGNERS,
) -> float:
    """The signatures side by side, the names as if written by hand.

    Returns:
        The y beneath.
    """
    step = width / len(keys)
    for place, key in enumerate(keys):
        x = left + place * step
        words = sheet.label(key, form) + "："
        sheet.write((x, top), words, size)
        indent = fonts.load(sheet.face, size).getlength(words) + size * 0.3
        lift = float(sheet.rng.uniform(-0.18, 0.02)) * size
        hand = int(size * 1.22)
        sheet.put(key, (x + indent, top + lift), hand, face=sheet.hand_face, fill=(20, 22, 52))
        sheet.draw.line(
            (x + indent, top + size * 1.36, x + step - size * 0.8, top + size * 1.36),
            fill=(150, 150, 150),
            width=1,
        )
    return top + size * 2


def foot(sheet: Sheet, left: float, top: float, width: float, size: int, form: str = "zh") -> float:
    """Address on a line, telephone and website on the next.

    Returns:
        The y beneath.
    """
    y = rows(sheet, ("address",), left, top, width, size, form)
    rows(sheet, ("phone",), left, y, width / 2, size, form)
    return rows(sheet, ("website",), left + width * 0.45, y, width * 0.55, size, form)


def frame(sheet: Sheet, colour: Colour, inset: int = 26) -> None:
    """A double rule around the sheet."""
    far = (sheet.width - inset, sheet.height - inset)
    sheet.draw.rectangle((inset, inset, *far), outline=colour, width=4)
    near = inset + 10
    box = (near, near, sheet.width - near, sheet.height - near)
    sheet.draw.rectangle(box, outline=colour, width=1)
