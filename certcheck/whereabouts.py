"""Which part of the paper to photograph again where not even a field's label was read.

`ocr.retake` knows the place of a field whose label was read. For the others, what was read
tells: between the fields that stand before and after it, or onwards as those beside it go
(`data/page_order.toml`). Whether the field is on the paper at all nobody knows; the
sentence says so.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence

import numpy as np

from ocr import quality
from ocr.reading import Advice, Quad, Reading

NOT_FOUND = "photo.not_found"
# Where the whole photo is to be taken again, nothing is added about its parts.
_WHOLE = frozenset(
    {quality.BLURRED, quality.SHAKEN, quality.TOO_FAR, quality.DARK, quality.CUT_EDGE}
)
# With fewer lines the paper's print tells nothing of where the paper is.
_FEWEST_LINES = 6
_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "centre", "right")

_MIDDLE = 0.5

Spot = tuple[float, float]


@dc.dataclass(frozen=True, slots=True)
class _Order:
    """The table.

    Attributes:
        blocks: fields beside or under each other, down the page.
        expected: what hardly any certificate lacks.
        level_only: of these, whose neighbours tell only how far down they are.
    """

    blocks: tuple[tuple[str, ...], ...]
    expected: tuple[str, ...]
    level_only: frozenset[str]


@functools.cache
def _order() -> _Order:
    source = importlib.resources.files("certcheck.data").joinpath("page_order.toml")
    table = tomllib.loads(source.read_text("utf-8"))
    keys = table["expected"]
    return _Order(
        tuple(tuple(one["keys"]) for one in table["block"]),
        tuple(keys["keys"]),
        frozenset(keys["level_only"]),
    )


def advice(reading: Reading) -> tuple[Advice, ...]:
    """What the readers advise, and the parts where fields are that were not found.

    Args:
        reading: of one certificate.
    """
    if not reading.is_certificate or reading.several or len(reading.lines) < _FEWEST_LINES:
        return reading.advice
    if any(one.code in _WHOLE for one in reading.advice):
        return reading.advice
    seen = {*reading.fields, *reading.labels, *reading.unread, *reading.doubted}
    seen |= {key for one in reading.advice for key in one.fields}
    lost = [key for key in _order().expected if key not in seen]
    if not lost:
        return reading.advice
    known = _spots(reading)
    parts: dict[str, list[str]] = {}
    for key in lost:
        spot = expected(key, known)
        if spot is not None:
            parts.setdefault(part_of(spot), []).append(key)
    more = (Advice(NOT_FOUND, float(len(k)), None, part, tuple(k)) for part, k in parts.items())
    return (*reading.advice, *more)


def expected(key: str, known: Mapping[str, Spot]) -> Spot | None:
    """Where a field should be, by where others are.

    Args:
        key: of the field.
        known: middles of others, shares of the page's width and height.

    Returns:
        Its middle, alike, halfway across where nothing tells left from right; None where too
        little is known.
    """
    order = _order()
    if key not in order.level_only:
        before, after = _around(key, next(b for b in order.blocks if key in b), known)
        near = before[::-1] or after
        if before and after:
            return _between(before[-1], after[0])
        if near:
            return _onwards(near[1], near[0]) if len(near) > 1 else (_MIDDLE, near[0][1])
    row = [one for block in order.blocks for one in block]
    level = _level(*_around(key, row, known))
    return None if level is None else (_MIDDLE, level)


def _around(
    key: str, row: Sequence[str], known: Mapping[str, Spot]
) -> tuple[list[Spot], list[Spot]]:
    """What is known of those before and of those after a field in a row."""
    at = row.index(key)
    before, after = (
        [known[one] for one in part if one in known] for part in (row[:at], row[at + 1 :])
    )
    return before, after


def _level(before: Sequence[Spot], after: Sequence[Spot]) -> float | None:
    """How far down between what stands above and below; the page's rim is above the first."""
    if not after:
        return None
    return ((before[-1][1] if before else 0.0) + after[0][1]) / 2


def _between(one: Spot, two: Spot) -> Spot:
    return ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)


def _onwards(one: Spot, two: Spot) -> Spot:
    """As far beyond the second as that is from the first, on the page."""
    x, y = (min(1.0, max(0.0, 2 * b - a)) for a, b in zip(one, two, strict=True))
    return x, y


def part_of(spot: Spot) -> str:
    """The ninth of the page, as `Advice.part` names it."""
    column, row = (min(2, max(0, int(3 * share))) for share in spot)
    if row == 1:
        return _COLUMNS[column]
    return _ROWS[row] if column == 1 else f"{_ROWS[row]}_{_COLUMNS[column]}"


def _spots(reading: Reading) -> dict[str, Spot]:
    """Middles of all that was found, in shares of the printed page."""
    way = _upright(reading)
    boxes = {**reading.labels, **{key: one.box for key, one in reading.fields.items()}}
    return {key: _through(way, box) for key, box in boxes.items()}


def _upright(reading: Reading) -> np.ndarray:
    """An affine map from the photo to the printed page as 0..1 by 0..1; 3 × 2.

    Fitted to the lines, which are known in both.
    """
    photo = np.array([corner for line in reading.lines for corner in line.box], np.float64)
    page = np.array([corner for line in reading.lines for corner in line.page_box], np.float64)
    low, high = page.min(axis=0), page.max(axis=0)
    shares = (page - low) / np.maximum(high - low, 1.0)
    rows = np.concatenate([photo, np.ones((len(photo), 1))], axis=1)
    return np.asarray(np.linalg.lstsq(rows, shares, rcond=None)[0])


def _through(way: np.ndarray, box: Quad) -> Spot:
    x, y = np.append(np.mean(box, axis=0), 1.0) @ way
    return float(x), float(y)
