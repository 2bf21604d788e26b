"""How much red ink, how much black, at every pixel; light and white balance taken out.

Ink takes away light by a factor, whatever the light was (Beer and Lambert), so everything
here is done on optical density against the paper around: black print takes the same from
all three channels, red ink hardly anything from red. What the least of green and blue lost
beyond what red lost is red ink; what red lost itself is black print.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = np.ndarray
Plane = NDArray[np.float32]

# The paper is estimated on a picture this long; print is far smaller than its kernel there.
_PAPER_LONG_SIDE = 160
_PAPER_KERNEL = 15
# Below this a channel is too dark for its ratio to mean anything.
_DARKEST = 8.0
# Share of the light that red stamp ink takes from the red channel, in parts of what it
# takes from green and blue; 0.08 to 0.2 on photographed seals.
RED_IN_RED = 0.13
# Density difference from which a pixel counts as red: half the palest seal ink that can
# still be read (0.3), well over noise and JPEG chroma bleed (0.05).
RED_THRESHOLD = 0.13


def paper(image: Image) -> Plane:
    """The light the paper sends back where nothing is printed.

    Args:
        image: height × width × 3, BGR.

    Returns:
        The same shape; smooth.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _PAPER_LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_PAPER_KERNEL, _PAPER_KERNEL))
    closed = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, kernel)
    smooth = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), _PAPER_KERNEL / 4)
    full = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(full, _DARKEST)


def densities(image: Image, background: Plane | None = None) -> Plane:
    """Optical density of each channel against the paper.

    Args:
        image: height × width × 3, BGR.
        background: the paper, where it is known already.

    Returns:
        The same shape; 0 is bare paper, 1 lets one part in e through.
    """
    under = paper(image) if background is None else background
    light = np.maximum(image.astype(np.float32), _DARKEST)
    return np.asarray(np.maximum(np.log(under / light), 0.0), dtype=np.float32)


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
    blue, green, red = (density[..., channel] for channel in range(3))
    return np.asarray(np.maximum(np.minimum(blue, green) - red, 0.0), dtype=np.float32)


def red_mask(image: Image, threshold: float = RED_THRESHOLD) -> NDArray[np.bool_]:
    """Where there is red ink; height × width."""
    return np.asarray(red_density(image) > threshold)
