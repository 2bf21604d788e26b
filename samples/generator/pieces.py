"""Drawings that stand for the photo of the piece: bangle, beads, ring and the like."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]

# First character of a colour word that is known here -> RGB of the stone.
HUES = {
    "绿": (88, 150, 92),
    "翠": (60, 150, 90),
    "碧": (58, 110, 78),
    "白": (228, 230, 222),
    "青": (176, 190, 170),
    "紫": (158, 128, 170),
    "黄": (206, 168, 86),
    "红": (170, 40, 48),
    "蓝": (52, 84, 160),
    "糖": (140, 88, 58),
    "黑": (48, 48, 52),
    "橙": (214, 118, 50),
    "粉": (226, 168, 180),
    "金": (212, 176, 104),
    "褐": (120, 76, 44),
    "灰": (140, 144, 146),
    "无": (226, 232, 236),
}
METAL = (206, 190, 150)
LIGHT = np.array([-0.45, -0.6, 0.66], np.float32)


def _grid(size: int) -> tuple[Plane, Plane]:
    line = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    return x.astype(np.float32), y.astype(np.float32)


def _shade(
    image: Plane, height: Plane, mask: Plane, colour: tuple[int, int, int], gloss: float
) -> Plane:
    """Lights a height map from the upper left and lays it over the picture."""
    dy, dx = np.gradient(height * height.shape[0] / 2)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lit = np.clip(normal @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    tone = np.array(colour, np.float32) * (0.45 + 0.62 * lit[..., None])
    tone += gloss * 255 * np.clip(lit[..., None], 0, 1) ** 24
    soft = cv2.GaussianBlur(mask, (0, 0), 1.2)[..., None]
    mixed: Plane = image * (1 - soft) + np.clip(tone, 0, 255) * soft
    return mixed


def _dome(x: Plane, y: Plane, cx: float, cy: float, rx: float, ry: float) -> tuple[Plane, Plane]:
    inside = 1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2
    height = np.sqrt(np.clip(inside, 0, 1)) * min(rx, ry)
    return height.astype(np.float32), (inside > 0).astype(np.float32)


def _torus(x: Plane, y: Plane, radius: float, thick: float) -> tuple[Plane, Plane]:
    away = np.hypot(x, y) - radius
    inside = 1 - (away / thick) ** 2
    return (np.sqrt(np.clip(inside, 0, 1)) * thick).astype(np.float32), (inside > 0).astype(
        np.float32
    )


def _veins(size: int, rng: np.random.Generator) -> Plane:
    noise = rng.normal(0, 1, (size // 16, size // 16)).astype(np.float32)
    return np.asarray(cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _beads(x: Plane, y: Plane, image: Plane, colour: tuple[int, int, int]) -> Plane:
    for step in range(22):
        angle = step / 22 * 2 * np.pi
        cx, cy = 0.66 * np.cos(angle), 0.66 * np.sin(angle)
        height, mask = _dome(x, y, float(cx), float(cy), 0.098, 0.098)
        image = _shade(image, height, mask, colour, 0.7)
    return image


def _facets(x: Plane, y: Plane, image: Plane, colour: tuple[int, int, int]) -> Plane:
    height, mask = _dome(x, y, 0, 0, 0.62, 0.48)
    angle = np.arctan2(y / 0.48, x / 0.62)
    star = np.abs((angle / np.pi * 8) % 2 - 1).astype(np.float32)
    image = _shade(image, height * 0.5 + star * mask * 0.05, mask, colour, 0.9)
    table, inner = _dome(x, y, 0, 0, 0.34, 0.26)
    return _shade(image, table * 0, inner, tuple(min(255, c + 40) for c in colour), 0.2)  # type: ignore[arg-type]


def _carving(
    x: Plane, y: Plane, image: Plane, colour: tuple[int, int, int], rng: np.random.Generator
) -> Plane:
    wide, tall = rng.uniform(0.38, 0.55), rng.uniform(0.6, 0.75)
    power = rng.uniform(2.2, 4)
    inside = 1 - np.abs(x / wide) ** power - np.abs(y / tall) ** power
    mask = (inside > 0).astype(np.float32)
    height = np.clip(inside, 0, 0.4).astype(np.float32) * 0.6
    for _ in range(7):
        cx, cy = rng.uniform(-0.35, 0.35), rng.uniform(-0.5, 0.5)
        ring, band = _torus(x - cx, y - cy, rng.uniform(0.08, 0.22), 0.035)
        height = height + ring * band * mask * 0.9
    return _shade(image, height, mask, colour, 0.5)


def draw_piece(picture: str, hue: str, size: int, rng: np.random.Generator) -> Image.Image:
    """A picture of the piece on a plain ground.

    Args:
        picture: a name of data/articles.csv.
        hue: colour word of the stone.
        size: of the square, pixels.
        rng: source of chance.

    Returns:
        RGB picture, size × size.
    """
    x, y = _grid(size)
    ground = rng.integers(206, 246)
    image = np.full((size, size, 3), ground, np.float32) - (y[..., None] + 1) * 14
    base = next((HUES[c] for c in reversed(hue) if c in HUES), HUES["青"])
    colour = (base[0], base[1], base[2])
    if picture == "bangle":
        image = _shade(image, *_torus(x, y, 0.62, 0.16), colour, 0.8)
    elif picture == "beads":
        image = _beads(x, y, image, colour)
    elif picture == "faceted":
        image = _facets(x, y, image, colour)
    elif picture == "ring":
        image = _shade(image, *_torus(x, y - 0.22, 0.5, 0.08), METAL, 0.9)
        image = _shade(image, *_dome(x, y, 0, -0.42, 0.3, 0.24), colour, 0.9)
    elif picture == "cabochon":
        image = _shade(image, *_dome(x, y, 0, 0, 0.46, 0.6), colour, 0.9)
    else:
        image = _carving(x, y, image, colour, rng)
    image += _veins(size, rng)[..., None] * 2
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
