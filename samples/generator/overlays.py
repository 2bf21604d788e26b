"""What lies between the lens and the print: fingers, a sleeve, reflections, shadows.

Each takes the photo as float BGR, changes it in place and says how much of every pixel
it hides, 0..1, so that the truth can tell what nobody could read.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.generator.camera import Plane, noise
from samples.generator.pose import Panel, Points

SKINS = ((150, 178, 224), (122, 152, 204), (104, 134, 186), (84, 108, 158))
NAIL = (176, 188, 232)
_FINGERS = (1, 3)
_FINGER = (0.085, 0.12)  # width over the paper's short side: 15 to 20 mm on A5
_REACH = (0.10, 0.22)  # of the diagonal, from the corner inwards
_SLEEVE_BORDER = (0.02, 0.05)  # of the long side, beyond the paper
_SLEEVE_SIDE = 900  # px at which a sleeve is drawn before it is laid over the paper


def hand(image: Plane, corners: Points, rng: np.random.Generator) -> Plane:
    """Fingers over one corner of a paper.

    Args:
        image: height × width × 3, changed in place.
        corners: of the paper in the photo, 4 × 2.
        rng: source of chance.

    Returns:
        What is hidden.
    """
    which = int(rng.integers(4))
    corner, middle = corners[which], corners.mean(axis=0)
    diagonal = float(np.hypot(*(corners[2] - corners[0])))
    short = min(_length(corners, 0), _length(corners, 1))
    inward = (middle - corner) / np.hypot(*(middle - corner))
    spin = np.radians(rng.uniform(-25, 25))
    inward = np.array([
        inward[0] * np.cos(spin) - inward[1] * np.sin(spin),
        inward[0] * np.sin(spin) + inward[1] * np.cos(spin),
    ])  # fmt: skip
    across = np.array([-inward[1], inward[0]])
    thick = float(rng.uniform(*_FINGER)) * short
    skin = np.array(SKINS[int(rng.integers(len(SKINS)))], np.float32)
    hidden = np.zeros(image.shape[:2], np.float32)
    count = int(rng.integers(_FINGERS[0], _FINGERS[1] + 1))
    for finger in range(count):
        side = (finger - (count - 1) / 2) * thick * 1.05
        reach = float(rng.uniform(*_REACH)) * diagonal
        tip = corner + inward * reach + across * side
        root = corner - inward * diagonal * 0.6 + across * side * 1.6
        _finger(image, hidden, tip, root, thick / 2, skin)
    return hidden


def _length(corners: Points, side: int) -> float:
    return float(np.hypot(*(corners[side] - corners[(side + 1) % 4])))


def _finger(
    image: Plane, hidden: Plane, tip: Points, root: Points, radius: float, skin: Plane
) -> None:
    """A capsule lit like a cylinder, with a nail and a soft shadow around it."""
    height, width = hidden.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = root - tip
    length = float(np.hypot(*along))
    along = along / length
    dx, dy = x - np.float32(tip[0]), y - np.float32(tip[1])
    forth = np.clip(dx * np.float32(along[0]) + dy * np.float32(along[1]), 0, length)
    away = np.hypot(dx - forth * np.float32(along[0]), dy - forth * np.float32(along[1]))
    away = (away / np.float32(radius)).astype(np.float32)
    shadow = np.clip((1.35 - away) / 0.35, 0, 1) * np.float32(0.35)
    image *= (1 - shadow)[..., None]
    mask = np.clip((1 - away) * np.float32(radius / 2), 0, 1)
    tone = np.float32(0.55) + np.float32(0.5) * np.sqrt(np.clip(1 - away**2, 0, 1))
    colour = skin[None, None, :] * tone[..., None]
    nail = np.hypot((forth - radius * 0.2) / (radius * 0.75), away / 0.55) < 1
    colour[nail] = np.array(NAIL, np.float32) * tone[nail][:, None]
    image += (colour - image) * mask[..., None]
    np.maximum(hidden, mask, out=hidden)


def sleeve(image: Plane, panel: Panel, size: tuple[int, int], rng: np.random.Generator) -> Plane:
    """A clear pocket around a paper: haze, streaks of light, seams.

    Args:
        image: height × width × 3, changed in place.
        panel: the paper, flat.
        size: its width and height, sheet pixels.
        rng: source of chance.

    Returns:
        What is washed out.
    """
    scale = _SLEEVE_SIDE / max(size)
    border = float(rng.uniform(*_SLEEVE_BORDER)) * max(size)
    wide, tall = (round((v + 2 * border) * scale) for v in size)
    light = np.zeros((tall, wide), np.float32)
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32) / max(wide, tall)
    bend = noise((wide, tall), (4, 4), rng) * np.float32(0.03)
    for _ in range(int(rng.integers(2, 5))):
        angle = rng.uniform(0, np.pi)
        place = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) + bend
        low, high = float(place.min()), float(place.max())
        off = (place - np.float32(rng.uniform(low, high))) / np.float32(rng.uniform(0.006, 0.03))
        light = np.maximum(light, np.float32(rng.uniform(0.3, 0.8)) * np.exp(-(off**2)))
    light *= np.clip(np.float32(0.75) + noise((wide, tall), (9, 9), rng), 0, 1)
    light = np.float32(0.06) + light * np.float32(0.94)
    light[:4], light[-4:], light[:, :4], light[:, -4:] = 0.5, 0.5, 0.5, 0.5
    back = np.array([[1 / scale, 0, -border], [0, 1 / scale, -border], [0, 0, 1]])
    height, width = image.shape[:2]
    laid = cv2.warpPerspective(light, panel.homography @ back, (width, height))
    image += (np.float32(250) - image) * laid[..., None]
    return np.asarray(laid, np.float32)


def glare(image: Plane, target: Points, rng: np.random.Generator) -> Plane:
    """A lamp's reflection over a field.

    Args:
        image: height × width × 3, changed in place.
        target: the field's corners in the photo, 4 × 2.
        rng: source of chance.

    Returns:
        What is washed out.
    """
    height, width = image.shape[:2]
    along = target[1] - target[0]
    long, thick = float(np.hypot(*along)), float(np.hypot(*(target[3] - target[0])))
    along = along / max(long, 1e-6)
    middle = target.mean(axis=0) + along * rng.uniform(-0.25, 0.25) * long
    reach = max(long * rng.uniform(0.3, 0.7), 1.5 * thick)
    narrow = thick * rng.uniform(1.5, 3.0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = x - np.float32(middle[0]), y - np.float32(middle[1])
    forth = (dx * np.float32(along[0]) + dy * np.float32(along[1])) / np.float32(reach)
    off = (dy * np.float32(along[0]) - dx * np.float32(along[1])) / np.float32(narrow)
    spot = np.clip(np.float32(1.3) * np.exp(-(forth**2 + off**2)), 0, 1).astype(np.float32)
    image += (np.float32(255) - image) * spot[..., None]
    return np.asarray(spot, np.float32)


def shade(image: Plane, rng: np.random.Generator) -> None:
    """A lamp on one side, and the soft edge of somebody's shadow across."""
    height, width = image.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    slope = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    light = np.float32(0.72) + np.float32(rng.uniform(0.15, 0.3)) * slope
    angle = rng.uniform(0, 2 * np.pi)
    edge = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    edge = edge + noise((width, height), (3, 3), rng) * np.float32(0.3)
    soft = np.float32(rng.uniform(12, 45))
    cast = 1 / (1 + np.exp(-(edge - np.float32(rng.uniform(-0.3, 0.3))) * soft))
    light = light * (1 - np.float32(rng.uniform(0.25, 0.5)) * cast)
    image *= light[..., None]


def stain(sheet: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Tea spilt on a sheet: a ring and a blot; print shows through."""
    height, width = sheet.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wet = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        cx, cy = rng.uniform(0, width), rng.uniform(0, height)
        radius = np.float32(rng.uniform(0.12, 0.28) * min(width, height))
        away = np.hypot(x - np.float32(cx), y - np.float32(cy)) / radius
        away = away + noise((width, height), (8, 8), rng) * np.float32(0.06)
        rim = np.exp(-(((away - 1) / np.float32(0.035)) ** 2)) * np.float32(0.55)
        inside = np.clip((1 - away) * 12, 0, 1) * np.float32(0.22)
        wet = np.maximum(wet, np.maximum(rim, inside))
    tint = np.array([0.35, 0.6, 0.78], np.float32)
    gain = 1 - wet[..., None] * (1 - tint)
    return np.asarray(np.clip(sheet * gain, 0, 255), np.uint8)
