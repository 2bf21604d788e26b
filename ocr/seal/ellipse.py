"""Ellipses through points of which some lie on another thing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.place import Points, SealPlace

# A seal is 38 to 45 mm across, the longest certificate (A4) 297 mm: 0.13. Half of that
# leaves room for a page that was not cut out of its surroundings.
_LEAST_SHARE = 0.065
LEAST_PIXELS = 56
MOST_SHARE = 1.15
_LEAST_RATIO = 0.5
_ROUNDS = 120
# Rounds counted together: numpy costs a call as much as it costs a few thousand points.
_AT_ONCE = 12
# Chance that six points of the ring were never drawn together, at which it is given up (Fischler
# and Bolles, "Random sample consensus", CACM 24(6), 1981, section II.B).
_MISSED = 1e-4
_TOLERANCE = 0.02


def least_radius(shape: Sequence[int]) -> float:
    """Of a seal on a page of this height and width, pixels."""
    return max(LEAST_PIXELS, _LEAST_SHARE * max(shape[:2])) / 2


def plausible(place: SealPlace, shape: tuple[int, ...]) -> bool:
    """Whether a seal on a page of this height and width may have this form."""
    ratio = place.axes[1] / max(place.axes[0], 1e-6)
    return bool(
        ratio >= _LEAST_RATIO
        and place.axes[1] >= least_radius(shape) * 0.8
        and place.axes[0] >= least_radius(shape)
        and place.axes[0] <= max(shape) * MOST_SHARE / 2
    )


def from_cv(
    ellipse: tuple[tuple[float, float], tuple[float, float], float] | object,
) -> SealPlace:
    """OpenCV's (centre, full axes, angle of the first axis) as a place."""
    (x, y), (first, second), angle = ellipse  # type: ignore[misc]
    if first < second:
        first, second, angle = second, first, angle + 90
    angle = (angle + 90) % 180 - 90
    return SealPlace((x, y), (first / 2, second / 2), angle, "round", 0.0)


def residuals(places: Sequence[SealPlace], points: Points) -> NDArray[np.float64]:
    """How far points lie from the edge of each place, as a share of its radius."""
    turns = np.radians([place.angle for place in places])[:, None]
    centres = np.array([place.centre for place in places]).reshape(-1, 2)
    axes = np.array([place.axes for place in places]).reshape(-1, 2)
    x, y = (points[:, i] - centres[:, i, None] for i in (0, 1))
    along = (x * np.cos(turns) + y * np.sin(turns)) / axes[:, 0, None]
    across = (y * np.cos(turns) - x * np.sin(turns)) / axes[:, 1, None]
    return np.asarray(np.abs(np.sqrt(along**2 + across**2) - 1))


def fitted(points: Points, shape: tuple[int, ...]) -> SealPlace | None:
    """The ellipse that most of the points lie on, fitted to those."""
    if len(points) < 24:
        return None
    # Seeded by nothing but the count: the same page gives the same seals.
    rng = np.random.default_rng(len(points))
    best: SealPlace | None = None
    most, rounds, enough = 0, 0, float(_ROUNDS)
    while rounds < min(_ROUNDS, enough):
        rounds += _AT_ONCE
        picks = rng.random((_AT_ONCE, len(points))).argpartition(5, axis=1)[:, :6]
        chosen = points[picks].astype(np.float32)
        places = [from_cv(cv2.fitEllipseDirect(six)) for six in chosen]
        places = [place for place in places if plausible(place, shape)]
        votes = (residuals(places, points) < _TOLERANCE).sum(axis=1)
        if len(votes) and votes.max() > most:
            best, most = places[int(votes.argmax())], int(votes.max())
            share = min(most / len(points), 1 - 1e-9)
            enough = math.log(_MISSED) / math.log(1 - share**6)
    for _ in range(3):
        if best is None:
            return None
        close = points[residuals([best], points)[0] < _TOLERANCE]
        if len(close) < 12:
            return None
        again = from_cv(cv2.fitEllipseDirect(close.astype(np.float32)))
        if not plausible(again, shape):
            break
        best = again
    return best
