"""Lines that a detector cut in two inside a label: 地 and 址：… of one wide-set 地　　址."""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Sequence

from ocr.fields.labels import fold, vocabulary
from ocr.reading import Glyph, Line, Point, Quad

# The first part of such a label is this many characters at the most.
LONGEST_HEAD = 2
# White space inside a label, in heights of print.
WIDEST = 6.0
ROW = 0.5
# Height over width from which a box is a column of single characters.
STACKED = 2.5


def join_labels(lines: Sequence[Line]) -> list[Line]:
    """The lines, those joined that make one label only together."""
    left = list(lines)
    for head in lines:
        word = fold(head.text)
        if not 0 < len(word) <= LONGEST_HEAD or vocabulary().at(word, 0):
            continue
        tail = _tail(head, word, left)
        if tail is not None:
            left[left.index(tail)] = _joined(head, tail)
            left.remove(head)
    return left


def split_columns(lines: Sequence[Line]) -> list[Line]:
    """The lines, those of one character each that a detector joined downwards parted again.

    The first characters of wide-set labels stand one above another: 质, 形 and 颜 of
    质　量, 形　状 and 颜　色.
    """
    parted: list[Line] = []
    for line in lines:
        width = math.dist(line.page_box[0], line.page_box[1])
        height = math.dist(line.page_box[0], line.page_box[3])
        glyphs = [glyph for glyph in line.glyphs if glyph.char.strip()]
        stacked = len(glyphs) > 1 and height > STACKED * width
        if stacked and all("㐀" <= glyph.char <= "鿿" for glyph in glyphs):
            parted.extend(_stacked(line, glyphs, width / height))
        else:
            parted.append(line)
    return parted


def _stacked(line: Line, glyphs: Sequence[Glyph], em: float) -> list[Line]:
    """One line for each character of a column; `em` is its height as a share of the column."""
    found = []
    for glyph in glyphs:
        middle = (glyph.start + glyph.end) / 2
        top, bottom = max(0.0, middle - em / 2), min(1.0, middle + em / 2)
        found.append(
            dc.replace(
                line,
                text=glyph.char,
                confidence=glyph.confidence,
                box=_rows(line.box, top, bottom),
                page_box=_rows(line.page_box, top, bottom),
                glyphs=(dc.replace(glyph, start=0.1, end=0.9),),
            )
        )
    return found


def _rows(quad: Quad, top: float, bottom: float) -> Quad:
    a, b, c, d = quad
    return (_at(a, d, top), _at(b, c, top), _at(b, c, bottom), _at(a, d, bottom))


def _at(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _tail(head: Line, word: str, lines: Sequence[Line]) -> Line | None:
    top, bottom = head.page_box[0][1], head.page_box[3][1]
    height = max(1.0, bottom - top)
    right = head.page_box[1][0]
    best: Line | None = None
    for line in lines:
        gap = line.page_box[0][0] - right
        shared = min(bottom, line.page_box[3][1]) - max(top, line.page_box[0][1])
        if line is head or not -0.3 * height < gap < WIDEST * height or shared < ROW * height:
            continue
        if best is None or line.page_box[0][0] < best.page_box[0][0]:
            best = line
    if best is None:
        return None
    found = vocabulary().at(word + fold(best.text), 0)
    return best if found is not None and found.end > len(word) else None


def _joined(head: Line, tail: Line) -> Line:
    length = math.dist(head.page_box[0], tail.page_box[1])
    first = math.dist(head.page_box[0], head.page_box[1]) / length
    second = math.dist(tail.page_box[0], tail.page_box[1]) / length
    glyphs = [dc.replace(g, start=g.start * first, end=g.end * first) for g in head.glyphs]
    for glyph in tail.glyphs:
        start, end = (1 - second + x * second for x in (glyph.start, glyph.end))
        glyphs.append(dc.replace(glyph, start=min(1.0, start), end=min(1.0, end)))
    return dc.replace(
        tail,
        text=head.text + tail.text,
        confidence=min(head.confidence, tail.confidence),
        box=_span(head.box, tail.box),
        page_box=_span(head.page_box, tail.page_box),
        glyphs=tuple(glyphs),
    )


def _span(head: Quad, tail: Quad) -> Quad:
    return (head[0], tail[1], tail[2], head[3])
