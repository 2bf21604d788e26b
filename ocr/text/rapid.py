"""RapidOCR's models (PP-OCRv6 small, Apache-2.0, bundled in its wheel) on OpenVINO.

RapidOCR's own pipeline keeps the arguments of one call for the next, hides errors as
empty pages and shrinks large pictures; so its models, character list and box
post-processing are used, and its pipeline is not.

OpenVINO keeps a plan for each input shape it ever saw: pictures are padded to a few
fixed canvases so that memory stays flat however many photos of however many sizes come.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
import pathlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from ocr.errors import EngineFailedError, EngineMissingError
from ocr.geometry import as_quad
from ocr.reading import Glyph, Quad
from ocr.text import ctc
from ocr.text.charset import Charset
from ocr.text.crops import crop_line
from ocr.text.engine import Capability, Image, PageLine, Recognition

DETECTOR_MODEL = "PP-OCRv6_det_small.onnx"
RECOGNISER_MODEL = "PP-OCRv6_rec_small.onnx"
THREADS = 2

# Width × height; the smallest that wastes least is taken.
DETECTOR_CANVASES = ((960, 736), (736, 960), (960, 960))
DETECTOR_LONG_SIDE = 960
# RapidOCR's defaults for PP-OCRv6 detection.
DETECTOR_SETTINGS: dict[str, Any] = {
    "thresh": 0.3,
    "box_thresh": 0.5,
    "max_candidates": 1000,
    "unclip_ratio": 1.6,
    "use_dilation": True,
    "score_mode": "fast",
}

LINE_HEIGHT = 48
LINE_WIDTHS = (160, 320, 480, 640, 960, 1280, 1920)
BATCHES = (1, 6)
# A character the recogniser has no class for can explain no ink: the price of one.
UNKNOWN_CHARACTER = math.log(ctc.FLOOR)

# What becomes of a line's probabilities (frames × classes) once it is decoded.
Keep = Callable[[np.ndarray], "np.ndarray | None"]


def _models_folder() -> pathlib.Path:
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineMissingError(engine="rapidocr", detail="package rapidocr")
    return pathlib.Path(spec.origin).parent / "models"


class RapidEngine:
    """Detector and recogniser; safe to share between threads, one picture at a time.

    Raises:
        EngineMissingError: RapidOCR, OpenVINO or a model is not installed.
    """

    name = "rapidocr"
    languages = frozenset({"zh", "en"})
    capabilities = frozenset({Capability.PAGE, Capability.LINE, Capability.HYPOTHESES})

    def __init__(self) -> None:
        folder = _models_folder()
        try:
            import openvino
            from rapidocr.ch_ppocr_det.utils import DBPostProcess
        except ImportError as error:
            raise EngineMissingError(engine=self.name, detail=str(error)) from error
        core = openvino.Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": THREADS})
        models = {}
        for file in (DETECTOR_MODEL, RECOGNISER_MODEL):
            if not (folder / file).is_file():
                raise EngineMissingError(engine=self.name, detail=file)
            models[file] = core.read_model(folder / file)
        listed = models[RECOGNISER_MODEL].get_rt_info()["framework"]["character"].value
        self.charset = Charset(listed.split("\n"))
        self._detector = core.compile_model(models[DETECTOR_MODEL], "CPU").create_infer_request()
        self._recogniser = core.compile_model(
            models[RECOGNISER_MODEL], "CPU"
        ).create_infer_request()
        self._boxes = DBPostProcess(**DETECTOR_SETTINGS)
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """RapidOCR's version and the models' generation."""
        return f"{importlib.metadata.version('rapidocr')} PP-OCRv6 small"

    def detect(self, image: Image) -> list[Quad]:
        """See `LineDetector.detect`. Boxes come top to bottom, then left to right."""
        height, width = image.shape[:2]
        scale = min(1.0, DETECTOR_LONG_SIDE / max(height, width))
        small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
        fitting = [c for c in DETECTOR_CANVASES if c[0] >= small_size[0] and c[1] >= small_size[1]]
        canvas_width, canvas_height = min(fitting, key=lambda c: c[0] * c[1])
        small = cv2.resize(image, small_size, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((1, 3, canvas_height, canvas_width), dtype=np.float32)
        normal = small.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1.0
        canvas[0, :, : small_size[1], : small_size[0]] = normal
        probability = self._infer(self._detector, canvas)
        probability = probability[:, :, : small_size[1], : small_size[0]]
        boxes, _ = self._boxes(probability, (height, width))
        ordered = sorted(boxes, key=lambda b: (b[:, 1].min(), b[:, 0].min()))
        return [as_quad(box) for box in ordered]

    def read_lines(self, crops: Sequence[Image]) -> list[Recognition]:
        """See `TextEngine.read_lines`."""
        return self._read(crops, lambda probabilities: None)

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See `HypothesisScorer.recognise`."""
        return self._read(crops, ctc.log_probabilities)

    def read_page(self, image: Image) -> list[PageLine]:
        """See `TextEngine.read_page`."""
        return self.read_boxes(image, self.detect(image))

    def read_boxes(self, image: Image, boxes: Sequence[Quad]) -> list[PageLine]:
        """Reads the lines of a page whose places are known; empty ones are left out."""
        found = self.read_lines([crop_line(image, box) for box in boxes])
        return [
            PageLine(box, recognition)
            for box, recognition in zip(boxes, found, strict=True)
            if recognition.text.strip()
        ]

    def score(self, recognition: Recognition, texts: Sequence[str]) -> list[float]:
        """See `HypothesisScorer.score`.

        Raises:
            ValueError: the recognition came without its probabilities.
        """
        if recognition.log_probs is None:
            raise ValueError("recognise() keeps the probabilities, read_lines() does not")
        free = self._likelihood(recognition.log_probs, "".join(recognition.text.split()))
        return [
            max(self._likelihood(recognition.log_probs, s) for s in Charset.spellings(text)) - free
            for text in texts
        ]

    def _likelihood(self, log_probs: np.ndarray, text: str) -> float:
        labels = self.charset.encode(text)
        known = [label for label in labels if label is not None]
        penalty = UNKNOWN_CHARACTER * (len(labels) - len(known))
        # Only the columns asked about, each with its character's traditional forms added.
        columns = sorted(set(known))
        merged = [np.logaddexp.reduce(log_probs[:, self.charset.forms(c)], axis=1) for c in columns]
        table = np.stack([log_probs[:, ctc.BLANK], *merged], axis=1)
        place = {label: i for i, label in enumerate(columns, start=1)}
        return ctc.log_likelihood(table, [place[label] for label in known]) + penalty

    def _infer(self, request: Any, tensor: np.ndarray) -> np.ndarray:
        with self._lock:
            try:
                request.infer([tensor])
                return np.array(request.get_output_tensor().data)
            except RuntimeError as error:
                raise EngineFailedError(engine=self.name, detail=str(error)) from error

    def _read(self, crops: Sequence[Image], keep: Keep) -> list[Recognition]:
        results: list[Recognition] = [Recognition("", 0.0)] * len(crops)
        groups: dict[int, list[int]] = {}
        for number, crop in enumerate(crops):
            if min(crop.shape[:2]) >= 2:
                groups.setdefault(_canvas_width(crop), []).append(number)
        for width, members in groups.items():
            for batch in _batches(members):
                self._read_batch(crops, batch, width, keep, results)
        return results

    def _read_batch(
        self,
        crops: Sequence[Image],
        batch: Sequence[int],
        width: int,
        keep: Keep,
        results: list[Recognition],
    ) -> None:
        size = BATCHES[0] if len(batch) == BATCHES[0] else BATCHES[-1]
        tensor = np.zeros((size, 3, LINE_HEIGHT, width), dtype=np.float32)
        used = []
        for row, number in enumerate(batch):
            line = _line_tensor(crops[number], width)
            tensor[row, :, :, : line.shape[2]] = line
            used.append(line.shape[2] / width)
        output = self._infer(self._recogniser, tensor)
        for row, number in enumerate(batch):
            frames = output.shape[1]
            # Padding right of the line is no ink; a margin keeps the last character whole.
            last = min(frames, math.ceil(used[row] * frames) + 1)
            probabilities = output[row, :last]
            results[number] = self._decode(
                probabilities,
                frames * used[row],
                keep(probabilities),
            )

    def _decode(
        self, probabilities: np.ndarray, frames: float, kept: np.ndarray | None
    ) -> Recognition:
        runs = ctc.best_path(probabilities)
        glyphs = tuple(
            Glyph(
                self.charset.characters[label],
                min(1.0, first / frames),
                min(1.0, (last + 1) / frames),
                min(1.0, peak),
            )
            for label, first, last, peak in runs
        )
        text = "".join(glyph.char for glyph in glyphs)
        confidence = float(np.mean([g.confidence for g in glyphs])) if glyphs else 0.0
        return Recognition(text, confidence, glyphs, kept)


def _canvas_width(crop: Image) -> int:
    needed = crop.shape[1] * LINE_HEIGHT / crop.shape[0]
    return next((w for w in LINE_WIDTHS if w >= needed), LINE_WIDTHS[-1])


def _line_tensor(crop: Image, canvas: int) -> np.ndarray:
    width = min(canvas, max(1, math.ceil(crop.shape[1] * LINE_HEIGHT / crop.shape[0])))
    shrinking = crop.shape[0] > LINE_HEIGHT
    resized = cv2.resize(
        crop,
        (width, LINE_HEIGHT),
        interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC,
    )
    tensor: np.ndarray = resized.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1.0
    return tensor


def _batches(members: Sequence[int]) -> list[Sequence[int]]:
    most = BATCHES[-1]
    return [members[i : i + most] for i in range(0, len(members), most)]
