"""Boxes of lines from a detector's probabilities (differentiable binarisation).

M. Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI
2020, section 3.5: the network marks the core of each line, the core's rectangle grown by
a fixed offset is the line. Rectangles are grown by arithmetic; the general polygon offset
of RapidOCR's own post-processing needs two libraries and half a second to load them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import as_quad
from ocr.reading import Quad

# RapidOCR's settings for PP-OCRv6 detection.
CORE = 0.3  # probability from which a pixel is text
SURE = 0.5  # mean probability of a line
GROWN_BY = 1.6  # times area over circumference
MOST = 1000
_DILATION = np.ones((2, 2), np.uint8)
_LEAST_CORE, _LEAST_LINE = 3.0, 5.0  # px of the shorter side, in the detector's picture
_LEAST_BOX = 4  # px of either side in the page

Corners = npt.NDArray[np.float32]


def line_boxes(probability: np.ndarray, width: int, height: int) -> list[Quad]:
    """The lines of a page.

    Args:
        probability: of text, rows × columns, float32.
        width: of the page, px; the probabilities cover all of it.
        height: likewise.

    Returns:
        Boxes in the page's pixels, clockwise from the top left; top to bottom, then left
        to right.
    """
    rows, columns = probability.shape
    core = cv2.dilate((probability > CORE).astype(np.uint8), _DILATION)
    contours, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    scale = np.array([width / columns, height / rows])
    last = np.array([width - 1, height - 1])
    boxes = []
    for contour in contours[:MOST]:
        grown = _grown(probability, contour)
        if grown is None:
            continue
        box = np.clip(np.round(_clockwise(grown) * scale), 0, last)
        across, down = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[0] - box[3])
        if min(across, down) >= _LEAST_BOX:
            boxes.append(box)
    boxes.sort(key=lambda box: (box[:, 1].min(), box[:, 0].min()))
    return [as_quad(box) for box in boxes]


def _grown(probability: np.ndarray, contour: npt.NDArray[np.generic]) -> Corners | None:
    """Corners of the line around a core, or None where the core is no line."""
    centre, (across, down), turn = cv2.minAreaRect(np.asarray(contour))
    if min(across, down) < _LEAST_CORE:
        return None
    if _mean_within(probability, cv2.boxPoints((centre, (across, down), turn))) < SURE:
        return None
    grow = across * down / (across + down) * GROWN_BY  # on both sides, half the circumference
    across, down = across + grow, down + grow
    if min(across, down) < _LEAST_LINE:
        return None
    return np.asarray(cv2.boxPoints((centre, (across, down), turn)), dtype=np.float32)


def _mean_within(probability: np.ndarray, corners: npt.NDArray[np.generic]) -> float:
    points = np.asarray(corners, dtype=np.float32)
    end = np.array(probability.shape[::-1]) - 1
    left, top = np.clip(np.floor(points.min(axis=0)).astype(int), 0, end)
    right, bottom = np.clip(np.ceil(points.max(axis=0)).astype(int), 0, end)
    mask = np.zeros((bottom - top + 1, right - left + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [(points - (left, top)).astype(np.int32)], 1)
    return cv2.mean(probability[top : bottom + 1, left : right + 1], mask)[0]


def _clockwise(corners: Corners) -> Corners:
    """From the upper of the two corners farthest left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (pair[np.argsort(pair[:, 1], kind="stable")] for pair in (by_x[:2], by_x[2:]))
    return np.stack([left[0], right[0], right[1], left[1]])
