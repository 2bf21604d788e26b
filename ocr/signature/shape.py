"""A signature's form: its middle lines, with place, scale, slant and the pen's width taken out.

What is left is a cloud of points along the middle of the strokes, each with the direction of
the stroke there. It is small, holds no picture, and is all that is ever kept of a signature.
"""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.signature.ink import Mask, without_specks

Points = NDArray[np.float64]
Angles = NDArray[np.float64]
Plane = NDArray[np.float32]

# Spread of the ink in rows, standard deviations over the whole height, that scale is set by:
# single long strokes count for less than in a box around the ink.
_SPREAD = 3.4
# Height to which signatures are brought before thinning, pixels.
_HEIGHT = 64
# Slants that are tried, tangents. Further leaning is no upright script.
_SLANTS = np.linspace(-0.6, 0.6, 25)
# Points kept of a signature; with more, comparisons cost more and told no more.
MOST_POINTS = 220
# Fewer points than this are a dot or a dash, no name.
FEWEST_POINTS = 40
# Points are kept to a 32nd of the ink's spread, directions to the 256th of a half turn.
_STEPS, _TURN = 32.0, 256


@dc.dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The form of a signature.

    Attributes:
        points: n × 2, x and y in standard deviations about the middle.
        angles: n, direction of the stroke, radians 0..π.
    """

    points: Points
    angles: Angles

    def pack(self) -> bytes:
        """Three bytes a point, for keeping."""
        places = np.clip(np.round(self.points * _STEPS), -127, 127).astype(np.int8).view(np.uint8)
        turns = (np.round(self.angles / np.pi * _TURN) % _TURN).astype(np.uint8)
        return np.concatenate([places, turns[:, None]], axis=1).tobytes()


def unpack(data: bytes) -> Shape:
    """The form from its bytes.

    Raises:
        ValueError: they are no form's.
    """
    if len(data) % 3 or not FEWEST_POINTS * 3 <= len(data) <= MOST_POINTS * 3:
        raise ValueError(f"{len(data)} bytes are no packed shape")
    rows = np.frombuffer(data, np.uint8).reshape(-1, 3)
    points = rows[:, :2].copy().view(np.int8).astype(np.float64) / _STEPS
    return Shape(points, rows[:, 2] / _TURN * np.pi)


def shape_of(mask: Mask) -> Shape | None:
    """The form of ink, None where there is too little of it.

    Args:
        mask: height × width, the ink of one name.
    """
    ink = without_specks(mask)
    rows, columns = np.nonzero(ink)
    if len(rows) < FEWEST_POINTS or rows.std() == 0 or columns.std() == 0:
        return None
    tight = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    thin = thinned(_deslanted(scaled(tight, float(rows.std()))))
    ys, xs = np.nonzero(thin)
    if len(ys) < FEWEST_POINTS or xs.std() == 0 or ys.std() == 0:
        return None
    angles = directions(thin)[ys, xs]
    # Column by column, so that those left out are spread evenly over the ink.
    order = np.lexsort((ys, xs))
    kept = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).astype(int)]
    points = np.stack([xs[kept], ys[kept]], axis=1).astype(np.float64)
    points -= points.mean(axis=0)
    return Shape(points / points.std(axis=0), angles[kept])


def scaled(mask: Mask, spread: float) -> Mask:
    """Ink brought to the size in which signatures are thinned.

    Args:
        mask: height × width.
        spread: standard deviation of the ink's rows, pixels.
    """
    scale = _HEIGHT / (_SPREAD * spread)
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    grey = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=way)
    framed = cv2.copyMakeBorder(grey, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=0)
    # Ragged edges would grow side branches when thinned.
    return np.asarray(cv2.GaussianBlur(framed, (0, 0), 1.0) > 110)


def _deslanted(mask: Mask) -> Mask:
    """The ink sheared so that its upright strokes stand upright.

    Upright strokes then fall into the same columns: the sum of the columns' squares is
    largest (as in Vinciarelli and Luettin, 2001).
    """
    height, width = mask.shape
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return mask
    best, chosen = -1.0, 0.0
    for slant in _SLANTS:
        moved = columns + slant * (rows - height / 2)
        counts = np.bincount((moved - moved.min()).astype(np.int64))
        score = float((counts.astype(np.float64) ** 2).sum())
        if score > best:
            best, chosen = score, float(slant)
    reach = int(abs(chosen) * height / 2) + 2
    shear = np.array([[1, chosen, reach - chosen * height / 2], [0, 1, 0]], np.float64)
    grey = mask.astype(np.uint8) * 255
    return np.asarray(cv2.warpAffine(grey, shear, (width + 2 * reach, height)) > 127)


def thinned(mask: Mask) -> Mask:
    """Lines one pixel wide along the middle of the ink (Zhang and Suen, 1984).

    Args:
        mask: height × width.
    """
    image = np.pad(mask, 1).astype(np.uint8)
    while True:
        changed = False
        for second in (False, True):
            gone = _loose(image, second=second)
            if gone.any():
                image[gone] = 0
                changed = True
        if not changed:
            return np.asarray(image[1:-1, 1:-1], np.bool_)


def _loose(image: NDArray[np.uint8], *, second: bool) -> Mask:
    """Rim pixels that can go without breaking a line; the two passes take opposite rims."""
    # The eight neighbours, clockwise from the one above.
    places = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
    around = np.stack([np.roll(image, shift, (0, 1)) for shift in places])
    count = around.sum(axis=0)
    turns = ((around == 0) & (np.roll(around, -1, axis=0) == 1)).sum(axis=0)
    up, right, down, left = (around[number] for number in (0, 2, 4, 6))
    if second:
        free = (up * right * left == 0) & (up * down * left == 0)
    else:
        free = (up * right * down == 0) & (right * down * left == 0)
    return np.asarray((image == 1) & (count >= 2) & (count <= 6) & (turns == 1) & free)


def directions(thin: Mask) -> Plane:
    """Direction of the stroke at every pixel, from the structure tensor; radians 0..π."""
    soft = cv2.GaussianBlur(thin.astype(np.float32), (0, 0), 1.5)
    dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(plane, (0, 0), 2.0) for plane in (dx * dx, dy * dy, dx * dy))
    angles = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.asarray(angles % np.pi, np.float32)
