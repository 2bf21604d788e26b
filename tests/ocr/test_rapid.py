"""The recogniser: canvases, lines that were read before, texts scored side by side."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.errors import EngineFailedError
from ocr.geometry import box_quad
from ocr.text.engine import Recognition
from ocr.text.rapid import LINE_WIDTHS, RapidEngine
from samples.generator import make


@pytest.fixture(scope="module")
def engine() -> RapidEngine:
    return RapidEngine(threads=1)


def test_shapes_are_few_however_wide_the_line(engine: RapidEngine) -> None:
    shapes = {engine.canvas_width(width) for width in range(1, 4000)}
    assert shapes == set(LINE_WIDTHS)
    # Each shape costs 5 MB for good; padding costs time.
    assert len(shapes) < 40
    assert all(engine.canvas_width(width) >= width for width in range(1, LINE_WIDTHS[-1] + 1))
    waste = [engine.canvas_width(width) / width - 1 for width in range(100, 1900)]
    assert sum(waste) / len(waste) < 0.08


def test_a_line_that_was_read_is_not_read_again(engine: RapidEngine) -> None:
    image = make(77).image
    box = box_quad(0.0, 0.0, 200.0, 40.0)
    read = Recognition("已读", 0.9)
    (line,) = engine.read_boxes(image, [box], {box: read})
    assert line.recognition is read


def test_lines_read_beside_one_another_come_back_in_their_order(engine: RapidEngine) -> None:
    image = make(78).image
    boxes = engine.detect(image)
    two = RapidEngine(threads=2)
    together = [line.recognition.text for line in two.read_boxes(image, boxes)]
    assert together == [line.recognition.text for line in engine.read_boxes(image, boxes)]
    assert len(together) > 10


def test_a_line_that_cannot_be_read_is_told_whoever_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two = RapidEngine(threads=2)
    plain = two._infer

    def broken(request: object, tensor: np.ndarray) -> np.ndarray:
        if tensor.shape[3] == LINE_WIDTHS[0]:
            raise EngineFailedError(engine="rapidocr", detail="")
        return plain(request, tensor)

    monkeypatch.setattr(two, "_infer", broken)
    crops = [np.full((48, width, 3), 255, np.uint8) for width in (300, 200, 20, 100)]
    with pytest.raises(EngineFailedError):
        two.read_lines(crops)
    # Nothing is left taken: the next picture is read.
    assert len(two.read_lines(crops[:2])) == 2
