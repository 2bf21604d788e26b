"""A phone over a desk: turns a flat sheet into a photograph, and knows where it went."""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]
Matrix = NDArray[np.float64]

LEVELS = ("flat", "mild", "normal", "hard")
# Margin around a flat sheet, as of a scan that was cut a little wide.
FLAT_MARGIN = 24


@dc.dataclass(frozen=True, slots=True)
class Strength:
    """How badly a level treats the picture.

    Attributes:
        long_side: of the photo, pixels.
        fill: share of the photo's shorter relation that the sheet takes up, least and most.
        tilt: largest turn off the upright, degrees.
        sideways: chance of a quarter or half turn.
        lean: largest shift of a corner, share of the sheet's side.
        light: largest fall of brightness across the photo.
        glare: chance of a bright spot.
        blur: largest Gaussian sigma, pixels.
        shake: largest length of a motion blur, pixels.
        noise: largest standard deviation of the grain.
        quality: lowest and highest JPEG quality.
        tint: largest change of a colour channel's gain.
    """

    long_side: int
    fill: tuple[float, float]
    tilt: float
    sideways: float
    lean: float
    light: float
    glare: float
    blur: float
    shake: int
    noise: float
    quality: tuple[int, int]
    tint: float


STRENGTHS = {
    "mild": Strength(2000, (0.88, 0.95), 3, 0.0, 0.012, 0.12, 0.0, 0.5, 0, 2.5, (88, 94), 0.03),
    "normal": Strength(2000, (0.78, 0.92), 9, 0.25, 0.04, 0.28, 0.3, 0.9, 0, 5.0, (78, 92), 0.07),
    # Placed by `pose`, which turns and leans it: tilt, sideways and lean do not count.
    "hard": Strength(2200, (0.80, 0.94), 0, 0.0, 0.0, 0.42, 0.4, 1.0, 0, 8.0, (50, 80), 0.12),
}


@dc.dataclass(frozen=True)
class Shot:
    """A photograph of a sheet.

    Attributes:
        image: BGR picture.
        homography: 3 × 3, sheet pixels to photo pixels, of a sheet that lies flat.
        rotation: degrees clockwise that the sheet lies turned in the photo, 0 to 360.
    """

    image: Picture
    homography: Matrix
    rotation: float


