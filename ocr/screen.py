"""Whether a photo was taken off a screen: its pixels and the sensor's make sharp tones.

A screen is a grid finer than print. Photographed, it leaves stripes, or bands of colour
where its grid beats against the sensor's. On a blank part of a page nothing else repeats
so exactly: grain is even over all frequencies, shadows and fibres are slow, a background
pattern is a curve. So blank patches are looked at for single tones in their spectrum.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import Picture

Floats = npt.NDArray[np.float32]

SIDE = 128  # px of a patch, in the photo's own pixels: resampling would blur the grid away
MOST = 12  # patches looked at
_SLOW = 5  # bins: slower than this is light, or a curve of the background pattern
_RING = 4  # bins around a tone that its strength is compared with
_TONE = 1  # bins that a tone itself takes up to each side
_FAINT = 30.0  # amplitude: half a grey level of grain; below it a quantised plane makes tones
_PLAIN = 6.0  # grey levels that a blank patch may vary by, light falling off over it
_FEWEST = 3  # blank patches, below which one odd patch would decide
_BLOCK = 8  # px of JPEG's blocks, whose edges are tones of their own along the axes


def tone(image: Picture, corners: npt.NDArray[np.float64]) -> float:
    """Strength of the strongest single tone on blank paper, over what is around it.

    Args:
        image: the upright photo, BGR, at its own resolution.
        corners: of the page in it, 4 × 2.

    Returns:
        Amplitude over the middling amplitude at neighbouring frequencies, the median over
        patches; 0 where the page has no blank patches.
    """
    patches = _blank(image, corners)
    if len(patches) < _FEWEST:
        return 0.0
    return float(np.median([_strongest(patch) for patch in patches]))


def _blank(image: Picture, corners: npt.NDArray[np.float64]) -> list[Picture]:
    """The patches of the page with least print."""
    height, width = image.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.round(corners).astype(np.int32), 1)
    whole = cv2.erode(inside, np.ones((9, 9), np.uint8))
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (0, 0), 2)
    step = SIDE // 2
    if min(height, width) < SIDE:
        return []
    count = SIDE * SIDE
    mean = _sums(grey) / count
    square = _sums(np.square(grey, dtype=np.uint16)) / count
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    spread[_sums(whole) < count] = np.inf
    flat = np.argsort(spread, axis=None, kind="stable")[:MOST]
    found = zip(*np.unravel_index(flat, spread.shape), strict=True)
    return [
        image[step * row : step * row + SIDE, step * column : step * column + SIDE]
        for row, column in found
        if spread[row, column] <= _PLAIN
    ]


def _sums(plane: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """Over every patch, half a patch apart: each is four blocks that its neighbours share."""
    step = SIDE // 2
    rows, columns = (size // step for size in plane.shape)
    blocks = plane[: rows * step, : columns * step].reshape(rows, step, columns, step)
    part = blocks.sum(axis=3, dtype=np.uint32).sum(axis=1, dtype=np.int64)
    return np.asarray(part[:-1, :-1] + part[:-1, 1:] + part[1:, :-1] + part[1:, 1:])


def _strongest(patch: Picture) -> float:
    """Over lightness and both colour differences."""
    lab = cv2.cvtColor(patch, cv2.COLOR_BGR2LAB).astype(np.float32)
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)
    best = 0.0
    for channel in range(3):
        plane = lab[:, :, channel]
        plane = plane - cv2.GaussianBlur(plane, (0, 0), SIDE / _SLOW / 2)
        spectrum = np.abs(np.fft.fftshift(np.fft.fft2(plane * window))).astype(np.float32)
        around = _around(spectrum)
        ratio = spectrum / np.maximum(around, _FAINT)
        ratio[_left_out()] = 0
        best = max(best, float(ratio.max()))
    return best


def _around(spectrum: Floats) -> Floats:
    """Mean over a ring around each frequency, the tone itself left out."""
    size, inner = 2 * _RING + 1, 2 * _TONE + 1
    total = cv2.boxFilter(spectrum, -1, (size, size), normalize=False)
    core = cv2.boxFilter(spectrum, -1, (inner, inner), normalize=False)
    return np.asarray((total - core) / (size * size - inner * inner), np.float32)


@functools.cache
def _left_out() -> npt.NDArray[np.bool_]:
    """Frequencies that say nothing: the slow ones, and JPEG's own."""
    at = np.arange(SIDE) - SIDE // 2
    fx, fy = np.meshgrid(at, at)
    slow = np.hypot(fx, fy) <= _SLOW
    step = SIDE // _BLOCK
    on_x, on_y = (np.abs((f + step // 2) % step - step // 2) <= _TONE for f in (fx, fy))
    blocks = ((np.abs(fx) <= _TONE) & on_y) | ((np.abs(fy) <= _TONE) & on_x)
    return np.asarray(slow | blocks)
