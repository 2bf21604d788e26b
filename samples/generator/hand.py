"""Names written by hand: a writer's habits, the slight differences of each time, forgeries.

A character's strokes are the middle lines in `data/strokes.json`. A hand bends and joins
them in its own way, the same way each time (its habits), and a little differently each time
(its variation). Another hand has other habits; a forger bends his towards those he copies.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import json
import zlib
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.generator import demo

Points = NDArray[np.float64]
Mask = NDArray[np.uint8]

_EM = 1024.0
_TOP = 900.0
# Waves a side of the field that bends a character.
_WAVES = 3
# In parts of a character's side: how far habits bend it, and how far each time differs.
HABIT, VARIATION = 0.075, 0.028
# Share of joins made or left out against the habit.
RELAPSE = 0.06
_SUPERSAMPLING = 4
HOW = ("own", "stamp", "forged")
# Forgers of market certificates have seen a signature at best; none copies it perfectly.
MOST_SKILL = 0.5
SPECIMEN_SIZE = 96
# Names fit into so many character sides, with room for slant and hooks.
_MARGIN = 0.45


@dc.dataclass(frozen=True, slots=True)
class Hand:
    """A writer's habits; sizes in parts of a character's side.

    Attributes:
        seed: of the bends of every single character.
        slant: sideways lean, tangent; positive leans right.
        aspect: width of a character against its height.
        advance: from one character's left edge to the next one's.
        rise: how far each character stands above the last.
        fall: size of each character against the one before.
        roundness: how much corners are rounded.
        joining: share of neighbouring strokes written without lifting the pen.
        hook: how far strokes run on at their ends.
        pen: width of the line.
        nib: how much wider the line is across than along the nib.
        copied: the hand that is imitated, None for one's own.
        skill: how far towards the copied habits, 0..1.
    """

    seed: int
    slant: float
    aspect: float
    advance: float
    rise: float
    fall: float
    roundness: float
    joining: float
    hook: float
    pen: float
    nib: float
    copied: Hand | None = None
    skill: float = 0.0


def hand(seed: int) -> Hand:
    """The hand of that number; the same number is the same writer."""
    rng = np.random.default_rng([seed, 71])
    return Hand(
        seed=seed,
        slant=float(np.clip(rng.normal(0.05, 0.16), -0.3, 0.4)),
        aspect=float(rng.uniform(0.72, 1.2)),
        advance=float(rng.uniform(0.72, 1.02)),
        rise=float(np.clip(rng.normal(0.03, 0.06), -0.1, 0.16)),
        fall=float(rng.uniform(0.85, 1.08)),
        roundness=float(rng.uniform(0.01, 0.06)),
        joining=float(rng.uniform(0.25, 0.85)),
        hook=float(rng.uniform(0.0, 0.08)),
        pen=float(rng.uniform(0.035, 0.065)),
        nib=float(rng.uniform(0.0, 0.6)),
    )


def own_hand(name: str) -> Hand:
    """The hand of the person of that name."""
    return hand(zlib.crc32(name.encode()))


def forger(seed: int, copied: Hand, skill: float) -> Hand:
    """Another's hand that copies one.

    Args:
        seed: of the forger's own hand.
        copied: whose signature it is to be.
        skill: 0 for a forger who never saw it, 1 for a perfect copy.
    """
    own = hand(seed)
    drawn = {
        field.name: (1 - skill) * getattr(own, field.name) + skill * getattr(copied, field.name)
        for field in dc.fields(Hand)
        if field.name not in ("seed", "copied", "skill")
    }
    return Hand(seed=own.seed, copied=copied, skill=skill, **drawn)


@functools.cache
def _strokes() -> dict[str, tuple[Points, ...]]:
    path = demo.DATA / "strokes.json"
    table = json.loads(path.read_text(encoding="utf-8"))["characters"]
    return {
        char: tuple(
            np.array([[float(n) for n in point.split(",")] for point in line.split()])
            for line in lines
        )
        for char, lines in table.items()
    }


def known_characters() -> tuple[str, ...]:
    """All characters of which the strokes are known."""
    return tuple(_strokes())


def can_write(name: str) -> bool:
    """Whether the strokes of every character of a name are known."""
    return all(char in _strokes() for char in name)


@dc.dataclass(frozen=True, slots=True)
class _Bend:
    """How one character departs from its model.

    Attributes:
        field: 2 × waves × waves amplitudes that push points about.
        strokes: strokes × 4: shift x and y, growth, turn in radians.
        joins: strokes − 1 numbers 0..1; a join is made where it is below the hand's share.
    """

    field: Points
    strokes: Points
    joins: Points

    def mixed(self, other: _Bend, share: float, rng: np.random.Generator) -> _Bend:
        """This bend moved by a share towards another; joins are the one's or the other's."""
        take = rng.random(self.joins.shape) < share
        return _Bend(
            (1 - share) * self.field + share * other.field,
            (1 - share) * self.strokes + share * other.strokes,
            np.where(take, other.joins, self.joins),
        )


def _bend(count: int, amount: float, rng: np.random.Generator) -> _Bend:
    order = np.add.outer(np.arange(_WAVES), np.arange(_WAVES))
    spread = np.array([0.35, 0.35, 1.3, 1.1]) * amount
    return _Bend(
        rng.normal(0, amount, (2, _WAVES, _WAVES)) / (1 + order),
        rng.normal(0, 1, (count, 4)) * spread,
        rng.random(max(0, count - 1)),
    )


def _habit(writer: Hand, char: str, count: int) -> _Bend:
    rng = np.random.default_rng([writer.seed, ord(char)])
    own = _bend(count, HABIT, rng)
    if writer.copied is None:
        return own
    return own.mixed(_habit(writer.copied, char, count), writer.skill, rng)


def _push(points: Points, field: Points) -> Points:
    """Points of the unit square moved by a smooth field."""
    waves = np.cos(np.pi * points[:, None, :] * np.arange(_WAVES)[None, :, None])
    pushed = np.einsum("dij,ni,nj->nd", field, waves[..., 0], waves[..., 1])
    return np.asarray(points + pushed, np.float64)


def _bent(lines: Sequence[Points], bend: _Bend) -> list[Points]:
    bent = []
    for line, (dx, dy, growth, turn) in zip(lines, bend.strokes, strict=True):
        middle = line.mean(axis=0)
        cos, sin = np.cos(turn), np.sin(turn)
        turned = (line - middle) @ np.array([[cos, sin], [-sin, cos]]) * (1 + growth)
        bent.append(_push(turned + middle + (dx, dy), bend.field))
    return bent


def _along(line: Points, step: float = 0.012) -> Points:
    """A line of points at even distances."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    if lengths[-1] <= 0:
        return line[:1]
    places = np.linspace(0, lengths[-1], max(2, int(lengths[-1] / step)))
    return np.stack([np.interp(places, lengths, line[:, axis]) for axis in (0, 1)], axis=1)


