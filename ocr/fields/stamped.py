"""Words of a seal that a detector joined to the print beside or beneath them.

A seal's straight line (检验检测专用章) often runs through the approver's name, and both are
found as one line: 白景行检测专用章, 验舒望用章. What is left of the seal's words is taken off.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

from ocr import geometry
from ocr.fields.labels import SEPARATORS, fold, vocabulary
from ocr.fields.pieces import sub_quad
from ocr.reading import Glyph, Line, Quad

# From so many characters in a row on, the words of a seal are no chance.
LEAST = 2
# Most characters of the seal's words that stand before a name which hides the next ones.
MOST_BEFORE = 3


def off_print(line: Line, seals: Sequence[Quad], words: Sequence[str]) -> tuple[Line, ...]:
    """What is left of a line without what it holds of a seal's words.

    Args:
        line: of the page.
        seals: their boxes in the page.
        words: that seals carry on their straight line.

    Returns:
        The line itself where nothing is a seal's, else what remains of it in narrower boxes:
        nothing, one stretch of print, or a label and what stands behind the seal's words.
    """
    glyphs = [glyph for glyph in line.glyphs if glyph.char.strip()]
    inside = [any(geometry.contains(box, _middle(line, g)) for box in seals) for g in glyphs]
    if not any(inside):
        return (line,)
    text = "".join(glyph.char for glyph in glyphs)
    end = _tail(text, inside, words)
    ahead = _before_label(text, inside, words)
    if end == len(text) and ahead:
        return (_narrowed(line, glyphs[ahead:], glyphs[0]),)
    if end == len(text):
        end = _behind_label(text, inside, words)
    if end == len(text):
        return (line,)
    start = _label_end(text, end)
    first = _head(text[start:end], text[end:], inside[start:end], words)
    stretches = (glyphs[:start], glyphs[start + first : end]) if first else (glyphs[:end],)
    return tuple(_narrowed(line, kept, glyphs[0]) for kept in stretches if kept)


def _tail(text: str, inside: Sequence[bool], words: Sequence[str]) -> int:
    """Where a seal's words that end the text begin; its length where none do."""
    for start in range(len(text) - LEAST + 1):
        if all(inside[start:]) and any(_ends(text[start:], word) for word in words):
            return start
    return len(text)


def _behind_label(text: str, inside: Sequence[bool], words: Sequence[str]) -> int:
    """Where part of a seal's words stands alone behind a label (签发检测); the length else."""
    start = _label_end(text, len(text))
    rest = text[start:]
    if not start or len(rest) < LEAST or not all(inside[start:]):
        return len(text)
    ours = any(rest in word for word in words) and not any(text in word for word in words)
    return start if ours else len(text)


def _ends(text: str, word: str) -> bool:
    """Whether a text is the end of a word, its last character perhaps lost.

    >>> _ends("测专用章", "检测专用章"), _ends("专用", "检测专用章"), _ends("检测", "检测专用章")
    (True, True, False)
    """
    return word.endswith(text) or word[:-1].endswith(text)


def _before_label(text: str, inside: Sequence[bool], words: Sequence[str]) -> int:
    """How many of a seal's first characters stand before a label: 检验检测授权签字人."""
    folded = fold(text)
    if len(folded) != len(text) or vocabulary().at(folded, 0) is not None:
        return 0
    for count in range(len(text) - 1, LEAST - 1, -1):
        ours = all(inside[:count]) and any(word.startswith(text[:count]) for word in words)
        label = vocabulary().at(folded, count) if ours else None
        if label is not None and len(label.label.text) > 1:
            return count
    return 0


def _label_end(text: str, end: int) -> int:
    """How much of a text is the label that it begins with, and what separates it."""
    folded = fold(text)
    found = vocabulary().at(folded, 0)
    if found is None or len(folded) != len(text) or found.end > end:
        return 0
    place = found.end
    while place < end and text[place] in SEPARATORS:
        place += 1
    return place


def _head(text: str, tail: str, inside: Sequence[bool], words: Sequence[str]) -> int:
    """How many characters of the seal's words stand before what hides the next ones."""
    count = 0
    for word in words:
        before = word[: word.find(tail)] if tail in word else ""
        place = length = 0
        while length < min(len(text), MOST_BEFORE) and inside[length]:
            place = before.find(text[length], place) + 1
            if not place:
                break
            length += 1
        count = max(count, length)
    return count


def _narrowed(line: Line, kept: Sequence[Glyph], first: Glyph) -> Line:
    """The line around the glyphs that are kept, cut half a character from their middles."""
    width, height = geometry.quad_size(line.page_box)
    half = 0.5 * height / max(1.0, width)
    start = 0.0 if kept[0] is first else max(0.0, (kept[0].start + kept[0].end) / 2 - half)
    end = min(1.0, (kept[-1].start + kept[-1].end) / 2 + half)
    length = max(1e-6, end - start)

    def along(share: float) -> float:
        return min(1.0, max(0.0, (share - start) / length))

    glyphs = tuple(dc.replace(g, start=along(g.start), end=along(g.end)) for g in kept)
    return dc.replace(
        line,
        text="".join(glyph.char for glyph in kept),
        confidence=sum(glyph.confidence for glyph in kept) / len(kept),
        box=sub_quad(line.box, start, end),
        page_box=sub_quad(line.page_box, start, end),
        glyphs=glyphs,
    )


def _middle(line: Line, glyph: Glyph) -> tuple[float, float]:
    a, b, c, d = line.page_box
    share = (glyph.start + glyph.end) / 2
    left = ((a[0] + d[0]) / 2, (a[1] + d[1]) / 2)
    right = ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    return (left[0] + (right[0] - left[0]) * share, left[1] + (right[1] - left[1]) * share)
