"""Lays the ring of a seal out straight, and cuts the straight line below its star."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seal.course import PROFILE_COLUMNS, Course, arc_length, ring_points
from ocr.seal.density import Image, Plane
from ocr.seal.place import Points, SealPlace, sample

# The straight line is often paler: the middle of the rubber presses less.
_INKED_LINE = 0.2
# Where the line stands on most seals, tried besides what was found.
_USUAL_LINE = (0.3, 0.53)
# The line may reach between the feet of the name's ends.
_LINE_BEYOND = 0.17
# the straight line in, which are read as a character.
_BEYOND_ENDS = 0.4
STRIP_ROWS = (48, 120)
_MOST_COLUMNS = 2400


def cut_strip(
    image: Image, place: SealPlace, course: Course, *, stretch: float = 1.0, margin: float = 0.12
) -> Image:
    """Lays the name out straight.

    Args:
        image: the page, or a plane of it (height × width, or × 3).
        place: the seal.
        course: where the name runs.
        stretch: how much wider than in truth; seal characters are condensed.
        margin: added above and below, in parts of the characters' height.

    Returns:
        The strip, outer edge up.
    """
    return _warp(image, ring_points(place, *_grid(place, course, stretch, margin)))


def cut_print(
    red: Plane, place: SealPlace, course: Course, *, stretch: float = 1.0, margin: float = 0.12
) -> Image:
    """Lays the name out straight as black print on white, as strong where the ink is pale.

    Args:
        red: red density of the page.
        place: the seal.
        course: where the name runs.
        stretch: see `cut_strip`.
        margin: see `cut_strip`.

    Returns:
        The strip, rows × columns × 3, uint8.
    """
    along, depth = _grid(place, course, stretch, margin)
    strip = _warp(red, ring_points(place, along, depth))
    columns = along * PROFILE_COLUMNS
    inks = np.interp(columns, np.arange(PROFILE_COLUMNS), course.inks, period=PROFILE_COLUMNS)
    grey = np.clip(255 * (1 - 0.9 * strip / inks), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _grid(
    place: SealPlace, course: Course, stretch: float, margin: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions and depths of a strip's columns and rows; see `cut_strip`."""
    tall = course.inner - course.outer
    outer, inner = course.outer - margin * tall, course.inner + margin * tall
    once = arc_length(place, (outer + inner) / 2)
    pixels = (inner - outer) * place.axes[1]
    rows = int(np.clip(round(2 * pixels), *STRIP_ROWS))
    end = _BEYOND_ENDS * tall * place.axes[1] / once
    start, stop = course.start - end, course.end + end
    columns = round((stop - start) * once / pixels * rows * stretch)
    columns = int(np.clip(columns, 16, _MOST_COLUMNS))
    along = start + (np.arange(columns) + 0.5) / columns * (stop - start)
    return along, outer + (np.arange(rows) + 0.5) / rows * (inner - outer)


def cut_lines(image: Image, red: Plane, place: SealPlace, course: Course) -> list[Image]:
    """Cuts the straight line below the star, upright; several guesses, best first.

    Args:
        image: the page.
        red: its red density.
        place: the seal.
        course: where the name runs; tells how far the seal is turned.

    Returns:
        Crops of one line each; [] where there is none.
    """
    reach = 1 - course.inner
    wide = place.axes[0] / place.axes[1] - course.inner
    best: tuple[float, float, list[tuple[float, float]]] = (-1.0, 0.0, [])
    for turn in np.arange(-12, 12.1, 2):
        found, contrast = _line_rows(red, place, course, course.tilt + float(turn), reach)
        if found and contrast > best[0]:
            best = (contrast, course.tilt + float(turn), found)
    _, turned, found = best
    crops = []
    turned = turned if found else course.tilt
    for top, bottom in [*found[:2], _USUAL_LINE]:
        tall = bottom - top
        for extra, stretch in ((0.15, 1.0), (0.25, 1.5)):
            low, high = top - extra * tall, bottom + extra * tall
            chord = math.sqrt(max(0.1, 1 - ((low + high) / 2 / reach) ** 2))
            half = wide * chord + _LINE_BEYOND
            crops.append(_cut_upright(image, place, turned, (low, high), half, stretch))
    return crops


def _line_rows(
    red: Plane, place: SealPlace, course: Course, turned: float, reach: float
) -> tuple[list[tuple[float, float]], float]:
    """Runs of rows with print below the star at one turn, and how sharp they stand out."""
    rows = np.arange(0.05, 0.95, 0.01)
    columns = np.linspace(-0.45, 0.45, 180)
    values = sample(red, _seal_frame(place, turned, columns, rows)) > _INKED_LINE * course.ink
    profile = np.convolve(values.mean(axis=1), np.ones(3) / 3, mode="same")
    profile = np.where(rows > reach + 0.05, 0, profile)
    contrast = float(np.abs(np.diff(profile)).sum())
    runs = []
    inked = profile > 0.07
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        top, bottom = float(rows[first]), float(rows[last - 1])
        changes = np.abs(np.diff(values[first:last].astype(np.int8), axis=1)).sum(axis=1)
        # The star's lower half is tall and plain; a line of print is neither.
        if 0.08 <= bottom - top <= 0.5 and changes.max() > 8:
            runs.append((float(changes.max()), top, bottom))
    runs.sort(reverse=True)
    return [(top, bottom) for _, top, bottom in runs], contrast


def _seal_frame(
    place: SealPlace, turned: float, columns: NDArray[np.float64], rows: NDArray[np.float64]
) -> Points:
    """Page points of a grid in the seal's own frame, in parts of the short half axis."""
    angle = math.radians(turned)
    x, y = np.meshgrid(columns * place.axes[1], rows * place.axes[1])
    return np.stack(
        [
            place.centre[0] + x * math.cos(angle) - y * math.sin(angle),
            place.centre[1] + x * math.sin(angle) + y * math.cos(angle),
        ],
        axis=-1,
    )


def _cut_upright(
    image: Image,
    place: SealPlace,
    turned: float,
    span: tuple[float, float],
    half: float,
    stretch: float,
) -> Image:
    pixels = (span[1] - span[0]) * place.axes[1]
    rows = int(np.clip(round(2 * pixels), *STRIP_ROWS))
    columns = round(rows * 2 * half / (span[1] - span[0]) * stretch)
    columns = int(np.clip(columns, 8, _MOST_COLUMNS))
    down = span[0] + (np.arange(rows) + 0.5) / rows * (span[1] - span[0])
    across = ((np.arange(columns) + 0.5) / columns * 2 - 1) * half
    return _warp(image, _seal_frame(place, turned, across, down))


def _warp(image: Image, points: Points) -> Image:
    grid = points.astype(np.float32)
    warped: Image = cv2.remap(
        image, grid[..., 0], grid[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return warped
