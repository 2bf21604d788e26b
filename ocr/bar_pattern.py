"""Bar codes found by their looks: a band of upright bars, the same at every height."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.pixels import at_most
from ocr.reading import Quad

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LONG_SIDE = 1600  # px the picture is searched at; finer bars do not survive printing
_STEP = 4  # a Sobel kernel's weight along the edge
_EDGE = 18  # mean grey step a pixel along the bars beyond that across them
_WINDOW = (25, 7)  # px over which bars are taken together, along and across
_SHORTEST, _LOWEST = 70, 14  # px of a code with at least one px a bar
_ASPECT = (2.0, 12.0)  # length over height of codes on certificates
_RAGGED = 0.45  # grey spread down the columns over that along the bars: print is ragged
_MIN_EDGES = 34  # four characters of Code 128 have 43, and blur may hide a few
_FEW_EDGES = 16  # fewer than these a pixel wide bars leave of so many
_ALIKE = 0.80  # correlation of the bars at any two heights; print stays below 0.5


@dc.dataclass(frozen=True, slots=True)
class Bars:
    """What looks like a bar code.

    Attributes:
        box: corners in the picture; which end the code starts from is not told.
        sure: enough bars are told apart to say that this is a code though none reads it.
    """

    box: Quad
    sure: bool


def find_bars(image: Picture) -> list[Bars]:
    """Bar codes in a straightened BGR or grey picture, along it or up and down."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small, scale = at_most(np.asarray(grey, dtype=np.uint8), _LONG_SIDE)
    soft = cv2.GaussianBlur(small, (3, 3), 0)
    across = np.abs(cv2.Sobel(soft, cv2.CV_16S, 1, 0))
    down = np.abs(cv2.Sobel(soft, cv2.CV_16S, 0, 1))
    found = [*_along(small, across, down)]
    turned = _along(cv2.transpose(small), cv2.transpose(down), cv2.transpose(across))
    found += [Bars(_transposed(bars.box), bars.sure) for bars in turned]
    return [
        Bars(geometry.as_quad((geometry.as_array(b.box) + 0.5) / scale - 0.5), b.sure)
        for b in found
    ]


def _transposed(quad: Quad) -> Quad:
    return geometry.order_corners([(y, x) for x, y in quad])


def _along(
    grey: npt.NDArray[np.generic], across: npt.NDArray[np.generic], down: npt.NDArray[np.generic]
) -> list[Bars]:
    """Codes whose bars stand upright; steps of grey across and down the picture."""
    plane = np.asarray(grey, dtype=np.uint8)
    steps = np.asarray(across, np.int16) - 2 * np.asarray(down, np.int16)
    bars = cv2.blur(steps, _WINDOW)
    mask = np.asarray(bars > _EDGE * _STEP, dtype=np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 15), np.uint8)))
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 31), np.uint8)))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        centre, (wide, tall), turn = cv2.minAreaRect(contour)
        quad = geometry.order_corners(cv2.boxPoints((centre, (wide, tall), turn)))
        width, height = geometry.quad_size(quad)
        if width < _SHORTEST or height < _LOWEST:
            continue
        if not _ASPECT[0] <= width / height <= _ASPECT[1]:
            continue
        edges = _edges(geometry.crop_quad(plane, quad))
        if edges >= _FEW_EDGES:
            found.append(Bars(quad, edges >= _MIN_EDGES))
    return found


def _edges(crop: Plane) -> int:
    """Edges of the bars in a crop; 0 where it is not the same bars at every height."""
    height = crop.shape[0]
    body = crop[height // 6 : height - height // 6]
    along = float(body.mean(axis=0).std())
    if along < 1.0 or float(body.std(axis=0).mean()) > _RAGGED * along:
        return 0
    cuts = [np.asarray(crop[height * n // 8 : height * (n + 1) // 8 + 1]) for n in range(1, 7)]
    profiles = [np.asarray(cut.mean(axis=0), dtype=np.float32) for cut in cuts]
    level = [p - cv2.blur(p[None], (31, 1))[0] for p in profiles]
    middle = level[3]
    if any(_alike(middle, other) < _ALIKE for other in level):
        return 0
    strong = middle[np.abs(middle) > 0.25 * float(np.abs(middle).max(initial=0.0))]
    return int((np.diff(np.sign(strong)) != 0).sum())


def _alike(one: Floats, two: Floats) -> float:
    """Best correlation over shifts of a few px: a code may stand a little askew."""
    best = 0.0
    for shift in range(-4, 5):
        a = one[max(0, shift) : len(one) + min(0, shift)]
        b = two[max(0, -shift) : len(two) + min(0, -shift)]
        if a.std() > 0 and b.std() > 0:
            best = max(best, float(np.corrcoef(a, b)[0, 1]))
    return best
