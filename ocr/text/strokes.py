"""Ink in a place where a line may stand that a detector of lines passed over."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import Picture, bounds, box_quad
from ocr.reading import Quad

# Ink is darker than its paper by this share of the paper's brightness at least.
CONTRAST = 0.12
# In heights of the place. A dash is flat and near the middle; a dot is part of a colon.
DASH_HEIGHT = 0.25
DASH_WIDTH = (0.2, 2.2)
DASH_RATIO = 2.2
DASH_MIDDLE = (0.28, 0.75)
DOT = 0.3
MARGIN = 0.15


@dc.dataclass(frozen=True, slots=True)
class Stroke:
    """Ink that was found.

    Attributes:
        box: around it, with a margin, in the page's pixels.
        dash: whether it is a lone dash.
    """

    box: Quad
    dash: bool


def find(page: Picture, box: Quad) -> Stroke | None:
    """The ink inside a box, or None where it holds none.

    What touches the box's edges belongs to something else: rules of a table, neighbours.

    Args:
        page: height × width × 3, uint8.
        box: where to look; taken as upright.
    """
    left, top, right, bottom = bounds(box)
    x, y = max(0, round(left)), max(0, round(top))
    crop = page[y : round(bottom), x : round(right)]
    if min(crop.shape[:2]) < 4:
        return None
    height = bottom - top
    parts = _components(_ink(crop), height)
    if not len(parts):
        return None
    x0, y0 = parts[:, 0].min(), parts[:, 1].min()
    x1, y1 = (parts[:, 0] + parts[:, 2]).max(), (parts[:, 1] + parts[:, 3]).max()
    margin = MARGIN * height
    around = box_quad(x + x0 - margin, top, float(x1 - x0) + 2 * margin, height)
    return Stroke(around, _is_dash(float(x1 - x0), float(y0), float(y1), height))


def _ink(crop: Picture) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    paper = np.maximum(np.median(grey, axis=0, keepdims=True), np.quantile(grey, 0.6))
    depth = 1 - cv2.GaussianBlur(grey, (0, 0), 0.8) / np.maximum(paper, 1.0)
    deepest = float(np.quantile(depth, 0.995))
    return np.asarray(depth > max(CONTRAST, deepest / 2), dtype=np.uint8)


def _components(ink: NDArray[np.uint8], height: float) -> NDArray[np.int32]:
    """Left, top, width, height of what is neither a dot nor at the edge; rows of an array."""
    tall, wide = ink.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = stats[1:, :4]
    inside = (
        (boxes[:, 0] > 0)
        & (boxes[:, 1] > 0)
        & (boxes[:, 0] + boxes[:, 2] < wide)
        & (boxes[:, 1] + boxes[:, 3] < tall)
    )
    large = np.maximum(boxes[:, 2], boxes[:, 3]) >= DOT * height
    small_dash = (boxes[:, 2] >= DASH_WIDTH[0] * height) & (boxes[:, 2] >= DASH_RATIO * boxes[:, 3])
    return np.asarray(boxes[inside & (large | small_dash)], dtype=np.int32)


def _is_dash(width: float, top: float, bottom: float, height: float) -> bool:
    thick = bottom - top
    middle = (top + bottom) / 2 / height
    return (
        DASH_WIDTH[0] * height <= width <= DASH_WIDTH[1] * height
        and thick <= DASH_HEIGHT * height
        and width >= DASH_RATIO * thick
        and DASH_MIDDLE[0] <= middle <= DASH_MIDDLE[1]
    )