def _smooth(line: Points, roundness: float, step: float = 0.012) -> Points:
    """Corners rounded; the ends stay."""
    sigma = roundness / step
    if len(line) < 3 or sigma < 0.5:
        return line
    reach = int(3 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    # Mirrored through its ends, so that they are where they were.
    first, last = 2 * line[0] - line[reach:0:-1], 2 * line[-1] - line[-2 : -reach - 2 : -1]
    if len(first) < reach or len(last) < reach:
        return line
    long = np.concatenate([first, line, last])
    return np.stack([np.convolve(long[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)


def _hooked(line: Points, hook: float) -> Points:
    """The line run on a little the way it was going, bent upwards."""
    if hook <= 0 or len(line) < 2:
        return line
    ahead = line[-1] - line[-2]
    ahead = ahead / max(1e-6, float(np.linalg.norm(ahead)))
    return np.concatenate([line, [line[-1] + hook * (ahead + np.array([0.2, -0.5]))]])


def _character(char: str, writer: Hand, rng: np.random.Generator) -> list[tuple[Points, Points]]:
    """Lines of one character in its unit square, each with its relative width at every point."""
    lines = [(line * (1, -1) + (0, _TOP)) / _EM for line in _strokes()[char]]
    habit = _habit(writer, char, len(lines))
    today = _bend(len(lines), VARIATION, rng)
    # Two bends one after the other: the habit's, and today's on top of it.
    bent = _bent(_bent([_along(line) for line in lines], habit), today)
    changed = rng.random(len(lines)) < RELAPSE
    drawn: list[tuple[Points, Points]] = []
    path = _along(bent[0])
    width = np.ones(len(path))
    for number, line in enumerate(bent[1:]):
        gap = float(np.linalg.norm(line[0] - path[-1]))
        joined = habit.joins[number] < writer.joining * (1.2 - gap)
        if bool(joined) != bool(changed[number]):
            bridge = _along(np.stack([path[-1], line[0]]))
            path = np.concatenate([path, bridge, _along(line)])
            thin = np.full(len(bridge), 0.6)
            width = np.concatenate([width, thin, np.ones(len(path) - len(width) - len(bridge))])
        else:
            drawn.append((path, width))
            path = _along(line)
            width = np.ones(len(path))
    drawn.append((path, width))
    return [_finished(path, width, writer) for path, width in drawn]


def _finished(path: Points, width: Points, writer: Hand) -> tuple[Points, Points]:
    smooth = _smooth(_along(_hooked(path, writer.hook)), writer.roundness)
    places = np.linspace(0, 1, len(smooth))
    wide = np.interp(places, np.linspace(0, 1, len(width)), width)
    # The pen comes down and lifts off.
    wide *= np.minimum(1, 0.6 + 6 * np.minimum(places, 1 - places))
    return smooth, wide


def write(name: str, writer: Hand, rng: np.random.Generator, size: int) -> Mask:
    """A name in a hand.

    Args:
        name: to be written; `can_write` it.
        writer: whose hand.
        rng: what is different this time.
        size: side of a character, pixels.

    Returns:
        Height × width, 255 where there is full ink, cut to the ink with a small margin.
    """
    side = size * _SUPERSAMPLING * float(rng.normal(1, 0.04))
    slant = writer.slant + float(rng.normal(0, 0.02))
    rise = writer.rise + float(rng.normal(0, 0.012))
    pen = writer.pen * float(rng.uniform(0.88, 1.14))
    wide = int(side * (len(name) * 1.25 + 2 * _MARGIN))
    tall = int(side * (1.2 + 2 * _MARGIN + 0.2 * len(name)))
    sheet = np.zeros((tall, wide), np.uint8)
    left, grown = _MARGIN, 1.0
    for place, char in enumerate(name):
        base = _MARGIN + 1.05 - rise * (place - (len(name) - 1) / 2)
        for path, width in _character(char, writer, rng):
            x = left + path[:, 0] * grown * writer.aspect + slant * (0.5 - path[:, 1]) * grown
            y = base + (path[:, 1] - 1) * grown
            _ink(sheet, np.stack([x, y], axis=1) * side, width, pen * side, writer.nib)
        left += writer.advance * writer.aspect * grown * float(rng.normal(1, 0.03))
        grown *= writer.fall * float(rng.normal(1, 0.015))
    return _cut(sheet)


def _ink(sheet: Mask, path: Points, width: Points, pen: float, nib: float) -> None:
    """Draws a line of changing width, in place."""
    if len(path) < 2:
        return
    ahead = np.gradient(path, axis=0)
    angle = np.arctan2(ahead[:, 1], ahead[:, 0])
    broad = 1 + nib * (np.abs(np.sin(angle - np.pi / 4)) - 0.5)
    for at in range(len(path) - 1):
        thick = max(1, round(float(pen * width[at] * broad[at])))
        one, two = (tuple(int(v) for v in point.round()) for point in path[at : at + 2])
        cv2.line(sheet, one, two, 255, thick, cv2.LINE_AA)


def _cut(sheet: Mask) -> Mask:
    rows, columns = np.nonzero(sheet)
    pad = 2 * _SUPERSAMPLING
    top, left = max(0, rows.min() - pad), max(0, columns.min() - pad)
    kept = sheet[top : rows.max() + pad, left : columns.max() + pad]
    size = (max(1, kept.shape[1] // _SUPERSAMPLING), max(1, kept.shape[0] // _SUPERSAMPLING))
    return np.asarray(cv2.resize(kept, size, interpolation=cv2.INTER_AREA), np.uint8)


@dc.dataclass(frozen=True, slots=True)
class Signed:
    """A name on a certificate that is written and not printed.

    Attributes:
        how: one of HOW.
        writer: whose hand.
        seed: of what is different this time; None for the specimen's own picture.
    """

    how: str
    writer: Hand
    seed: int | None


def signed(how: str, name: str, rng: np.random.Generator) -> Signed:
    """A name signed in the person's own hand, by a stamp of the specimen, or by another.

    Args:
        how: one of HOW.
        name: that is written.
        rng: source of chance.
    """
    own = own_hand(name)
    if how == "stamp":
        return Signed(how, own, None)
    seed = int(rng.integers(2**31))
    if how == "forged":
        skill = float(rng.uniform(0, MOST_SKILL))
        return Signed(how, forger(int(rng.integers(2**31)), own, skill), seed)
    return Signed(how, own, seed)


def draw(name: str, one: Signed, size: int) -> Mask:
    """A signed name; as `write`."""
    if one.seed is not None:
        return write(name, one.writer, np.random.default_rng(one.seed), size)
    mask = specimen(name)
    share = size / SPECIMEN_SIZE
    wanted = (max(1, round(mask.shape[1] * share)), max(1, round(mask.shape[0] * share)))
    return np.asarray(cv2.resize(mask, wanted, interpolation=cv2.INTER_AREA), np.uint8)


def specimen(name: str) -> Mask:
    """The specimen that the registry holds of a person: one signature, always the same."""
    return write(
        name, own_hand(name), np.random.default_rng([zlib.crc32(name.encode()), 5]), SPECIMEN_SIZE
    )


def as_picture(mask: Mask, margin: int = 12) -> Image.Image:
    """Black ink on white paper, greyscale."""
    framed = cv2.copyMakeBorder(mask, *(margin,) * 4, cv2.BORDER_CONSTANT, value=0)
    return Image.fromarray(255 - framed)
