"""What was found of a seal, and how well texts explain the strips cut from its ring."""

from __future__ import annotations

import dataclasses as dc
import difflib
import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from ocr.reading import Seal
from ocr.seal.density import Image, Plane
from ocr.seal.place import SealPlace
from ocr.text.engine import HypothesisScorer, Recognition

# A name is Han characters and brackets; digits and Latin letters are the number or noise.
_NOT_NAME = re.compile(r"[^\u3400-\u9fff\U00020000-\U0003ffff（）()〇·]")
# One strip cannot veto a text by more than this.
WORST_SCORE = -14.0
_CLIMB_ROUNDS = 3
# Which of a seal's strips a reader of plain print can make most of: print painted over.
PLAIN_STRIP = 1


@dc.dataclass(frozen=True)
class FoundSeal:
    """A seal that was read, with the strips to test names against.

    Attributes:
        seal_in_page: name, kind, shape, confidence; box in the page's pixels.
        place: where the outer edge of its ring runs.
        strips: the ring laid out straight, several ways; () where no name was found.
        found: what the recogniser made of each strip, with its probabilities: names are
            tested against them without reading again.
        covered: how much of each strip lies under black print, by column, 0..1.
        reading: the text that explains the strips best; the name before cleaning.
    """

    seal_in_page: Seal
    place: SealPlace
    strips: tuple[Image, ...] = ()
    found: tuple[Recognition, ...] = ()
    covered: tuple[Plane, ...] = ()
    reading: str = ""


def clean_name(text: str) -> str:
    """Only what a name may be made of: Han characters and brackets."""
    return _NOT_NAME.sub("", text)


def support(
    found: Sequence[Recognition], texts: Sequence[str], recogniser: HypothesisScorer
) -> np.ndarray:
    """How well each text explains each strip, clipped; strips × texts."""
    rows = [
        recogniser.score(strip, texts)
        for strip in found
        if strip.text and strip.probabilities is not None
    ]
    return np.clip(np.array(rows, dtype=np.float64).reshape(-1, len(texts)), WORST_SCORE, None)


def consensus(found: Sequence[Recognition], recogniser: HypothesisScorer) -> str:
    """The text that explains all strips best."""
    readings = list(dict.fromkeys(clean_name(strip.text) for strip in found))
    readings = [text for text in readings if text]
    if not readings:
        return ""
    scores = dict(zip(readings, support(found, readings, recogniser).mean(axis=0), strict=True))
    best = max(scores, key=scores.__getitem__)
    for _ in range(_CLIMB_ROUNDS):
        edits = [text for text in _edits(best, readings) if text not in scores]
        if edits:
            means = support(found, edits, recogniser).mean(axis=0)
            scores.update(zip(edits, means, strict=True))
        better = max(scores, key=scores.__getitem__)
        if better == best:
            break
        best = better
    return best


def _edits(text: str, readings: Sequence[str]) -> list[str]:
    """The text with one piece at a time taken from another reading."""
    edits: dict[str, None] = {}
    for other in readings:
        matcher = difflib.SequenceMatcher(None, text, other, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                edits[text[:i1] + other[j1:j2] + text[i2:]] = None
    return list(edits)


def sureness(found: Sequence[Recognition], text: str) -> float:
    """How sure the reading is, 0..1: strips that agree count fully, others by similarity."""
    agreeing = [
        strip.confidence * fuzz.ratio(clean_name(strip.text), text) / 100 for strip in found
    ]
    return float(np.clip(np.mean(sorted(agreeing)[len(agreeing) // 2 :]), 0, 1))
