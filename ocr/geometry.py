"""Four-cornered boxes: order, map, measure and cut out.

Points are (x, y) in pixels, y downwards, so "clockwise" is as one sees it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocr.reading import Point, Quad

Matrix = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]


def as_quad(points: npt.ArrayLike) -> Quad:
    """Four points of any array form as a Quad of plain floats, order kept.

    Raises:
        ValueError: there are not four points.
    """
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if array.shape != (4, 2):
        raise ValueError(f"{len(array)} points are no quad")
    a, b, c, d = ((float(x), float(y)) for x, y in array)
    return a, b, c, d


def as_array(quad: Iterable[Sequence[float]]) -> Matrix:
    """A quad as 4 × 2 float64."""
    return np.array([tuple(point) for point in quad], dtype=np.float64)


def box_quad(x: float, y: float, width: float, height: float) -> Quad:
    """An upright rectangle, clockwise from its top left."""
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


def order_corners(points: npt.ArrayLike) -> Quad:
    """Four corners in any order, clockwise from the one nearest the picture's top left."""
    corners = np.asarray(points, dtype=np.float64).reshape(-1, 2).tolist()
    x, y = (sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))
    around = sorted(corners, key=lambda corner: math.atan2(corner[1] - y, corner[0] - x))
    first = min(range(len(around)), key=lambda index: sum(around[index]))
    return as_quad(around[first:] + around[:first])


def turn_quad(quad: Quad, steps: int) -> Quad:
    """The same corners, starting `steps` corners further on (clockwise)."""
    steps %= 4
    return as_quad(quad[steps:] + quad[:steps])


def map_point(point: Point, matrix: Matrix) -> Point:
    """A point through a 3 × 3 homography."""
    x, y, w = np.asarray(matrix, dtype=np.float64) @ (point[0], point[1], 1.0)
    return float(x / w), float(y / w)


def map_quad(quad: Quad, matrix: Matrix) -> Quad:
    """Each corner through a 3 × 3 homography, order kept."""
    a, b, c, d = (map_point(point, matrix) for point in quad)
    return a, b, c, d


def homography(source: Quad, target: Quad) -> Matrix:
    """The 3 × 3 matrix that takes each corner of `source` to the same of `target`."""
    matrix = cv2.getPerspectiveTransform(
        as_array(source).astype(np.float32), as_array(target).astype(np.float32)
    )
    return np.asarray(matrix, dtype=np.float64)


def sides(quad: Quad) -> tuple[float, float, float, float]:
    """Lengths of the top, right, bottom and left side."""
    a, b, c, d = quad
    return math.dist(a, b), math.dist(b, c), math.dist(c, d), math.dist(d, a)


def quad_size(quad: Quad) -> tuple[float, float]:
    """Width and height: the longer of each pair of opposite sides."""
    top, right, bottom, left = sides(quad)
    return max(top, bottom), max(right, left)


def quad_area(quad: Quad) -> float:
    """Area in square pixels, positive for clockwise corners."""
    # Four points: plain arithmetic takes a fifth of what arrays do or less, here and below.
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return 0.5 * float(
        (ax * by + bx * cy + cx * dy + dx * ay) - (ay * bx + by * cx + cy * dx + dy * ax)
    )


def is_convex(quad: Quad) -> bool:
    """Whether the corners turn the same way all round."""
    following = quad[1:] + quad[:1]
    ahead = [(bx - ax, by - ay) for (ax, ay), (bx, by) in zip(quad, following, strict=True)]
    turns = [
        ax * by - ay * bx for (ax, ay), (bx, by) in zip(ahead, ahead[1:] + ahead[:1], strict=True)
    ]
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def centre(quad: Quad) -> Point:
    """Mean of the corners."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return float(ax + bx + cx + dx) / 4, float(ay + by + cy + dy) / 4


def bounds(quad: Quad) -> tuple[float, float, float, float]:
    """Upright box around the quad: left, top, right, bottom."""
    across, down = [point[0] for point in quad], [point[1] for point in quad]
    return float(min(across)), float(min(down)), float(max(across)), float(max(down))


def contains(quad: Quad, point: Point) -> bool:
    """Whether the point lies in the quad or on its edge."""
    contour = as_array(quad).astype(np.float32)
    return cv2.pointPolygonTest(contour, point, measureDist=False) >= 0


def overlap(first: Quad, second: Quad) -> float:
    """Area of the common part over the area of the smaller of two convex quads, 0..1."""
    one, two = as_array(first).astype(np.float32), as_array(second).astype(np.float32)
    smaller = min(abs(quad_area(first)), abs(quad_area(second)))
    if smaller <= 0:
        return 0.0
    common, _ = cv2.intersectConvexConvex(one, two)
    return min(1.0, max(0.0, float(common)) / smaller)


def pad_quad(quad: Quad, along: float, across: float) -> Quad:
    """The quad grown on each side: `along` px left and right, `across` px up and down.

    The directions are the quad's own, so that text lying askew is padded along its line.
    """
    array = as_array(quad)
    right = (array[1] - array[0]) + (array[2] - array[3])
    down = (array[3] - array[0]) + (array[2] - array[1])
    right *= along / max(float(np.hypot(*right)), 1e-9)
    down *= across / max(float(np.hypot(*down)), 1e-9)
    return as_quad(array + [-right - down, right - down, right + down, down - right])


def stretch_quad(quad: Quad, start: float, end: float) -> Quad:
    """The quad from one share of its length to another, 0..1."""
    a, b, c, d = as_array(quad)
    return as_quad([
        a + start * (b - a), a + end * (b - a), d + end * (c - d), d + start * (c - d)
    ])  # fmt: skip


def crop_quad(
    image: Picture, quad: Quad, *, height: int | None = None, pad: float = 0.0
) -> Picture:
    """Cuts a quad out of a picture and stands it upright.

    Args:
        image: height × width × 3, or height × width.
        quad: corners clockwise from the content's own top left; may leave the picture,
            what lies outside repeats the edge.
        height: of the crop in pixels; the width follows. By default the quad's own size.
        pad: share of the quad's height added on every side.

    Returns:
        The crop, at least 1 × 1.
    """
    if pad:
        margin = pad * quad_size(quad)[1]
        quad = pad_quad(quad, margin, margin)
    own_width, own_height = quad_size(quad)
    tall = max(1, round(own_height if height is None else height))
    wide = max(1, round(own_width * tall / max(own_height, 1e-6)))
    # Pixel centres lie at whole numbers: the crop's outer edges are at -0.5 and size - 0.5.
    matrix = homography(box_quad(-0.5, -0.5, wide, tall), quad)
    shrinking = own_height > 1.5 * tall
    if shrinking:
        # Plain interpolation would skip source rows and break thin strokes.
        return _crop_shrinking(image, quad, (wide, tall))
    crop = cv2.warpPerspective(
        image,
        matrix,
        (wide, tall),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, dtype=np.uint8)


def _crop_shrinking(image: Picture, quad: Quad, size: tuple[int, int]) -> Picture:
    full = crop_quad(image, quad)
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
