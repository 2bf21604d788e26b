"""Quads whose sides lie on long straight lines of a photo.

A region of one colour stops at a coloured band on the paper and runs out into a desk of
the paper's own colour; the paper's outer sides are straight lines all the same. So the
lines are found first, and quads made of any two pairs of them that they cover well.
"""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad

Floats = npt.NDArray[np.float64]

MOST = 12  # quads given, the best covered and largest first
_SHORTEST = 0.05  # of the long side: a shorter segment is print
_COLOUR_GAIN = 3  # Lab's a and b of papers and desks fill about a third of lightness's range
_FAMILY = 20.0  # degrees that lines of one pair of sides may differ from the main direction
_BIN = 3  # degrees
_SAME_ANGLE = 4.0  # degrees within which a segment continues a line
_SAME_LINE = 2.5  # px within which it does
_LINES = 14  # of one family that are tried: the rules of a table are many
_COVERED_MEAN, _COVERED_WORST = 0.55, 0.25  # of the sides that segments lie on, at least


@dc.dataclass(frozen=True, slots=True)
class _Line:
    """A line with the stretches that segments lie on.

    Attributes:
        origin: a point on it, px.
        way: unit vector along it.
        segments: n × 2, ascending ends of each segment along `way` from the origin.
        length: px that segments lie on, overlaps counted once.
    """

    origin: Floats
    way: Floats
    segments: Floats
    length: float


def propose(small: Picture, least_share: float) -> list[Quad]:
    """Quads in pixels of the small picture, at most `MOST`.

    Args:
        small: BGR, a few hundred pixels long.
        least_share: of the picture's area that a quad must have.
    """
    segments = _segments(small)
    if len(segments) < 4:
        return []
    ways = segments[:, 2:] - segments[:, :2]
    angles = np.degrees(np.arctan2(ways[:, 1], ways[:, 0]))
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    main = _main_angle(angles, lengths)
    across, down = (
        _lines(segments[_apart(angles, main + turn) <= _FAMILY]) for turn in (0.0, 90.0)
    )
    if len(across) < 2 or len(down) < 2:
        return []
    return _quads(across, down, least_share * small.shape[0] * small.shape[1])


def _segments(small: Picture) -> Floats:
    """Array n × 4: x and y of both ends, over lightness and both colour axes."""
    lab = cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_BGR2LAB)
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE)
    least = _SHORTEST * max(small.shape[:2])
    found = []
    for axis in range(3):
        plane = np.ascontiguousarray(lab[:, :, axis])
        if axis:
            plane = cv2.convertScaleAbs(plane, alpha=_COLOUR_GAIN, beta=128 * (1 - _COLOUR_GAIN))
        lines = detector.detect(plane)[0]
        if lines is not None:
            ends = lines.reshape(-1, 4).astype(np.float64)
            found.append(ends[np.hypot(*(ends[:, 2:] - ends[:, :2]).T) >= least])
    return np.concatenate(found) if found else np.empty((0, 4))


def _apart(angles: Floats, angle: float) -> Floats:
    """Degrees between directions, a half turn being none: 0..90."""
    return np.asarray(np.abs((angles - angle + 90.0) % 180.0 - 90.0))


