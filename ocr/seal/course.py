"""Where the name runs on a seal's ring, and how far the seal is turned.

Positions along the ring run clockwise from the page's bottom, 0..1; depths run from the
ring's outer edge inwards, in parts of the short half axis. A round seal that perspective
made a little oval is sampled along its own ellipse parameter, which undoes the squeeze; a
true oval along equal arc length and its normals, as seal makers set the characters.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.density import Plane
from ocr.seal.place import Points, SealPlace, sample

# Rows × columns of the plane on which ring, name and gap are looked for.
_PROFILE_DEPTHS = np.arange(-0.02, 0.66, 0.005)
PROFILE_COLUMNS = 720
# Depth at which arc length is measured on an oval: the middle of most names.
_OVAL_MIDDLE = 0.24
# Share of the ring's ink density over which a pixel of the same seal counts as inked.
_INKED = 0.33
# Share from which a stretch beside the name is not bare, where the name should go on.
_INKED_FAINTLY = 0.15
# Least share of the seal's full ink that glare and weak pressure leave.
_PALEST = 0.3
# Columns over which the ring tells how strong the ink is: print crosses it in fewer.
_INK_WINDOW = 41
# Radii at which the points of a star are told from its body, in parts of the half axis.
_STAR_RADII = np.arange(0.12, 0.3, 0.02)
# Fivefold swing of the ink around the centre, in parts of its mean: a star reaches 0.5 to
# 0.9, print over it 0.2.
_STAR_SWING = 0.35
# A name stands evenly about the seal's axis; off by more than this, its end was missed.
_UNEVEN = 0.018
# A name's band on generated and on photographed seals is 0.19 to 0.36 deep.
_LEAST_BAND, _MOST_BAND = 0.15, 0.42
_RING_DEEPEST = 0.2
# Gaps narrower than this part of the way around lie between or inside characters.
_LEAST_GAP = 0.05
# Columns by which the halves of a character may lie apart: 7 degrees.
_SPREAD = 15
# 15 degrees, in columns; see `_find_text`.
_LEAST_SLANT = 30
# Room at the ends of a strip, in parts of the characters' height: more lets the corners of


@dc.dataclass(frozen=True, slots=True)
class Course:
    """Where the name runs on a ring.

    Attributes:
        start: position of the first character's left edge; may be over 1 past the bottom.
        end: position of the last character's right edge, more than `start`.
        outer: depth at which the characters begin.
        inner: depth at which they end.
        ink: density of the seal's full ink.
        inks: that around each of PROFILE_COLUMNS positions: glare and weak pressure pale a
            stretch of ring and name alike.
        axis: how far the seal is turned by its star or its straight line, degrees
            clockwise, or None where neither tells.
    """

    start: float
    end: float
    outer: float
    inner: float
    ink: float
    inks: Plane
    axis: float | None = None

    @property
    def tilt(self) -> float:
        """How far the seal is turned, degrees clockwise: the gap belongs at the bottom."""
        if self.axis is not None:
            return self.axis
        middle = (self.start + self.end) / 2 - 0.5
        return (middle * 360 + 180) % 360 - 180


def ring_points(place: SealPlace, along: NDArray[np.float64], depth: NDArray[np.float64]) -> Points:
    """Page points of a grid on the ring.

    Args:
        place: the seal.
        along: n positions.
        depth: m depths, from the outer edge.

    Returns:
        m × n × 2.
    """
    tilt = math.radians(place.angle)
    bottom = math.pi / 2 - tilt
    if place.shape == "round":
        turn = bottom + 2 * math.pi * along
        return place.at(
            turn[None, :], np.broadcast_to(1 - depth[:, None], (len(depth), len(along)))
        )
    a, b = (axis - _OVAL_MIDDLE * place.axes[1] for axis in place.axes)
    # The point of the oval that lies lowest on the page.
    bottom = math.atan2(b * math.cos(tilt), a * math.sin(tilt))
    table = bottom + np.linspace(0, 2 * math.pi, 1441)
    speed = np.hypot(a * np.sin(table), b * np.cos(table))
    length = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)])
    turn = np.interp(along % 1.0, length / length[-1], table)
    normal = np.stack([np.cos(turn) / a, np.sin(turn) / b], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    inwards = (depth[:, None] - _OVAL_MIDDLE) * place.axes[1]
    flat_x = a * np.cos(turn) - inwards * normal[:, 0]
    flat_y = b * np.sin(turn) - inwards * normal[:, 1]
    x = place.centre[0] + flat_x * math.cos(tilt) - flat_y * math.sin(tilt)
    y = place.centre[1] + flat_x * math.sin(tilt) + flat_y * math.cos(tilt)
    return np.stack([x, y], axis=-1)


def arc_length(place: SealPlace, depth: float) -> float:
    """Once around at a depth, pixels (Ramanujan's approximation)."""
    a, b = (axis - depth * place.axes[1] for axis in place.axes)
    return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))


