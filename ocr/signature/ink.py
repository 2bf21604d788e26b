"""The pen's ink in a cut-out, parted from the paper, from a seal over it and from ruled lines.

Red stamp ink takes hardly anything from red light (`ocr.seal.density`), so ink is what red
light lost beyond the seal's small share; blue and black pens both take red light away.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import Picture
from ocr.seal.density import RED_IN_RED, densities, red_of

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

# Ink is what is at least this dense: pencil and tinted patterns of the paper are below.
FAINTEST = 0.25
# Of the densest ink's density; blurred rims are below.
SHARE_OF_FULL = 0.4
# A ruled line is this much longer than it is high, and no higher than a pen is wide.
RULE_RATIO = 14.0
# Specks have less than this share of all ink.
SPECK = 0.012


def darkness(crop: Picture) -> Plane:
    """Density of all ink but a seal's.

    Args:
        crop: height × width × 3, BGR.

    Returns:
        Height × width.
    """
    density = densities(crop)
    return np.asarray(density[..., 2] - RED_IN_RED * red_of(density), np.float32)


def pen_ink(crop: Picture) -> Mask:
    """Where a crop has ink that is no seal's.

    Args:
        crop: height × width × 3, BGR.

    Returns:
        Height × width; all False where there is none.
    """
    return inked(darkness(crop))


def inked(dark: Plane) -> Mask:
    """Where there is ink; height × width, all False where there is none."""
    full = _full(dark)
    return np.asarray(dark > max(FAINTEST, SHARE_OF_FULL * full)) & (full > 0)


def sharpness(dark: Plane) -> float:
    """Share of all ink that is full ink, 0..1: blur makes more rim and less of it."""
    full = _full(dark)
    if full == 0:
        return 0.0
    return float((dark > 0.7 * full).sum() / max(1, int((dark > 0.2 * full).sum())))


def _full(dark: Plane) -> float:
    """Density of full ink, 0 where there is none."""
    ink = dark[dark > FAINTEST]
    return float(np.quantile(ink, 0.9)) if ink.size else 0.0


def without_rules(mask: Mask) -> Mask:
    """The ink less long thin level lines: what signatures are written on.

    Where a stroke crosses a line, the crossing stays.
    """
    height, width = mask.shape
    plane = mask.astype(np.uint8)
    length = max(9, int(0.3 * width))
    # A line that is a little askew is found in pieces.
    level = cv2.morphologyEx(plane, cv2.MORPH_OPEN, np.ones((1, max(5, length // 3)), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, length), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    rule = np.zeros(mask.shape, np.uint8)
    for number in range(1, count):
        wide, tall = stats[number, cv2.CC_STAT_WIDTH], stats[number, cv2.CC_STAT_HEIGHT]
        if wide > RULE_RATIO * tall and wide > 0.35 * width:
            rule[labels == number] = 1
    if not rule.any():
        return mask
    above = np.roll(plane, 3, axis=0)
    below = np.roll(plane, -3, axis=0)
    crossing = (above & below).astype(bool)
    return np.asarray(
        mask & ~(cv2.dilate(rule, np.ones((3, 1), np.uint8)).astype(bool) & ~crossing)
    )


def without_specks(mask: Mask) -> Mask:
    """The ink less specks of dirt and what is left of ruled lines."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    if count <= 1:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA]
    keep = areas >= SPECK * areas[1:].sum()
    keep[0] = False
    return np.asarray(keep[labels])