def map_points(homography: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sheet points (n × 2) in photo pixels."""
    mapped = cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), homography)
    return np.asarray(mapped[0], np.float64)


def shoot(sheet: Picture, level: str, rng: np.random.Generator) -> Shot:
    """Photographs a sheet.

    Args:
        sheet: BGR picture of the page.
        level: one of LEVELS.
        rng: source of chance.

    Returns:
        The photo with the way from sheet to photo.
    """
    if level == "flat":
        margin = FLAT_MARGIN
        image = cv2.copyMakeBorder(
            sheet, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(246, 246, 246)
        )
        move = np.array([[1, 0, margin], [0, 1, margin], [0, 0, 1]], np.float64)
        return Shot(np.asarray(image, np.uint8), move, 0.0)
    strength = STRENGTHS[level]
    corners, size, turn = _place(sheet, strength, rng)
    height, width = sheet.shape[:2]
    outline = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    homography = np.asarray(
        cv2.getPerspectiveTransform(outline, corners.astype(np.float32)), np.float64
    )
    desk = desk_of(size, rng)
    image = lay(sheet, desk, homography, size, rng)
    image = expose(image, strength, rng)
    return Shot(develop(image, strength, rng), homography, turn)


def _place(
    sheet: Picture, strength: Strength, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int], float]:
    """Corners of the sheet in the photo, the photo's size (width, height), the turn."""
    height, width = sheet.shape[:2]
    quarter = int(rng.integers(1, 4)) if rng.random() < strength.sideways else 0
    tilt = float(rng.uniform(-strength.tilt, strength.tilt))
    # People hold the phone the way the paper lies, and cut the picture to 4 : 3.
    lies_wide = (width > height) != (quarter % 2 == 1)
    long_side, short_side = strength.long_side, round(strength.long_side * 3 / 4)
    size = (long_side, short_side) if lies_wide else (short_side, long_side)
    angle = math.radians(quarter * 90 + tilt)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    half = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    lean = rng.uniform(-strength.lean, strength.lean, (4, 2)) * min(width, height)
    corners = (half + lean) @ turn.T
    span = corners.max(axis=0) - corners.min(axis=0)
    scale = float(np.min(np.array(size) / span)) * rng.uniform(*strength.fill)
    corners *= scale
    middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
    room = (np.array(size) - span * scale) / 2
    shift = rng.uniform(-0.7, 0.7, 2) * room
    corners += np.array(size) / 2 - middle + shift
    return corners, size, (quarter * 90 + tilt) % 360


def noise(size: tuple[int, int], cells: tuple[float, float], rng: np.random.Generator) -> Plane:
    """Smooth noise, about -1..1, with that many cells across and down."""
    width, height = size
    coarse = rng.normal(0, 0.5, (max(2, int(cells[1])), max(2, int(cells[0])))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)


DESKS = ("wood", "cloth", "stone", "plain", "leather")


def desk_of(size: tuple[int, int], rng: np.random.Generator) -> Plane:
    """A desk's surface, height × width × 3, BGR in 0..255."""
    kind = DESKS[int(rng.integers(len(DESKS)))]
    width, height = size
    if kind == "wood":
        grain = noise(size, (4, height / 5), rng) * 16 + noise(size, (3, height / 40), rng) * 18
        base = np.array([(70, 108, 150), (52, 78, 112), (120, 160, 196)][int(rng.integers(3))])
    elif kind == "cloth":
        weave = np.sin(np.arange(width) * 1.3)[None, :] + np.sin(np.arange(height) * 1.3)[:, None]
        grain = weave.astype(np.float32) * 6 + noise(size, (12, 12), rng) * 10
        base = np.array([(92, 60, 48), (60, 74, 60), (150, 150, 160)][int(rng.integers(3))])
    elif kind == "stone":
        veins = np.abs(noise(size, (7, 7), rng) + noise(size, (30, 30), rng) * 0.4)
        grain = -np.exp(-veins * 14) * 46 + noise(size, (90, 90), rng) * 5
        base = np.array([(206, 208, 210), (96, 100, 100)][int(rng.integers(2))])
    elif kind == "leather":
        grain = noise(size, (width / 9, height / 9), rng) * 12
        base = np.array([(34, 36, 44), (40, 50, 84)][int(rng.integers(2))])
    else:
        grain = noise(size, (5, 5), rng) * 8
        base = np.array([(188, 196, 202), (130, 130, 136), (70, 84, 96)][int(rng.integers(3))])
    return np.asarray(base[None, None, :] + grain[..., None], np.float32)


def lay(
    sheet: Picture,
    desk: Plane,
    homography: Matrix,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Plane:
    """Puts the sheet on the desk with a soft shadow on one side."""
    # Shrinking by warping alone would skip pixels; averaging first keeps thin strokes.
    scale = math.sqrt(abs(np.linalg.det(homography[:2, :2])))
    soft = cv2.GaussianBlur(sheet, (0, 0), 0.45 / scale) if scale < 0.9 else sheet
    turned = cv2.warpPerspective(soft, homography, size, flags=cv2.INTER_CUBIC)
    whole = np.full(sheet.shape[:2], 255, np.uint8)
    mask = cv2.warpPerspective(whole, homography, size, flags=cv2.INTER_LINEAR)
    mask = mask.astype(np.float32) / 255
    shift = rng.uniform(-10, 10, 2)
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
    shadow = cv2.GaussianBlur(cv2.warpAffine(mask, move, size), (0, 0), 9)
    image = desk * (1 - np.float32(0.45) * shadow[..., None])
    image += (turned.astype(np.float32) - image) * mask[..., None]
    return image


def expose(image: Plane, strength: Strength, rng: np.random.Generator) -> Plane:
    """Uneven light, a soft shadow, glare, white balance."""
    height, width = image.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    slope = (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))) / 2
    light = 1 - np.float32(rng.uniform(0.3, 1) * strength.light) * (slope + np.float32(0.5))
    light += noise((width, height), (4, 4), rng) * np.float32(strength.light * 0.25)
    gains = (1 + rng.uniform(-strength.tint, strength.tint, 3)).astype(np.float32)
    lit = image * (light[..., None] * gains)
    if rng.random() < strength.glare:
        cx, cy = rng.uniform(-0.7, 0.7, 2)
        rx, ry = rng.uniform(0.12, 0.3, 2)
        across, down = np.exp(-(((x - cx) / rx) ** 2)), np.exp(-(((y - cy) / ry) ** 2))
        spot = (across * down).astype(np.float32) * np.float32(rng.uniform(0.35, 0.75))
        lit += (255 - lit) * spot[..., None]
    return np.asarray(lit, np.float32)


def develop(image: Plane, strength: Strength, rng: np.random.Generator) -> Picture:
    """Lens blur, shake, grain and JPEG."""
    sigma = float(rng.uniform(0.25, 1) * strength.blur)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma, 0.2)), np.float32)
    if strength.shake:
        length = int(rng.integers(1, strength.shake + 1))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1 / length
        turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), rng.uniform(0, 180), 1)
        kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), np.float32)
        image = np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.float32)
    sigma = float(rng.uniform(0.3, 1) * strength.noise)
    noisy = rng.standard_normal(image.shape, np.float32)
    noisy *= np.float32(sigma * 0.4)
    noisy += rng.standard_normal(image.shape[:2], np.float32)[..., None] * np.float32(sigma)
    noisy += image
    raw = np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)
    quality = int(rng.integers(strength.quality[0], strength.quality[1] + 1))
    _, data = cv2.imencode(".jpg", raw, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
