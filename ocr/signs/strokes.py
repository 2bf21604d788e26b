"""What a piece of print looks like: its edges, its ink, and the paper it stands on.

One lens, one sensor and one compression made the whole photo. Letters that were put into it
afterwards have other edges and another ink, and paper smoothed under them lacks the grain of the
paper around it. Measured over the whole piece, and stretch by stretch along it: where only some of
its characters were changed, these differ from the rest.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.pixels import percentile
from ocr.reading import Quad

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_AROUND = 0.7  # of the print's height: how far around it bare paper is compared
_WITHIN = 0.1  # of it: how far the print's box is grown
_STRETCH = 1.2  # of it: a stretch along the print, about a Chinese character
_LEAST_HEIGHT = 8.0  # px: smaller print has no stroke that is wider than its edges
_CONTRAST = 30.0  # grey levels between ink and paper, with fewer of which nothing is measured
_EDGES, _GROUND = 24, 60  # pixels, fewer of which tell nothing; a third of it of a stretch
_BURNT = 250  # grey level at which light has washed out the grain
# Second differences across and along: what is left is grain (Immerkær, 1996).
_GRAIN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
_LEAST = 0.05  # grey levels: grain below a twentieth is none
_ENOUGH = 1500  # pixels, of which more tell no more

# What is measured of a piece, as natural logarithms where it is a size or a level.
OWN = ("edge_fine", "edge", "edge_coarse", "ink", "hue", "stroke", "grain", "grain_step", "mid",
       "mid_step", "colour_grain", "colour_step", "ground", "ground_hue")  # fmt: skip
# Of its stretches: the one that lies furthest above and below the middle one.
PARTED = ("edge", "ink", "ground", "grain", "mid")


@dc.dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One piece of print, measured.

    Attributes:
        height: of its box, natural logarithm of px.
        own: in the order of OWN.
        parted: two for each of PARTED, noughts where it is too short.
    """

    height: float
    own: Floats
    parted: Floats


def look_at(image: Picture, quad: Quad) -> Look | None:
    """Measures a piece of print; None where there is too little of it.

    Args:
        image: the upright photo, height × width × 3, BGR.
        quad: the print's corners in it.
    """
    height = min(geometry.quad_size(quad))
    if height < _LEAST_HEIGHT:
        return None
    cut = _cut(image, quad, height)
    return None if cut is None else _measured(cut, height)


@dc.dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """The print and the paper around it as it lies in the photo."""

    colours: Picture
    grey: Plane
    inside: Mask
    stretch: npt.NDArray[np.int64]  # of each pixel, from 0; -1 beside the print
    stretches: int


def _cut(image: Picture, quad: Quad, height: float) -> _Cut | None:
    margin = _AROUND * height
    left, top, right, bottom = geometry.bounds(geometry.pad_quad(quad, margin, margin))
    x, y = max(0, math.floor(left)), max(0, math.floor(top))
    colours = image[y : math.ceil(bottom), x : math.ceil(right)]
    if min(colours.shape[:2]) < _LEAST_HEIGHT:
        return None
    grown = geometry.pad_quad(quad, _WITHIN * height, _WITHIN * height)
    corners = geometry.as_array(grown) - (x, y)
    inside = np.zeros(colours.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(corners).astype(np.int32), 1)
    long = geometry.quad_size(grown)[0]
    count = max(1, round(long / (_STRETCH * height)))
    way = (corners[1] - corners[0]) / max(long, 1e-6)
    tall, wide = colours.shape[:2]
    along = (np.arange(wide) - corners[0, 0]) * way[0]
    along = along[None] + ((np.arange(tall) - corners[0, 1]) * way[1])[:, None]
    stretch = np.floor(along * (count / max(long, 1e-6))).astype(np.int64)
    stretch[(stretch < 0) | (stretch >= count)] = -1
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY), np.uint8)
    return _Cut(colours, grey, inside > 0, stretch, count)


