"""Boxes of lines from a detector's probabilities."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.text.boxes import line_boxes

Plane = np.ndarray


def plane(*cores: tuple[tuple[float, float], tuple[float, float], float, float]) -> Plane:
    """Cores (centre, size, turn, probability) on a picture of 400 × 300."""
    drawn = np.zeros((300, 400), np.float32)
    for centre, size, turn, probability in cores:
        corners = cv2.boxPoints((centre, size, turn)).round().astype(np.int32)
        cv2.fillPoly(drawn, [corners], probability)
    return drawn


def test_a_core_grows_by_its_own_offset() -> None:
    (box,) = line_boxes(plane(((200, 150), (120, 10), 0, 0.9)), 400, 300)
    width, height = geometry.quad_size(box)
    # Area 121 × 11 over half the circumference 132, times 1.6: 16 px across and along.
    assert width == pytest.approx(121 + 16, abs=3)
    assert height == pytest.approx(11 + 16, abs=3)
    assert geometry.centre(box) == pytest.approx((200, 150), abs=2)


def test_boxes_are_in_the_pages_pixels_from_the_top_left_clockwise() -> None:
    (box,) = line_boxes(plane(((200, 150), (120, 10), 12, 0.9)), 800, 900)
    assert geometry.quad_area(box) > 0
    (left, top), (right, other) = box[0], box[1]
    assert left < right
    assert top < other  # the line falls by twelve degrees
    assert geometry.centre(box) == pytest.approx((400, 450), abs=6)


def test_lines_come_from_the_top_and_stay_in_the_page() -> None:
    drawn = plane(((60, 280), (120, 14), 0, 0.9), ((300, 40), (90, 12), 0, 0.9))
    boxes = line_boxes(drawn, 400, 300)
    assert [geometry.centre(box)[0] > 200 for box in boxes] == [True, False]
    points = np.array(boxes)
    assert points.min() >= 0
    assert (points[..., 0] <= 399).all()
    assert (points[..., 1] <= 299).all()


def test_what_is_faint_or_a_speck_is_no_line() -> None:
    assert line_boxes(plane(((200, 150), (120, 10), 0, 0.4)), 400, 300) == []
    assert line_boxes(plane(((200, 150), (1, 1), 0, 0.9)), 400, 300) == []
    assert line_boxes(plane(), 400, 300) == []
