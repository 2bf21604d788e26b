"""How well a quad's sides lie on the edges of a paper, and where exactly they lie."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.reading import Quad

Floats = npt.NDArray[np.float32]

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


def support(lab: Floats, quad: Quad) -> Support:
    """Measures a quad on a slightly blurred Lab picture (8-bit scale, float)."""
    sides, seen, steps, inner = [], [], [], []
    for start, end in zip(quad, quad[1:] + quad[:1], strict=True):
        points, normal = _along(start, end)
        usable = _inside(lab, points, _OPEN)
        seen.append(float(usable.mean()))
        if not usable.any():
            sides.append(0.0)
            continue
        edge, step, paper = _edge(lab, points[usable], normal)
        sides.append(float(edge.mean()))
        steps.append(float(step[edge].mean()) if edge.any() else 0.0)
        inner.append(np.median(paper, axis=0))
    spread = np.ptp(np.array(inner), axis=0) if len(inner) > 1 else np.zeros(3)
    # Light across one paper changes its lightness by up to a half, its colour little.
    unevenness = float(0.3 * spread[0] + spread[1] + spread[2]) / 60.0
    return Support(
        sides=(sides[0], sides[1], sides[2], sides[3]),
        seen=(seen[0], seen[1], seen[2], seen[3]),
        contrast=float(np.mean(steps)) if steps else 0.0,
        evenness=max(0.0, 1.0 - unevenness),
    )


def _edge(
    lab: Floats, points: Floats, normal: Floats
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """At each point whether an edge runs there, its colour step, the colour inside."""
    profile = _sample(lab, points[:, None, :] + _OFFSETS[None, :, None] * normal)
    beyond_ground, ground, paper, beyond_paper = (
        part.mean(axis=1) for part in np.split(profile, 4, axis=1)
    )
    step = np.asarray(np.linalg.norm(paper - ground, axis=1), dtype=np.float32)
    # A paper's side steps the same way for a good while; a texture does not.
    way = cv2.blur(paper - ground, (1, _RUN), borderType=cv2.BORDER_REFLECT)
    same = ((paper - ground) * way).sum(axis=1) > 0.5 * step * step
    edge = (step >= _STEP) & same
    # A printed frame has the same colour on both sides, a grained desk nearly so.
    inner, outer = np.median(beyond_paper, axis=0), np.median(beyond_ground, axis=0)
    if float(np.linalg.norm(inner - outer)) < _FRAME * _STEP:
        edge[:] = False
    return np.asarray(edge), step, paper


def beyond(lab: Floats, outer: Quad, inner: Quad, *, held: bool) -> float:
    """Least share of edge on those stretches of the outer quad's sides that leave the inner.

    A band printed along a paper's side has the paper's own edge around it; a rectangle
    that reaches from the paper into the desk has none where it leaves the paper.

    Args:
        lab: as for `support`.
        outer: a quad around `inner`, some of whose sides may be the same.
        inner: a quad of a paper, or of a plain part of it.
        held: whether fingers may hold the paper by a corner: one short stretch may then go
            without an edge where the others have theirs. Not where papers lie side by
            side: a rectangle from one to the next looks the same.

    Returns:
        0..1; 0 where no such stretch is in view.
    """
    shares, short = [], []
    for start, end in zip(outer, outer[1:] + outer[:1], strict=True):
        points, normal = _along(start, end, _FINE_SAMPLES, _FINE_ENDS)
        points = points[_inside(lab, points, _OPEN) & (depth(inner, points) < -_FAR / 2)]
        if len(points) >= _STRETCH:
            shares.append(float(_edge(lab, points, normal)[0].mean()))
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


def _along(
    start: tuple[float, float],
    end: tuple[float, float],
    samples: int = _SAMPLES,
    ends: float = _ENDS,
) -> tuple[Floats, Floats]:
    """Points along a side and its normal pointing into the (clockwise) quad."""
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    shares = np.linspace(ends, 1 - ends, samples, dtype=np.float32)[:, None]
    direction = b - a
    length = max(float(np.hypot(*direction)), 1e-6)
    normal = np.array([-direction[1], direction[0]], np.float32) / length
    return (a + shares * direction).astype(np.float32), normal


def _inside(lab: Floats, points: Floats, margin: float) -> npt.NDArray[np.bool_]:
    height, width = lab.shape[:2]
    x, y = points[:, 0], points[:, 1]
    return np.asarray(
        (x >= margin) & (y >= margin) & (x <= width - 1 - margin) & (y <= height - 1 - margin)
    )


def _sample(lab: Floats, places: Floats) -> Floats:
    x = np.ascontiguousarray(places[..., 0])
    y = np.ascontiguousarray(places[..., 1])
    picked = cv2.remap(lab, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picked, dtype=np.float32)


def refine(lab: Floats, quad: Quad, reach: float, samples: int = 2 * _SAMPLES) -> Quad:
    """Moves each side onto the steepest edge within `reach` px; keeps what is not seen.

    Args:
        lab: Lab picture (8-bit scale, float), finer than the one the quad was found in.
        quad: in its pixels.
        reach: how far a side may move.
        samples: places along each side.
    """
    lines = []
    for start, end in zip(quad, quad[1:] + quad[:1], strict=True):
        lines.append(_refined_line(lab, start, end, reach, samples))
    corners = [_cross(lines[index - 1], lines[index]) for index in range(4)]
    if any(corner is None for corner in corners):
        return quad
    moved = geometry.as_quad([corner for corner in corners if corner is not None])
    distance = np.linalg.norm(geometry.as_array(moved) - geometry.as_array(quad), axis=1)
    if distance.max() > 3 * reach or not geometry.is_convex(moved):
        return quad
    return moved


def _refined_line(
    lab: Floats, start: tuple[float, float], end: tuple[float, float], reach: float, samples: int
) -> tuple[Floats, Floats]:
    """A point and a direction."""
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    own = (a, b - a)
    points, normal = _along(start, end, samples)
    usable = _inside(lab, points, reach / 2)
    if usable.mean() < 0.34:
        return own
    points = points[usable]
    offsets = np.arange(-reach - 3, reach + 3.5, 1.0, dtype=np.float32)
    profile = _sample(lab, points[:, None, :] + offsets[None, :, None] * normal)
    inner, outer = profile[:, -4:].mean(axis=1), profile[:, :4].mean(axis=1)
    way = np.median(inner - outer, axis=0)
    strength = float(np.linalg.norm(way))
    if strength < _STEP:
        return own
    signal = profile @ (way / strength).astype(np.float32)
    slope = signal[:, 4:] - signal[:, :-4]  # over 4 px: print and noise weigh less
    best = slope.argmax(axis=1)
    found = slope[np.arange(len(best)), best] > 0.35 * strength
    if found.mean() < 0.3:
        return own
    places = points + (offsets[2:-2][best])[:, None] * normal
    return _robust_line(places[found], own)


def _robust_line(places: Floats, own: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The line most of the points agree on (a thumb or a shadow pulls some away)."""
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, len(places), (2, _TRIALS))
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


def _cross(one: tuple[Floats, Floats], two: tuple[Floats, Floats]) -> tuple[float, float] | None:
    (p, d), (q, e) = one, two
    cross = float(d[0] * e[1] - d[1] * e[0])
    if abs(cross) < 1e-6 * float(np.linalg.norm(d) * np.linalg.norm(e)):
        return None
    t = float((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross
    return float(p[0] + t * d[0]), float(p[1] + t * d[1])