def find_course(red: Plane, place: SealPlace) -> Course | None:
    """Finds the name's band and its gap.

    Args:
        red: red density of the page.
        place: the seal.

    Returns:
        The course, or None where the ring holds no band of letters.
    """
    along = np.arange(PROFILE_COLUMNS) / PROFILE_COLUMNS
    values = sample(red, ring_points(place, along, _PROFILE_DEPTHS))
    ring = values[(_PROFILE_DEPTHS > 0) & (_PROFILE_DEPTHS < 0.05)].max(axis=0)
    ink = max(0.12, float(np.quantile(ring, 0.7)))
    inks = _around(ring, ink)
    on = values > _INKED * inks
    # All around, star and straight line blur the name's lower edge.
    band = _find_band(on, 0.6)
    if band is None:
        return None
    top, bottom = band
    text = _find_text(on, top, bottom)
    if text is None:
        return None
    # Again on the name's own part: digits and the straight line are left out now.
    columns = np.arange(round(text[0]), round(text[1])) % PROFILE_COLUMNS
    top, bottom = _find_band(on[:, columns], 0.3) or (top, bottom)
    text = _find_text(on, top, bottom) or text
    axis = find_axis(red, place, (text[0] + text[1]) / 2 / PROFILE_COLUMNS)
    text = _even(values[top:bottom] > _INKED_FAINTLY * inks, text, axis)
    return Course(
        inks=inks,
        axis=axis,
        start=text[0] / PROFILE_COLUMNS,
        end=text[1] / PROFILE_COLUMNS,
        outer=float(_PROFILE_DEPTHS[top]),
        inner=float(_PROFILE_DEPTHS[bottom]),
        ink=ink,
    )


def _around(ring: Plane, ink: float) -> Plane:
    """How strong the ink is at each column, by the ring there.

    Args:
        ring: highest density in the ring at each column.
        ink: of the seal on the whole.
    """
    half = _INK_WINDOW // 2
    wrapped = np.concatenate([ring[-half:], ring, ring[:half]])
    local = np.quantile(np.lib.stride_tricks.sliding_window_view(wrapped, _INK_WINDOW), 0.5, axis=1)
    kernel = np.ones(_INK_WINDOW) / _INK_WINDOW
    smooth = np.convolve(np.concatenate([local[-half:], local, local[:half]]), kernel, mode="valid")
    return np.asarray(np.clip(smooth, _PALEST * ink, ink), dtype=np.float32)


def find_axis(red: Plane, place: SealPlace, middle: float) -> float | None:
    """How far a seal is turned, by the points of its star.

    Args:
        red: red density.
        place: the seal.
        middle: position of the name's middle, within a tenth of the way around: a star
            looks alike five times in a turn.

    Returns:
        Degrees clockwise, or None where there is no star.
    """
    turn = np.linspace(0, 2 * math.pi, 360, endpoint=False)
    x = np.sin(turn)[:, None] * _STAR_RADII * place.axes[1] + place.centre[0]
    y = -np.cos(turn)[:, None] * _STAR_RADII * place.axes[1] + place.centre[1]
    values = sample(red, np.stack([x, y], axis=-1)).mean(axis=1)
    swing = complex((values * np.exp(-5j * turn)).mean()) * 2
    if abs(swing) < _STAR_SWING * max(1e-6, float(values.mean())):
        return None
    point = -math.degrees(np.angle(swing)) / 5
    rough = (middle - 0.5) * 360
    return (point + 72 * round((rough - point) / 72) + 180) % 360 - 180


