"""Whether ink was written by a pen or printed: from the ink alone, not from what it says.

Print has strokes of the same few directions, and characters of one size on one line at one
distance; a pen leans, curves, joins strokes and sets every character differently. What that
comes to in figures was fitted on generated names, printed and written
(`tests/benchmarks/signatures.py --fit`); the figures are in `written.toml`.
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.signature.ink import Mask
from ocr.signature.shape import directions, scaled, thinned

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_BINS = 12
FEATURES = _BINS + 9


def features(mask: Mask) -> Vector:
    """What tells print from pen; FEATURES numbers, scale taken out.

    Args:
        mask: height × width, cut to the ink.
    """
    rows, _ = np.nonzero(mask)
    ink = scaled(mask, max(1.0, float(rows.std())))
    thin = thinned(ink)
    ys, xs = np.nonzero(thin)
    if len(ys) < 10:
        return np.zeros(FEATURES)
    return np.concatenate([3 * _spread(thin, ys, xs), _strokes(ink, thin, ys, xs), _edges(ink)])


def _spread(thin: Mask, ys: Indices, xs: Indices) -> Vector:
    """Share of the strokes that run in each of the directions."""
    angles = directions(thin)[ys, xs] / np.pi * _BINS
    low = np.floor(angles).astype(np.int64)
    share = angles - low
    here = np.bincount(low % _BINS, 1 - share, _BINS)
    ahead = np.bincount((low + 1) % _BINS, share, _BINS)
    return np.asarray((here + ahead) / len(ys), np.float64)


def _strokes(ink: Mask, thin: Mask, ys: Indices, xs: Indices) -> Vector:
    """Width of the strokes and its spread, line ends, crossings, and pieces."""
    widths = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)[ys, xs]
    eight = np.ones((3, 3), np.uint8)
    near = cv2.filter2D(thin.astype(np.uint8), -1, eight, borderType=cv2.BORDER_CONSTANT)[ys, xs]
    count, _ = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    return np.array(
        [
            widths.mean() / 10,
            widths.std() / max(1e-6, float(widths.mean())),
            (near == 2).mean() * 10,
            (near >= 4).mean() * 5,
            (count - 1) / (len(ys) / 100) / 5,
        ]
    )


def _edges(ink: Mask) -> Vector:
    """How uneven the lower and the upper edge are, gaps between characters, blackness."""
    columns = ink.any(axis=0)
    inked = ink[:, columns]
    tops = inked.argmax(axis=0)
    bottoms = ink.shape[0] - 1 - inked[::-1].argmax(axis=0)
    third = max(1, len(tops) // 3)
    lower = [
        float(bottoms[i : i + third].max()) for i in range(0, min(3 * third, len(tops)), third)
    ]
    upper = [float(tops[i : i + third].min()) for i in range(0, min(3 * third, len(tops)), third)]
    height = ink.shape[0]
    return np.array(
        [
            np.std(lower) / height * 5,
            np.std(upper) / height * 5,
            (1 - columns.mean()) * 3,
            ink.mean() * 3,
        ]
    )


@functools.cache
def _weights() -> tuple[Vector, float]:
    source = importlib.resources.files(__package__).joinpath("written.toml").read_text("utf-8")
    table = tomllib.loads(source)
    return np.array(table["weights"], np.float64), float(table["bias"])


def written(mask: Mask) -> float:
    """Likelihood that ink was written and not printed, 0..1."""
    weights, bias = _weights()
    return float(1 / (1 + np.exp(-(features(mask) @ weights + bias))))
