"""Finds stamped seals on a page by colour and shape.

Red ink is parted from light and print first (`density`). Circles are proposed twice, by
closed clumps of red and by a gradient vote (which stands a seal that touches a red border,
another seal or the page's edge); each proposal is fitted to the outer edge of the ring by
RANSAC, because the name's place is relative to the ring and a hull is pulled away by any
red print near it. What decides is how much of the ring's course carries ink, and whether
the inside looks like letters rather than a stone, a mark or a headline.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pixels import shrunk
from ocr.seal.density import INKS, PASSING, RED_THRESHOLD, Image, Plane, densities, ink_of
from ocr.seal.ellipse import LEAST_PIXELS, MOST_SHARE, fitted, from_cv, least_radius, plausible
from ocr.seal.place import Points, SealPlace, fetch, sample
from ocr.seal.square import find_squares

__all__ = ["SealPlace", "find_seals"]

# Seals are looked for on a picture at most this long: a 150 px seal keeps 75 px of radius
# on a 2000 px page halved, enough for its shape.
_SEARCH_LONG_SIDE = 1100
# Rounder than this is round: 40 × 30 mm ovals are 0.75, a round seal on a page whose
# perspective was taken out imperfectly stays over 0.9.
ROUND_RATIO = 0.87
_ANGLES = 360
# Parts of the ring's visible course that must carry ink. Generated seals, faded parts and
# all, reach 0.8 and more; letters in a row or a CMA mark stay under 0.55.
_LEAST_RING = 0.62
_LEAST_VISIBLE = 0.45
# Ink inside the ring: letters and star cover 0.1 to 0.45; a stone or an emblem more.
_LEAST_INSIDE = 0.04
_MOST_INSIDE = 0.62
# Letters and star stand inside this part of the radius; the beads of a bracelet do not.
_LETTERS_WITHIN = 0.76
# Own light taken, in parts of what the other channels lost at least. Red: 0.05 to 0.3 for
# stamp ink, 0.5 and more for brown beads, amber and gold print. Blue ink takes a third to a
# half of blue light.
_MOST_OWN_TAKEN = {"red": 0.42, "blue": 0.62}
# Black ink takes as much from every channel, to within this part: the camera's white
# balance and the paper's tint leave 0.1, brown print takes 0.6.
_GREY = 0.3
# Changes between ink and paper once around: names of the generator reach 26 to 66, the
# shortest (four characters) 20; the letters of a CMA mark 4 to 12.
_LEAST_CHANGES = 16
_LEAST_CHANGES_BROKEN = 24
# At so many radii at least, 0.03 of the half axis apart: letters are tall, the inner rims of
# a bracelet's beads are not.
_LETTER_RADII = 3
# The C of a CMA mark is open over 40 to 50 degrees; faded rings break for 10, rarely 27.
_WIDE_BREAK = 35.0
# The vote is taken on a picture this long, over ink at least this dense, a few pixels around.
_VOTE_LONG_SIDE = 640
_VOTE_INK = 0.1
_VOTE_RIM = 6
# Longest side of a ring's ink to its radius: 1 / (2 sin(pi _LEAST_VISIBLE)) is 0.506.
_RADIUS_OF_INK = 0.6
_RING_SEARCH = (0.86, 1.12)
# Two rings are one seal when their centres are nearer than this part of their half axes
# together, or one centre lies this far inside the other.
_OVERLAP = 0.5
# A proposal this near a ring, in parts of its half axis, would be drawn to it; and a ring with
# this much of its course inked is not drawn better a second time.
_SAME_RING, _WHOLE_RING = 0.08, 0.9
_INSIDE = 0.8


def find_seals(image: Image) -> list[SealPlace]:
    """Finds the seals on a page: red ones, and where there is none blue or black ones.

    Args:
        image: straightened page, height × width × 3, BGR.

    Returns:
        The seals, best first; [] where there is none.
    """
    scale = min(1.0, _SEARCH_LONG_SIDE / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = shrunk(image, size)
    density = densities(small)
    for ink in INKS:
        found = _of_ink(small, density, ink)
        if found:
            return [place.scaled(1 / scale) for place in found]
    return []


def _of_ink(small: Image, density: Plane, ink: str) -> list[SealPlace]:
    """The seals in one ink."""
    plane = ink_of(density, ink)
    mask = plane > RED_THRESHOLD
    if mask.sum() < LEAST_PIXELS:
        return []
    # Black print clumps everywhere: only the vote for circles tells a ring among it.
    black = ink == "black"
    places: list[SealPlace] = []
    for proposal in ([] if black else _from_clumps(mask)) + _from_votes(plane):
        if any(_is_of(proposal, known) for known in places):
            continue
        place = _fit(plane, proposal)
        if place is None:
            continue
        place = dc.replace(place, ink=ink)
        if _is_seal(plane, place) and _is_stamp(density, place) and not _is_filled(small, place):
            places.append(place)
    squares = [] if black else [dc.replace(one, ink=ink) for one in find_squares(plane)]
    return _best_of(places + squares)


def _is_of(proposal: SealPlace, known: SealPlace) -> bool:
    """Whether a proposal is a ring that was found already, and found whole."""
    near = _SAME_RING * known.axes[1]
    return (
        known.score >= _WHOLE_RING
        and math.dist(proposal.centre, known.centre) <= near
        and all(abs(a - b) <= near for a, b in zip(proposal.axes, known.axes, strict=True))
    )


def _from_clumps(mask: NDArray[np.bool_]) -> list[SealPlace]:
    """Proposals from red parts that lie close together."""
    proposals = []
    least = least_radius(mask.shape)
    whole = mask.astype(np.uint8)
    # What is closed widely need not be closed finely.
    halved = cv2.dilate(whole, np.ones((2, 2), np.uint8))[1::2, 1::2]
    for plane, step, share in ((whole, 1, 0.008), (halved, 2, 0.03)):
        side = max(3, round(share * max(plane.shape)) | 1)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        closed: np.ndarray = cv2.morphologyEx(plane, cv2.MORPH_CLOSE, kernel)
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for contour in (one * step for one in contours):
            x, y, width, height = cv2.boundingRect(contour)
            if min(width, height) < least or len(contour) < 20:
                continue
            hull = cv2.convexHull(contour)
            if len(hull) < 6:
                continue
            proposals.append(_upright((x + width / 2, y + height / 2), (width / 2, height / 2)))
            proposals.append(from_cv(cv2.fitEllipseDirect(hull)))
    return proposals


def _from_votes(red: Plane) -> list[SealPlace]:
    """Proposals from a gradient vote for circle centres, around the ink there is."""
    scale = min(1.0, _VOTE_LONG_SIDE / max(red.shape))
    soft = cv2.GaussianBlur(cv2.resize(red, None, fx=scale, fy=scale), (0, 0), 1.0)
    inked = cv2.boundingRect(np.asarray(soft > _VOTE_INK, dtype=np.uint8))
    left, top = (max(0, edge - _VOTE_RIM) for edge in inked[:2])
    right, bottom = inked[0] + inked[2] + _VOTE_RIM, inked[1] + inked[3] + _VOTE_RIM
    part = np.clip(soft[top:bottom, left:right] * 220, 0, 255).astype(np.uint8)
    least = least_radius(red.shape) * scale
    # Of a ring of which nearly half is seen the ink is nearly two radii long.
    most = min(max(soft.shape) * MOST_SHARE / 2, _RADIUS_OF_INK * max(inked[2:]))
    if most <= least:
        return []
    circles = cv2.HoughCircles(
        part,
        cv2.HOUGH_GRADIENT_ALT,
        dp=1.5,
        minDist=least / 2,
        param1=120,
        param2=0.55,
        minRadius=int(least),
        maxRadius=int(most),
    )
    if circles is None:
        return []
    found = circles.reshape(-1, circles.shape[-1])[:12, :3] + (left, top, 0)
    return [_upright((float(x), float(y)), (float(r), float(r))) for x, y, r in found / scale]


def _upright(centre: tuple[float, float], axes: tuple[float, float]) -> SealPlace:
    if axes[0] >= axes[1]:
        return SealPlace(centre, axes, 0.0, "round", 0.0)
    return SealPlace(centre, (axes[1], axes[0]), 90.0, "round", 0.0)


def _visible(place: SealPlace, shape: tuple[int, ...], scale: float = 0.98) -> NDArray[np.bool_]:
    points = place.outline(scale)
    inside = (points >= 0).all(axis=1)
    return np.asarray(inside & (points[:, 0] < shape[1]) & (points[:, 1] < shape[0]))


def _edge_points(red: Plane, place: SealPlace, search: tuple[float, float]) -> Points:
    """The outermost rise of red along each ray, as seen from outside; n × 2."""
    turn = np.linspace(0, 2 * math.pi, _ANGLES, endpoint=False)
    steps = np.arange(search[1], search[0], -max(0.004, 0.5 / place.axes[0]))
    grid = place.at(turn[:, None], np.broadcast_to(steps, (_ANGLES, len(steps))))
    values = sample(red, grid)
    on = values > max(RED_THRESHOLD, 0.35 * float(np.quantile(values, 0.9)))
    hit = on.any(axis=1)
    first = on.argmax(axis=1)
    points: Points = grid[np.arange(_ANGLES), first][hit & (first > 0)]
    return points


def _fit(red: Plane, proposal: SealPlace) -> SealPlace | None:
    """Draws a proposal to the outer edge of the ring it lies near."""
    if not plausible(proposal, red.shape):
        return None
    place: SealPlace | None = proposal
    for search in ((0.55, 1.3), _RING_SEARCH, (0.93, 1.06)):
        if place is None:
            return None
        place = fitted(_edge_points(red, place, search), red.shape) or place
    if place is None or not plausible(place, red.shape):
        return None
    ratio = place.axes[1] / place.axes[0]
    return dc.replace(
        place,
        shape="round" if ratio >= ROUND_RATIO else "oval",
        score=_ring_score(red, place),
    )


def _ring_course(red: Plane, place: SealPlace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the ring has ink with none just outside, and where it lies in the picture.

    Both of _ANGLES values, along the ellipse parameter.
    """
    on = np.zeros(_ANGLES, dtype=np.float32)
    for scale in np.arange(0.93, 1.0, 0.012):
        on = np.maximum(on, sample(red, place.outline(float(scale))))
    outside = np.minimum(sample(red, place.outline(1.035)), sample(red, place.outline(1.06)))
    good = (on > RED_THRESHOLD) & (outside < np.maximum(RED_THRESHOLD, on * 0.5))
    return np.asarray(good), _visible(place, red.shape)


