"""QR codes found by their looks, for those that no reader decodes.

A QR code is a square of fine squares with the same eye in three of its corners. Fine
squares are proposed by their texture, and believed only when three eyes are seen.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.pixels import at_most
from ocr.reading import Quad

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LONG_SIDE = 1000  # px the picture is searched at
_PATCH = 132  # px a proposal is brought to
_SMALLEST = 28  # px of a code's side at that size; smaller ones hold less than a px a module
_LARGEST = 0.6  # of the long side
_MODULES = (21, 25, 29, 33, 37, 41, 45, 49, 57)  # versions 1 to 8 and 10: a web address
_EYE = 0.60  # correlation of the third-best eye; print and pictures stay below 0.5
_EYES = 0.68  # and the mean of the three
_SPARE = 3  # modules an eye may lie off the corner of a roughly cut square
_MAX_PROPOSALS = 12
_SAME_PLACE = 0.3  # overlap


@dc.dataclass(frozen=True, slots=True)
class Pattern:
    """A square that looks like a QR code.

    Attributes:
        box: corners in the picture, clockwise from the code's own top left (the corner
            opposite the one without an eye).
        likeness: mean correlation of its three eyes, up to 1.
    """

    box: Quad
    likeness: float


def find_patterns(image: Picture, known: Sequence[Quad] = ()) -> list[Pattern]:
    """QR codes in a BGR or grey picture, decodable or not, best first.

    Args:
        image: the picture.
        known: places where a code is known to be; they are not looked at again.
    """
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small, scale = at_most(np.asarray(grey, dtype=np.uint8), _LONG_SIDE)
    there = [geometry.as_quad(geometry.as_array(quad) * scale) for quad in known]
    found: list[Pattern] = []
    for quad in _fine_squares(small):
        if any(geometry.overlap(quad, other) > _SAME_PLACE for other in there):
            continue
        pattern = _look(small, quad)
        if pattern is not None:
            full = geometry.as_quad((geometry.as_array(pattern.box) + 0.5) / scale - 0.5)
            found.append(Pattern(full, pattern.likeness))
    found.sort(key=lambda p: p.likeness, reverse=True)
    kept: list[Pattern] = []
    for pattern in found:
        if all(geometry.overlap(pattern.box, other.box) < _SAME_PLACE for other in kept):
            kept.append(pattern)
    return kept


def looks_like_qr(image: Picture, quad: Quad) -> Pattern | None:
    """The pattern where another reader saw one (BGR or grey), or None: no eyes there."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return _look(np.asarray(grey, dtype=np.uint8), quad)


def _fine_squares(grey: Plane) -> list[Quad]:
    """Square regions full of edges in both directions, largest first."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across = np.abs(cv2.Sobel(soft, cv2.CV_16S, 1, 0))
    down = np.abs(cv2.Sobel(soft, cv2.CV_16S, 0, 1))
    quads: list[Quad] = []
    for window in (9, 17):
        both = np.minimum(cv2.blur(across, (window, window)), cv2.blur(down, (window, window)))
        level = max(12.0, float(np.percentile(both[::4, ::4], 90)) * 0.6)
        mask = np.asarray(both > level, dtype=np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)))
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        quads += [q for c in contours if (q := _square(c, window, max(grey.shape))) is not None]
    quads.sort(key=geometry.quad_area, reverse=True)
    return quads[:_MAX_PROPOSALS]


def _square(contour: npt.NDArray[np.generic], window: int, long_side: int) -> Quad | None:
    rectangle = cv2.minAreaRect(np.asarray(contour))
    _, (wide, tall), _ = rectangle
    # The blur spread the texture by half its window on each side.
    wide, tall = wide - 0.6 * window, tall - 0.6 * window
    if min(wide, tall) < _SMALLEST or max(wide, tall) > _LARGEST * long_side:
        return None
    if min(wide, tall) < 0.6 * max(wide, tall):
        return None
    centre, _, turn = rectangle
    return geometry.order_corners(cv2.boxPoints((centre, (wide, tall), turn)))


def _look(grey: Plane, quad: Quad) -> Pattern | None:
    """Three eyes of one size in the corners of a quad, and the quad turned by them."""
    grown = geometry.as_array(quad)
    middle = grown.mean(axis=0)
    around = geometry.as_quad(middle + (grown - middle) * 1.12)
    matrix = geometry.homography(geometry.box_quad(0, 0, _PATCH - 1, _PATCH - 1), around)
    patch = cv2.warpPerspective(
        grey, matrix, (_PATCH, _PATCH), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    best: tuple[float, int] | None = None
    for modules in _MODULES:
        found = _eyes(np.asarray(patch, dtype=np.float32), modules)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        return None
    likeness, blind = best
    # The corner without an eye is the code's bottom right.
    return Pattern(geometry.turn_quad(quad, blind + 2), likeness)


def _eyes(patch: Floats, modules: int) -> tuple[float, int] | None:
    """Mean likeness of the three best corners and the index of the fourth."""
    module = _PATCH / 1.12 / modules
    template = _eye(module)
    reach = int(template.shape[0] + (_SPARE * 2 + 0.06 * modules) * module)
    reach = min(reach, _PATCH // 2)
    if reach <= template.shape[0]:
        return None
    corners = (
        patch[:reach, :reach],
        patch[:reach, -reach:],
        patch[-reach:, -reach:],
        patch[-reach:, :reach],
    )
    scores: list[float] = []
    for corner in corners:
        found = cv2.matchTemplate(np.ascontiguousarray(corner), template, cv2.TM_CCOEFF_NORMED)
        scores.append(float(found.max()))
        if sum(score < _EYE for score in scores) > 1:  # one corner has none, not two
            return None
    blind = int(np.argmin(scores))
    rest = [score for index, score in enumerate(scores) if index != blind]
    if min(rest) < _EYE or float(np.mean(rest)) < _EYES:
        return None
    return float(np.mean(rest)), blind


def _eye(module: float) -> Floats:
    """A finder pattern with its light rim, 9 × 9 modules (ISO/IEC 18004, 6.3.3)."""
    rings = np.full((9, 9), 255, np.float32)
    rings[1:8, 1:8] = 0
    rings[2:7, 2:7] = 255
    rings[3:6, 3:6] = 0
    size = max(9, round(9 * module))
    eye = cv2.resize(rings, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(eye, (0, 0), max(0.5, module / 4)), dtype=np.float32)
