"""Which way the lines of print run.

Within a line characters stand closer together than the lines do, in Chinese as in
English. Ink that is thickened a little therefore grows into bars along the lines; their
directions, weighed by length, tell the angle without reading a character.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import Picture
from ocr.once import once_a_picture
from ocr.pixels import components, shrunk

Plane = npt.NDArray[np.uint8]

_LONG_SIDE = 1000  # px the picture is brought to: print of a certificate is then 8 to 30 px
_INK = 12  # grey levels darker (or lighter) than around it
_SMALLEST, _LARGEST = 4, 60  # px: height of a piece of print at that size
_COUNTERPART = 0.6  # of the light pieces' area: dark print has at least so much
_GROWTHS = (3, 5, 8)  # px: gaps inside lines of small, middling and large print
_ELONGATED = 2.5  # a bar this much longer than thick has a direction
_MIN_BARS = 4  # fewer say nothing
_BIN = 2.0  # degrees


@dc.dataclass(frozen=True, slots=True)
class LineAngle:
    """The direction of the lines of print.

    Attributes:
        degrees: clockwise from the picture's x axis, above -90 and up to 90.
        certainty: 0..1; 0 when there is too little print to tell.
    """

    degrees: float
    certainty: float


NO_LINES = LineAngle(0.0, 0.0)


@once_a_picture
def line_angle(image: Picture) -> LineAngle:
    """The main direction of the lines of print in a picture (modulo half a turn)."""
    ink = ink_pieces(image)
    angles: list[float] = []
    weights: list[float] = []
    for growth in _GROWTHS:
        size = 2 * growth + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        for angle, weight in _bars(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel)):
            angles.append(angle)
            weights.append(weight)
    if len(angles) < _MIN_BARS:
        return NO_LINES
    return _main_direction(np.array(angles), np.array(weights))


@once_a_picture
def print_height(image: Picture) -> float | None:
    """Middling height of the lines of print in px of the picture; None for too few lines."""
    ink = ink_pieces(image)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _GROWTHS[1] + 1,) * 2)
    contours, _ = cv2.findContours(
        cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    boxes = [cv2.minAreaRect(contour)[1] for contour in contours if len(contour) >= 4]
    lines = [
        (min(box), max(box))
        for box in boxes
        if _SMALLEST <= min(box) <= _LARGEST and max(box) >= _ELONGATED * min(box)
    ]
    if len(lines) < _MIN_BARS:
        return None
    # Each line counts by its length: a page is as readable as most of its text is.
    thick, long = (np.array(values) for values in zip(*sorted(lines), strict=True))
    heap = np.cumsum(long)
    middling = float(thick[int(np.searchsorted(heap, heap[-1] / 2))])
    return middling * float(max(image.shape[:2])) / _LONG_SIDE


@once_a_picture
def ink_pieces(image: Picture) -> Plane:
    """Mask of pieces the size of print, at a long side of 1000 px: rules and pictures out."""
    scale = _LONG_SIDE / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    small = shrunk(grey, size)
    around = cv2.blur(small, (31, 31))
    dark = _print_sized(np.asarray(cv2.subtract(around, small) > _INK, dtype=np.uint8))
    mask = np.asarray(cv2.subtract(small, around) > _INK, dtype=np.uint8)
    # Print is one or the other; the counterpart holds the gaps between the strokes.
    least = cv2.countNonZero(dark) / _COUNTERPART
    if least >= cv2.countNonZero(mask):  # the light ones cannot be more than their pixels
        return dark
    light = _print_sized(mask)
    return dark if least >= cv2.countNonZero(light) else light


def _print_sized(mask: Plane) -> Plane:
    labels, stats = components(mask)
    wide, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    longest, shortest = np.maximum(wide, tall), np.minimum(wide, tall)
    keep = (longest >= _SMALLEST) & (longest <= _LARGEST) & (shortest >= 2)
    keep &= stats[:, cv2.CC_STAT_AREA] >= 6
    keep[0] = False
    return np.take(keep.astype(np.uint8), labels)


def _bars(mask: npt.NDArray[np.generic]) -> list[tuple[float, float]]:
    """(direction in degrees, weight) of each elongated piece."""
    contours, _ = cv2.findContours(
        np.asarray(mask, dtype=np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    bars = []
    for contour in contours:
        if len(contour) < 4:
            continue
        (_, _), (a, b), turn = cv2.minAreaRect(contour)
        long, thick = max(a, b), min(a, b)
        if thick < _SMALLEST or thick > 1.5 * _LARGEST or long < _ELONGATED * thick:
            continue
        degrees = turn if a >= b else turn + 90.0
        # The ends of a bar are ragged by its thickness, so a longer bar is also truer.
        bars.append((_half_turn(degrees), min(long / thick, 15.0) * long))
    return bars


def _half_turn(degrees: float) -> float:
    """Above -90 and up to 90."""
    wrapped = math.fmod(degrees, 180.0)
    if wrapped > 90.0:
        wrapped -= 180.0
    elif wrapped <= -90.0:
        wrapped += 180.0
    return wrapped


def _main_direction(angles: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> LineAngle:
    bins = np.zeros(int(180 / _BIN))
    index = np.floor((angles + 90.0) / _BIN).astype(int) % len(bins)
    np.add.at(bins, index, weights)
    smooth = bins + np.roll(bins, 1) + np.roll(bins, -1)
    peak = int(smooth.argmax())
    centre = (peak + 0.5) * _BIN - 90.0
    away = (angles - centre + 90.0) % 180.0 - 90.0
    near = np.abs(away) <= 2 * _BIN
    order = np.argsort(away[near])
    heap = np.cumsum(weights[near][order])
    middle = float(away[near][order][np.searchsorted(heap, heap[-1] / 2)])
    share = float(weights[near].sum() / weights.sum())
    enough = min(1.0, int(near.sum()) / 12)
    return LineAngle(_half_turn(centre + middle), share * enough)
