"""Print that stands twice in a photo, to the very grain.

Two printings of the same characters are alike, but no two stretches of paper have the same grain,
and no sensor gives the same noise twice. Where both agree, one was copied from the other. Nor does
a camera that is held a little aslant see like print at the same place between its pixels twice:
where it lies whole pixels apart, an editor shifted it, though compression took the grain.
"""

from __future__ import annotations

import dataclasses as dc
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.pixels import percentile
from ocr.reading import Quad

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]

_LEAST_HEIGHT = 8.0  # px of print
_WINDOW = 2.5  # of the print's height: what is looked for elsewhere, along the print
_SHORTEST = 1.2  # of it: a value of one character says too little
_AROUND = 0.35  # of it: paper above and below that goes with it
_FIELD = 0.6  # of it: paper around a value in which its copy may lie
_SIZES = 0.8  # print of a height below this share of another's is no copy of it
_CANDIDATE = 0.7  # correlation at half size, from which a place is looked at closely
_REACH = 3  # px around it
# Correlation of the whole, and how much of the grain agrees: of drawn pages of one word throughout
# at most 0.21; no copy was told in 350 honest photographs (docs/benchmarks.md).
_SAME_PRINT, _SAME_GRAIN = 0.93, 0.3
# Print shifted by an editor: its correlation before and after it is laid over, and px off whole
# ones. Of 31 that were shifted and saved, 18 lay within 0.02; of prints alike in 80 honest
# photographs, the nearest 0.18 off (docs/benchmarks.md).
_NEARLY, _SHIFTED_PRINT, _WHOLE = 0.85, 0.95, 0.03
_SETTLING, _SETTLED, _LOST = 6, 0.005, 1.0  # steps; px of the last one; px beyond which it left
# Of lines at least so many heights long, half must run so far, in degrees, off the rows of pixels:
# a program that draws a page sets its letters on whole pixels too.
_LONG, _ASLANT = 4.0, 0.5
_FINE = 2.0  # px: what is finer is grain
_FAINT, _BURNT = 0.15, 250  # share of the ink's darkness that is print; washed out
_CONTRAST = 30.0  # grey levels between ink and paper
_RIM = 9  # px: as far as print and its compression reach
_FEWEST = 150  # px of bare paper
_GRAINY = 0.4  # variance of grey levels: a screenshot or a drawn page has no grain
_OUTLYING, _ROUNDED = 2.0, 0.3  # spreads of the grain that count; grey levels of rounding


@dc.dataclass(frozen=True, slots=True)
class Copy:
    """Two stretches of print of which one was copied from the other.

    Attributes:
        keys: of the values.
        boxes: of the stretches, corners in the picture.
        grain: whether the very grain agrees; else like print lies whole pixels apart.
    """

    keys: tuple[str, str]
    boxes: tuple[Quad, Quad]
    grain: bool


def copies(image: Picture, places: Mapping[str, Quad]) -> Iterator[Copy]:
    """Stretches of one value that stand in another too.

    Args:
        image: the upright photo, height × width × 3, BGR.
        places: of the values.
    """
    strips = {key: _strip(image, quad) for key, quad in places.items()}
    tilted = aslant(places.values())
    long = {key: geometry.quad_size(quad)[0] for key, quad in places.items()}
    for pair in itertools.combinations(places, 2):
        # What was copied lies within the shorter one, or covers it.
        one, other = sorted(pair, key=long.__getitem__)
        own, field = strips[one], strips[other]
        if own is None or field is None:
            continue
        if not _SIZES <= own.height / field.height <= 1 / _SIZES:
            continue
        for window in own.windows():
            found = _found(window, own, field, tilted=tilted)
            if found is not None:
                yield Copy((one, other), *found)
                break


