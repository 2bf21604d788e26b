"""CMA, CAL, CNAS and ilac-MRA marks, told apart, each with the number that stands under it.

A mark is letters that stand alone in their line; for CMA and CAL a wide C runs around them,
which is looked for in the picture. A number goes to the mark above or beside it whose numbers
have its form, the nearest first: the same twelve digits may be a CMA number or, on older
papers, a CAL one, and only their place tells. Forms and letters are in `marks.toml`.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.fields.pieces import sub_quad
from ocr.geometry import Picture
from ocr.page import Page
from ocr.reading import Field, Line, Mark, Quad

# Characters beside marks, numbers and their words in a line that still is a row of marks.
_STRANGE = 1
# In heights of the mark: how far below its mark a number may begin, and beside it.
_BELOW, _BESIDE = 2.2, 1.5
# A number's middle lies this near its mark's, in widths of the wider of the two.
_ASIDE = 0.75
# A C begins this much left of its letters' box, and reaches this far above and below; the
# box takes in some of it. In widths and heights of the box, as is the largest C there is.
_C_LEFT, _C_UP_DOWN, _C_WIDEST, _C_HIGHEST = 0.06, 0.03, 3.5, 3.0
# What letters without their C are worth: they may be print of another kind.
_WITHOUT_C = 0.6
# In heights of a number, where its mark's letters may stand above it: width, height, how far
# their foot is above the number, how far they are aside.
_LETTERS = tuple(
    itertools.product((1.3, 1.7, 0.9), (1.1, 0.75), (1.0, 1.3, 1.6, 0.8), (0.0, -0.7, 0.7))
)
# Grey levels from the paper that are noise.
_FAINTEST = 24.0
# Print under a mark is this much of the mark's own depth at least: a number in thin, soft digits
# (ukai, 14 px high) was 0.35 to 0.45 of it.
_PALE = 0.3
# In heights of the mark, how far around it paper must be bare: numbers stand up to 2.3 beneath.
_BARE_BENEATH, _BARE_BESIDE = 2.8, 2.0
# A place narrower than this, in pixels, is the page's rim.
_LEAST_PLACE = 8
# Ink on less than this share of the place where a number should stand: it is bare.
_BARE = 0.004


@dc.dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    text: re.Pattern[str]
    ringed: bool
    number: re.Pattern[str] | None
    own: re.Pattern[str] | None


@dc.dataclass(frozen=True, slots=True)
class _Token:
    """A part of a line: a mark's letters, or a number."""

    kinds: tuple[str, ...]
    text: str
    confidence: float
    weakest: float
    box: Quad


@functools.cache
def _table() -> tuple[tuple[_Kind, ...], re.Pattern[str]]:
    source = importlib.resources.files(__package__).joinpath("marks.toml").read_text("utf-8")
    data = tomllib.loads(source)
    alone = r"(?<![0-9A-Za-z])(?:{})(?![0-9A-Za-z])"
    kinds = tuple(
        _Kind(
            row["kind"],
            re.compile(alone.format(row["text"]), re.IGNORECASE),
            row["ringed"],
            re.compile(alone.format(row["number"]), re.IGNORECASE) if row["number"] else None,
            re.compile(row["own"]) if "own" in row else None,
        )
        for row in data["mark"]
    )
    words = re.compile("|".join(map(re.escape, data["words"]["also"])), re.IGNORECASE)
    return kinds, words


