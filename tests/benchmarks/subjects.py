"""Things that are no certificate, drawn: what a thumb sends by mistake."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ocr.geometry import Picture
from samples.generator import camera
from samples.generator.camera import Plane

SIZE = (1600, 1200)
# Of the picture's short side: how much of it the thing takes up, by strength.
_FILLS = (0.3, 0.5, 0.85)


def _ground(rng: np.random.Generator) -> Plane:
    return camera.desk_of(SIZE, rng)


def _photographed(image: Plane, rng: np.random.Generator) -> Picture:
    strength = camera.STRENGTHS["normal"]
    return camera.develop(camera.expose(image, strength, rng), strength, rng)


def _grid() -> tuple[Plane, Plane]:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    return x - SIZE[0] / 2, y - SIZE[1] / 2


def _paint(image: Plane, mask: Plane, colour: Plane) -> None:
    image += (colour - image) * np.clip(mask, 0, 1)[..., None]


def stone(seed: int, much: int) -> Picture:
    """A polished stone with veins and a highlight."""
    rng = np.random.default_rng(seed)
    image = _ground(rng)
    x, y = _grid()
    radius = _FILLS[much - 1] * min(SIZE) / 2
    away = np.hypot(x / rng.uniform(1.0, 1.4), y) / radius
    away += camera.noise(SIZE, (5, 5), rng) * 0.05
    hue = np.array([(110, 160, 90), (60, 90, 190), (190, 190, 200)][seed % 3], np.float32)
    veins = np.exp(-np.abs(camera.noise(SIZE, (9, 9), rng)) * 20)
    light = 1.15 - 0.6 * away - 0.25 * veins
    light += 0.8 * np.exp(-((np.hypot(x + radius / 3, y + radius / 3) / (radius / 6)) ** 2))
    _paint(image, (1 - away) * radius / 2, hue * light[..., None].astype(np.float32))
    return _photographed(image, rng)


def _ellipse(
    image: Plane, at: tuple[float, float], axes: tuple[float, float], colour: tuple[int, int, int]
) -> None:
    x, y = _grid()
    inside = (1 - np.hypot((x - at[0]) / axes[0], (y - at[1]) / axes[1])) * min(axes) / 2
    _paint(image, inside.astype(np.float32), np.array(colour, np.float32))


def face(seed: int, much: int) -> Picture:
    """A face with hair, eyes, brows and a mouth."""
    rng = np.random.default_rng(seed)
    image = _ground(rng)
    size = _FILLS[much - 1] * min(SIZE) / 2
    skin = [(150, 178, 224), (122, 152, 204), (84, 108, 158)][seed % 3]
    _ellipse(image, (0, -0.15 * size), (0.86 * size, size), (28, 30, 36))
    _ellipse(image, (0, 0), (0.72 * size, 0.95 * size), skin)
    for side in (-1, 1):
        _ellipse(
            image, (side * 0.3 * size, -0.15 * size), (0.14 * size, 0.08 * size), (235, 235, 238)
        )
        _ellipse(image, (side * 0.3 * size, -0.15 * size), (0.06 * size, 0.07 * size), (30, 24, 20))
        _ellipse(image, (side * 0.3 * size, -0.32 * size), (0.18 * size, 0.03 * size), (30, 30, 34))
    _ellipse(image, (0, 0.12 * size), (0.07 * size, 0.12 * size), tuple(int(v * 0.9) for v in skin))
    _ellipse(image, (0, 0.5 * size), (0.25 * size, 0.06 * size), (90, 80, 180))
    return _photographed(image, rng)


def cat(seed: int, much: int) -> Picture:
    """A cat's head with fur, ears and whiskers."""
    rng = np.random.default_rng(seed)
    image = _ground(rng)
    size = _FILLS[much - 1] * min(SIZE) / 2
    fur = [(70, 120, 190), (90, 90, 96), (40, 42, 46)][seed % 3]
    middle = np.array([SIZE[0] / 2, SIZE[1] / 2])
    for side in (-1, 1):
        ear = (
            np.array([[side * 0.75, -0.35], [side * 0.8, -1.1], [side * 0.2, -0.75]]) * size
            + middle
        )
        cv2.fillConvexPoly(image, np.round(ear).astype(np.int32), fur)
    _ellipse(image, (0, 0), (0.9 * size, 0.8 * size), fur)
    for _ in range(1500):
        angle, reach = rng.uniform(0, 2 * np.pi), size * 0.85 * np.sqrt(rng.random())
        start = middle + reach * np.array([np.cos(angle), 0.85 * np.sin(angle)])
        end = start + size * 0.06 * np.array([np.cos(angle), np.sin(angle)])
        shade = tuple(float(v * rng.uniform(0.7, 1.3)) for v in fur)
        cv2.line(image, tuple(map(int, start)), tuple(map(int, end)), shade, 2, cv2.LINE_AA)
    for side in (-1, 1):
        _ellipse(
            image, (side * 0.35 * size, -0.1 * size), (0.16 * size, 0.13 * size), (80, 190, 190)
        )
        _ellipse(image, (side * 0.35 * size, -0.1 * size), (0.04 * size, 0.12 * size), (12, 12, 12))
        for row in (-1, 0, 1):
            start = middle + size * np.array([side * 0.2, 0.3])
            end = middle + size * np.array([side * 1.1, 0.3 + 0.12 * row])
            cv2.line(
                image, tuple(map(int, start)), tuple(map(int, end)), (235, 235, 235), 2, cv2.LINE_AA
            )
    _ellipse(image, (0, 0.22 * size), (0.09 * size, 0.06 * size), (120, 110, 200))
    return _photographed(image, rng)


DRAWN: dict[str, Callable[[int, int], Picture]] = {"stone": stone, "face": face, "cat": cat}