@dc.dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """A value and the paper around it, grey, whole and at half size."""

    grey: Plane
    half: Plane
    left: int
    top: int
    quad: Quad
    height: float

    def windows(self) -> Iterator[Box]:
        """Left, top, right, bottom in the strip of each stretch to look for."""
        long = geometry.quad_size(self.quad)[0]
        if long < _SHORTEST * self.height:
            return
        count = max(1, round(long / (_WINDOW * self.height)))
        for at in range(count):
            part = geometry.stretch_quad(self.quad, at / count, (at + 1) / count)
            grown = geometry.pad_quad(part, 0.0, _AROUND * self.height)
            left, top, right, bottom = (round(side) for side in geometry.bounds(grown))
            tall, wide = self.grey.shape
            yield (max(0, left - self.left), max(0, top - self.top),
                   min(wide, right - self.left), min(tall, bottom - self.top))  # fmt: skip


def _strip(image: Picture, quad: Quad) -> _Strip | None:
    height = min(geometry.quad_size(quad))
    if height < _LEAST_HEIGHT:
        return None
    margin = _FIELD * height
    left, top, right, bottom = geometry.bounds(geometry.pad_quad(quad, margin, margin))
    x, y = max(0, math.floor(left)), max(0, math.floor(top))
    part = image[y : math.ceil(bottom), x : math.ceil(right)]
    if min(part.shape[:2]) < _LEAST_HEIGHT:
        return None
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)
    half = cv2.resize(grey, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return _Strip(grey, np.asarray(half, np.uint8), x, y, quad, height)


def aslant(quads: Iterable[Quad]) -> bool:
    """Whether the print runs aslant over the pixels, as in a photo taken by hand."""
    tilts = []
    for quad in quads:
        long, tall = geometry.quad_size(quad)
        if long > _LONG * tall:
            way = geometry.as_array(quad)[1] - geometry.as_array(quad)[0]
            tilt = math.degrees(math.atan2(way[1], way[0])) % 90
            tilts.append(min(tilt, 90 - tilt))
    return bool(tilts) and float(np.median(tilts)) > _ASLANT


def _found(
    window: Box, own: _Strip, field: _Strip, *, tilted: bool
) -> tuple[tuple[Quad, Quad], bool] | None:
    """The window's place and that of a copy in the field, and whether its grain agrees; or None."""
    left, top, right, bottom = window
    small = own.half[top // 2 : bottom // 2, left // 2 : right // 2]
    if min(small.shape) < 2 or any(np.greater(small.shape, field.half.shape)):
        return None
    _, best, _, at = cv2.minMaxLoc(cv2.matchTemplate(field.half, small, cv2.TM_CCOEFF_NORMED))
    part = own.grey[top:bottom, left:right]
    if best < _CANDIDATE or float(np.ptp(part)) < _CONTRAST:
        return None
    x, y = max(0, 2 * at[0] - _REACH), max(0, 2 * at[1] - _REACH)
    tall, wide = part.shape
    around = field.grey[y : y + tall + 3 * _REACH, x : x + wide + 3 * _REACH]
    if around.shape[0] < tall + 2 or around.shape[1] < wide + 2:
        return None
    other, corner = _laid_over(part, around)
    here = geometry.box_quad(own.left + left, own.top + top, wide, tall)
    there = geometry.box_quad(field.left + x + corner[0], field.top + y + corner[1], wide, tall)
    if geometry.overlap(here, there) > 0:
        return None
    plain = part.astype(np.float32)
    alike = cv2.matchTemplate(other, plain, cv2.TM_CCOEFF_NORMED)
    likeness = float(alike[0, 0])
    if likeness > _SAME_PRINT and _grain(plain, other) > _SAME_GRAIN:
        return (here, there), True
    if tilted and likeness > _NEARLY and _shifted(plain, around, corner):
        return (here, there), False
    return None


def _shifted(part: Floats, around: Plane, corner: tuple[int, int]) -> bool:
    """Whether like print lies whole pixels apart, by Gauss and Newton's steps from a corner."""
    tall, wide = part.shape
    middle = (corner[0] + (wide - 1) / 2, corner[1] + (tall - 1) / 2)
    inner = (slice(2, -2), slice(2, -2))
    field, wanted = around.astype(np.float32), part[inner].ravel()
    off = np.zeros(2)
    for _ in range(_SETTLING):
        other = cv2.getRectSubPix(field, (wide, tall), (middle[0] + off[0], middle[1] + off[1]))
        across = cv2.Sobel(other, -1, 1, 0, scale=1 / 8)[inner].ravel()
        down = cv2.Sobel(other, -1, 0, 1, scale=1 / 8)[inner].ravel()
        given = np.column_stack((across, down, other[inner].ravel(), np.ones_like(across)))
        x, y, light, _ = np.linalg.lstsq(given, wanted, rcond=None)[0]
        step = np.array((x, y), np.float64) / max(float(light), 0.3)
        off += np.clip(step, -0.5, 0.5)
        if np.abs(off).max() > _LOST:
            return False
        if np.abs(step).max() < _SETTLED:
            break
    alike = float(np.corrcoef(other[inner].ravel(), wanted)[0, 1])
    return alike > _SHIFTED_PRINT and float(np.abs(off - np.round(off)).max()) < _WHOLE


def _laid_over(part: Plane, around: Plane) -> tuple[Floats, tuple[int, int]]:
    """What lies in the surroundings where they are most like the part; left and top of that."""
    alike = cv2.matchTemplate(around, part, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(alike)
    tall, wide = part.shape
    # A picture that was made smaller since lies between pixels.
    middle = (
        x + _peak(alike[y], x) + (wide - 1) / 2,
        y + _peak(alike[:, x], y) + (tall - 1) / 2,
    )
    other = cv2.getRectSubPix(around.astype(np.float32), (wide, tall), middle)
    return np.asarray(other, np.float32), (x, y)


def _peak(line: npt.NDArray[np.generic], at: int) -> float:
    """How far from a pixel the parabola through it and its neighbours peaks."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _grain(one: Floats, other: Floats) -> float:
    """How much of the grain agrees, 0 to 1: on bare paper, or of all that is left between the two.

    Strokes agree wherever they are printed, and so does what compression leaves at their rims:
    paper is asked away from them. The whole, print and all, differs by twice the grain's variance
    where both were printed, by less where one was copied.
    """
    bare = np.zeros(one.shape, bool)
    bare[1:-1, 1:-1] = True
    inner = bare.copy()
    fine = []
    for part in (one, other):
        levels = np.clip(part, 0, 255).astype(np.uint8)
        paper, inky = percentile(levels, 75.0), percentile(levels, 3.0)
        shade = (part < paper - _FAINT * (paper - inky)).astype(np.uint8)
        bare &= cv2.dilate(shade, np.ones((_RIM, _RIM), np.uint8)) == 0
        bare &= part < _BURNT
        fine.append(part - cv2.GaussianBlur(part, (0, 0), _FINE))
    if int(bare.sum()) < _FEWEST:
        return 0.0
    a, b = (_without_outliers(plane[bare]) for plane in fine)
    powers = float((a * a).mean()), float((b * b).mean())
    if min(powers) < _GRAINY:
        return 0.0
    apart = (fine[0] - fine[1])[inner]
    left = float(np.minimum(apart * apart, 9 * sum(powers)).mean()) / sum(powers)
    return max(float((a * b).mean()) / math.sqrt(powers[0] * powers[1]), 1 - left)


def _without_outliers(values: Floats) -> Floats:
    """Lines of the ground, which every printing has, count no more than grain does."""
    spread = 1.48 * float(np.median(np.abs(values - np.median(values)))) + _ROUNDED
    clipped = np.clip(values, -_OUTLYING * spread, _OUTLYING * spread)
    return np.asarray(clipped - clipped.mean(), np.float32)