def _ring_score(red: Plane, place: SealPlace) -> float:
    """Share of the ring's visible course that carries ink."""
    good, seen = _ring_course(red, place)
    return float(good[seen].mean()) if seen.mean() >= _LEAST_VISIBLE else 0.0


def _widest_break(good: NDArray[np.bool_], seen: NDArray[np.bool_]) -> float:
    """The longest run of the visible ring without ink, in degrees."""
    empty = np.concatenate([~good & seen] * 2).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], empty, [0]])))
    longest = int((edges[1::2] - edges[::2]).max(initial=0))
    return min(longest, _ANGLES) * 360 / _ANGLES


def _is_seal(red: Plane, place: SealPlace) -> bool:
    """Whether the ring is there and what it holds looks like letters."""
    if place.score < _LEAST_RING:
        return False
    radii = np.linspace(0.3, _LETTERS_WITHIN, 16)
    turn = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    grid = place.at(turn[:, None], np.broadcast_to(radii, (180, 16)))
    inside = sample(red, grid) > RED_THRESHOLD
    share = float((inside * radii).sum() / (radii.sum() * 180))
    if not _LEAST_INSIDE <= share <= _MOST_INSIDE:
        return False
    # Letters: along the name's course ink comes and goes many times, at some radius.
    changes = np.abs(np.diff(inside.astype(np.int8), axis=0)).sum(axis=0)
    broken = _widest_break(*_ring_course(red, place)) > _WIDE_BREAK
    tall = np.sort(changes[8:])[-_LETTER_RADII]
    return bool(tall >= (_LEAST_CHANGES_BROKEN if broken else _LEAST_CHANGES))


