"""The photo of the piece that a certificate bears: where it is on the page.

Print is strokes and the picture is an area: what differs from the paper and is left when
strokes are taken away, as large as a picture, is it. Where the picture's own ground is nearly
the paper's, only the piece itself is left. So what is hashed is the piece with a little around
it, in both cases, and beside it the whole area.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.page import Page
from ocr.pixels import components, highest
from ocr.reading import Quad

Mask = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Box = tuple[int, int, int, int]

# Longest side at which the page is looked at, pixels.
_SIDE = 640
# Of the page, how much a picture takes up at least and at most.
_SMALLEST, _LARGEST = 0.008, 0.40
# Its longer side over its shorter one, at most.
_LONGEST = 2.4
# Pixels of the small page that no stroke of print is wide.
_STROKE = 7
# Grey levels, in any channel, by which a picture is darker than the paper around it.
_DIFFERS = 14
# The paper's light is told at this longest side from a window of this many pixels.
_WINDOWED, _WINDOW = 160, 65
# A ground's light is fitted in so many rounds; what lies this many grey levels below it counts
# half.
_SOFT, _ROUNDS = 5.0, 6
# Grey levels by which it is darker just inside its outline than just outside; a light's edge
# falls by 2 to 4.
_FALLS = 8.0
# Of a row or column, so much that is dark is a band.
_ACROSS = 0.85
# A piece against its own ground, likewise.
_STANDS_OUT = 22
# Of an area, covered by lines of print beyond which it is a table or a band, not a picture.
_PRINTED = 0.25
# Around a piece, of its size.
_MARGIN = 0.06
# A piece takes up at least this share of the area it lies in.
_LEAST_PIECE = 0.05


def find_piece(page: Page, taken: list[Quad]) -> list[Box]:
    """Where the picture of the piece is.

    Args:
        page: straightened and upright.
        taken: places of print, codes and seals, in pixels of the page.

    Returns:
        The piece with a little around it, then the area it lies in, where that is another;
        each as x, y, width and height in pixels of the page. Empty where there is none.
    """
    scale = min(1.0, _SIDE / max(page.width, page.height))
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    small = np.asarray(cv2.resize(page.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    print_mask = _print(taken, scale, small.shape[:2])
    area = _area(small, _without_bands(_unlike_paper(small)), print_mask)
    if area is None:
        return []
    found = [area]
    piece = _piece(small, area)
    if piece is not None:
        found.insert(0, piece)
    return [_grown(one, scale, page) for one in found]


def _print(taken: list[Quad], scale: float, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    for quad in taken:
        cv2.fillConvexPoly(mask, (geometry.as_array(quad) * scale).round().astype(np.int32), 255)
    return mask


def _unlike_paper(small: Picture) -> Mask:
    """What is darker than the paper around it, in any channel; a reflection is lighter.

    The paper is the median of a window that is larger than any picture: it follows the light
    that falls off across a page.
    """
    height, width = small.shape[:2]
    scale = _WINDOWED / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    tiny = cv2.resize(_lightest(small), size, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.medianBlur(tiny, _WINDOW), (width, height))
    return np.asarray((highest(cv2.subtract(paper, small)) > _DIFFERS) * 255, np.uint8)


def _fitted(terms: Floats, values: Floats) -> Floats:
    """Weights of the terms that explain the values; what lies below by much is outvoted."""
    weights = np.ones(len(values))
    fit: Floats = np.zeros((terms.shape[1], 3))
    for _ in range(_ROUNDS):
        solved = np.linalg.lstsq(terms * weights[:, None], values * weights[:, None], rcond=None)
        fit = np.asarray(solved[0], np.float64)
        below = (terms @ fit - values).max(axis=1)
        weights = 1.0 / (1.0 + np.square(np.maximum(below, 0.0) / _SOFT))
    return fit


def _lightest(small: Picture) -> Picture:
    """The picture without strokes darker than what is around them."""
    return np.asarray(cv2.dilate(small, np.ones((_STROKE, _STROKE), np.uint8)), np.uint8)


def _terms(wide: int, tall: int) -> Floats:
    """1, x, y, x², xy, y² at each place of a grid."""
    y, x = np.mgrid[-1 : 1 : tall * 1j, -1 : 1 : wide * 1j]
    x, y = x.ravel(), y.ravel()
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _without_bands(unlike: Mask) -> Mask:
    """Without bands that run across the whole page; rules of tables are none."""
    kept = unlike.copy()
    height, width = unlike.shape
    kept[_thick(np.count_nonzero(unlike, axis=1) > _ACROSS * width)] = 0
    kept[:, _thick(np.count_nonzero(unlike, axis=0) > _ACROSS * height)] = 0
    return kept


def _thick(dark: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of rows or columns that are dark, those of runs wider than a stroke."""
    line = np.asarray(dark, np.uint8)[:, None]
    opened = cv2.morphologyEx(line, cv2.MORPH_OPEN, np.ones((_STROKE, 1), np.uint8))
    return np.asarray(opened[:, 0] > 0, np.bool_)


