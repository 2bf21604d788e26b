"""Dark bands of a paper on a dark desk: print beyond the rim that was found."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.geometry import Picture
from ocr.page.model import Page
from ocr.reading import Quad

# Of a page's height: how far beyond the rim a band's print is looked for.
_REACH = 0.2
# Of a page's height that is looked at within the rim: a line may lie across it.
_WITHIN = 0.03
# Of a page's height, at most, between the rim and the nearest line of a band.
_NEAR = 0.1
# Of a page's width, at least, for a line of a band.
_WIDE = 0.1
# Luma of print and ground: light strokes, not half of a line, on what is dark.
_DARK, _CONTRAST = 120.0, 60.0
# Share of a strip that lies in the photo, at least.
_IN_VIEW = 0.6
# Light pixels of a strip that may hold print, at least: fewer are specks.
_LIGHT = 0.002
# One pixel of so many each way is looked at first.
_COARSE = 4
# Of a line's height that is kept beyond a band's last line.
_MARGIN = 1.0

Detect = Callable[[Picture], Sequence[Quad]]


def with_bands(photo: Picture, page: Page, detect: Detect) -> Page:
    """The page with the bands above and below it that carry light print on dark ground.

    The edge of a dark blue band on a dark blue cloth cannot be seen; what is printed on it
    can. Dark print is never taken in: it would be another paper's.

    Args:
        photo: height × width × 3, uint8, BGR; the upright photo.
        page: the only one of the photo, upright.
        detect: finds lines of text, as quads in the picture's pixels.

    Returns:
        The same page where nothing is printed beyond its rim.
    """
    above = _reach(photo, page, detect)
    below = _reach(photo, page.rotated(2), detect)
    return _grown(photo, page, above, below) if above or below else page


def _reach(photo: Picture, page: Page, detect: Detect) -> int:
    """Pixels by which the page has to grow upwards; 0 where nothing is printed there."""
    tall, within = int(_REACH * page.height), int(_WITHIN * page.height)
    if not _may_hold_print(photo, page, tall):
        return 0
    strip = _cut(photo, page, -tall, within)
    grey = np.asarray(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    lines = [geometry.bounds(box) for box in detect(strip)]
    lines = [line for line in lines if line[3] < tall and _is_light_print(grey, line)]
    if not lines or tall - max(line[3] for line in lines) > _NEAR * page.height:
        return 0
    top = min(line[1] - _MARGIN * (line[3] - line[1]) for line in lines)
    return min(tall, max(0, round(tall - top)))


def _may_hold_print(photo: Picture, page: Page, tall: int) -> bool:
    """Whether what lies above the rim is in view, dark, and not plain; a coarse look."""
    small = _cut(photo, page, -tall, 0, _COARSE)
    in_view = np.full(photo.shape[:2], 255, np.uint8)
    seen = _cut(in_view, page, -tall, 0, _COARSE) > 0
    if seen.mean() < _IN_VIEW:
        return False
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    ground = float(np.median(grey[seen]))
    return ground <= _DARK and float((grey > ground + _CONTRAST / 2).mean()) >= _LIGHT


def _is_light_print(grey: Picture, line: tuple[float, float, float, float]) -> bool:
    width = grey.shape[1]
    left, top, right, bottom = (round(value) for value in line)
    if right - left < _WIDE * width or left < 0 or right > width:
        return False
    inside = grey[max(top, 0) : bottom, left:right]
    if not inside.size:
        return False
    dark, middle, light = np.percentile(inside, (10, 50, 97))
    return bool(light - dark >= _CONTRAST and middle < (dark + light) / 2 and dark <= _DARK)


def _cut(picture: Picture, page: Page, top: int, bottom: int, step: int = 1) -> Picture:
    """Rows `top` to `bottom` of the page, which may lie beyond it; black out of view."""
    to_page = np.array([[step, 0, 0], [0, step, top], [0, 0, 1]], dtype=np.float64)
    cut = cv2.warpPerspective(
        picture,
        page.to_photo @ to_page,
        (page.width // step, (bottom - top) // step),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return np.asarray(cut, dtype=np.uint8)


def _grown(photo: Picture, page: Page, above: int, below: int) -> Page:
    to_photo = page.to_photo @ np.array([[1, 0, 0], [0, 1, -above], [0, 0, 1]], dtype=np.float64)
    height = page.height + above + below
    rims = [page.image]
    if above:
        rims.insert(0, _cut(photo, page, -above, 0))
    if below:
        rims.append(_cut(photo, page, page.height, page.height + below))
    frame = geometry.box_quad(0, 0, page.width - 1, height - 1)
    return dc.replace(
        page,
        image=np.concatenate(rims),
        to_photo=to_photo,
        corners=geometry.map_quad(frame, to_photo),
    )
