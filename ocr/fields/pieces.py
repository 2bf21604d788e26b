"""Lines of print cut into labels and texts.

A recogniser gives one line for `总质量：41.163g  折射率：1.66（点测）`; a layout works with
its four pieces. Places inside a line come from the glyphs.
"""

from __future__ import annotations

import dataclasses as dc
import math
import re
import statistics
import unicodedata
from collections.abc import Sequence

from ocr.fields.doubt import counts
from ocr.fields.joining import join_labels, split_columns
from ocr.fields.labels import (
    OTHER,
    PEOPLE,
    SEPARATORS,
    Found,
    Label,
    fold,
    stands_alone,
    vocabulary,
)
from ocr.hanzi import simplify
from ocr.reading import Glyph, Line, Point, Quad

# White space wider than this many characters parts two texts.
GAP = 0.9
# Between a person's label and a name, its colon lost.
GAP_BEFORE_NAME = 0.5
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
# Height of print against the height of the detector's box, which leaves a margin.
PRINT_HEIGHT = 0.72
# A gap wider than this also ends a text that no label follows.
WIDE_GAP = 2.5
# Between Latin letters the recogniser sees spaces itself, and wide capitals look like gaps:
# what it saw none in is one up to this many characters.
LETTERS_APART = 1.2
NO_SPACE = 0.4
# Signs that end a label and begin no value. A stroke or a dash may be a value.
LEADING = ":：;；|｜,，、.。·*_"


@dc.dataclass(frozen=True, slots=True)
class Piece:
    """A label, or a stretch of text between labels.

    Attributes:
        text: the print, NFKC, single spaces where there are gaps.
        label: the label, or None for a text.
        line: number of the line it comes from.
        order: number of the piece in its line.
        box: corners in the page.
        photo_box: corners in the upright photo.
        confidence: of its weakest glyph that counts (`doubt.counts`), 0..1.
        mean: mean confidence of its glyphs, 0..1.
        reader: the engine that read it.
        colon: for a label, whether a colon follows.
        centres: where along the box each character of the text stands, 0..1.
        rest: what of its line lies behind its last character's middle, in heights of the
            line; 0 where another piece follows.
        digits: confidence of its weakest digit, 1 without any.
        sureness: confidence of each character of the text, 0..1.
    """

    text: str
    label: Label | None
    line: int
    order: int
    box: Quad
    photo_box: Quad
    confidence: float
    mean: float
    reader: str
    colon: bool = False
    centres: tuple[float, ...] = ()
    rest: float = 0.0
    digits: float = 1.0
    sureness: tuple[float, ...] = ()

    def part(self, start: int, end: int) -> Piece:
        """The stretch of the text from one character to before another, with its place."""
        if len(self.centres) != len(self.text) or (start, end) == (0, len(self.text)):
            return self
        half = 0.5 / max(1.0, sum(_width(char) for char in self.text))
        first = max(0.0, self.centres[start] - half * _width(self.text[start]))
        last = min(1.0, self.centres[end - 1] + half * _width(self.text[end - 1]))
        return dc.replace(
            self,
            text=self.text[start:end],
            box=sub_quad(self.box, first, last),
            photo_box=sub_quad(self.photo_box, first, last),
            centres=tuple((c - first) / (last - first) for c in self.centres[start:end]),
            sureness=self.sureness[start:end],
        )

    @property
    def characters(self) -> list[tuple[str, float]]:
        """The text's characters with their confidences; those without glyphs are sure."""
        if len(self.sureness) != len(self.text):
            return [(char, 1.0) for char in self.text]
        return list(zip(self.text, self.sureness, strict=True))

    @property
    def left(self) -> float:
        """Left edge in the page."""
        return (self.box[0][0] + self.box[3][0]) / 2

    @property
    def right(self) -> float:
        """Right edge in the page."""
        return (self.box[1][0] + self.box[2][0]) / 2

    @property
    def top(self) -> float:
        """Upper edge in the page."""
        return (self.box[0][1] + self.box[1][1]) / 2

    @property
    def bottom(self) -> float:
        """Lower edge in the page."""
        return (self.box[2][1] + self.box[3][1]) / 2

    @property
    def height(self) -> float:
        """Height in the page's pixels, at least 1."""
        return max(1.0, self.bottom - self.top)


@dc.dataclass(slots=True)
class _Folded:
    """A line as folded text, each character with its glyph and the gap before it."""

    text: str
    glyphs: list[int]
    gaps: list[float]