def _main_angle(angles: Floats, lengths: Floats) -> float:
    """Direction, below 90 degrees, that most length lies along or square to."""
    count = 90 // _BIN
    bins = np.bincount((angles % 90 // _BIN).astype(int) % count, lengths, count)
    smooth = np.sum([np.roll(bins, shift) for shift in (-2, -1, 0, 1, 2)], axis=0)
    return (int(np.argmax(smooth)) + 0.5) * _BIN


def _lines(segments: Floats) -> list[_Line]:
    """The longest lines that segments make up together."""
    lengths = np.hypot(*(segments[:, 2:] - segments[:, :2]).T)
    left = segments[np.argsort(-lengths)]
    lines: list[_Line] = []
    while len(left) and len(lines) < 3 * _LINES:
        origin, way = left[0, :2], left[0, 2:] - left[0, :2]
        way = way / np.hypot(*way)
        ends = left.reshape(-1, 2, 2) - origin
        away = np.abs(ends[..., 0] * way[1] - ends[..., 1] * way[0]).max(axis=1)
        turned = (left[:, 2:] - left[:, :2]) @ np.array([-way[1], way[0]])
        size = np.hypot(*(left[:, 2:] - left[:, :2]).T)
        steep = np.abs(turned) > size * np.sin(np.radians(_SAME_ANGLE))
        # The far end of a long line is less sure than the near.
        along = ends @ way
        reach = np.abs(along).max(axis=1)
        same = (away <= _SAME_LINE + 0.01 * reach) & ~steep
        same[0] = True
        spans = np.sort(along[same], axis=1)
        lines.append(_Line(origin, way, spans, _union(spans)))
        left = left[~same]
    return sorted(lines, key=lambda line: -line.length)[:_LINES]


def _union(spans: Floats) -> float:
    total, end = 0.0, -np.inf
    for low, high in spans[np.argsort(spans[:, 0])]:
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return float(total)


def _meetings(one: list[_Line], two: list[_Line]) -> tuple[Floats, Floats]:
    """Points (n × m × 2) where the lines cross, and how far along each of `one` that is."""
    p, q = (np.stack([line.origin for line in lines]) for lines in (one, two))
    d, e = (np.stack([line.way for line in lines]) for lines in (one, two))
    cross = d[:, None, 0] * e[None, :, 1] - d[:, None, 1] * e[None, :, 0]
    cross = np.where(np.abs(cross) < 0.2, np.nan, cross)  # nearly parallel: no corner
    gap = q[None] - p[:, None]
    along = (gap[..., 0] * e[None, :, 1] - gap[..., 1] * e[None, :, 0]) / cross
    return p[:, None] + along[..., None] * d[:, None], along


def _coverage(line: _Line, places: Floats) -> Floats:
    """Matrix m × m: share of the way between two places on a line that segments lie on."""
    places = np.nan_to_num(places)
    origin = np.floor(min(float(places.min()), float(line.segments.min())))
    size = int(np.ceil(max(float(places.max()), float(line.segments.max())) - origin)) + 2
    on = np.zeros(size)
    for low, high in (line.segments - origin).round().astype(int):
        on[low:high] = 1
    heap = np.concatenate([[0], np.cumsum(on)])[(places - origin).round().astype(int)]
    way = np.abs(places[:, None] - places[None])
    return np.asarray(np.abs(heap[:, None] - heap[None]) / np.maximum(way, 1.0))


def _quads(across: list[_Line], down: list[_Line], least_area: float) -> list[Quad]:
    points, along = _meetings(across, down)
    _, up = _meetings(down, across)
    sides_across = np.stack([_coverage(line, row) for line, row in zip(across, along, strict=True)])
    sides_down = np.stack([_coverage(line, row) for line, row in zip(down, up, strict=True)])
    i, j = np.triu_indices(len(across), 1)
    k, m = np.triu_indices(len(down), 1)
    pairs, others = (a.ravel() for a in np.indices((len(i), len(k))))
    i, j, k, m = i[pairs], j[pairs], k[others], m[others]
    cover = np.stack(
        [sides_across[i, k, m], sides_down[m, i, j], sides_across[j, k, m], sides_down[k, i, j]]
    )
    good = (cover.mean(axis=0) >= _COVERED_MEAN) & (cover.min(axis=0) >= _COVERED_WORST)
    i, j, k, m, cover = i[good], j[good], k[good], m[good], cover[:, good]
    corners = np.stack([points[i, k], points[i, m], points[j, m], points[j, k]], axis=1)
    x, y = corners[..., 0], corners[..., 1]
    area = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    worth = cover.mean(axis=0) * np.sqrt(np.nan_to_num(area))
    quads: list[Quad] = []
    for index in np.argsort(-worth):
        if len(quads) == MOST:
            break
        if np.isfinite(corners[index]).all() and area[index] >= least_area:
            quad = geometry.order_corners(corners[index])
            if geometry.is_convex(quad) and not any(_alike(quad, other) for other in quads):
                quads.append(quad)
    return quads


def _alike(one: Quad, two: Quad) -> bool:
    return bool(np.abs(geometry.as_array(one) - geometry.as_array(two)).max() < 2 * _SAME_LINE)