def _is_filled(image: Image, place: SealPlace) -> bool:
    """Whether the inside is one thing, against the paper just outside the ring.

    A stone larger than the kernel of `paper` is taken for paper there.
    """
    turn = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    around = place.at(turn[:, None], np.broadcast_to([1.08, 1.14, 1.2], (90, 3)))
    within = place.at(turn[:, None], np.broadcast_to(np.linspace(0.1, 0.85, 12), (90, 12)))
    light = fetch(image, around)
    if not (light.max(axis=-1) > 0).any():
        return False
    under = np.median(light[light.max(axis=-1) > 0], axis=0)
    seen = fetch(image, within)
    ink = ink_of(np.log(np.maximum(under, 1) / np.maximum(seen, 8)).astype(np.float32), place.ink)
    return float((ink > 2 * RED_THRESHOLD).mean()) > _MOST_INSIDE


def _is_stamp(density: Plane, place: SealPlace) -> bool:
    """Whether the ring's ink lets its own light pass, as stamp ink does and brown does not."""
    passing = PASSING.get(place.ink)
    course = np.concatenate([place.outline(scale) for scale in (0.94, 0.96, 0.98)])
    channels = fetch(density, course[:, None])[:, 0].T
    if passing is None:
        most, least = channels.max(axis=0), channels.min(axis=0)
        inked = least > RED_THRESHOLD
        return bool(inked.any()) and float(np.median(1 - least[inked] / most[inked])) < _GREY
    own = channels[passing]
    taken = np.minimum(*(channels[other] for other in range(3) if other != passing))
    inked = taken - own > RED_THRESHOLD
    if not inked.any():
        return False
    return float(np.median(own[inked] / taken[inked])) < _MOST_OWN_TAKEN[place.ink]


def _best_of(places: list[SealPlace]) -> list[SealPlace]:
    """Drops proposals that found the same seal, or a ring inside another."""
    # A larger ring wins over an equally well inked one inside it (double rings).
    ranked = sorted(
        places, key=lambda p: p.score + 0.25 * p.axes[0] / _SEARCH_LONG_SIDE, reverse=True
    )
    kept: list[SealPlace] = []
    for place in ranked:
        if all(not _same(place, other) for other in kept):
            kept.append(place)
    return kept


def _same(one: SealPlace, other: SealPlace) -> bool:
    apart = math.dist(one.centre, other.centre)
    larger = max(one.axes[1], other.axes[1])
    return apart < max(_OVERLAP * (one.axes[1] + other.axes[1]), _INSIDE * larger)
