"""Parts red ink from black print where a seal was stamped over text."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.density import (
    PASSING,
    RED_IN_RED,
    RED_THRESHOLD,
    Image,
    Plane,
    Window,
    densities,
    ink_of,
    paper,
    red_density,
    red_mask,
    red_of,
)
from ocr.seal.find import SealPlace, find_seals

__all__ = [
    "Planes",
    "only_red",
    "red_beside_black",
    "red_density",
    "red_mask",
    "red_under_black",
    "take_apart",
    "under_black",
    "without_red",
]

# Black print this dense leaves too little light to tell red from it; full print is 1.5 to
# 2.5, red ink's own share of red light under 0.35.
_BLACK = 0.8
_INPAINT_RADIUS = 3
# How fast a pixel's own say falls with the black over it: print of full density (2) keeps
# e^-6. Of twelve ways to lay rings out, those on this plane read most names to the letter
# (95 of 100, the plain red plane 91; docs/benchmarks.md).
_BLACK_DISTRUST = 3.0
# How far around a pixel is looked, in parts of the seal's half axis.
_BESIDE = 0.013
# Density that stands for full white to black in the 8-bit plane that is painted over.
_PLANE_RANGE = 2.0
# A seal is a little wider than its fitted edge: smear and blur.
_BEYOND_EDGE = 1.06
# Pixels around it that have a part in what happens to its edge.
_RIM = 8.0
# Red light lost per red ink: taken from the seal itself within these bounds.
_SHARE_BOUNDS = (0.02, 0.45)


@dc.dataclass(frozen=True, slots=True)
class Planes:
    """A seal's surroundings taken apart, height × width each.

    Attributes:
        page: the colours.
        ink: the stamp's ink.
        painted: that with black print painted over.
        beside: that with black print weighed down against the ink beside it.
        black: uint8, 1 where black print covers.
    """

    page: Image
    ink: Plane
    painted: Plane
    beside: Plane
    black: Plane


def take_apart(image: Image, density: Plane, place: SealPlace) -> Planes:
    """The inks of a seal and of what it was stamped over.

    Black ink cannot be told from print: all of it may be print.

    Args:
        image: height × width × 3, BGR.
        density: its channel densities.
        place: the seal in that picture.
    """
    if place.ink not in PASSING:
        ink = ink_of(density, place.ink)
        return Planes(image, ink, ink, ink, np.ones(ink.shape, dtype=np.uint8))
    if place.ink != "red":
        # What passes this ink stands where red light does.
        density = density[..., ::-1]
    return Planes(
        page=image,
        ink=red_of(density),
        painted=red_under_black(density),
        beside=red_beside_black(density, place.axes[1]),
        black=under_black(density),
    )


def under_black(density: Plane) -> Plane:
    """Where black print leaves too little light to tell red ink from it.

    Args:
        density: channel densities, height × width × 3.

    Returns:
        Height × width, uint8, 1 where print covers.
    """
    return np.asarray(density[..., 2] > _BLACK + RED_IN_RED * red_of(density), dtype=np.uint8)


def red_under_black(density: Plane) -> Plane:
    """Red density with the places under black print painted over from around them.

    Args:
        density: channel densities, height × width × 3.

    Returns:
        Height × width.
    """
    red = red_of(density)
    hidden = under_black(density)
    plane = np.clip(red * (255 / _PLANE_RANGE), 0, 255).astype(np.uint8)
    painted = cv2.inpaint(plane, hidden, _INPAINT_RADIUS, cv2.INPAINT_TELEA)
    return np.asarray(painted.astype(np.float32) * (_PLANE_RANGE / 255), dtype=np.float32)


def red_beside_black(density: Plane, radius: float) -> Plane:
    """Red density with print softly weighed down against the ink beside it.

    Inside print hardly any light tells of red, at its blurred rim the colours of the coding
    are off: there the ink around counts more than the pixel itself. Where red shines through
    the pixel keeps its say, which painting over takes from it.

    Args:
        density: channel densities, height × width × 3.
        radius: half axis of the seal, pixels; sets how far "around" is.

    Returns:
        Height × width.
    """
    red = red_of(density)
    black = np.maximum(density[..., 2] - RED_IN_RED * red, 0)
    weight = np.exp(-_BLACK_DISTRUST * black).astype(np.float32)
    sigma = max(0.6, _BESIDE * radius)
    mass = cv2.GaussianBlur(weight, (0, 0), sigma)
    beside = cv2.GaussianBlur(weight * red, (0, 0), sigma) / np.maximum(mass, 1e-4)
    return np.asarray(weight * red + (1 - weight) * beside, dtype=np.float32)


def only_red(image: Image) -> Image:
    """The red ink alone, as black print on white.

    Args:
        image: height × width × 3, BGR.

    Returns:
        The same shape; print that was black is gone.
    """
    red = red_under_black(densities(image))
    inked = red[red > RED_THRESHOLD]
    full = float(np.quantile(inked, 0.9)) if inked.size else 1.0
    grey = np.clip(255 * (1 - red / full), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def without_red(image: Image, places: Sequence[SealPlace] | None = None) -> Image:
    """The page with the ink of its seals taken off the print beneath.

    Only seals are touched: red headlines, numbers and stones stay as they are.

    Args:
        image: straightened page, height × width × 3, BGR.
        places: its seals, where they were found already.

    Returns:
        A new picture of the same shape; the same picture where there is no seal.
    """
    seals = find_seals(image) if places is None else places
    if not seals:
        return image
    clean = image.copy()
    for place in seals:
        if place.ink != "red":
            continue
        outline = place.outline(_BEYOND_EDGE)
        window = Window.around(outline, image, _RIM)
        part, background = window.of(image), paper(image, window)
        density = densities(part, background)
        inside = np.zeros(part.shape[:2], dtype=np.uint8)
        corner = (window.left, window.top)
        cv2.fillPoly(inside, [(outline - corner).round().astype(np.int32)], 1)
        _lift(window.of(clean), background, density, red_of(density), inside.astype(bool))
    return clean


def _lift(
    clean: Image, background: Plane, density: Plane, red: Plane, inside: NDArray[np.bool_]
) -> None:
    """Takes red ink off the pixels inside one seal, in place."""
    inked = inside & (red > 2 * RED_THRESHOLD)
    if not inked.any():
        return
    # What this ink takes from red light, seen where there is no print beneath.
    share = float(np.quantile(density[..., 2][inked] / red[inked], 0.4))
    share = float(np.clip(share, *_SHARE_BOUNDS))
    black = np.maximum(density[..., 2] - share * red, 0.0)
    printed = background * np.exp(-black)[..., None]
    # The ink and its blurred rim; bare paper and print elsewhere keep their pixels.
    reach = cv2.dilate((red > RED_THRESHOLD).astype(np.float32), np.ones((5, 5), np.uint8))
    weight = cv2.GaussianBlur(reach, (0, 0), 1.0) * inside
    mixed = clean * (1 - weight[..., None]) + printed * weight[..., None]
    clean[inside] = np.clip(mixed[inside], 0, 255).astype(np.uint8)
