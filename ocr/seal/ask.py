"""Names tested against the ink of a seal."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.seal.density import Plane
from ocr.seal.found import PLAIN_STRIP, FoundSeal, clean_name, support
from ocr.seal.places import MOST_HIDDEN, Mark, borne_out, contradicted, marks, settled, strange
from ocr.text.engine import HypothesisScorer, Recognition, TextEngine
from ocr.witness import Answer, Support

# Score of a name against the best free reading, from which it agrees, and under which it
# differs; between them the ink cannot tell. On 102 generated seals (42 on normal and 35 on
# hard photographs, 25 small and blurred): true names 0 to -6 but for two whose first
# character lay under black print or that were read with confidence under 0.8; names with one
# character exchanged -5.2 to -14 (normal photographs: under -9), other names likewise.
AGREES_FROM = -3.0
DIFFERS_BELOW = -7.0
# A ring read with less certainty than this accuses nobody.
LEAST_CONFIDENCE_TO_DIFFER = 0.85
# Share of a column under black print up to which its character is whole, from which it is
# spoilt, and the likelihood that any character then has: that of a reader who guesses among
# a handful.
_WHOLE = 0.15
_SPOILT = 0.45
_ANY_CHARACTER = 0.05
# A strip reads a name to the letter from this score on; so many of them settle it.
_EXACT = -0.5
_EXACT_STRIPS = 2
# Mean score of the reading itself under which no text explains the strips: then none is told.
_EXPLAINS = -9.0
# Names off by more characters than this are not held against the ring one by one.
_NEAR = 4
# Glare can take a third of a ring away.
_MOST_DROPPED = 6


def reread(found: FoundSeal, engine: TextEngine) -> str:
    """The ring as another engine reads it; "" where it reads nothing.

    It is given the strip that a reader of plain print can make most of: red ink alone as
    black on white, with the print over it painted out.

    Raises:
        EngineError: the engine gave no answer.
    """
    if not found.strips:
        return ""
    plain = found.strips[min(PLAIN_STRIP, len(found.strips) - 1)]
    return clean_name("".join(one.text for one in engine.read_lines([plain])))


def ask_names(
    found: FoundSeal, names: Sequence[str], recogniser: HypothesisScorer
) -> list[Support]:
    """Tests names against the ring.

    A name agrees by the ink as it stands: by all strips together, or where two of them read
    it to the letter, since cuts lose characters and do not invent them; or where no more than
    two of its characters are unread, for print or a blur, what is left of them does not speak
    against it, all the others agree, and no other name asked about would fit as well. It
    differs only by characters that all strips surely read otherwise in ink that no black
    print covers: what lies under print can clear a laboratory but never accuse one.

    Args:
        found: a seal of `read_seals`.
        names: hypotheses.
        recogniser: the same kind as read it.

    Returns:
        For each name the natural-log likelihood minus that of the best free reading, mean
        over the strips, with the answer; all CANNOT_TELL where the ring could not be read.
    """
    if not found.found or not found.reading or not names:
        return [Support(name, 0.0, Answer.CANNOT_TELL) for name in names]
    explained = support(found.found, [found.reading, *names], recogniser)
    plain = [float(score) for score in (explained[:, 1:] - explained[:, :1]).mean(axis=0)]
    if explained[:, 0].mean() < _EXPLAINS:
        return [
            Support(n, score, Answer.CANNOT_TELL) for n, score in zip(names, plain, strict=True)
        ]
    bared = [_bared(r, c) for r, c in zip(found.found, found.covered, strict=True)]
    bare = support(bared, [found.reading, *names], recogniser).mean(axis=0)
    open_ink = dict(zip(names, (float(score - bare[0]) for score in bare[1:]), strict=True))
    shown = {name: _marks(found, found.found, name, recogniser) for name in names}
    others = [name for name in names if name != found.reading]
    fitting = [name for name in others if open_ink[name] >= AGREES_FROM]
    likely = [name for name in others if borne_out(shown[name])]
    exact = (explained[:, 1:] >= _EXACT).sum(axis=0)
    supports = []
    for name, score, strips in zip(names, plain, exact, strict=True):
        if shown[name]:
            contrary = contradicted(shown[name], _marks(found, bared, name, recogniser))
        else:
            contrary = max(score, open_ink[name]) < DIFFERS_BELOW and strange(found.found, name)
        said = answer(found, name, score, contrary=contrary)
        spoilt = fitting == [name] and not contrary and _spoilt(found, name, score)
        if strips >= _EXACT_STRIPS or spoilt or likely == [name]:
            said = Answer.AGREES
        supports.append(Support(name, score, said))
    return supports


def _marks(
    found: FoundSeal, seen: Sequence[Recognition], name: str, recogniser: HypothesisScorer
) -> list[Mark]:
    """`marks` of a name that is near enough to what was read; else []."""
    if Levenshtein.distance(name, found.reading) > _NEAR:
        return []
    return marks(found.found, seen, name, recogniser)


def _spoilt(found: FoundSeal, name: str, score: float) -> bool:
    """Whether a reading that is not settled may be a name with a few characters spoilt."""
    hidden = Levenshtein.distance(name, found.seal_in_page.name)
    return hidden <= MOST_HIDDEN and score >= DIFFERS_BELOW and not settled(found.found)


def _bared(strip: Recognition, covered: Plane) -> Recognition:
    """The recognition with every character about as likely as any where print covers it."""
    if strip.probabilities is None:
        return strip
    frames = len(strip.probabilities)
    # A frame is many columns wide: print over a few of them must not slip between frames.
    ends = np.linspace(0, len(covered), frames + 1)
    heap = np.concatenate([[0.0], np.cumsum(covered)])
    hidden = np.diff(np.interp(ends, np.arange(len(heap)), heap)) * frames / len(covered)
    # A character is spoilt by print over any part of it.
    reach = max(1, round(frames / max(1, len(strip.text)) / 2))
    padded = np.pad(hidden, reach, mode="edge")
    worst = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    share = np.clip((worst - _WHOLE) / (_SPOILT - _WHOLE), 0, 1).astype(np.float32)
    under = np.flatnonzero(share)
    if not len(under):
        return strip
    part = share[under, None]
    mixed = strip.probabilities.copy()
    mixed[under] = (1 - part) * mixed[under] + part * np.float32(_ANY_CHARACTER)
    return dc.replace(strip, probabilities=mixed)


def answer(found: FoundSeal, name: str, score: float, *, contrary: bool) -> Answer:
    """What the ink says of a name.

    A name whose reading only lacks some characters is never said to differ: characters
    under black print or in glare are dropped by the recogniser without a trace.

    Args:
        found: the seal.
        name: the hypothesis.
        score: by all ink.
        contrary: whether the ink surely holds what the name has not.
    """
    if not found.strips or not found.reading:
        return Answer.CANNOT_TELL
    if score >= AGREES_FROM:
        return Answer.AGREES
    sure = found.seal_in_page.confidence >= LEAST_CONFIDENCE_TO_DIFFER
    if contrary and sure and not _only_lacks(found.seal_in_page.name, name):
        return Answer.DIFFERS
    return Answer.CANNOT_TELL


def _only_lacks(reading: str, name: str) -> bool:
    """Whether the reading is the name less at most _MOST_DROPPED characters."""
    if not 0 < len(name) - len(reading) <= _MOST_DROPPED:
        return False
    rest = iter(name)
    return all(char in rest for char in reading)
