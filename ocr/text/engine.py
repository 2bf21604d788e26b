"""The interface every text engine keeps, and what it returns.

Three answers must never be mixed up: an empty list is a picture without text,
`EngineFailedError` an engine that broke, `EngineMissingError` one that is not installed.
"""

from __future__ import annotations

import dataclasses as dc
import enum
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ocr.geometry import Picture
from ocr.reading import Glyph, Quad

Image = Picture


class Capability(enum.Enum):
    """What an engine can do."""

    PAGE = "page"
    LINE = "line"
    HYPOTHESES = "hypotheses"


@dc.dataclass(frozen=True, slots=True)
class Recognition:
    """What stands in one crop of a line.

    Attributes:
        text: as recognised; "" where the crop holds no text.
        confidence: mean character probability, 0..1; 0 for "".
        glyphs: the characters with their places; empty when the engine gives none.
        probabilities: of each character in each frame, frames × classes, or None.
    """

    text: str
    confidence: float
    glyphs: tuple[Glyph, ...] = ()
    probabilities: np.ndarray | None = None


@dc.dataclass(frozen=True, slots=True)
class PageLine:
    """A line found on a page.

    Attributes:
        box: corners in the page's pixels, clockwise from the text's own top left.
        recognition: what stands in it.
    """

    box: Quad
    recognition: Recognition


class TextEngine(Protocol):
    """A reader of print."""

    name: str
    languages: frozenset[str]
    capabilities: frozenset[Capability]

    @property
    def version(self) -> str:
        """The engine's own version."""

    def read_page(self, image: Image) -> list[PageLine]:
        """Finds and reads the lines of an upright page; [] for a page without text."""

    def read_lines(self, crops: Sequence[Image]) -> list[Recognition]:
        """Reads crops that hold one line each."""


class LineDetector(Protocol):
    """A finder of lines that leaves their reading to others."""

    def detect(self, image: Image) -> list[Quad]:
        """Boxes of lines, clockwise from the top left, in the image's pixels."""


class HypothesisScorer(Protocol):
    """A recogniser that can say how well a given text explains a crop."""

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        """Reads crops and keeps the character probabilities."""

    def score(self, recognition: Recognition, texts: Sequence[str]) -> list[float]:
        """Log-likelihood of each text minus that of the free reading."""

    def contest(
        self, recognition: Recognition, frames: tuple[int, int], char: str
    ) -> tuple[float, float]:
        """Highest probability of a character in a part of the line, and of any other Han one."""