def _measured(cut: _Cut, height: float) -> Look | None:
    grey, inside = cut.grey, cut.inside
    if not inside.any():
        return None
    paper, inky = percentile(grey[inside], 75.0), percentile(grey[inside], 4.0)
    contrast = paper - inky
    if contrast < _CONTRAST:
        return None
    shade = (grey < paper - 0.2 * contrast).astype(np.uint8)
    reach = 2 * max(2, round(height / 12)) + 1
    bare = cv2.dilate(shade, np.ones((reach, reach), np.uint8)) == 0
    bare &= (grey < _BURNT) & _off_rim(grey)
    within, around = bare & inside, bare & ~inside
    if int(within.sum()) < _GROUND or int(around.sum()) < _GROUND:
        return None
    slope, edge = _edges(grey, inside)
    if int(edge.sum()) < _EDGES:
        return None
    light = grey.astype(np.float32)
    widths = np.log(_step(grey)[edge] / slope[edge])
    ink = np.clip(paper - light, 0, None)
    ink[ink < 0.15 * contrast] = 0
    near = inside & (cv2.dilate(shade, np.ones((5, 5), np.uint8)) > 0)
    dark = inside & (light < (paper + inky) / 2)
    planes = _grains(cut)
    hues = np.log((cut.colours.astype(np.float32) + 1) / 256)
    strokes, ground = (np.median(_some(hues[mask]), axis=0) for mask in (dark, within))
    steps = [_steady(hues[..., c], within) - _steady(hues[..., c], around) for c in range(3)]
    told = [(_level(plane, within), _level(plane, around)) for plane in planes]
    own = [
        *np.percentile(widths, (25, 50, 75)), math.log((inky + 1) / (paper + 1)),
        float(strokes[2] - ground[2] - strokes[0] + ground[0]),
        math.log(2 * float(ink[inside].sum()) / max(float(slope[near].sum()), 1.0)),
        told[0][0], told[0][0] - told[0][1], told[1][0], told[1][0] - told[1][1],
        told[2][0], told[2][0] - told[2][1], float(np.mean(steps)), max(steps) - min(steps),
    ]  # fmt: skip
    parted = [
        *_apart(cut, _filled(widths, edge), edge, _EDGES // 3),
        *_apart(cut, np.log(light + 1), dark, _EDGES // 3),
        *_apart(cut, hues.mean(axis=2), within, _GROUND // 3),
        *_apart(cut, np.log(planes[0] + _LEAST), within, _GROUND // 3),
        *_apart(cut, np.log(planes[1] + _LEAST), within, _GROUND // 3),
    ]
    return Look(math.log(height), np.array(own, np.float32), np.array(parted, np.float32))


def _edges(grey: Plane, inside: Mask) -> tuple[Floats, Mask]:
    """How steep the picture is, and where the strokes' edges lie."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.asarray(cv2.magnitude(across, down), np.float32)
    step = _step(grey)
    steepest = slope >= cv2.dilate(slope, np.ones((3, 3), np.uint8))
    return slope, inside & steepest & (step > _CONTRAST) & (slope > 0.05 * step)


def _step(grey: Plane) -> Floats:
    window = np.ones((5, 5), np.uint8)
    step = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window))
    return np.asarray(step, np.float32)


def _grains(cut: _Cut) -> tuple[Floats, Floats, Floats]:
    """Fine grain, coarser grain, and that of the colours."""
    fine = np.abs(cv2.filter2D(cut.grey, cv2.CV_32F, _GRAIN))
    light = cut.grey.astype(np.float32)
    coarse = np.abs(cv2.GaussianBlur(light, (0, 0), 1.0) - cv2.GaussianBlur(light, (0, 0), 3.0))
    colours = cv2.cvtColor(cut.colours, cv2.COLOR_BGR2YCrCb)[..., 1:].astype(np.float32)
    tints = np.abs(colours - cv2.GaussianBlur(colours, (0, 0), 1.5)).sum(axis=2)
    return np.asarray(fine, np.float32), np.asarray(coarse, np.float32), np.asarray(tints)


def _level(plane: Floats, where: Mask) -> float:
    """How much of a grain there is, without the tenth that lines of the ground make."""
    values = _some(plane[where])
    top = np.partition(values, int(0.9 * (len(values) - 1)))[int(0.9 * (len(values) - 1))]
    return math.log(max(float(np.minimum(values, top).mean()), _LEAST))


def _some(values: Floats) -> Floats:
    """Every so many of the values, where there are more than enough."""
    return values[:: max(1, len(values) // _ENOUGH)]


def _steady(plane: Floats, where: Mask) -> float:
    """The paper's level, without the quarter that print's rims and lines darken."""
    values = np.sort(_some(plane[where]))
    return float(values[len(values) // 4 :].mean())


def _off_rim(grey: Plane) -> Mask:
    """Away from the cut's rim, where filters repeat what they do not know."""
    inner = np.zeros(grey.shape, bool)
    inner[1:-1, 1:-1] = True
    return inner


def _filled(values: Floats, where: Mask) -> Floats:
    plane = np.zeros(where.shape, np.float32)
    plane[where] = values
    return plane


def _apart(cut: _Cut, plane: Floats, where: Mask, fewest: int) -> tuple[float, float]:
    """How far the stretches' means lie above and below the middle one."""
    where = where & (cut.stretch >= 0)
    at = cut.stretch[where]
    counts = np.bincount(at, minlength=cut.stretches)
    sums = np.bincount(at, plane[where], minlength=cut.stretches)
    means = sums[counts >= fewest] / counts[counts >= fewest]
    if len(means) < 3:
        return 0.0, 0.0
    middle = float(np.median(means))
    return float(means.max()) - middle, float(means.min()) - middle
