"""A seal cut out of the photo itself, at the photo's own sharpness.

The straightened page has been resampled once, and large photos are made smaller for it;
unrolling the ring from it would resample a second time. So the seal's surroundings are
taken straight from the upright photo through the page's homography, a little finer than
the photo's own pixels, and all that is measured of a seal is measured there.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.density import Image, Plane, densities, paper_part
from ocr.seal.place import SealPlace

# Pixels of the patch to one of the photo: enough that the second resampling loses nothing.
_FINER = 1.5
# A name's band of a third of this radius is 120 pixels tall, the most that a strip takes.
_MOST_RADIUS = 400.0
# The patch reaches this many half axes from the centre.
_REACH = 1.2


@dc.dataclass(frozen=True, slots=True, eq=False)
class Original:
    """The upright photo that a page was straightened from.

    Attributes:
        image: height × width × 3, BGR.
        to_photo: 3 × 3 homography from page pixels to pixels of the photo.
    """

    image: Image
    to_photo: NDArray[np.float64]


@dc.dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A seal and what lies around it.

    Attributes:
        image: height × width × 3, BGR.
        density: its channel densities against the page's paper, the same shape.
        place: the seal in the patch's pixels.
    """

    image: Image
    density: Plane
    place: SealPlace


def cut_patch(
    page_image: Image, small_paper: Plane, place: SealPlace, original: Original | None = None
) -> Patch:
    """Cuts a seal out.

    Args:
        page_image: the straightened page, height × width × 3, BGR.
        small_paper: its `paper_small`.
        place: the seal on the page.
        original: where the page comes from; None to cut from the page itself.

    Returns:
        The patch; beyond the photo's edge its last pixels are repeated.
    """
    source, to_source = page_image, np.eye(3)
    if original is not None:
        source, to_source = original.image, original.to_photo
    finer = _local_scale(to_source, place.centre)
    factor = min(_FINER * finer, _MOST_RADIUS / place.axes[0])
    reach = _REACH * place.axes[0]
    left, top = place.centre[0] - reach, place.centre[1] - reach
    side = max(8, round(2 * reach * factor))
    # Patch pixels to page pixels.
    to_page = np.array([[1 / factor, 0, left], [0, 1 / factor, top], [0, 0, 1]])
    image = _warp(source, to_source @ to_page, side, factor / finer)
    height, width = page_image.shape[:2]
    density = densities(image, paper_part(small_paper, (height, width), to_page, (side, side)))
    density[~_within(top, factor, side, height)] = 0
    density[:, ~_within(left, factor, side, width)] = 0
    centre = ((place.centre[0] - left) * factor, (place.centre[1] - top) * factor)
    axes = (place.axes[0] * factor, place.axes[1] * factor)
    return Patch(image, density, dc.replace(place, centre=centre, axes=axes))


def _within(first: float, factor: float, side: int, length: int) -> NDArray[np.bool_]:
    """Which rows or columns of a patch lie on the page: what lies beyond is a desk."""
    at = first + np.arange(side) / factor
    return np.asarray((at >= 0) & (at <= length - 1))


def _local_scale(matrix: NDArray[np.float64], point: tuple[float, float]) -> float:
    """How much a homography enlarges around a point."""
    # Determinant of the Jacobian of (x / w, y / w).
    w = float(matrix[2] @ np.array([*point, 1.0]))
    return math.sqrt(abs(float(np.linalg.det(matrix)) / w**3))


def _warp(source: Image, matrix: NDArray[np.float64], side: int, scale: float) -> Image:
    """Source pixels for a square patch; `scale` is patch pixels to one of the source."""
    corners = np.array([[[0, 0], [side, 0], [side, side], [0, side]]], np.float64)
    reached = cv2.perspectiveTransform(corners, matrix)[0]
    height, width = source.shape[:2]
    low = np.clip(np.floor(reached.min(axis=0)) - 4, 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(reached.max(axis=0)) + 5, low + 1, [width, height]).astype(int)
    part = source[low[1] : high[1], low[0] : high[0]]
    if scale < 1:
        # Shrinking by warping alone would skip pixels.
        part = cv2.GaussianBlur(part, (0, 0), 0.45 / scale)
    move = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
    warped: Image = cv2.warpPerspective(
        part, move @ matrix, (side, side),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return warped
