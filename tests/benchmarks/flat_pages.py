"""Honest pictures of papers that no camera took: a screenshot of a PDF file, and a scan.

A screenshot has no grain and no blur at all; a scanner lays the paper nearly straight, with little
of both. Either is kept without loss, as JPEG, or sent on by a messenger.
"""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad
from samples.generator import make
from tests.benchmarks.forging import SENT_JPEG, SENT_SIDE, Sent

KINDS = ("screenshot", "scan")
KEPT = ("png", "jpg", "sent")
# Long side of a page on a screen; of one scanned at 100 to 200 dots to the inch, A5 to A4.
_SCREEN, _SCANNED = (900, 2000), (1200, 2300)
_TURNED, _SOFT, _GRAIN = 0.6, (0.4, 0.9), (0.5, 2.0)  # degrees; px; grey levels
_JPEG = 75, 96


def page(number: int, kind: str) -> tuple[Sent, dict[str, Any]]:
    """An honest picture and the generator's truth, its seals brought to the picture's size.

    Args:
        number: seed.
        kind: one of KINDS.
    """
    rng = np.random.default_rng([number, KINDS.index(kind)])
    sample = make(number, level="flat")
    image, truth = sample.image, dict(sample.truth)
    least, most = _SCREEN if kind == "screenshot" else _SCANNED
    scale = float(rng.uniform(least, most)) / max(image.shape[:2])
    matrix = np.diag((scale, scale, 1.0))
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    image = _resized(image, size)
    if kind == "scan":
        middle = (size[0] / 2, size[1] / 2)
        turn = cv2.getRotationMatrix2D(middle, float(rng.uniform(-_TURNED, _TURNED)), 1.0)
        image = _scanned(image, turn, rng)
        matrix = np.vstack((turn, (0, 0, 1))) @ matrix
    kept = KEPT[int(rng.integers(len(KEPT)))]
    if kept == "sent":
        small = min(1.0, SENT_SIDE / max(image.shape[:2]))
        image = _resized(image, (round(image.shape[1] * small), round(image.shape[0] * small)))
        matrix = np.diag((small, small, 1.0)) @ matrix
    quality = SENT_JPEG if kept == "sent" else _JPEG
    data = _file(image, kept, int(rng.integers(*quality)))
    boxes = {
        key: _moved(box, matrix) for key, box in truth["boxes"].items() if key in truth["fields"]
    }
    truth["seals"] = [{**one, "box": _moved(one["box"], matrix)} for one in truth.get("seals", ())]
    truth["size"] = (image.shape[1], image.shape[0])
    return Sent(data, boxes, kind), truth


def _resized(image: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _scanned(image: Picture, turn: Any, rng: np.random.Generator) -> Picture:
    """Laid nearly straight, a little soft, with a little grain."""
    size = (image.shape[1], image.shape[0])
    laid = cv2.warpAffine(image, turn, size, flags=cv2.INTER_CUBIC, borderValue=(246, 246, 246))
    soft = cv2.GaussianBlur(laid.astype(np.float32), (0, 0), float(rng.uniform(*_SOFT)))
    grain = rng.normal(0, float(rng.uniform(*_GRAIN)), image.shape)
    return np.asarray(np.clip(soft + grain + 0.5, 0, 255), np.uint8)


def _file(image: Picture, kept: str, quality: int) -> bytes:
    if kept == "png":
        out = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image[..., ::-1])).save(out, "PNG")
        return out.getvalue()
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _moved(box: Any, matrix: Any) -> Quad:
    corners = np.column_stack((np.asarray(box, np.float64), np.ones(4))) @ matrix.T
    return geometry.as_quad(corners[:, :2] / corners[:, 2:])