def find_marks(page: Page, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """Finds the marks of a page.

    Args:
        page: straightened and upright.
        lines: that were read on it.

    Returns:
        The marks from left to right, each with its number, "" where none was read.
    """
    letters: list[_Token] = []
    numbers: list[_Token] = []
    for line in lines:
        marks, found = _tokens(line)
        letters += marks
        numbers += found
    owned = _assigned(letters, numbers)
    for number in numbers:
        if number not in owned.values() and (unread := _above(page.image, number)) is not None:
            owned[len(letters)] = number
            letters.append(unread)
    made = [_mark(page, token, owned.get(at)) for at, token in enumerate(letters)]
    return tuple(sorted(made, key=lambda mark: mark.box[0][0]))


def settled(fields: Mapping[str, Field], marks: Iterable[Mark]) -> dict[str, Field]:
    """The fields with the number of one mark not taken for another's.

    Args:
        fields: as found by labels and forms.
        marks: of the same page.

    Returns:
        The fields; a CMA number that stands under another mark gives way to the one under
        the CMA mark, or is dropped where there is none.
    """
    given = dict(fields)
    field = given.get("cma_no")
    marks = tuple(marks)
    if field is None or field.label:
        return given
    others = {mark.number for mark in marks if mark.kind != "CMA" and mark.number}
    own = [mark for mark in marks if mark.kind == "CMA" and mark.number]
    if _plain(field.text) not in {_plain(number) for number in others}:
        return given
    if any(_plain(mark.number) == _plain(field.text) for mark in own):
        return given
    del given["cma_no"]
    if own and own[0].number_box is not None:
        box = own[0].number_box
        given["cma_no"] = dc.replace(
            field,
            value=own[0].number,
            raw=own[0].number,
            confidence=own[0].number_confidence,
            box=box,
            parts=(box,),
        )
    return given


def _plain(number: str) -> str:
    return re.sub(r"\W", "", number).upper()


def _tokens(line: Line) -> tuple[list[_Token], list[_Token]]:
    """Marks' letters and numbers of a line; none where it says other things too."""
    kinds, words = _table()
    numbers: dict[tuple[int, int], list[str]] = {}
    for kind in kinds:
        for match in kind.number.finditer(line.text) if kind.number else ():
            numbers.setdefault(match.span(), []).append(kind.name)
    # CNAS before its number is the number's, not a mark.
    taken = list(numbers)
    letters = [
        (kind.name, match.span())
        for kind in kinds
        for match in kind.text.finditer(line.text)
        if not any(a < match.end() and match.start() < b for a, b in taken)
    ]
    rest = list(words.sub(lambda m: " " * len(m[0]), line.text))
    for first, last in [*taken, *(span for _, span in letters)]:
        rest[first:last] = " " * (last - first)
    alone = sum(char.isalnum() for char in rest) <= _STRANGE
    return (
        [_token(line, span, (name,)) for name, span in letters] if alone else [],
        [_token(line, span, tuple(names)) for span, names in numbers.items()],
    )


def _token(line: Line, span: tuple[int, int], kinds: tuple[str, ...]) -> _Token:
    first, last = span
    text = line.text[first:last]
    if len(line.glyphs) != len(line.text):
        length = max(1, len(line.text))
        box = sub_quad(line.page_box, first / length, last / length)
        return _Token(kinds, text, line.confidence, line.confidence, box)
    glyphs = line.glyphs[first:last]
    box = sub_quad(line.page_box, glyphs[0].start, glyphs[-1].end)
    each = [glyph.confidence for glyph in glyphs]
    return _Token(kinds, text, sum(each) / len(each), min(each), box)


def _assigned(letters: Sequence[_Token], numbers: Sequence[_Token]) -> dict[int, _Token]:
    """Each mark's number: the pairs that lie nearest first, each mark and number once."""
    pairs = sorted(
        (cost, at, place)
        for at, mark in enumerate(letters)
        for place, number in enumerate(numbers)
        if mark.kinds[0] in number.kinds and (cost := _cost(mark, number)) is not None
    )
    owned: dict[int, _Token] = {}
    used: set[int] = set()
    for _, at, place in pairs:
        if at not in owned and place not in used:
            owned[at] = numbers[place]
            used.add(place)
    return owned


def _above(image: Picture, number: _Token) -> _Token | None:
    """The letters that were not read above a number that only one mark has."""
    kind = next((k for k in _table()[0] if k.own is not None and k.own.search(number.text)), None)
    if kind is None:
        return None
    left, top, right, bottom = geometry.bounds(number.box)
    middle, unit = (left + right) / 2, bottom - top
    boxes = [
        geometry.box_quad(
            middle + (aside - wide / 2) * unit, top - (foot + tall) * unit, wide * unit, tall * unit
        )
        for wide, tall, foot, aside in _LETTERS
    ]
    box = next((one for one in boxes if _in_a_c(image, one)), boxes[0])
    return dc.replace(number, kinds=(kind.name,), text="", box=box)


def _cost(mark: _Token, number: _Token) -> float | None:
    """How far a number stands from a mark, in heights of the mark; None for too far."""
    left, top, right, bottom = geometry.bounds(mark.box)
    a, b, c, d = geometry.bounds(number.box)
    height = max(1.0, bottom - top)
    aside = abs((a + c) - (left + right)) / 2
    below = (b - bottom) / height
    if -0.5 < below < _BELOW and aside < _ASIDE * max(c - a, right - left):
        return aside / height + max(0.0, below)
    level = min(d, bottom) - max(b, top) > 0.3 * min(d - b, height)
    beside = (a - right) / height
    return beside + 1.0 if level and -0.2 < beside < _BESIDE else None


def _mark(page: Page, token: _Token, number: _Token | None) -> Mark:
    kind = next(one for one in _table()[0] if one.name == token.kinds[0])
    confidence = token.confidence
    if not (_spelt(kind, token, number) or not kind.ringed or _in_a_c(page.image, token.box)):
        confidence *= _WITHOUT_C
    return Mark(
        kind=kind.name,
        number="" if number is None else " ".join(number.text.upper().split()),
        confidence=min(1.0, confidence),
        box=page.to_photo_quad(token.box),
        number_confidence=0.0 if number is None else min(1.0, number.weakest),
        number_box=None if number is None else page.to_photo_quad(number.box),
        bare_below=number is None and _bare(page.image, token.box),
    )


def _spelt(kind: _Kind, token: _Token, number: _Token | None) -> bool:
    """Whether letters with no C to be seen around them are the mark's all the same.

    The C was read with them, or beneath stands a number that no other mark has.
    """
    named = kind.own is not None and number is not None and kind.own.search(number.text)
    return token.text.upper().startswith("C") or bool(token.text and named)


def _in_a_c(image: Picture, letters: Quad) -> bool:
    """Whether one stroke runs around letters on the left, above and below."""
    left, top, right, bottom = geometry.bounds(letters)
    wide, tall = right - left, bottom - top
    x0, y0 = max(0, int(left - 1.6 * wide)), max(0, int(top - 1.1 * tall))
    x1, y1 = int(right + 0.8 * wide), int(bottom + 1.1 * tall)
    crop = image[y0:y1, x0:x1]
    if min(crop.shape[:2], default=0) < 8:
        return False
    dark = _printed(crop)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    for x, y, width, height, _ in stats[1:count]:
        if (
            x + x0 < left - _C_LEFT * wide
            and y + y0 < top - _C_UP_DOWN * tall
            and y + height + y0 > bottom + _C_UP_DOWN * tall
            and x + width + x0 > (left + right) / 2
            and width < _C_WIDEST * wide
            and height < _C_HIGHEST * tall
        ):
            return True
    return False


def _printed(crop: Picture) -> np.ndarray:
    """What is not paper, whatever its colour: half way to what is farthest from it."""
    paper = np.quantile(crop.reshape(-1, 3), 0.7, axis=0)
    away = np.abs(crop.astype(np.float32) - paper.astype(np.float32)).max(axis=2)
    return np.asarray(away > max(_FAINTEST, 0.45 * float(np.quantile(away, 0.98))))


def _bare(image: Picture, letters: Quad) -> bool:
    """Whether the paper is bare beneath a mark, above it and on both sides.

    Numbers stand beneath most marks, and beside or above some. Glare is no bare paper: nobody
    knows what it hides.
    """
    left, top, right, bottom = (int(value) for value in geometry.bounds(letters))
    wide, tall = right - left, bottom - top
    beneath, reach = int(_BARE_BENEATH * tall), int(_BARE_BESIDE * tall)
    rows, columns = image.shape[:2]
    if bottom + beneath > rows or right + wide > columns or min(wide, tall) < 1:
        return False
    x0, x1, y0 = max(0, left - wide), right + wide, max(0, top - reach)
    mark = image[max(0, top) : bottom, max(0, left) : right]
    # Each turned so that the mark lies above it.
    across = (image[bottom : bottom + beneath, x0:x1], image[y0:top, x0:x1][::-1])
    aside = (
        np.rot90(image[top:bottom, max(0, left - reach) : left]),
        np.rot90(image[top:bottom, right : right + reach], -1),
    )
    return all(_blank(crop, mark, through=False) for crop in across) and all(
        _blank(crop, mark, through=True) for crop in aside
    )


def _blank(crop: Picture, mark: Picture, *, through: bool) -> bool:
    """Whether a place beside a mark holds neither print nor glare.

    Args:
        crop: the place, its upper edge towards the mark.
        mark: the mark's letters.
        through: whether strokes from the left edge to the right one are the mark's own C.
    """
    if min(crop.shape[:2], default=0) < _LEAST_PLACE:
        return True
    glare = float((crop.min(axis=2) >= 253).mean())
    return glare < 0.2 and _print_share(np.ascontiguousarray(crop), mark, through) < _BARE


def _print_share(crop: Picture, mark: Picture, through: bool) -> float:  # noqa: FBT001
    """Share of a place beside a mark that holds print, pale as it may be beside the mark.

    What touches the upper edge is the mark's own C, whose stroke ends below its letters, as
    is what runs right through a place beside them.
    """
    paper = np.quantile(crop.reshape(-1, 3), 0.7, axis=0)
    deep = np.abs(mark.astype(np.float32) - paper.astype(np.float32)).max(axis=2)
    smooth = cv2.GaussianBlur(crop, (0, 0), 1.0).astype(np.float32)
    away = np.abs(smooth - paper.astype(np.float32)).max(axis=2)
    depth = float(np.quantile(deep, 0.95)) if deep.size else _FAINTEST / _PALE
    dark = away > min(_FAINTEST, _PALE * depth)
    _, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    own = set(labels[0])
    if through:
        own |= set(labels[:, 0]) & set(labels[:, -1])
    return float((dark & ~np.isin(labels, sorted(own))).mean())
