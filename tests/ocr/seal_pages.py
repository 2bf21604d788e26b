"""Pages with seals, drawn for the tests: print, light, a little blur, and what is where."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from samples.generator.seal import draw_seal

PAPER = (238, 246, 248)
INK = (32, 28, 26)


def blank(width: int = 900, height: int = 640) -> np.ndarray:
    return np.full((height, width, 3), PAPER, np.uint8)


def printed(width: int = 900, height: int = 640) -> np.ndarray:
    """Lines of black print all over."""
    page = blank(width, height)
    for row, y in enumerate(range(60, height - 20, 56)):
        words = f"GB/T 16553-2017 No.{row}47 refractive index 1.66 density 3.33"
        cv2.putText(page, words, (30, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, INK, 2, cv2.LINE_AA)
    return page


def stamped(page: np.ndarray, seal: Image.Image, centre: tuple[int, int]) -> np.ndarray:
    """The page with the seal's ink multiplied onto it; parts beyond the edge are lost."""
    height, width = page.shape[:2]
    layer = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    layer.paste(seal, (centre[0] - seal.width // 2, centre[1] - seal.height // 2))
    ink = np.asarray(layer, np.float32)
    tint = 1 - ink[..., 3:] / 255 * (1 - ink[..., 2::-1] / 255)
    return (page * tint).clip(0, 255).astype(np.uint8)


def seal(name: str, kind: str = "检验检测专用章", seed: int = 3, size: int = 280, **how: object):
    return draw_seal(name, kind, size=size, rng=np.random.default_rng(seed), **how)


def photographed(page: np.ndarray, seed: int = 0) -> np.ndarray:
    """Warm uneven light, a little blur, grain and JPEG."""
    rng = np.random.default_rng(seed)
    light = np.linspace(1.0, 0.7, page.shape[1], dtype=np.float32)[None, :, None]
    shot = page.astype(np.float32) * light * np.array([0.88, 0.98, 1.0], np.float32)
    shot = cv2.GaussianBlur(shot, (0, 0), 0.7) + rng.normal(0, 2.5, page.shape)
    coded = cv2.imencode(
        ".jpg", shot.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85]
    )[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)
