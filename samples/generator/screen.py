"""A certificate shown on a screen and photographed off it: pixels, stripes, moire."""

from __future__ import annotations

import cv2
import numpy as np

from samples.generator.camera import Matrix, Picture, Plane
from samples.generator.pose import Panel

# Screen pixels a photo pixel: a phone before a monitor sees about one to one.
PITCH = (0.62, 1.15)
_HARMONICS = ((1, 0.55), (2, 0.23))  # of a stripe a third of a pixel wide, behind a black mask
_ROWS = 0.22  # depth of the dark gap between rows
_SENSOR = 0.38  # px, spread of the lens and of a sensor's pixel
_FLICKER = (0.0, 0.05)


def pitch(panel: Panel, size: tuple[int, int], rng: np.random.Generator) -> float:
    """Screen pixels a sheet pixel, for a sheet of that size so laid into the photo."""
    corners = panel.corners()
    long = max(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1])))
    return float(rng.uniform(*PITCH) * long / max(size))


def show(sheet: Picture, density: float) -> Picture:
    """The sheet as a screen of that density shows it: its own pixels, smoothed a little.

    Args:
        sheet: BGR.
        density: screen pixels a sheet pixel.
    """
    height, width = sheet.shape[:2]
    if density >= 1:
        return sheet
    size = (max(8, round(width * density)), max(8, round(height * density)))
    small = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA)
    shown = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(shown, np.uint8)


def photograph(image: Plane, panel: Panel, density: float, rng: np.random.Generator) -> None:
    """Lays the screen's stripes over the whole photo, in place, as the sensor meets them.

    Stripes finer than the sensor's own grid come out as moire, coloured because red and
    blue are measured at every second pixel only.

    Args:
        image: height × width × 3, BGR.
        panel: the sheet on the screen.
        density: screen pixels a sheet pixel.
        rng: source of chance.
    """
    height, width = image.shape[:2]
    back = np.diag([density, density, 1.0]) @ np.linalg.inv(panel.homography)
    for channel, (stripe, step) in enumerate(((2, 2), (1, 1), (0, 2))):
        y, x = np.mgrid[0:height:step, 0:width:step].astype(np.float32)
        mask = _stripes(x, y, back, stripe / 3)
        if step > 1:
            whole = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
            mask = np.asarray(whole, np.float32)
        image[..., channel] *= mask
    bands = np.sin(np.linspace(0, rng.uniform(6, 30), height, dtype=np.float32))
    image *= 1 + (np.float32(rng.uniform(*_FLICKER)) * bands)[:, None, None]


def _stripes(x: Plane, y: Plane, back: Matrix, phase: float) -> Plane:
    """Brightness 0..2 of one colour's stripes at photo places."""
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    u = ((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth).astype(np.float32)
    v = ((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth).astype(np.float32)
    middle = np.array([x.mean(), y.mean(), 1.0])
    mid = float(back[2] @ middle)
    across = np.hypot(back[0, 0], back[0, 1]) / mid
    down = np.hypot(back[1, 0], back[1, 1]) / mid
    mask = np.ones_like(u)
    for order, depth_of in _HARMONICS:
        kept = depth_of * 2 * np.exp(-2 * (np.pi * _SENSOR * order * across) ** 2)
        mask += np.float32(kept) * np.cos(np.float32(2 * np.pi * order) * (u - np.float32(phase)))
    kept = _ROWS * 2 * np.exp(-2 * (np.pi * _SENSOR * down) ** 2)
    mask *= 1 + np.float32(kept) * np.cos(np.float32(2 * np.pi) * v)
    return np.asarray(np.clip(mask, 0, 2.4), np.float32)
