"""What an earlier compression left in a JPEG file, block by block.

A picture that was saved twice on the same grid of blocks has the first tables' steps in its
coefficients. Where something was drawn or laid over it in between, that place knows only the
last saving. Likelihoods after T. Bianchi and A. Piva, "Image forgery localization via block-grained
analysis of JPEG artifacts", IEEE TIFS 7(3), 2012; the steps are found mode by mode, as phones have
tables of their own.
"""

from __future__ import annotations

import dataclasses as dc
import functools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad

Floats = npt.NDArray[np.float32]

SIDE = 8  # px of a block
# Modes whose steps are fine enough to leave a trace and whose values are not all nought.
_MODES = tuple((v, u) for v in range(5) for u in range(5) if 1 <= u + v <= 4)
_FIRST_STEPS = np.arange(2, 25)  # steps of a first saving that are looked for
_REACH = 256  # of coefficients that are looked at
_FINE = 2  # bins to a unit of them
_ROUNDED = 0.6  # standard deviation of a coefficient between two savings: pixels are whole numbers
_UNTOUCHED = 0.9  # share of the blocks that the first saving is thought to have left alone
_LUMINANCE = np.array((0.114, 0.587, 0.299), np.float32)  # of blue, green, red (JFIF 1.02)
_CLEAR = 252, 3  # levels beyond which pixels may have been cut off
_MOST = 3.0  # what one mode may say of a block, as a logarithm
_FEWEST = 200  # blocks, of which the steps can be told


@dc.dataclass(frozen=True, eq=False)
class Traces:
    """How much likelier each block is to have been saved twice than once.

    Attributes:
        told: by block, rows × columns; natural logarithm, NaN where it was not asked.
        origin: px in the picture of the first block's corner, x and y.
    """

    told: Floats
    origin: tuple[int, int]

    def along(self, quad: Quad) -> tuple[Floats, Floats]:
        """Where the blocks in a quad lie along it, in px, and what they tell; of those asked."""
        inside = _blocks([quad], self.told.shape, self.origin, grow=0.0) & ~np.isnan(self.told)
        rows, columns = np.nonzero(inside)
        corners = geometry.as_array(quad)
        way = (corners[1] - corners[0]) / max(float(np.hypot(*(corners[1] - corners[0]))), 1e-6)
        middles = np.stack((columns, rows), axis=1) * SIDE + SIDE / 2 + self.origin
        along = np.asarray((middles - corners[0]) @ way, np.float32)
        return along, np.asarray(self.told[inside], np.float32)


def traces(
    image: Picture, steps: npt.NDArray[np.int64], origin: tuple[int, int], quads: Sequence[Quad]
) -> Traces | None:
    """The traces in some places of a picture; None where there are too few blocks.

    Args:
        image: upright, height × width × 3, BGR, never resized since it was decoded.
        steps: 8 × 8 of the last saving's luminance, as the picture lies; ones where it was
            kept without loss.
        origin: px of the first whole block's corner, x and y, each below 8.
        quads: places to look at.
    """
    x, y = origin
    shape = ((image.shape[0] - y) // SIDE, (image.shape[1] - x) // SIDE)
    if min(shape) < 2:
        return None
    asked = _blocks(quads, shape, origin, grow=SIDE / 2)
    asked[-1], asked[:, -1] = False, False  # the shifted grid ends there
    if int(asked.sum()) < _FEWEST:
        return None
    blocks = _cut(image[y:, x:], asked)
    clear = (blocks.max(axis=(1, 2, 3)) < _CLEAR[0]) & (blocks.min(axis=(1, 2, 3)) > _CLEAR[1])
    if int(clear.sum()) < _FEWEST:
        return None
    asked[asked] = clear
    own = _transformed(blocks[clear])
    shifted = _transformed(_cut(image[y + SIDE // 2 :, x + SIDE // 2 :], asked))
    sums = np.zeros(len(own), np.float32)
    for v, u in _MODES:
        sums += _mode(own[:, v, u], shifted[:, v, u], float(steps[v, u]))
    told = np.full(shape, np.nan, np.float32)
    told[asked] = sums
    return Traces(told, origin)


def _blocks(
    quads: Sequence[Quad], shape: tuple[int, ...], origin: tuple[int, int], *, grow: float
) -> npt.NDArray[np.bool_]:
    """The blocks that touch a quad."""
    mask = np.zeros(shape, np.uint8)
    for quad in quads:
        corners = (geometry.as_array(geometry.pad_quad(quad, grow, grow)) - origin) / SIDE - 0.5
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1)
    return mask > 0


def _cut(image: Picture, asked: npt.NDArray[np.bool_]) -> Picture:
    """Blocks as n × 8 × 8 × 3."""
    rows, columns = np.nonzero(asked)
    views = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE), axis=(0, 1))
    return np.asarray(views[rows * SIDE, columns * SIDE]).transpose(0, 2, 3, 1)


@functools.cache
def _basis() -> Floats:
    """The discrete cosine transform's matrix, orthonormal."""
    at = np.arange(SIDE)
    matrix = np.cos((2 * at[None] + 1) * at[:, None] * np.pi / (2 * SIDE)) * np.sqrt(2 / SIDE)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)