def cut(lines: Sequence[Line]) -> list[Piece]:
    """Cuts lines into labels and texts, in the order of the lines."""
    pieces: list[Piece] = []
    for number, line in enumerate(join_labels(split_columns(lines))):
        pieces.extend(_cut_line(number, line))
    return pieces


def _glyphs(line: Line) -> tuple[Glyph, ...]:
    if line.glyphs:
        return line.glyphs
    step = 1 / max(1, len(line.text))
    return tuple(
        Glyph(char, i * step, (i + 1) * step, line.confidence) for i, char in enumerate(line.text)
    )


def _em(line: Line, glyphs: Sequence[Glyph]) -> float:
    """Width of one Chinese character as a fraction of the line's length."""
    length = max(1.0, _length(line.page_box[0], line.page_box[1]))
    height = max(1.0, _length(line.page_box[0], line.page_box[3]))
    by_height = PRINT_HEIGHT * height / length
    steps = [
        _centre(b) - _centre(a)
        for a, b in zip(glyphs, glyphs[1:], strict=False)
        if _wide(a.char) and _wide(b.char)
    ]
    if len(steps) < 3:
        return by_height
    return min(1.6 * by_height, max(0.6 * by_height, statistics.median_low(steps)))


def _fold_line(glyphs: Sequence[Glyph], em: float) -> _Folded:
    text, owners, gaps = "", [], []
    spaced = 0.0
    previous: Glyph | None = None
    for number, glyph in enumerate(glyphs):
        if not glyph.char.strip():
            spaced = max(spaced, 0.5)
            continue
        gap = 0.0
        if previous is not None:
            usual = em * (_width(previous.char) + _width(glyph.char)) / 2
            gap = (_centre(glyph) - _centre(previous) - usual) / em
            if gap < LETTERS_APART and _letters(previous.char, glyph.char):
                gap = min(gap, NO_SPACE)
        gap = max(gap, spaced)
        for char in fold(glyph.char):
            text += char
            owners.append(number)
            gaps.append(gap)
            gap = 0.0
        spaced, previous = 0.0, glyph
    return _Folded(text, owners, gaps)


def _cut_line(number: int, line: Line) -> list[Piece]:
    glyphs = _glyphs(line)
    em = _em(line, glyphs)
    folded = _fold_line(glyphs, em)
    spans: list[tuple[int, int, Label | None]] = []
    place = text_start = 0
    while place < len(folded.text):
        found = _label_at(folded, place, spans, text_start)
        if found is None:
            place += 1
            continue
        if place > text_start:
            spans.append((text_start, place, None))
        spans.append((place, found.end, found.label))
        place = text_start = found.end
    if text_start < len(folded.text):
        spans.append((text_start, len(folded.text), None))
    return _pieces(number, line, glyphs, em, folded, spans)


def _label_at(
    folded: _Folded, place: int, spans: Sequence[tuple[int, int, Label | None]], text_start: int
) -> Found | None:
    """A label beginning here, if this is a place where one may begin."""
    before = folded.text[text_start:place].strip(SEPARATORS + "()")
    after_label = not before and place > 0
    if place and not after_label and folded.gaps[place] < GAP:
        return _next_signer(folded.text, place, spans)
    found = vocabulary().at(folded.text, place)
    if found is None and after_label and spans and spans[-1][2] is not None:
        return vocabulary().misread_english(spans[-1][2].key, folded.text, place)
    if found is None:
        return None
    if after_label and not found.label.latin and spans and spans[-1][2] is not None:
        # 检测地址 after 检验结论: is a value that begins like a label, unless a colon says so.
        follows = folded.text[found.end : found.end + 1]
        previous = spans[-1][2]
        if folded.gaps[place] < GAP and follows not in ":：" and previous.key != found.label.key:
            return None
        # 商贸名称：… after 备注： is what is remarked.
        if folded.gaps[place] < GAP and previous.key == "remarks" and found.label.key == OTHER:
            return None
    named = found.label.key in PEOPLE and _NAME.fullmatch(folded.text, found.end) is not None
    least = GAP_BEFORE_NAME if named else GAP
    gap_after = found.end < len(folded.gaps) and folded.gaps[found.end] >= least
    return found if stands_alone(found, folded.text, gap_after=gap_after) else None


