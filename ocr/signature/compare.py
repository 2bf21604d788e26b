"""How far two signatures' forms lie apart.

One cloud of points is laid over the other: first as a whole (moved, stretched and sheared),
then bent locally a little, as the same hand never sets its characters in just the same places.
What then still lies beside the other's strokes, or runs across them, is what counts. The
measure was chosen among five on generated signatures (docs/benchmarks.md).
"""

from __future__ import annotations

import dataclasses as dc

import numpy as np
from numpy.typing import NDArray

from ocr.signature.shape import Angles, Points, Shape

Matrix = NDArray[np.float64]

# Weight of a direction that runs across (sin² 1) against distance squared.
_ACROSS = 0.2
# Beyond this (distance squared, in spreads of the ink) a point has no counterpart.
_FARTHEST = 0.25
_WHOLE_STEPS, _BENDING_STEPS = 6, 4
# Reach of a bend, spreads; about a character. Nearer would bend any into any.
_BEND_REACH = 0.9
# Share of the way that a bending step goes.
_BEND_SHARE = 0.7
_SOFTENING = 0.02


@dc.dataclass(frozen=True, slots=True)
class Apart:
    """How far two forms lie apart, 0 for the same to 1 for nothing in common.

    Attributes:
        mean: over both forms' points.
        least: over the points of the one that is better explained by the other: a hand over
            a corner, glare or a seal's remains leave one of them whole.
    """

    mean: float
    least: float


def apart(one: Shape, other: Shape) -> Apart:
    """Compares two forms; symmetric."""
    first, second = _laid_over(one, other), _laid_over(other, one)
    of_one, of_other = (first[0] + second[1]) / 2, (first[1] + second[0]) / 2
    return Apart((of_one + of_other) / 2, min(of_one, of_other))


def _laid_over(one: Shape, other: Shape) -> tuple[float, float]:
    """What one's points, and the other's, are left with when one is laid over the other."""
    points = one.points
    for _ in range(_WHOLE_STEPS):
        points = _moved(points, one.angles, other)
    for _ in range(_BENDING_STEPS):
        points = _bent(points, one.angles, other)
    gaps = np.minimum(_gaps(points, one.angles, other), _FARTHEST) / _FARTHEST
    return float(gaps.min(axis=1).mean()), float(gaps.min(axis=0).mean())


def _gaps(points: Points, angles: Angles, other: Shape) -> Matrix:
    """Every point against every point of the other, n × m."""
    dx = points[:, None, 0] - other.points[None, :, 0]
    dy = points[:, None, 1] - other.points[None, :, 1]
    return np.asarray(dx**2 + dy**2 + _ACROSS * np.sin(angles[:, None] - other.angles) ** 2)


def _nearest(points: Points, angles: Angles, other: Shape) -> tuple[Points, NDArray[np.float64]]:
    """The counterpart of every point, and what it weighs."""
    gaps = _gaps(points, angles, other)
    found = gaps.argmin(axis=1)
    return other.points[found], 1 / (gaps[np.arange(len(points)), found] + _SOFTENING)


def _moved(points: Points, angles: Angles, other: Shape) -> Points:
    """One step of a weighted affine fit, held back a little from growing or shrinking."""
    target, weights = _nearest(points, angles, other)
    rows = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    weighted = rows * weights[:, None]
    hold = 1e-3 * len(points) * np.diag([1.0, 1.0, 0.0])
    fit = np.linalg.solve(weighted.T @ rows + hold, weighted.T @ target + hold[:, :2])
    return np.asarray(rows @ fit)


def _bent(points: Points, angles: Angles, other: Shape) -> Points:
    """Every point moved as those around it want to move."""
    target, weights = _nearest(points, angles, other)
    dx = points[:, None, 0] - points[None, :, 0]
    dy = points[:, None, 1] - points[None, :, 1]
    near = np.exp(-(dx**2 + dy**2) / (2 * _BEND_REACH**2)) * weights
    wish = near @ (target - points) / near.sum(axis=1, keepdims=True)
    return np.asarray(points + _BEND_SHARE * wish)