def _even(
    faint: NDArray[np.bool_], text: tuple[float, float], axis: float | None
) -> tuple[float, float]:
    """The name's ends made even about the seal's axis, where there is ink for it.

    Args:
        faint: where there is the faintest ink, rows of the band × columns.
        text: first and last column found.
        axis: degrees clockwise, or None.
    """
    if axis is None:
        return text
    middle = (0.5 + axis / 360) * PROFILE_COLUMNS
    middle += PROFILE_COLUMNS * round((sum(text) / 2 - middle) / PROFILE_COLUMNS)
    before, after = middle - text[0], text[1] - middle
    reach = max(before, after)
    if abs(before - after) < _UNEVEN * PROFILE_COLUMNS or 2 * reach > 0.92 * PROFILE_COLUMNS:
        return text
    start, end = middle - reach, middle + reach
    added = (start, text[0]) if before < after else (text[1], end)
    columns = np.arange(round(added[0]), round(added[1])) % PROFILE_COLUMNS
    return (start, end) if faint[:, columns].mean() > 0.1 else text


def _find_band(on: NDArray[np.bool_], quiet_share: float) -> tuple[int, int] | None:
    """First and last row of the name: below the ring, before the emptiness inside.

    `quiet_share`: ink at which the name ends, in parts of the ink that its rows hold.
    """
    profile = np.convolve(on.mean(axis=1), np.ones(3) / 3, mode="same")
    rows = np.arange(len(profile))
    ringed = profile > max(0.55, 0.9 * float(profile.max()) - 0.15)
    deepest = int(np.searchsorted(_PROFILE_DEPTHS, _RING_DEEPEST))
    below = np.flatnonzero(ringed & (rows < deepest))
    start = int(below[-1]) + 1 if len(below) else int(np.searchsorted(_PROFILE_DEPTHS, 0.04))
    # From the ring's inner edge on, the least ink before the name begins.
    level = float(np.quantile(profile[start + 4 :], 0.85))
    head = int(
        np.searchsorted(_PROFILE_DEPTHS, _PROFILE_DEPTHS[min(start, len(profile) - 1)] + 0.14)
    )
    top = start + int(profile[start : head + 1].argmin())
    while top < len(profile) - 1 and profile[top] < 0.2 * level:
        top += 1
    most = int(np.searchsorted(_PROFILE_DEPTHS, _PROFILE_DEPTHS[top] + _MOST_BAND))
    least = int(np.searchsorted(_PROFILE_DEPTHS, _PROFILE_DEPTHS[top] + _LEAST_BAND))
    if least >= len(profile):
        return None
    held = float(np.median(profile[top:least]))
    quiet = np.flatnonzero(profile[least:most] < quiet_share * held)
    bottom = least + int(quiet[0]) if len(quiet) else least + int(profile[least:most].argmin())
    return top, bottom


def _find_text(on: NDArray[np.bool_], top: int, bottom: int) -> tuple[float, float] | None:
    """First and last column of the name; the last may lie past the bottom."""
    tall = bottom - top
    # Digits along the outer edge reach only the upper rows, corners of the straight line only
    # the lower ones; characters of the name both.
    halves = [
        cv2.dilate(
            (on[top + round(first * tall) : top + round(last * tall)].mean(axis=0) > 0.05).astype(
                np.uint8
            )[None, :],
            np.ones((1, _SPREAD), np.uint8),
        )[0]
        for first, last in ((0.0, 0.42), (0.42, 0.85))
    ]
    both = _widest_text((halves[0] & halves[1]).astype(bool))
    lower = _widest_text(halves[1].astype(bool))
    if both is None or lower is None:
        return lower
    # A faded stretch is no gap: it would have the name lie aslant on its seal.
    return lower if _slant(both) > _slant(lower) + _LEAST_SLANT else both


def _slant(text: tuple[float, float]) -> float:
    """How far the middle of a text lies from the seal's top, in columns."""
    return abs(sum(text) / 2 % PROFILE_COLUMNS - PROFILE_COLUMNS / 2)


def _widest_text(inked: NDArray[np.bool_]) -> tuple[float, float] | None:
    """First and last column of what the widest gap leaves, or None where there is no ink."""
    if not inked.any():
        return None
    twice = np.concatenate([inked, inked])
    places = np.flatnonzero(twice)
    gaps = np.diff(places)
    widest = int(gaps.argmax())
    if gaps[widest] < _LEAST_GAP * PROFILE_COLUMNS:
        # No gap: a name all around; it starts at the bottom.
        return 0.0, float(PROFILE_COLUMNS)
    start = int(places[widest + 1])
    end = start + PROFILE_COLUMNS - int(gaps[widest])
    shift = -PROFILE_COLUMNS if start >= PROFILE_COLUMNS else 0
    return float(start + shift), float(end + 1 + shift)
