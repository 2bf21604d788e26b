"""How much red ink, how much black, at every pixel; light and white balance taken out.

Ink takes away light by a factor, whatever the light was (Beer and Lambert), so everything
here is done on optical density against the paper around: black print takes the same from
all three channels, red ink hardly anything from red. What the least of green and blue lost
beyond what red lost is red ink; what red lost itself is black print.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.once import once_a_picture
from ocr.pixels import shrunk

Image = np.ndarray
Plane = NDArray[np.float32]

# Inks of seals, most usual first, and the channel (of BGR) whose light each lets pass.
INKS = ("red", "blue", "black")
PASSING = {"red": 2, "blue": 0}
# The paper is estimated on a picture this long; print is far smaller than its kernel there.
_PAPER_LONG_SIDE = 160
_PAPER_KERNEL = 15
# Below this a channel is too dark for its ratio to mean anything.
_DARKEST = 8.0
# Natural logarithm of each grey level.
_LOG_LIGHT = np.log(np.maximum(np.arange(256), _DARKEST)).astype(np.float32)
# Share of the light that red stamp ink takes from the red channel, in parts of what it
# takes from green and blue; 0.08 to 0.2 on photographed seals.
RED_IN_RED = 0.13
# Density difference from which a pixel counts as red: half the palest seal ink that can
# still be read (0.3), well over noise and JPEG chroma bleed (0.05).
RED_THRESHOLD = 0.13


@dc.dataclass(frozen=True, slots=True)
class Window:
    """An upright part of a page: columns left..right and rows top..bottom, ends left out."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: NDArray[np.float64], image: Image, margin: float) -> Window:
        """The part of a page that holds points (n × 2) and a margin, px; never empty."""
        height, width = image.shape[:2]
        (left, top), (right, bottom) = points.min(axis=0) - margin, points.max(axis=0) + margin
        left, top = min(max(0, int(left)), width - 1), min(max(0, int(top)), height - 1)
        right, bottom = max(left + 1, int(right) + 1), max(top + 1, int(bottom) + 1)
        return cls(left, top, min(width, right), min(height, bottom))

    def of(self, image: Image) -> Image:
        """The part itself, a view."""
        return image[self.top : self.bottom, self.left : self.right]


def paper(image: Image, window: Window | None = None) -> Plane:
    """The light the paper sends back where nothing is printed.

    Args:
        image: height × width × 3, BGR.
        window: the part that is wanted; by default all.

    Returns:
        The shape of the image or of that part; smooth.
    """
    if window is None:
        height, width = image.shape[:2]
        full = cv2.resize(paper_small(image), (width, height), interpolation=cv2.INTER_LINEAR)
        return np.maximum(full, _DARKEST)
    size = (window.right - window.left, window.bottom - window.top)
    move = np.array([[1, 0, window.left], [0, 1, window.top], [0, 0, 1]], dtype=np.float64)
    return paper_part(paper_small(image), image.shape, move, size)


@once_a_picture
def paper_small(image: Image) -> Plane:
    """`paper` on a picture shrunk to at most _PAPER_LONG_SIDE pixels; as smooth as it is."""
    height, width = image.shape[:2]
    scale = min(1.0, _PAPER_LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = shrunk(image, size)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_PAPER_KERNEL, _PAPER_KERNEL))
    closed = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, kernel)
    smooth = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), _PAPER_KERNEL / 4)
    return np.asarray(smooth, dtype=np.float32)


def paper_part(
    small: Plane, shape: Sequence[int], to_page: NDArray[np.float64], size: tuple[int, int]
) -> Plane:
    """The paper's light in a picture taken of a part of a page.

    Args:
        small: `paper_small` of the page.
        shape: of the page: height, width.
        to_page: 3 × 3, affine, pixels of the part to pixels of the page.
        size: width and height of the part, pixels.

    Returns:
        Height × width × 3.
    """
    across, down = small.shape[1] / shape[1], small.shape[0] / shape[0]
    shrink = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])
    part = cv2.warpAffine(
        small,
        (shrink @ to_page)[:2],
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(np.maximum(part, _DARKEST), dtype=np.float32)


def densities(image: Image, background: Plane | None = None) -> Plane:
    """Optical density of each channel against the paper.

    Args:
        image: height × width × 3, BGR.
        background: the paper, where it is known already.

    Returns:
        The same shape; 0 is bare paper, 1 lets one part in e through.
    """
    under = paper(image) if background is None else background
    density = np.log(under, dtype=np.float32)
    density -= cv2.LUT(image, _LOG_LIGHT)
    return np.maximum(density, 0.0, out=density)


def red_density(image: Image) -> Plane:
    """Red ink at every pixel, black print and uneven light taken out.

    Args:
        image: height × width × 3, BGR.

    Returns:
        Height × width; 0 for paper and black print, about 0.3 for pale to 1.5 for full ink.
    """
    return red_of(densities(image))


def red_of(density: Plane) -> Plane:
    """The red part of channel densities; see `red_density`."""
    return ink_of(density, "red")


def ink_of(density: Plane, ink: str) -> Plane:
    """One ink's part of channel densities.

    Args:
        density: height × width × 3.
        ink: one of INKS. Black ink cannot be told from print: all that takes light from
            every channel counts.

    Returns:
        Height × width, 0 where there is none.
    """
    passing = PASSING.get(ink)
    if passing is None:
        return np.asarray(density.min(axis=-1), dtype=np.float32)
    one, other = (density[..., channel] for channel in range(3) if channel != passing)
    return np.asarray(np.maximum(np.minimum(one, other) - density[..., passing], 0.0), np.float32)


def red_mask(image: Image, threshold: float = RED_THRESHOLD) -> NDArray[np.bool_]:
    """Where there is red ink; height × width."""
    return np.asarray(red_density(image) > threshold)
