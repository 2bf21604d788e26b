"""Square seals: a frame around a grid of characters, read in rows or in columns.

Modern ones run in rows from the left, older ones in columns from the right; the ink tells
the grid but not the way it runs. So both ways are read, and which is meant is left to the
words at the end and to the names asked about.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.density import RED_THRESHOLD, Image, Plane
from ocr.seal.place import SealPlace

# Sides of a page that a seal may have, as for round ones.
_LEAST_SHARE, _MOST_SHARE = 0.05, 0.35
_LEAST_PIXELS = 40
# A frame's sides differ by less, perspective left in and all.
_LEAST_RATIO = 0.82
# Parts of the frame's course that carry ink. Drawn seals reach 0.9, a stone's picture is
# told by what it holds, ruled tables by their cells.
_LEAST_FRAME = 0.75
# Ink inside the frame: characters cover 0.15 to 0.5.
_INSIDE = (0.1, 0.6)
# Side of the rectified seal, pixels, and of one character's cell in a strip.
_SIDE = 480
_CELL = 48
_MOST_CELLS = 6
# Ink on a line between cells, in parts of the ink on the whole: gaps hold under 0.3, a
# line through characters over 0.6.
_GAP_INK = 0.45
# A cell with less ink, in parts of the mean, is empty.
_EMPTY = 0.15
# The frame is at most this deep, in parts of the side.
_FRAME = 0.12


def find_squares(ink: Plane) -> list[SealPlace]:
    """Finds square seals.

    Args:
        ink: density of the stamp's ink on the page.

    Returns:
        The seals; [] where there is none.
    """
    mask = (ink > RED_THRESHOLD).astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[SealPlace] = []
    long_side = max(ink.shape)
    for contour in contours:
        (x, y), (wide, tall), angle = cv2.minAreaRect(contour)
        side = max(wide, tall)
        if not max(_LEAST_PIXELS, _LEAST_SHARE * long_side) <= side <= _MOST_SHARE * long_side:
            continue
        if min(wide, tall) < _LEAST_RATIO * side:
            continue
        angle = (angle + 45) % 90 - 45
        place = SealPlace((x, y), (wide / 2, tall / 2), angle, "square", 0.0)
        score = _frame_score(ink, place)
        if score >= _LEAST_FRAME and _holds_characters(ink, place):
            found.append(SealPlace(place.centre, place.axes, angle, "square", score))
    found.sort(key=lambda place: (place.score, place.axes[0]), reverse=True)
    kept: list[SealPlace] = []
    for place in found:
        if all(math.dist(place.centre, other.centre) > other.axes[0] for other in kept):
            kept.append(place)
    return kept


def rectified(plane: Image, place: SealPlace) -> Image:
    """The seal upright, _SIDE × _SIDE; beyond the page 0."""
    corners = place.corners().astype(np.float32)
    side = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, side)
    return np.asarray(cv2.warpPerspective(plane, matrix, (_SIDE, _SIDE), flags=cv2.INTER_AREA))


def _frame_score(ink: Plane, place: SealPlace) -> float:
    """Share of the frame's course that carries ink within its depth."""
    on = rectified(ink, place) > RED_THRESHOLD
    deep = round(_SIDE * _FRAME / 2)
    sides = (on[:deep].T, on[-deep:].T, on[:, :deep], on[:, -deep:])
    return float(min(side.any(axis=1).mean() for side in sides))


def _holds_characters(ink: Plane, place: SealPlace) -> bool:
    on = rectified(ink, place) > RED_THRESHOLD
    edge = round(_SIDE * _FRAME)
    inside = on[edge:-edge, edge:-edge]
    if not _INSIDE[0] <= float(inside.mean()) <= _INSIDE[1]:
        return False
    rows, columns = _cells(inside.astype(np.float32))
    return rows * columns >= 4


def _cells(inside: Plane) -> tuple[int, int]:
    """How many rows and columns of characters; 1 where no grid is told."""
    return _parts(inside.mean(axis=1)), _parts(inside.mean(axis=0))


def _parts(profile: NDArray[np.float32]) -> int:
    """The most even parts whose borders hold little ink."""
    length = len(profile)
    level = float(profile.mean())
    best = 1
    for parts in range(2, _MOST_CELLS + 1):
        reach = max(1, round(0.1 * length / parts))
        least = []
        for border in range(1, parts):
            middle = round(border * length / parts)
            least.append(float(profile[middle - reach : middle + reach + 1].min()))
        if max(least) < _GAP_INK * level:
            best = parts
    return best


def strips(ink: Plane, place: SealPlace) -> tuple[Image, Image] | None:
    """The characters side by side: read in rows, and read in columns from the right.

    Args:
        ink: density of the stamp's ink.
        place: a square seal.

    Returns:
        Two strips of black print on white, or None where there is no grid.
    """
    upright = rectified(ink, place)
    edge = _inner_edge(upright)
    inside = upright[edge : _SIDE - edge, edge : _SIDE - edge]
    full = max(0.12, float(np.quantile(inside, 0.95)))
    rows, columns = _cells((inside > 0.33 * full).astype(np.float32))
    if rows * columns < 4:
        return None
    grey = np.clip(255 * (1 - 0.9 * inside / full), 0, 255).astype(np.uint8)
    length = len(inside)
    cells = {}
    for row in range(rows):
        for column in range(columns):
            top, left = row * length // rows, column * length // columns
            part = grey[top : (row + 1) * length // rows, left : (column + 1) * length // columns]
            cells[row, column] = cv2.resize(part, (_CELL, _CELL), interpolation=cv2.INTER_AREA)
    dark = float(np.mean([255 - cell.mean() for cell in cells.values()]))
    kept = {at: cell for at, cell in cells.items() if 255 - cell.mean() > _EMPTY * dark}
    in_rows = [kept[at] for at in sorted(kept)]
    in_columns = [kept[at] for at in sorted(kept, key=lambda at: (-at[1], at[0]))]
    return _joined(in_rows), _joined(in_columns)


def _inner_edge(upright: Plane) -> int:
    """How deep the frame is, pixels: from its ink to the first emptiness inside."""
    on = upright > RED_THRESHOLD
    deepest = round(_SIDE * _FRAME)
    depth = 0
    for side in (on, on[::-1], on.T, on.T[::-1]):
        share = side[:deepest].mean(axis=1)
        empty = np.flatnonzero(share < 0.3)
        first = np.flatnonzero(share > 0.6)
        start = int(first[0]) if len(first) else 0
        after = empty[empty > start]
        depth = max(depth, int(after[0]) if len(after) else deepest // 2)
    return depth


def _joined(cells: list[Image]) -> Image:
    line = np.concatenate(cells, axis=1)
    line = cv2.copyMakeBorder(line, 4, 4, 10, 10, cv2.BORDER_CONSTANT, value=255)
    return np.repeat(line[..., None], 3, axis=2)
