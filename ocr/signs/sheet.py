"""A page's values cut out and laid side by side, as the net of `ocr/signs/net.py` looks at them.

Nothing is resized but the largest print, by a half: what a resize leaves is what is looked for.
Print runs across in each, and each is divided along it into stretches.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad

Plane = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]
Corners = npt.NDArray[np.float64]

CELL = 4  # px of the net's answers
WIDE, TALL = 640, 400  # px: sheet, and highest piece; what is longer is cut off
LEAST_HEIGHT = 8.0  # px of print
_GREAT = 44.0  # px of print, above which a piece is halved
_AROUND = 0.8  # of the print's height: paper that goes with it
_ALONG, _ACROSS = 0.15, 0.12  # of it: how far the print's box is grown
_OUTSIDE = 0.35  # of it: from here on it is paper around
_STRETCH = 1.3  # of it
_LEAST_SIDE = 12  # px of a piece
_LONGEST = 1536  # px of a sheet: what has no room is left out; the longest of 145 pages had 792


@dc.dataclass(frozen=True, eq=False)
class Sheet:
    """Pieces side by side on black.

    Attributes:
        image: height × WIDE × 3, BGR; height a multiple of CELL.
        inner: by cell, of which stretch the print lies there, or -1.
        outer: of which stretch the paper around it, or -1.
        owner: of each stretch, the value's place in `keys`.
        keys: of the values.
    """

    image: Picture
    inner: Index
    outer: Index
    owner: Index
    keys: tuple[str, ...]


@dc.dataclass(frozen=True, eq=False)
class _Piece:
    key: str
    image: Picture
    inner: Index
    outer: Index
    stretches: int


def sheet(image: Picture, places: Mapping[str, Quad]) -> Sheet | None:
    """Lays the values on a sheet; None where there are none.

    Args:
        image: the upright photo, height × width × 3, BGR.
        places: of the values.
    """
    cut = (_piece(image, key, quad) for key, quad in places.items())
    pieces = [one for one in cut if one is not None]
    if not pieces:
        return None
    corners, bottom = _laid_out(pieces)
    pieces = pieces[: len(corners)]
    out = np.zeros((bottom, WIDE, 3), np.uint8)
    inner = np.full((out.shape[0] // CELL, WIDE // CELL), -1, np.int64)
    outer = inner.copy()
    owner: list[int] = []
    for at, (one, (x, y)) in enumerate(zip(pieces, corners, strict=True)):
        high, wide = one.image.shape[:2]
        out[y : y + high, x : x + wide] = one.image
        for whole, part in ((inner, one.inner), (outer, one.outer)):
            rows, columns = part.shape
            there = whole[y // CELL : y // CELL + rows, x // CELL : x // CELL + columns]
            there[part >= 0] = part[part >= 0] + len(owner)
        owner += [at] * one.stretches
    return Sheet(out, inner, outer, np.array(owner, np.int64), tuple(one.key for one in pieces))


def _laid_out(pieces: Sequence[_Piece]) -> tuple[list[tuple[int, int]], int]:
    """Left and top of each piece that has room, row by row; and where the last row ends."""
    corners: list[tuple[int, int]] = []
    x = y = tall = 0
    for one in pieces:
        high, wide = (-(-side // CELL) * CELL for side in one.image.shape[:2])
        if x + wide > WIDE:
            x, y, tall = 0, y + tall, 0
        if y + high + CELL > _LONGEST:
            break
        corners.append((x, y))
        x, tall = x + wide + CELL, max(tall, high + CELL)
    return corners, y + tall


def _piece(image: Picture, key: str, quad: Quad) -> _Piece | None:
    height = min(geometry.quad_size(quad))
    if height < LEAST_HEIGHT:
        return None
    margin = _AROUND * height
    left, top, right, bottom = geometry.bounds(geometry.pad_quad(quad, margin, margin))
    x, y = max(0, int(left)), max(0, int(top))
    part = image[y : int(bottom) + 1, x : int(right) + 1]
    if min(part.shape[:2]) < _LEAST_SIDE:
        return None
    part, corners = _across(part, geometry.as_array(quad) - (x, y))
    if height > _GREAT:
        half = (part.shape[1] // 2, part.shape[0] // 2)
        part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)
        corners, height = corners / 2, height / 2
    part = part[:TALL, :WIDE]
    return _Piece(key, part, *_stretches((part.shape[0], part.shape[1]), corners, height))


def _across(part: Picture, corners: Corners) -> tuple[Picture, Corners]:
    """Turned by quarters so that print runs across, from left to right."""
    way = corners[1] - corners[0]
    for _ in range(int(np.round(np.degrees(np.arctan2(way[1], way[0])) / 90)) % 4):
        wide = part.shape[1]
        part = np.rot90(part)
        corners = np.stack((corners[:, 1], wide - 1 - corners[:, 0]), axis=1)
    return np.ascontiguousarray(part), corners


def _stretches(shape: tuple[int, int], corners: Corners, height: float) -> tuple[Index, Index, int]:
    """By whole cell, the stretch of the print, of the paper around; and how many there are."""
    quad = geometry.as_quad(corners)
    grown = geometry.as_array(geometry.pad_quad(quad, _ALONG * height, _ACROSS * height))
    long = float(np.hypot(*(grown[1] - grown[0])))
    count = max(1, round(long / (_STRETCH * height)))
    way = (grown[1] - grown[0]) / max(long, 1e-6)
    rows, columns = shape[0] // CELL, shape[1] // CELL
    down, right = np.mgrid[2 : rows * CELL : CELL, 2 : columns * CELL : CELL]
    along = (right - grown[0, 0]) * way[0] + (down - grown[0, 1]) * way[1]
    at = np.clip(np.floor(along * count / max(long, 1e-6)), -1, count).astype(np.int64)
    inside = _filled(shape, grown)[down, right] > 0
    far = geometry.as_array(geometry.pad_quad(quad, _OUTSIDE * height, _OUTSIDE * height))
    beyond = _filled(shape, far)[down, right] == 0
    inner = np.where(inside & (at >= 0) & (at < count), at, -1)
    return inner, np.where(beyond, np.clip(at, 0, count - 1), -1), count


def _filled(shape: tuple[int, int], corners: Corners) -> Plane:
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1)
    return mask