def _area(small: Picture, unlike: Mask, print_mask: Mask) -> Box | None:
    """The largest area that may be a picture; its edge is sharp, a shadow's is not."""
    kernel = np.ones((_STROKE, _STROKE), np.uint8)
    solid = cv2.morphologyEx(unlike & ~print_mask, cv2.MORPH_OPEN, kernel)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    labels, stats = components(np.asarray(solid, np.uint8))
    order = sorted(range(1, len(stats)), key=lambda one: -int(stats[one][cv2.CC_STAT_AREA]))
    for one in order:
        box: Box = tuple(stats[one][:4].tolist())
        x, y, width, height = box
        if not _SMALLEST * unlike.size <= width * height <= _LARGEST * unlike.size:
            continue
        if max(width, height) > _LONGEST * min(width, height) or _at_rim(box, unlike.shape):
            continue
        inside = print_mask[y : y + height, x : x + width]
        if np.count_nonzero(inside) <= _PRINTED * inside.size and _is_sharp(small, labels, one):
            return box
    return None


def _is_sharp(small: Picture, labels: npt.NDArray[np.int32], one: int) -> bool:
    """Whether brightness falls at an area's outline, not over a width."""
    area = np.asarray((labels == one) * 255, np.uint8)
    near = np.ones((7, 7), np.uint8)
    inner = (area > 0) & (cv2.erode(area, near) == 0)
    outer = (cv2.dilate(area, near) > 0) & (area == 0)
    if not inner.any() or not outer.any():
        return False
    fall = np.median(small[outer], axis=0) - np.median(small[inner], axis=0)
    return bool(fall.max() >= _FALLS)


def _at_rim(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether it touches two opposite sides or a corner: a shadow or the desk."""
    x, y, width, height = box
    sides = (x <= 1, y <= 1, x + width >= shape[1] - 1, y + height >= shape[0] - 1)
    return sum(sides) > 1


def _piece(small: Picture, area: Box) -> Box | None:
    """The piece in its area, by what differs from the area's rim."""
    x, y, width, height = area
    part = small[y : y + height, x : x + width].astype(np.float32)
    rim = max(2, min(width, height) // 24)
    frame = np.ones(part.shape[:2], bool)
    frame[2 * rim : -2 * rim, 2 * rim : -2 * rim] = False
    frame[:rim], frame[-rim:], frame[:, :rim], frame[:, -rim:] = False, False, False, False
    if not frame.any() or frame.all():
        return None
    # The ground's own light falls off, too; what reaches over its rim is outvoted.
    terms = _terms(width, height)[:, :3]
    values = part[frame].astype(np.float64)
    ground = (terms @ _fitted(terms[frame.ravel()], values)).reshape(part.shape)
    mask = np.asarray((highest(np.abs(part - ground)) > _STANDS_OUT) * 255, np.uint8)
    mask[:rim], mask[-rim:], mask[:, :rim], mask[:, -rim:] = 0, 0, 0, 0
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3))), np.uint8)
    if np.count_nonzero(mask) < _LEAST_PIECE * mask.size:
        return None
    left, top, wide, tall = cv2.boundingRect(mask)
    right, down = round(wide * _MARGIN), round(tall * _MARGIN)
    return (x + left - right, y + top - down, wide + 2 * right, tall + 2 * down)


def _grown(box: Box, scale: float, page: Page) -> Box:
    """A box of the small page in the page's own pixels."""
    x, y, width, height = (value / scale for value in box)
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(page.width, round(x + width)), min(page.height, round(y + height))
    return (left, top, right - left, bottom - top)
