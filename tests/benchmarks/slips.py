"""Slips: twenty names on a sheet, photographed alone. What a name costs is a fiftieth of a photo.

Random names of two or three characters in random hands or in any face that is installed, some
over a ruled line, at the size that certificates print and photographs leave them. Nothing is
read; names are cut out a percent or two askew, as straightening leaves them.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocr import geometry
from samples.generator import camera, fonts, hand
from samples.generator.paper import INKS, SIGNED_SIZE

WIDTH, HEIGHT = 900, 620
COLUMNS, ROWS = 4, 5
# Type of the certificates' layouts and how much larger names stand there, as `blocks.signers`.
TYPE, LARGER = (26, 27, 28, 29, 30), 1.22
SCALE = (0.82, 1.03)
RULED = 0.7
# Of every part of the map from a name to its cut-out.
ASKEW = 0.012
HOW = ("own", "forged", "other", "print")


@dc.dataclass(frozen=True, eq=False)
class Slip:
    """A name cut out of a photograph.

    Attributes:
        how: one of HOW; `other` is another person's name in his own hand.
        skill: of the forger.
        name: whose specimen it is held beside.
        crop: height × width × 3, BGR.
    """

    how: str
    skill: float
    name: str
    crop: geometry.Picture


def characters() -> list[str]:
    """All that can be written by hand."""
    return list(hand.known_characters())


def _name(rng: np.random.Generator) -> str:
    return "".join(rng.choice(characters(), int(rng.choice([2, 3, 3]))))


def _printed(name: str, size: int, rng: np.random.Generator) -> hand.Mask:
    faces = list(fonts.installed())
    font = fonts.load(faces[int(rng.integers(len(faces)))], size)
    left, top, right, bottom = font.getbbox(name)
    image = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(image).text((4 - left, 4 - top), name, font=font, fill=255)
    return np.asarray(image)


def _drawn(how: str, name: str, rng: np.random.Generator) -> tuple[float, hand.Mask]:
    size = round(int(rng.choice(TYPE)) * LARGER)
    moment = int(rng.integers(2**31))
    if how == "print":
        return 0.0, _printed(name, size, rng)
    written, writer, skill = name, hand.own_hand(name), 0.0
    if how == "other":
        written = _name(rng)
        writer = hand.own_hand(written)
    elif how == "forged":
        skill = float(rng.uniform(0, hand.MOST_SKILL))
        writer = hand.forger(int(rng.integers(2**31)), writer, skill)
    return skill, hand.draw(written, hand.Signed(how, writer, moment), round(size * SIGNED_SIZE))


def slips(seed: int, level: str, hows: tuple[str, ...] = HOW) -> Iterator[Slip]:
    """The names of one sheet.

    Args:
        seed: of everything on it.
        level: a level of the camera; a hard one is softer and grainier, and does not lean.
        hows: what is on it, each as often.
    """
    rng = np.random.default_rng([seed, 9])
    sheet = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    sheet[:] = rng.integers(236, 256, 3)
    placed = []
    for place in range(ROWS * COLUMNS):
        how, name = hows[int(rng.integers(len(hows)))], _name(rng)
        skill, mask = _drawn(how, name, rng)
        tall, wide = mask.shape
        x = 20 + place % COLUMNS * 220 + int(rng.integers(0, 12))
        y = 15 + place // COLUMNS * 120 + int(rng.integers(0, 10))
        if wide > 205 or tall > 110:
            continue
        share = mask[..., None] / 255.0
        ink = np.array(INKS[int(rng.integers(len(INKS)))])[::-1]
        there = sheet[y : y + tall, x : x + wide]
        sheet[y : y + tall, x : x + wide] = (there * (1 - share) + ink * share).astype(np.uint8)
        if rng.random() < RULED:
            line = int(y + tall * rng.uniform(0.75, 1.0))
            cv2.line(sheet, (x - 8, line), (x + wide + 15, line), (150, 150, 150), 1)
        placed.append((how, skill, name, np.array([[x, y], [x + wide, y], [x + wide, y + tall],
                                                   [x, y + tall]], np.float64)))  # fmt: skip
    photo, way = _photographed(sheet, level, rng)
    for how, skill, name, corners in placed:
        yield Slip(how, skill, name, _cut(photo, camera.map_points(way, corners), rng))


def _photographed(
    sheet: geometry.Picture, level: str, rng: np.random.Generator
) -> tuple[geometry.Picture, camera.Matrix]:
    """The sheet as `camera.shoot` would take it as a part of a whole page."""
    strength = camera.STRENGTHS[level]
    quarter = int(rng.integers(4)) if rng.random() < strength.sideways else 0
    angle = np.radians(rng.uniform(-strength.tilt, strength.tilt) + 90 * quarter)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (WIDTH / 2, HEIGHT / 2)
    lean = rng.uniform(-strength.lean, strength.lean, (4, 2)) * HEIGHT
    corners = (half + lean) @ turn.T * rng.uniform(*SCALE)
    room = 40
    spread = corners.max(axis=0) - corners.min(axis=0)
    size = (int(spread[0]) + 2 * room, int(spread[1]) + 2 * room)
    corners = (corners - corners.min(axis=0) + room).astype(np.float32)
    outline = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    way = np.asarray(cv2.getPerspectiveTransform(outline, corners), np.float64)
    near = dc.replace(strength, long_side=max(size))
    image = camera.lay(sheet, camera.desk_of(size, rng), way, size, rng)
    return camera.develop(camera.expose(image, near, rng), near, rng), way


def _cut(
    photo: geometry.Picture, corners: hand.Points, rng: np.random.Generator
) -> geometry.Picture:
    middle = corners.mean(axis=0)
    askew = (corners - middle) @ (np.eye(2) + rng.normal(0, ASKEW, (2, 2))).T + middle
    height = float(np.linalg.norm(corners[3] - corners[0]))
    quad = geometry.pad_quad(geometry.as_quad(askew), 0.4 * height, 0.25 * height)
    return geometry.crop_quad(photo, quad)
