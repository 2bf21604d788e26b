"""What is wrong with a photo, in figures that a person can act on.

Advice never decides anything; it says why something could not be read. So it keeps
silent wherever the print can still be read, and speaks of the print, not of the photo:
a blurred desk around a sharp certificate is no fault.
"""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.page import Page
from ocr.page.lines import ink_pieces, print_height
from ocr.photo import Photo
from ocr.reading import Advice

Plane = npt.NDArray[np.uint8]

BLURRED = "photo.blurred"
GLARE = "photo.glare"
DARK = "photo.dark"
TOO_FAR = "photo.too_far"
CUT_EDGE = "photo.cut_edge"

# Calibrated on generated photographs (levels mild, normal, hard; 100 seeds).
BLUR_MAX = 0.16  # width of a stroke's edge over the height of the print
PRINT_MIN = 11.0  # px in the photo of the middling print's height
DARK_MAX = 70.0  # grey level of the paper's lighter half
GLARE_MIN = 0.012  # of the page washed out
CUT_MIN = 0.015  # of the page's diagonal that a corner lies beyond the photo
_BURNT = 249  # grey level at which nothing can stand on the paper any more
_PAPER_MAX = 232  # paper as light as this by itself: a scan, not a reflection
_PAPER_SHARE = 60.0  # percentile that is paper on a page of print and one picture
_STEP = 40.0  # grey levels between ink and paper that make an edge worth measuring
_MIN_EDGES = 200  # places, below which the median of their widths wanders
_SIDE = 1000  # px the page is looked at for light


@dc.dataclass(frozen=True, slots=True)
class _Print:
    """The print of a page.

    Attributes:
        height: of a middling piece, page px.
        blur: width of its strokes' edges, page px.
    """

    height: float
    blur: float


def measure(photo: Photo, page: Page) -> list[Advice]:
    """Everything that stands in the way of reading a page.

    Args:
        photo: the upright photo.
        page: the page found in it.

    Returns:
        Advice with its figure: `photo.blurred` edge width over print height ·
        `photo.too_far` print height in px of the photo · `photo.dark` grey level of the
        paper · `photo.glare` share of the page washed out · `photo.cut_edge` share of
        the diagonal beyond the photo. Empty for a good photo.
    """
    advice = [_dark(page), _glare(page), _cut_edge(photo, page)]
    found = _print(page)
    if found is not None:
        advice += [_blurred(found), _too_far(page, found)]
    return [a for a in advice if a is not None]


def _print(page: Page) -> _Print | None:
    height = print_height(page.image)
    if height is None:
        return None
    grey = _grey(page.image)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.magnitude(across, down)
    reach = 2 * max(1, round(height / 5)) + 1
    window = np.ones((reach, reach), np.uint8)
    step = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window)).astype(np.float32)
    ink = cv2.resize(ink_pieces(page.image), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    # The steepest place of each edge: elsewhere the slope says nothing of the lens.
    steepest = slope >= cv2.dilate(slope, np.ones((3, 3), np.uint8))
    edge = (cv2.dilate(ink, window) > 0) & steepest & (step > _STEP) & (slope > 0.05 * step)
    if int(edge.sum()) < _MIN_EDGES:
        return None
    return _Print(height, float(np.median(step[edge] / slope[edge])))


def _blurred(found: _Print) -> Advice | None:
    share = found.blur / found.height
    return Advice(BLURRED, round(share, 3)) if share > BLUR_MAX else None


def _too_far(page: Page, found: _Print) -> Advice | None:
    """The print's height measured in the photo, at the middle of the page."""
    x, y = page.width / 2, page.height / 2
    line = (page.to_photo_point((x, y)), page.to_photo_point((x, y + found.height)))
    height = float(np.hypot(line[1][0] - line[0][0], line[1][1] - line[0][1]))
    return Advice(TOO_FAR, round(height, 1)) if height < PRINT_MIN else None


def _dark(page: Page) -> Advice | None:
    level = float(np.percentile(_small_grey(page), _PAPER_SHARE))
    return Advice(DARK, round(level, 1)) if level < DARK_MAX else None


def _glare(page: Page) -> Advice | None:
    """The largest spot where light has washed out paper that is darker elsewhere."""
    grey = _small_grey(page)
    if float(np.percentile(grey, _PAPER_SHARE)) > _PAPER_MAX:
        return None
    burnt = np.asarray(grey >= _BURNT, dtype=np.uint8)
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(burnt)
    if count < 2:
        return None
    spot = stats[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())]
    share = float(spot[cv2.CC_STAT_AREA]) / grey.size
    if share < GLARE_MIN:
        return None
    scale = page.width / grey.shape[1]
    left, top, wide, tall = (float(v) * scale for v in spot[:4])
    box = page.to_photo_quad(geometry.box_quad(left, top, wide, tall))
    return Advice(GLARE, round(share, 3), box)


def _cut_edge(photo: Photo, page: Page) -> Advice | None:
    """How far the paper's corners lie beyond the photo, or print that runs off it."""
    corners = geometry.as_array(page.corners)
    inside = np.clip(corners, 0, (photo.width - 1, photo.height - 1))
    diagonal = float(np.hypot(*geometry.quad_size(page.corners)))
    beyond = float(np.linalg.norm(corners - inside, axis=1).max()) / max(diagonal, 1.0)
    return Advice(CUT_EDGE, round(beyond, 3)) if beyond > CUT_MIN else None


def _grey(image: Picture) -> Plane:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _small_grey(page: Page) -> Plane:
    scale = min(1.0, _SIDE / max(page.width, page.height))
    small = cv2.resize(page.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _grey(np.asarray(small, dtype=np.uint8))
