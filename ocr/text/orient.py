"""Which way up a page lies, by its print."""

from __future__ import annotations

import dataclasses as dc
import math
import statistics
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad
from ocr.text.crops import crop_line
from ocr.text.engine import Recognition, TextEngine
from ocr.text.rapid import RapidEngine

# A box this much longer than high runs in a direction; a shorter one tells none.
LONG = 2.0
# Lines read, and the length in heights of those that say most for their cost.
SAMPLE = 5
BEST_RATIO = 6.0
# Lines that read as surely as this stand the right way up; no need to try the other.
CERTAIN = 0.93
# Mean confidence below which a page may be lying on its side or head.
DOUBTFUL = 0.75


@dc.dataclass(frozen=True)
class Upright:
    """Which way up a page lies.

    Attributes:
        turns: clockwise quarter turns that stand it upright: 0, 1, 2 or 3.
        read: lines that were read for it, by their box, as the page lies now.
    """

    turns: int
    read: Mapping[Quad, Recognition]


def quarter_turns(image: Picture, boxes: Sequence[Quad], engine: RapidEngine) -> Upright:
    """Clockwise quarter turns that stand a page upright.

    Args:
        image: the straightened page.
        boxes: its lines, as the detector found them.
        engine: reads a few of them both ways up.

    Returns:
        No turns for a page without lines.
    """
    sizes = [geometry.quad_size(box) for box in boxes]
    across = sum(w for w, h in sizes if w > LONG * h)
    down = sum(h for w, h in sizes if h > LONG * w)
    sideways = down > across
    sample = _sample(boxes, sideways=sideways)
    crops = [crop_line(image, box) for box in sample]
    # crop_line stands a downward line up by a counter-clockwise turn.
    found = engine.read_lines(crops)
    upright, flipped = _confidence(found), 0.0
    if upright < CERTAIN:
        flipped = _confidence(engine.read_lines([crop[::-1, ::-1].copy() for crop in crops]))
    if sideways:
        return Upright(3 if upright >= flipped else 1, {})
    return Upright(0 if upright >= flipped else 2, dict(zip(sample, found, strict=True)))


def _sample(boxes: Sequence[Quad], *, sideways: bool) -> list[Quad]:
    """A few lines that run the way most do, neither short nor dear to read."""
    rated = []
    for box in boxes:
        width, height = geometry.quad_size(box)
        if (height > width) is sideways:
            ratio = max(width, height) / max(1.0, min(width, height))
            rated.append((abs(math.log(ratio / BEST_RATIO)), box))
    rated.sort(key=lambda entry: entry[0])
    return [box for _, box in rated[:SAMPLE]]


def _confidence(found: Sequence[Recognition]) -> float:
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
