"""What a phone and a messenger do to a picture: focus, shake, noise reduction, JPEG."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from samples.generator.camera import Picture, Plane

JPEG = (45, 55)
SHAKE = (0.25, 0.40)  # of the print's height
DEFOCUS = (0.10, 0.16)  # of the print's height: radius of a point's disc
NIGHT_GAIN, NIGHT_GRAIN = 0.3, 14.0
MESSENGER_SIDE, MESSENGER_JPEG = 1440, (58, 72)


def soften(
    image: Plane, names: Sequence[str], print_height: float, rng: np.random.Generator
) -> Plane:
    """Shake and lack of focus, measured by the print they spoil.

    Args:
        image: height × width × 3.
        names: treatments.
        print_height: px in the photo.
        rng: source of chance.
    """
    if "motion" in names:
        length = max(2.0, float(rng.uniform(*SHAKE)) * print_height)
        image = _blurred(image, stroke(length, float(rng.uniform(0, 180))))
    if "defocus" in names:
        radius = max(0.8, float(rng.uniform(*DEFOCUS)) * print_height)
        image = _blurred(image, disc(radius))
    return _night(image, rng) if "night" in names else image


def _blurred(image: Plane, kernel: Plane) -> Plane:
    return np.asarray(cv2.filter2D(image, -1, kernel), np.float32)


def stroke(length: float, degrees: float) -> Plane:
    """Kernel of a straight shake, that many px long."""
    half = int(np.ceil(length / 2)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    angle = np.radians(degrees)
    forth = np.abs(x * np.cos(angle) + y * np.sin(angle)) - length / 2
    off = np.abs(y * np.cos(angle) - x * np.sin(angle))
    kernel = np.clip(0.5 - forth, 0, 1) * np.clip(1 - off, 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def disc(radius: float) -> Plane:
    """Kernel of a point out of focus."""
    half = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _night(image: Plane, rng: np.random.Generator) -> Plane:
    """Little light, much grain, and the grain smoothed away with the finest strokes."""
    dim = image * np.float32(NIGHT_GAIN)
    dim += rng.standard_normal(image.shape, np.float32) * np.float32(NIGHT_GRAIN * NIGHT_GAIN)
    raw = np.clip(dim / NIGHT_GAIN * 0.8, 0, 255).astype(np.uint8)
    return np.asarray(cv2.bilateralFilter(raw, 7, 45, 3), np.float32)


def send(photo: Picture, names: Sequence[str], rng: np.random.Generator) -> tuple[Picture, float]:
    """The photo after a messenger, and the factor it was shrunk by."""
    if "messenger" not in names:
        return photo, 1.0
    factor = min(1.0, MESSENGER_SIDE / max(photo.shape[:2]))
    size = (round(photo.shape[1] * factor), round(photo.shape[0] * factor))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    for _ in range(2):
        quality = int(rng.integers(MESSENGER_JPEG[0], MESSENGER_JPEG[1] + 1))
        _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        small = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return small, factor
