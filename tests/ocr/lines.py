"""Pages of lines, as a recogniser gives them."""

from __future__ import annotations

from ocr.fields.extract import Extract, extract
from ocr.reading import Code, Glyph, Line, Quad

EM = 30.0  # width of a Chinese character in these pages, pixels
HEIGHT = EM / 0.72


def width(char: str) -> float:
    return EM if ord(char) > 0x2FF or char == "　" else EM * 0.55


def box(x: float, y: float, length: float) -> Quad:
    return ((x, y), (x + length, y), (x + length, y + HEIGHT), (x, y + HEIGHT))


def line(x: float, y: float, text: str, confidence: float = 0.99) -> Line:
    """A line as the recogniser gives it: white space is a gap, not a character."""
    length = sum(map(width, text))
    glyphs, place = [], 0.0
    for char in text:
        end = place + width(char)
        if char.strip():
            middle = (place + end) / 2 / length
            glyphs.append(Glyph(char, middle - 0.002, middle + 0.002, confidence))
        place = end
    quad = box(x, y, length)
    read = "".join(g.char for g in glyphs)
    return Line(read, confidence, quad, quad, "test", tuple(glyphs))


def values(*lines: Line, codes: tuple[Code, ...] = ()) -> dict[str, object]:
    return {key: field.value for key, field in extract(lines, codes).fields.items()}


def read(*lines: Line) -> Extract:
    return extract(lines, ())
