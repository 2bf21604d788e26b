"""Four-cornered regions of a photo that might be a paper.

No single threshold parts every paper from every desk, so regions are taken from many:
several levels of lightness, of both colour axes, and of the distance from the colours
along the photo's border. Each region's hull is brought down to four corners.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from ocr import geometry
from ocr.geometry import Picture
from ocr.pixels import percentile
from ocr.reading import Point, Quad

Plane = npt.NDArray[np.uint8]

MIN_SHARE = 0.04  # of the photo's area: below it print is too small to read anyway
_LEVELS = 6
_FILL = 0.80  # least share of the quad that its region fills; rounded and dog-eared papers pass
_BORDER = 0.025  # strip along the photo's edge whose colours are taken for the ground's
_GROUNDS = 4  # colours of the ground: two woods, a cloth, a shadow
_GROUND_SHARE = 0.10  # of the strip, below which a colour is not the ground's
_TEXT_GAP = 0.02  # of the long side: closes print of up to this stroke and spacing


def propose(small: Picture) -> list[Quad]:
    """Quads in pixels of the small picture, duplicates removed, in no order."""
    seen: list[Quad] = []
    keys: set[tuple[int, ...]] = set()
    grid = max(2.0, 0.01 * max(small.shape[:2]))
    for plane in _planes(small):
        for mask in _masks(plane):
            for quad in _quads(mask):
                key = tuple(round(v / grid) for point in quad for v in point)
                if key not in keys:
                    keys.add(key)
                    seen.append(quad)
    return seen


def _planes(small: Picture) -> Iterator[Plane]:
    """Grey planes in which a paper may stand out, print smoothed away."""
    size = int(_TEXT_GAP * max(small.shape[:2])) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    lab = cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_BGR2LAB)
    light = lab[:, :, 0]
    yield _plane(cv2.morphologyEx(light, cv2.MORPH_CLOSE, kernel))  # dark print on light
    yield _plane(cv2.morphologyEx(light, cv2.MORPH_OPEN, kernel))  # light print on dark
    # Colours of print are faint: two small medians take them off as a large one does.
    soft = cv2.medianBlur(cv2.medianBlur(lab, 5), 5)
    yield _plane(soft[:, :, 1])
    yield _plane(soft[:, :, 2])
    yield _ground_distance(soft)


def _plane(values: MatLike) -> Plane:
    """Spread over the whole of 0..255, so that levels mean the same everywhere."""
    if values.dtype == np.uint8:
        low, high = (percentile(np.asarray(values, np.uint8), share) for share in (1, 99))
    else:
        low, high = np.percentile(values, (1, 99))
    if high - low < 4:  # nothing stands out: less than the noise of a phone's sensor
        return np.zeros(values.shape, np.uint8)
    spread = (values.astype(np.float32) - np.float32(low)) * np.float32(255.0 / (high - low))
    return np.asarray(np.clip(spread, 0, 255), dtype=np.uint8)


def _ground_distance(lab: MatLike) -> Plane:
    """How far each pixel's colour is from every colour common along the photo's border."""
    strip = max(2, int(_BORDER * max(lab.shape[:2])))
    inside = np.ones(lab.shape[:2], bool)
    inside[strip:-strip, strip:-strip] = False
    border = lab[inside].astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    cv2.setRNGSeed(1)  # the same photo gives the same page every time
    _, labels, centres = cv2.kmeans(
        border, min(_GROUNDS, len(border)), np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS
    )
    counts = np.bincount(labels.ravel(), minlength=len(centres)) / len(border)
    grounds = centres[counts >= _GROUND_SHARE]
    # Light falls unevenly on a desk; its colour stays.
    weights = np.array([0.6, 1.0, 1.0], np.float32)
    planes = [plane.astype(np.float32) for plane in cv2.split(lab)]
    nearest = np.full(lab.shape[:2], np.inf, np.float32)
    for ground in grounds:
        away = np.zeros_like(nearest)
        for plane, level, weight in zip(planes, ground, weights, strict=True):
            away += np.square((plane - level) * weight)
        np.minimum(nearest, away, out=nearest)
    return _plane(np.sqrt(nearest))


def _masks(plane: Plane) -> Iterator[Plane]:
    """The plane above and below each of several levels."""
    if not plane.any():
        return
    otsu, _ = cv2.threshold(plane, 0, 255, cv2.THRESH_OTSU)
    levels = {int(otsu), *(int(v) for v in np.linspace(0, 255, _LEVELS + 2)[1:-1])}
    kernel = np.ones((3, 3), np.uint8)
    for level in sorted(levels):
        for kind in (cv2.THRESH_BINARY, cv2.THRESH_BINARY_INV):
            _, mask = cv2.threshold(plane, level, 255, kind)
            yield _plane_open(mask, kernel)


def _plane_open(mask: MatLike, kernel: Plane) -> Plane:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), dtype=np.uint8)


def _quads(mask: Plane) -> Iterator[Quad]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = MIN_SHARE * mask.size
    for contour in contours:
        if cv2.contourArea(contour) < least:
            continue
        quad = quad_of_hull(cv2.convexHull(contour).reshape(-1, 2).astype(np.float64))
        if quad is None:
            continue
        area = geometry.quad_area(quad)
        if area >= least and cv2.contourArea(contour) / area >= _FILL:
            yield quad


def quad_of_hull(hull: npt.NDArray[np.float64]) -> Quad | None:
    """Four corners around a convex outline: the sides that add least area are dropped.

    A corner that is bent over or lies beyond the photo's edge comes back where the
    paper's sides would meet.
    """
    scale = float(np.ptp(hull, axis=0).max())
    thin = cv2.approxPolyDP(hull.astype(np.float32), 0.004 * scale, closed=True)
    points: list[Point] = [(x, y) for x, y in thin.reshape(-1, 2).astype(np.float64).tolist()]
    while len(points) > 4:
        meetings = [(index, _meeting(points, index)) for index in range(len(points))]
        least = min(
            ((met[1], index, met[0]) for index, met in meetings if met is not None), default=None
        )
        if least is None:
            return None
        _, index, corner = least
        points[index] = corner
        del points[(index + 1) % len(points)]
    if len(points) != 4:
        return None
    quad = geometry.order_corners(points)
    return quad if geometry.is_convex(quad) else None


def _meeting(points: list[Point], index: int) -> tuple[Point, float] | None:
    """Where the neighbours of side `index` meet beyond it, and the area that adds."""
    count = len(points)
    (ax, ay), (bx, by) = points[index - 1], points[index]
    (cx, cy), (dx, dy) = points[(index + 1) % count], points[(index + 2) % count]
    one, two, gap = (bx - ax, by - ay), (cx - dx, cy - dy), (cx - bx, cy - by)
    cross = one[0] * two[1] - one[1] * two[0]
    if abs(cross) < 1e-9:
        return None
    along = (gap[0] * two[1] - gap[1] * two[0]) / cross
    other = (gap[0] * one[1] - gap[1] * one[0]) / cross
    if along < 0 or other < 0:
        return None
    edge = along * one[0], along * one[1]
    return (bx + edge[0], by + edge[1]), abs(edge[0] * gap[1] - edge[1] * gap[0]) / 2