def _next_signer(
    text: str, place: int, spans: Sequence[tuple[int, int, Label | None]]
) -> Found | None:
    """A person's label behind another's, with its name: what of a seal lies between fills the gap.

    No name holds such a word: 校核者：陈雨桐派宝批准人舒望.
    """
    first = next((label for _, _, label in reversed(spans) if label is not None), None)
    if first is None or first.key not in PEOPLE:
        return None
    found = vocabulary().at(text, place)
    if found is None or found.label.key not in PEOPLE - {first.key} or found.end - place < 2:
        return None
    named = _NAME.fullmatch(text[found.end :].lstrip(SEPARATORS)) is not None
    return found if named else None


def _pieces(
    number: int,
    line: Line,
    glyphs: Sequence[Glyph],
    em: float,
    folded: _Folded,
    spans: Sequence[tuple[int, int, Label | None]],
) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end, label in spans:
        for first, last in _split(folded, start, end) if label is None else [(start, end)]:
            piece = _piece(number, len(pieces), line, glyphs, em, folded, first, last, label)
            if piece is not None:
                pieces.append(piece)
    return pieces


def _split(folded: _Folded, start: int, end: int) -> list[tuple[int, int]]:
    """A text parted at its wide gaps."""
    cuts = [i for i in range(start + 1, end) if folded.gaps[i] >= WIDE_GAP]
    edges = [start, *cuts, end]
    return list(zip(edges, edges[1:], strict=False))


def _piece(
    number: int,
    order: int,
    line: Line,
    glyphs: Sequence[Glyph],
    em: float,
    folded: _Folded,
    start: int,
    end: int,
    label: Label | None,
) -> Piece | None:
    colon = label is not None and folded.text[end : end + 1] in (":", "：")
    if label is None:
        while start < end and folded.text[start] in LEADING:
            start += 1
    if start >= end:
        return None
    first, last = folded.glyphs[start], folded.glyphs[end - 1]
    members = [g for g in glyphs[first : last + 1] if g.char.strip()]
    begin = max(0.0, _centre(glyphs[first]) - em * _width(glyphs[first].char) / 2)
    finish = min(1.0, _centre(glyphs[last]) + em * _width(glyphs[last].char) / 2)
    text, places, sureness = _text(folded, glyphs, start, end)
    length = max(1e-6, finish - begin)
    behind = any(glyph.char.strip() for glyph in glyphs[last + 1 :])
    along = _length(line.page_box[0], line.page_box[1])
    across = max(1.0, _length(line.page_box[0], line.page_box[3]))
    return Piece(
        text=text,
        label=label,
        line=number,
        order=order,
        box=sub_quad(line.page_box, begin, finish),
        photo_box=sub_quad(line.box, begin, finish),
        confidence=min(
            (g.confidence for g in members if counts(g.char)),
            default=min(g.confidence for g in members),
        ),
        mean=statistics.fmean(g.confidence for g in members),
        digits=min((g.confidence for g in members if g.char.isdecimal()), default=1.0),
        reader=line.reader,
        colon=colon,
        centres=tuple(min(1.0, max(0.0, (x - begin) / length)) for x in places),
        rest=0.0 if behind else (1 - _centre(glyphs[last])) * along / across,
        sureness=tuple(sureness),
    )


def _text(
    folded: _Folded, glyphs: Sequence[Glyph], start: int, end: int
) -> tuple[str, list[float], list[float]]:
    """The print; where along the line each character stands, and how surely it was read."""
    text, places, sureness = "", list[float](), list[float]()
    previous = -1
    for place in range(start, end):
        number = folded.glyphs[place]
        if number == previous:
            continue
        glyph = glyphs[number]
        parts = simplify(unicodedata.normalize("NFKC", glyph.char))
        if previous >= 0 and folded.gaps[place] >= 0.5:
            text += " "
            places.append((_centre(glyphs[previous]) + _centre(glyph)) / 2)
            sureness.append(1.0)
        text += parts
        places.extend([_centre(glyph)] * len(parts))
        sureness.extend([glyph.confidence] * len(parts))
        previous = number
    return text, places, sureness


def sub_quad(quad: Quad, start: float, end: float) -> Quad:
    """The part of a line's box between two fractions of its length."""
    a, b, c, d = quad
    return (_between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start))


def _between(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _length(a: Point, b: Point) -> float:
    return math.dist(a, b)


def _centre(glyph: Glyph) -> float:
    return (glyph.start + glyph.end) / 2


def _letters(one: str, two: str) -> bool:
    return (one + two).isascii() and one.isalpha() and two.isalpha()


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _width(char: str) -> float:
    return 1.0 if _wide(char) else 0.55
