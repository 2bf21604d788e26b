"""Which way up a page lies, by its print."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad
from ocr.text.crops import crop_line
from ocr.text.engine import TextEngine
from ocr.text.rapid import RapidEngine

# A box this much longer than high runs in a direction; a shorter one tells none.
LONG = 2.0
# Lines read both ways up; the longest say most.
SAMPLE = 6
# Mean confidence below which a page may be lying on its side or head.
DOUBTFUL = 0.75


def quarter_turns(image: Picture, boxes: Sequence[Quad], engine: RapidEngine) -> int:
    """Clockwise quarter turns that stand a page upright.

    Args:
        image: the straightened page.
        boxes: its lines, as the detector found them.
        engine: reads a few of them both ways up.

    Returns:
        0, 1, 2 or 3; 0 for a page without lines.
    """
    sizes = [geometry.quad_size(box) for box in boxes]
    across = sum(w for w, h in sizes if w > LONG * h)
    down = sum(h for w, h in sizes if h > LONG * w)
    sideways = down > across
    longest = sorted(zip(boxes, sizes, strict=True), key=lambda x: -max(x[1]))[:SAMPLE]
    if not longest:
        return 0
    crops = [crop_line(image, box) for box, size in longest if _runs(size, sideways)]
    # crop_line stands a downward line up by a counter-clockwise turn.
    upright = _confidence(crops, engine)
    flipped = _confidence([crop[::-1, ::-1].copy() for crop in crops], engine)
    if sideways:
        return 3 if upright >= flipped else 1
    return 0 if upright >= flipped else 2


def _runs(size: tuple[float, float], sideways: bool) -> bool:  # noqa: FBT001 - private
    return size[1] > size[0] if sideways else size[0] >= size[1]


def _confidence(crops: Sequence[Picture], engine: RapidEngine) -> float:
    found = engine.read_lines(crops)
    return statistics.fmean(r.confidence for r in found) if found else 0.0


def turns_by_reading(image: Picture, engine: TextEngine) -> int:
    """The same for an engine that only reads whole pages: the way that reads surest.

    The other ways are tried only where the first reads badly.
    """
    scores: list[float] = []
    turned = image
    for turns in range(4):
        lines = engine.read_page(turned)
        sure = [ln.recognition.confidence * len(ln.recognition.text) for ln in lines]
        scores.append(sum(sure))
        letters = sum(len(line.recognition.text) for line in lines)
        if turns == 0 and letters and sum(sure) / letters >= DOUBTFUL:
            return 0
        turned = _quarter(turned)
    return scores.index(max(scores))


def _quarter(image: Picture) -> Picture:
    return np.asarray(cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), dtype=np.uint8)
