"""Draws a square seal: the name in rows from left to right, or in columns from the right.

Legal persons' name seals and many old bodies' seals are square, 20 to 42 mm. The characters
fill a grid; a last place that the name leaves empty takes 印 or 章, as seal makers do.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

ROWS_SHARE = 0.5
_FRAME = (0.03, 0.055)
_ENDING = "印"


def grid(text: str) -> tuple[int, int]:
    """Rows and columns that hold a text as squarely as can be.

    >>> grid("示例玉石珠宝检验研究院有限公司"), grid("示例玉石")
    ((4, 4), (2, 2))
    """
    across = max(2, math.ceil(math.sqrt(len(text))))
    return math.ceil(len(text) / across), across


def filled(text: str) -> str:
    """The text as cut: with 印 where its grid has just one place too many."""
    rows, across = grid(text)
    return text + _ENDING if rows * across == len(text) + 1 else text


def draw_mask(text: str, side: int, face: tuple[str, int], rng: np.random.Generator) -> Image.Image:
    """The clean seal, 255 where there is rubber.

    Args:
        text: the name.
        side: of the seal, pixels.
        face: font file and index.
        rng: decides the frame and the way the text runs.

    Returns:
        A mask with an empty margin around the frame.
    """
    from samples.generator.seal import MARGIN, glyph_mask

    margin = round(side * MARGIN)
    ink = Image.new("L", (side + 2 * margin, side + 2 * margin), 0)
    frame = round(side * rng.uniform(*_FRAME))
    box = (margin, margin, margin + side - 1, margin + side - 1)
    ImageDraw.Draw(ink).rectangle(box, outline=255, width=frame)
    in_rows = rng.random() < ROWS_SHARE
    whole = filled(text)
    rows, across = grid(text) if in_rows else grid(text)[::-1]
    room = side - 2 * frame - 2 * round(0.03 * side)
    wide, tall = room / across, room / rows
    corner = margin + (side - room) / 2
    for place, char in enumerate(whole):
        row, column = divmod(place, across) if in_rows else _down(place, rows, across)
        cell = glyph_mask(char, face, wide * 0.88, tall * 0.88)
        at = (corner + wide * (column + 0.5), corner + tall * (row + 0.5))
        ink.paste(cell, (round(at[0] - cell.width / 2), round(at[1] - cell.height / 2)))
    return ink


def _down(place: int, rows: int, across: int) -> tuple[int, int]:
    """Row and column of a place where text runs down, columns from the right."""
    column, row = divmod(place, rows)
    return row, across - 1 - column
