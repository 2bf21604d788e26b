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
_FEWER = 4  # px of a patch to one on which its light is told: it falls off slowly
_LIGHT = SIDE / _SLOW / 2 / _FEWER  # px there: deviation of the blur that leaves light alone
_RIM = 4  # px around a patch that are the page's too
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
    step = SIDE // 2
    if min(height, width) < SIDE:
        return []
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (0, 0), 2)
    count = SIDE * SIDE
    mean = _sums(grey) / count
    square = _sums(np.square(grey, dtype=np.uint16)) / count
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    spread[~_within(spread.shape, grey.shape, corners)] = np.inf
    flat = np.argsort(spread, axis=None, kind="stable")[:MOST]
    found = zip(*np.unravel_index(flat, spread.shape), strict=True)
    return [
        image[step * row : step * row + SIDE, step * column : step * column + SIDE]
        for row, column in found
        if spread[row, column] <= _PLAIN
    ]


def _within(
    shape: tuple[int, ...], photo: tuple[int, ...], corners: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which patches lie in the page, and their rim where it lies in the photo."""
    ways = np.roll(corners, -1, axis=0) - corners
    turn = np.sign(ways[0, 0] * ways[1, 1] - ways[0, 1] * ways[1, 0])
    rows, columns = (np.arange(size) * (SIDE // 2) for size in shape)
    within = np.ones(shape, np.bool_)
    for (x, y), (across, down) in zip(corners, ways, strict=True):
        for far_x in (-_RIM, SIDE - 1 + _RIM):
            for far_y in (-_RIM, SIDE - 1 + _RIM):
                right = np.clip(columns + far_x, 0, photo[1] - 1) - x
                below = np.clip(rows[:, None] + far_y, 0, photo[0] - 1) - y
                within &= turn * (across * below - down * right) >= 0
    return within


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
    few = (SIDE // _FEWER, SIDE // _FEWER)
    light = cv2.GaussianBlur(cv2.resize(lab, few, interpolation=cv2.INTER_AREA), (0, 0), _LIGHT)
    lab -= cv2.resize(light, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    best = 0.0
    for plane in cv2.split(lab):
        waves = cv2.dft(plane * _window(), flags=cv2.DFT_COMPLEX_OUTPUT)
        spectrum = np.asarray(cv2.magnitude(waves[..., 0], waves[..., 1]), np.float32)
        # The two halves of a real plane's frequencies say the same; slow ones in the middle.
        spectrum = np.roll(spectrum, (SIDE // 2, SIDE // 2), axis=(0, 1))
        around = _around(spectrum)
        ratio = spectrum / np.maximum(around, _FAINT)
        ratio[_left_out()] = 0
        best = max(best, float(ratio.max()))
    return best


@functools.cache
def _window() -> Floats:
    """Fades a patch out towards its rim."""
    return np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)


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