def _transformed(blocks: Picture) -> Floats:
    """Coefficients of the blocks' luminance."""
    basis = _basis()
    grey = blocks.reshape(-1, 3).astype(np.float32) @ _LUMINANCE
    return np.asarray(basis @ (grey.reshape(-1, SIDE, SIDE) - 128) @ basis.T, np.float32)


def _mode(own: Floats, shifted: Floats, step: float) -> Floats:
    """What one mode tells of each block; noughts where no first step is seen."""
    count = int(_REACH // step)
    levels = np.clip(np.round(own / step), -count, count).astype(np.int64) + count
    counts = np.bincount(levels, minlength=2 * count + 1)
    once, twice = _chances(shifted, step, count)
    mixed = np.log((_UNTOUCHED * twice + (1 - _UNTOUCHED) * once) / once)
    gains = mixed @ counts
    best = int(np.argmax(gains))
    if gains[best] < _worth(len(own)):
        return np.zeros(len(own), np.float32)
    told = np.clip(np.log(twice[best] / once), -_MOST, _MOST)
    return np.asarray(told[levels], np.float32)


def _worth(blocks: int) -> float:
    """The least gain that is no chance among all the steps tried."""
    return 10.0 + 0.01 * blocks


def _chances(
    shifted: Floats, step: float, count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Chances of each level of a block saved once, and twice with each first step.

    The blocks of a grid shifted by half a block know no steps: they stand for the picture as
    it was taken.
    """
    edges = (np.arange(2 * _REACH * _FINE + 2) - 0.5) / _FINE - _REACH
    seen = np.histogram(np.clip(shifted, -_REACH + 1, _REACH - 1), edges)[0].astype(np.float64)
    seen = cv2.GaussianBlur(seen[None], (0, 0), 1.5 * _FINE)[0] + 1e-3 * len(shifted) / len(seen)
    heap = np.concatenate(([0.0], np.cumsum(seen / seen.sum())))
    middles = (edges[:-1] + edges[1:]) / 2
    combs = np.zeros((len(_FIRST_STEPS), len(middles)))
    for row, first in enumerate(_FIRST_STEPS):
        atoms = np.arange(-(_REACH // first), _REACH // first + 1) * first
        mass = np.interp(atoms + first / 2, edges, heap) - np.interp(atoms - first / 2, edges, heap)
        combs[row, (atoms + _REACH) * _FINE] = mass
    blurred = cv2.GaussianBlur(combs, (0, 0), sigmaX=_ROUNDED * _FINE, sigmaY=1e-3)
    ends = (np.arange(-count, count + 2) - 0.5) * step
    once = np.maximum(np.diff(np.interp(ends, edges, heap)), 1e-6)
    heaps = np.concatenate((np.zeros((len(combs), 1)), np.cumsum(blurred, axis=1)), axis=1)
    where = np.clip((ends + _REACH) * _FINE + 0.5, 0, len(middles))
    below = np.minimum(where.astype(np.int64), len(middles) - 1)
    at = heaps[:, below] + (where - below) * (heaps[:, below + 1] - heaps[:, below])
    return once, np.maximum(np.diff(at, axis=1), 1e-6)
