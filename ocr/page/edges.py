"""How well a quad's sides lie on the edges of a paper, and where exactly they lie."""

from __future__ import annotations

import dataclasses as dc
import functools
import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
# BGR, or Lab where it was made ahead (`lab`).
Soft = Picture | Floats
_Line = tuple[Floats, Floats]  # a point and a direction

_SAMPLES = 48  # places along each side
_ENDS = 0.06  # of a side left out at each corner: rounded, bent or under a thumb
_NEAR = 2.0  # px from the side where the paper and the ground begin
_FAR = 7.0  # px from the side where they are measured to
_OFFSETS = np.concatenate(
    [
        np.linspace(low, high, 4)
        for low, high in ((-14, -8), (-_FAR, -_NEAR), (_NEAR, _FAR), (8, 14))
    ]
).astype(np.float32)
_STEP = 7.0  # colour difference (Lab, 8-bit scale) that makes an edge; noise stays below 4
_FRAME = 0.5  # of that step, at least, between the colours 8 to 14 px either side
_RUN = 11  # samples over which the step's colour must agree
_FINE_SAMPLES, _FINE_ENDS = 200, 0.01  # the same where short stretches count
_HELD = 0.3  # of a side that a hand may take the edge from
_HELD_REST = 0.85  # least share of edge on every other stretch then
_STRETCH = 5  # of those samples, below which a stretch says nothing
_LEAST_SEEN = 0.34  # of a side, below which it says nothing
_TRIALS = 80  # pairs of points tried as the side's line
_TOLERANCE = 1.5  # px within which a point lies on it
_OPEN = 2.5  # px: a side this near the photo's border is not seen, the paper goes on


@dc.dataclass(frozen=True, slots=True)
class Support:
    """What the photo says of a quad.

    Attributes:
        sides: share of each side (top, right, bottom, left) with an edge under it, 0..1.
        seen: share of each side that lies inside the photo, 0..1.
        contrast: mean colour step over the edges found (Lab, 8-bit scale).
        evenness: 0..1, how alike the colours just inside the four sides are.
    """

    sides: tuple[float, float, float, float]
    seen: tuple[float, float, float, float]
    contrast: float
    evenness: float

    @property
    def mean(self) -> float:
        """Support over all that was seen."""
        total = sum(self.seen)
        if total < 1.0:
            return 0.0
        return sum(s * w for s, w in zip(self.sides, self.seen, strict=True)) / total

    @property
    def worst(self) -> float:
        """Support of the worst side of which at least a third was seen."""
        return min(
            (s for s, w in zip(self.sides, self.seen, strict=True) if w >= 0.34), default=0.0
        )

    @property
    def sides_seen(self) -> int:
        """Sides of which at least a third lies inside the photo."""
        return sum(w >= 0.34 for w in self.seen)


def support(soft: Soft, quads: Sequence[Quad]) -> list[Support]:
    """Measures quads on a slightly blurred picture."""
    points, normals = _along(_corners(quads))
    usable = _inside(soft, points, _OPEN)
    shares, steps = np.zeros(len(points)), np.full(len(points), np.nan)
    inner = np.zeros((len(points), 3))
    for sides, there in _alike(points, usable):
        edge, step, paper = _edge(soft, there, normals[sides])
        found = edge.sum(axis=1)
        shares[sides] = found / edge.shape[1]
        steps[sides] = np.where(found, (step * edge).sum(axis=1) / np.maximum(found, 1), np.nan)
        inner[sides] = np.median(paper, axis=1)
    seen = usable.mean(axis=1)
    fours = (np.arange(4 * number, 4 * number + 4) for number in range(len(quads)))
    return [_supported(shares[four], seen[four], steps[four], inner[four]) for four in fours]


def _supported(shares: Matrix, seen: Matrix, steps: Matrix, inner: Matrix) -> Support:
    """A quad's support from its four sides; steps are nan where no edge was found."""
    there = inner[seen > 0]
    spread = np.ptp(there, axis=0) if len(there) > 1 else np.zeros(3)
    # Light across one paper changes its lightness by up to a half, its colour little.
    unevenness = float(0.3 * spread[0] + spread[1] + spread[2]) / 60.0
    stepped = steps[~np.isnan(steps)]
    top, right, bottom, left = shares.tolist()
    return Support(
        sides=(top, right, bottom, left),
        seen=tuple(seen.tolist()),
        contrast=float(stepped.mean()) if len(stepped) else 0.0,
        evenness=max(0.0, 1.0 - unevenness),
    )


def _corners(quads: Sequence[Quad]) -> Floats:
    """Starts and ends of all sides, 4 × quads × 2 × 2."""
    corners = np.array(quads, dtype=np.float32).reshape(-1, 4, 2)
    return np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2, 2)


def _alike(
    points: Floats, usable: npt.NDArray[np.bool_]
) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """Sides with equally many usable points, none left out, and those: n × points × 2."""
    counts = usable.sum(axis=1)
    for count in np.unique(counts[counts > 0]):
        sides = np.flatnonzero(counts == count)
        yield sides, points[sides][usable[sides]].reshape(len(sides), count, 2)


