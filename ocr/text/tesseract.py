"""Tesseract through pytesseract: the second witness on a crop, and the fallback for a page."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
import pytesseract

from ocr.errors import EngineFailedError, EngineMissingError
from ocr.reading import Glyph
from ocr.text.engine import Capability, Image, PageLine, Recognition

LANGUAGES = "chi_sim+eng"
NEEDED = frozenset({"chi_sim", "eng"})
# Page segmentation modes: Tesseract manual, `tesseract --help-psm`.
PSM_SPARSE_TEXT = 11
PSM_SINGLE_LINE = 7
TIMEOUT_S = 60
# Tesseract reads best with capitals of about this height (its FAQ: 30 to 33 px).
LINE_HEIGHT = 48
MARGIN = 12


@functools.cache
def _languages() -> frozenset[str]:
    try:
        return frozenset(pytesseract.get_languages())
    except (pytesseract.TesseractNotFoundError, OSError) as error:
        raise EngineMissingError(engine="tesseract", detail=str(error)) from error


class TesseractEngine:
    """Tesseract with simplified Chinese and English.

    Raises:
        EngineMissingError: the program or a language is not installed.
    """

    name = "tesseract"
    languages = frozenset({"zh", "en"})
    capabilities = frozenset({Capability.PAGE, Capability.LINE})

    def __init__(self) -> None:
        missing = NEEDED - _languages()
        if missing:
            raise EngineMissingError(engine=self.name, detail=", ".join(sorted(missing)))

    @property
    def version(self) -> str:
        """The program's version."""
        return str(pytesseract.get_tesseract_version())

    def read_page(self, image: Image) -> list[PageLine]:
        """See `TextEngine.read_page`."""
        lines: dict[tuple[int, int, int], list[_Word]] = {}
        for word in self._words(image, PSM_SPARSE_TEXT):
            lines.setdefault(word.line, []).append(word)
        return [_page_line(words) for words in lines.values()]

    def read_lines(self, crops: Sequence[Image]) -> list[Recognition]:
        """See `TextEngine.read_lines`."""
        return [self._read_line(crop) for crop in crops]

    def _read_line(self, crop: Image) -> Recognition:
        if min(crop.shape[:2]) < 2:
            return Recognition("", 0.0)
        scale = LINE_HEIGHT / crop.shape[0]
        width = max(1, round(crop.shape[1] * scale))
        line = cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(line, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REPLICATE)
        words = self._words(np.asarray(framed, dtype=np.uint8), PSM_SINGLE_LINE)
        if not words:
            return Recognition("", 0.0)
        text = "".join(word.text for word in words)
        return Recognition(text, float(np.mean([word.confidence for word in words])))

    def _words(self, image: Image, mode: int) -> list[_Word]:
        try:
            data = pytesseract.image_to_data(
                cv2.cvtColor(image, cv2.COLOR_BGR2RGB),
                lang=LANGUAGES,
                config=f"--psm {mode}",
                timeout=TIMEOUT_S,
                output_type=pytesseract.Output.DICT,
            )
        except (pytesseract.TesseractError, RuntimeError, OSError) as error:
            raise EngineFailedError(engine=self.name, detail=str(error)) from error
        return [
            _Word(data, number)
            for number, text in enumerate(data["text"])
            if text.strip() and float(data["conf"][number]) >= 0
        ]


class _Word:
    """One row of Tesseract's table."""

    def __init__(self, data: dict[str, list[str]], number: int) -> None:
        self.text = data["text"][number].strip()
        self.confidence = float(data["conf"][number]) / 100
        self.left, self.top = int(data["left"][number]), int(data["top"][number])
        self.right = self.left + int(data["width"][number])
        self.bottom = self.top + int(data["height"][number])
        self.line = (
            int(data["block_num"][number]),
            int(data["par_num"][number]),
            int(data["line_num"][number]),
        )


def _page_line(words: list[_Word]) -> PageLine:
    left, right = min(w.left for w in words), max(w.right for w in words)
    top, bottom = min(w.top for w in words), max(w.bottom for w in words)
    length = max(1, right - left)
    glyphs = []
    for word in words:
        step = (word.right - word.left) / len(word.text)
        for number, char in enumerate(word.text):
            start = (word.left - left + number * step) / length
            end = (word.left - left + (number + 1) * step) / length
            glyphs.append(Glyph(char, start, min(1.0, end), word.confidence))
    text = "".join(glyph.char for glyph in glyphs)
    confidence = float(np.mean([word.confidence for word in words]))
    box = (
        (float(left), float(top)),
        (float(right), float(top)),
        (float(right), float(bottom)),
        (float(left), float(bottom)),
    )
    return PageLine(box, Recognition(text, confidence, tuple(glyphs)))
