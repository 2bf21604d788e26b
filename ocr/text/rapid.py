"""RapidOCR's models (PP-OCRv6 small, Apache-2.0, bundled in its wheel) on OpenVINO.

RapidOCR's own pipeline keeps the arguments of one call for the next, hides errors as
empty pages and shrinks large pictures; so its models and character list
are used, and its pipeline is not (`boxes` makes the boxes).

OpenVINO keeps a plan for each input shape it ever saw: pictures are padded to fixed
canvases so that memory stays flat however many photos of however many sizes come. Lines
go one by one: a batch costs as much as its lines do alone, and its padding on top. With
two cores two lines are read beside one another, each on a core of its own: a line split
between cores costs a quarter more (12 widths: 280 ms of processor time against 220).
"""

from __future__ import annotations

import collections
import contextlib
import importlib.metadata
import importlib.util
import itertools
import math
import pathlib
import queue
import threading
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from ocr import cores
from ocr.errors import EngineFailedError, EngineMissingError
from ocr.reading import Glyph, Quad
from ocr.text import ctc
from ocr.text.boxes import line_boxes
from ocr.text.charset import Charset
from ocr.text.compiled import compiled
from ocr.text.crops import crop_line
from ocr.text.engine import Capability, Image, PageLine, Recognition

DETECTOR_MODEL = "PP-OCRv6_det_small.onnx"
RECOGNISER_MODEL = "PP-OCRv6_rec_small.onnx"
# Width × height; the smallest that wastes least is taken.
DETECTOR_CANVASES = ((960, 736), (736, 960), (960, 960))
DETECTOR_LONG_SIDE = 960
LINE_HEIGHT = 48
# Padding costs as much as print, 4 ms for 100 px; a width's first line 30 to 50 ms more.
LINE_WIDTHS: tuple[int, ...] = (*range(32, 480, 32), *range(480, 960, 64), *range(960, 1921, 128))
# Grey levels as the networks take them.
_NORMAL = np.arange(256, dtype=np.float32) / 127.5 - 1.0
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
    """Detector and recogniser; safe to share between threads.

    Args:
        threads: that one picture may use; by default as `ocr.cores` says.

    Raises:
        EngineMissingError: RapidOCR, OpenVINO or a model is not installed.
    """

    name = "rapidocr"
    languages = frozenset({"zh", "en"})
    capabilities = frozenset({Capability.PAGE, Capability.LINE, Capability.HYPOTHESES})

    def __init__(self, threads: int | None = None) -> None:
        folder = _models_folder()
        try:
            import openvino
        except ImportError as error:
            raise EngineMissingError(engine=self.name, detail=str(error)) from error
        core = openvino.Core()
        threads = threads or cores.most()
        for file in (DETECTOR_MODEL, RECOGNISER_MODEL):
            if not (folder / file).is_file():
                raise EngineMissingError(engine=self.name, detail=file)
        told = core.read_model(folder / RECOGNISER_MODEL).get_rt_info()
        self.charset = Charset(told["framework"]["character"].value.split("\n"))
        wish = {"INFERENCE_NUM_THREADS": threads}
        detector = compiled(core, folder / DETECTOR_MODEL, wish)
        self._detector = detector.create_infer_request()
        wish["NUM_STREAMS"] = threads
        recogniser = compiled(core, folder / RECOGNISER_MODEL, wish)
        self._lock = threading.Lock()  # of the detector
        self._readers: queue.SimpleQueue[Any] = queue.SimpleQueue()  # those that are free
        for _ in range(threads):
            self._readers.put(recogniser.create_infer_request())
        self._threads = threads
        self._asked = threading.Event()

    @property
    def version(self) -> str:
        """RapidOCR's version and the models' generation."""
        return f"{importlib.metadata.version('rapidocr')} PP-OCRv6 small"

    def warm_up(self, stop: threading.Event) -> None:
        """Makes the plans for lines of every width, until the first picture comes.

        A process that starts has a core to spare meanwhile; a plan costs 30 ms and a
        certificate asks for some twenty.

        Args:
            stop: set it to end at once.
        """
        for width in LINE_WIDTHS:
            if stop.is_set() or self._asked.is_set():
                return
            with self._reader() as reader:
                self._infer(reader, np.zeros((1, 3, LINE_HEIGHT, width), np.float32))

    def detect(self, image: Image) -> list[Quad]:
        """See `LineDetector.detect`. Boxes come top to bottom, then left to right."""
        self._asked.set()
        height, width = image.shape[:2]
        scale = min(1.0, DETECTOR_LONG_SIDE / max(height, width))
        small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
        fitting = [c for c in DETECTOR_CANVASES if c[0] >= small_size[0] and c[1] >= small_size[1]]
        canvas_width, canvas_height = min(fitting, key=lambda c: c[0] * c[1])
        small = np.asarray(cv2.resize(image, small_size, interpolation=cv2.INTER_AREA), np.uint8)
        canvas = _laid(small, canvas_width, canvas_height)
        with self._lock:
            probability = self._infer(self._detector, canvas)
            seen = np.ascontiguousarray(probability[0, 0, : small_size[1], : small_size[0]])
        return line_boxes(seen, width, height)

    def read_lines(self, crops: Sequence[Image]) -> list[Recognition]:
        """See `TextEngine.read_lines`."""
        return self._read(crops, lambda probabilities: None)

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """See `HypothesisScorer.recognise`."""
        return self._read(crops, np.copy)

    def read_page(self, image: Image) -> list[PageLine]:
        """See `TextEngine.read_page`."""
        return self.read_boxes(image, self.detect(image))

    def read_boxes(
        self,
        image: Image,
        boxes: Sequence[Quad],
        known: Mapping[Quad, Recognition] = types.MappingProxyType({}),
    ) -> list[PageLine]:
        """Reads the lines of a page whose places are known; empty ones are left out.

        Args:
            image: the page.
            boxes: of its lines.
            known: lines of it that were read already, by their box.
        """
        unread = [box for box in boxes if box not in known]
        found = self.read_lines([crop_line(image, box) for box in unread])
        read = {**known, **dict(zip(unread, found, strict=True))}
        return [PageLine(box, read[box]) for box in boxes if read[box].text.strip()]

    def score(self, recognition: Recognition, texts: Sequence[str]) -> list[float]:
        """See `HypothesisScorer.score`.

        Raises:
            ValueError: the recognition came without its probabilities.
        """
        if recognition.probabilities is None:
            raise ValueError("recognise() keeps the probabilities, read_lines() does not")
        spelled = [Charset.spellings(text) for text in texts]
        free = "".join(recognition.text.split())
        asked = list(dict.fromkeys([free, *itertools.chain.from_iterable(spelled)]))
        likely = dict(zip(asked, self._likelihoods(recognition.probabilities, asked), strict=True))
        return [max(likely[one] for one in spellings) - likely[free] for spellings in spelled]

    def contest(
        self, recognition: Recognition, frames: tuple[int, int], char: str
    ) -> tuple[float, float]:
        """See `HypothesisScorer.contest`.

        Raises:
            ValueError: the recognition came without its probabilities.
        """
        if recognition.probabilities is None:
            raise ValueError("recognise() keeps the probabilities, read_lines() does not")
        best = recognition.probabilities[slice(*frames)].max(axis=0, initial=0.0)
        (label,) = self.charset.encode(char)
        mine = [] if label is None else list(self.charset.forms(label))
        others = best * self.charset.han
        others[mine] = 0.0
        return float(best[mine].sum()), float(others.max())

    def _likelihoods(self, probabilities: np.ndarray, texts: Sequence[str]) -> list[float]:
        labels = [self.charset.encode(text) for text in texts]
        known = [[label for label in text if label is not None] for text in labels]
        # Only the columns asked about, each with its character's traditional forms added.
        columns = sorted(set(itertools.chain.from_iterable(known)))
        table = probabilities[:, [ctc.BLANK, *columns]]
        place = {label: i for i, label in enumerate(columns, start=1)}
        for label in columns:
            forms = self.charset.forms(label)
            if len(forms) > 1:
                table[:, place[label]] = probabilities[:, forms].sum(axis=1)
        logs = ctc.log_probabilities(table)
        scores = ctc.log_likelihoods(logs, [[place[label] for label in text] for text in known])
        return [
            score + UNKNOWN_CHARACTER * (len(every) - len(some))
            for score, every, some in zip(scores, labels, known, strict=True)
        ]

    @staticmethod
    def canvas_width(needed: int) -> int:
        """Width of the canvas that a line of so many px is laid on."""
        return next((width for width in LINE_WIDTHS if width >= needed), LINE_WIDTHS[-1])

    @contextlib.contextmanager
    def _reader(self) -> Iterator[Any]:
        """A recogniser that nobody else uses meanwhile."""
        reader = self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put(reader)

    def _infer(self, request: Any, tensor: np.ndarray) -> np.ndarray:
        """The network's answer; a view that only lasts until the request is used again."""
        try:
            request.infer([tensor], share_inputs=True)
        except RuntimeError as error:
            raise EngineFailedError(engine=self.name, detail=str(error)) from error
        output: np.ndarray = request.get_output_tensor().data
        return output

    def _read(self, crops: Sequence[Image], keep: Keep) -> list[Recognition]:
        """Every line's reading, as many beside one another as there are cores."""
        found: list[Recognition | None] = [None] * len(crops)
        # The longest first, so that none is left with one when the others are done.
        waiting = collections.deque(sorted(range(len(crops)), key=lambda i: -_length(crops[i])))

        def read() -> None:
            while True:
                try:
                    number = waiting.popleft()
                except IndexError:  # all taken
                    return
                found[number] = self._read_line(crops[number], keep)

        helpers = [cores.beside(read) for _ in range(min(self._threads, len(crops)) - 1)]
        try:
            read()
        finally:
            waiting.clear()
            for helper in helpers:
                helper()
        return [one for one in found if one is not None]

    def _read_line(self, crop: Image, keep: Keep) -> Recognition:
        if min(crop.shape[:2]) < 2:
            return Recognition("", 0.0)
        line = _line(crop)
        width = line.shape[1]
        tensor = _laid(line, self.canvas_width(width), LINE_HEIGHT)
        with self._reader() as reader:
            output = self._infer(reader, tensor)
            frames = output.shape[1] * width / tensor.shape[3]
            # Padding right of the line is no ink; a margin keeps the last character whole.
            probabilities = output[0, : math.ceil(frames) + 1]
            return self._decode(probabilities, frames, keep(probabilities))

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


def _length(crop: Image) -> float:
    """Of a line, in its own heights."""
    return float(crop.shape[1] / max(1, crop.shape[0]))


def _line(crop: Image) -> Image:
    """A line brought to the recogniser's height; one that is too long is squeezed."""
    width = min(LINE_WIDTHS[-1], max(1, math.ceil(crop.shape[1] * LINE_HEIGHT / crop.shape[0])))
    shrinking = crop.shape[0] > LINE_HEIGHT
    way = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (width, LINE_HEIGHT), interpolation=way), dtype=np.uint8)


def _laid(picture: Image, width: int, height: int) -> np.ndarray:
    """A picture at the top left of a canvas, as the networks take it: 1 × 3 × height × width."""
    canvas = np.zeros((1, 3, height, width), dtype=np.float32)
    for channel, plane in enumerate(cv2.split(picture)):
        canvas[0, channel, : picture.shape[0], : picture.shape[1]] = cv2.LUT(plane, _NORMAL)
    return canvas