def _edge(
    soft: Soft, points: Floats, normals: Floats
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """At each point whether an edge runs there, its colour step, the colour inside.

    Args:
        soft: as for `support`.
        points: along sides, sides × n × 2.
        normals: of the sides, sides × 2.
    """
    profile = _sample(soft, points, normals, _OFFSETS)
    parts = profile.reshape(*points.shape[:2], 4, -1, 3).mean(axis=3)
    beyond_ground, ground, paper, beyond_paper = np.moveaxis(parts, 2, 0)
    apart = paper - ground
    step = np.asarray(np.sqrt(np.square(apart).sum(axis=2)), dtype=np.float32)
    # A paper's side steps the same way for a good while; a texture does not.
    count, length = points.shape[:2]
    ways = np.ascontiguousarray(apart.transpose(1, 0, 2).reshape(length, -1))
    way = cv2.blur(ways, (1, _RUN), borderType=cv2.BORDER_REFLECT)
    way = np.asarray(way).reshape(length, count, 3).transpose(1, 0, 2)
    edge = (step >= _STEP) & ((apart * way).sum(axis=2) > 0.5 * step * step)
    # A printed frame has the same colour on both sides, a grained desk nearly so.
    inner, outer = np.median(beyond_paper, axis=1), np.median(beyond_ground, axis=1)
    edge &= (np.linalg.norm(inner - outer, axis=1) >= _FRAME * _STEP)[:, None]
    return np.asarray(edge), step, np.asarray(paper)


def beyond(soft: Soft, outer: Quad, inner: Quad, *, held: bool) -> float:
    """Least share of edge on those stretches of the outer quad's sides that leave the inner.

    A band printed along a paper's side has the paper's own edge around it; a rectangle
    that reaches from the paper into the desk has none where it leaves the paper.

    Args:
        soft: as for `support`.
        outer: a quad around `inner`, some of whose sides may be the same.
        inner: a quad of a paper, or of a plain part of it.
        held: whether fingers may hold the paper by a corner: one short stretch may then go
            without an edge where the others have theirs. Not where papers lie side by
            side: a rectangle from one to the next looks the same.

    Returns:
        0..1; 0 where no such stretch is in view.
    """
    shares, short = [], []
    sides, normals = _along(_corners([outer]), _FINE_SAMPLES, _FINE_ENDS)
    for side, normal in zip(sides, normals, strict=True):
        points = side[_inside(soft, side, _OPEN) & (depth(inner, side) < -_FAR / 2)]
        if len(points) >= _STRETCH:
            shares.append(float(_edge(soft, points[None], normal[None])[0].mean()))
            short.append(len(points) <= _HELD * _FINE_SAMPLES)
    if not shares:
        return 0.0
    worst = int(np.argmin(shares))
    others = shares[:worst] + shares[worst + 1 :]
    held = held and len(others) >= 2 and short[worst] and min(others) >= _HELD_REST
    return min(others) if held else shares[worst]


def depth(quad: Quad, points: npt.NDArray[np.floating]) -> Floats:
    """How far inside the nearest side line of a clockwise quad each point lies, px."""
    return np.asarray(depths(quad, points).min(axis=1), dtype=np.float32)


def depths(quad: Quad, points: npt.NDArray[np.floating]) -> Floats:
    """Array n × 4: how far inside of each side's line of a clockwise quad each point is."""
    corners = geometry.as_array(quad)
    ways = np.roll(corners, -1, axis=0) - corners
    ways /= np.maximum(np.hypot(ways[:, 0], ways[:, 1]), 1e-6)[:, None]
    gaps = points[:, None, :] - corners[None]
    away = ways[None, :, 0] * gaps[..., 1] - ways[None, :, 1] * gaps[..., 0]
    return np.asarray(away, dtype=np.float32)


def _along(sides: Floats, samples: int = _SAMPLES, ends: float = _ENDS) -> tuple[Floats, Floats]:
    """Points along sides and the sides' normals pointing into their (clockwise) quads.

    Args:
        sides: starts and ends, n × 2 × 2.
        samples: places along each.
        ends: share left out at each end.

    Returns:
        Arrays n × samples × 2 and n × 2.
    """
    shares = np.linspace(ends, 1 - ends, samples, dtype=np.float32)[None, :, None]
    ways = sides[:, 1] - sides[:, 0]
    lengths = np.maximum(np.hypot(ways[:, 0], ways[:, 1]), 1e-6)[:, None]
    normals = np.stack([-ways[:, 1], ways[:, 0]], axis=1) / lengths
    return np.asarray(sides[:, :1] + shares * ways[:, None]), np.asarray(normals)


def _inside(picture: Soft, points: Floats, margin: float) -> npt.NDArray[np.bool_]:
    height, width = picture.shape[:2]
    x, y = points[..., 0], points[..., 1]
    return np.asarray(
        (x >= margin) & (y >= margin) & (x <= width - 1 - margin) & (y <= height - 1 - margin)
    )


def _sample(soft: Soft, points: Floats, normals: Floats, offsets: Floats) -> Floats:
    """Lab colours (8-bit scale) across sides: sides × points × offsets × 3."""
    places = points[:, :, None] + offsets[None, None, :, None] * normals[:, None, None]
    # A picture of as many rows as there are sides: OpenCV counts rows in 16 bits.
    x, y = (np.ascontiguousarray(places[..., axis].reshape(len(points), -1)) for axis in (0, 1))
    picked = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    colours = picked if picked.dtype == np.float32 else lab(np.asarray(picked, np.uint8))
    return np.asarray(colours, dtype=np.float32).reshape(*places.shape[:3], 3)


def lab(picture: Picture) -> Floats:
    """A BGR picture's Lab colours (8-bit scale): once where many quads are tested on it."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2LAB), dtype=np.float32)


def refine(
    soft: Soft, quads: Sequence[Quad], reach: float, samples: int = 2 * _SAMPLES
) -> list[Quad]:
    """Moves each side onto the steepest edge within `reach` px; keeps what is not seen.

    Args:
        soft: blurred picture, finer than the one the quads were found in.
        quads: in its pixels.
        reach: how far a side may move.
        samples: places along each side.
    """
    if not quads:
        return []
    lines = _refined_lines(soft, _corners(quads), reach, samples)
    return [_met(lines[4 * n : 4 * n + 4], quad, reach) for n, quad in enumerate(quads)]


def _met(lines: list[_Line], quad: Quad, reach: float) -> Quad:
    """Where the lines of a quad's sides meet; the quad itself where that is far from it."""
    corners = [_cross(lines[index - 1], lines[index]) for index in range(4)]
    found = [corner for corner in corners if corner is not None]
    if len(found) < 4:
        return quad
    moved = geometry.as_quad(found)
    distance = max(math.dist(one, other) for one, other in zip(moved, quad, strict=True))
    return moved if distance <= 3 * reach and geometry.is_convex(moved) else quad


def _refined_lines(soft: Soft, sides: Floats, reach: float, samples: int) -> list[_Line]:
    """A point and a direction for each side."""
    lines: list[_Line] = [(start, end - start) for start, end in sides]
    points, normals = _along(sides, samples)
    usable = _inside(soft, points, reach / 2)
    usable[usable.mean(axis=1) < _LEAST_SEEN] = False
    offsets = np.arange(-reach - 3, reach + 3.5, 1.0, dtype=np.float32)
    for chosen, there in _alike(points, usable):
        profile = _sample(soft, there, normals[chosen], offsets)
        way = np.median(profile[:, :, -4:].mean(axis=2) - profile[:, :, :4].mean(axis=2), axis=1)
        strength = np.linalg.norm(way, axis=1)
        way /= np.maximum(strength, 1e-6)[:, None]
        signal = np.einsum("spoc,sc->spo", profile, way)
        slope = signal[..., 4:] - signal[..., :-4]  # over 4 px: print and noise weigh less
        best = slope.argmax(axis=2)
        steepest = np.take_along_axis(slope, best[..., None], axis=2)[..., 0]
        found = steepest > 0.35 * strength[:, None]
        found[strength < _STEP] = False
        places = there + offsets[2:-2][best][..., None] * normals[chosen][:, None]
        for side, place, on in zip(chosen, places, found, strict=True):
            if on.mean() >= 0.3:
                lines[side] = _robust_line(place[on], lines[side])
    return lines


def _robust_line(places: Floats, own: _Line) -> _Line:
    """The line most of the points agree on (a thumb or a shadow pulls some away)."""
    first, second = _pairs(len(places))
    directions = places[second] - places[first]
    lengths = np.hypot(directions[:, 0], directions[:, 1])
    first, directions, lengths = (a[lengths >= 10] for a in (first, directions, lengths))
    if not len(first):
        return own
    normals = np.stack([-directions[:, 1], directions[:, 0]], axis=1) / lengths[:, None]
    away = normals @ places.T - (normals * places[first]).sum(axis=1)[:, None]
    close = np.abs(away) < _TOLERANCE
    best = close[int(close.sum(axis=1).argmax())]
    if best.mean() < 0.4:
        return own
    vx, vy, x, y = cv2.fitLine(places[best], cv2.DIST_L2, 0, 0.01, 0.01).ravel()
    return np.array([x, y], np.float32), np.array([vx, vy], np.float32)


@functools.cache
def _pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs of so many points to be tried, the same every time."""
    first, second = np.random.default_rng(1).integers(0, count, (2, _TRIALS))
    return first, second


def _cross(one: _Line, two: _Line) -> tuple[float, float] | None:
    (px, py), (dx, dy), (qx, qy), (ex, ey) = (v.tolist() for v in (*one, *two))
    cross = dx * ey - dy * ex
    if abs(cross) < 1e-6 * math.hypot(dx, dy) * math.hypot(ex, ey):
        return None
    t = ((qx - px) * ey - (qy - py) * ex) / cross
    return px + t * dx, py + t * dy
