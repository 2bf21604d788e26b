"""Several looks at one line of print made into one reading.

Each look (another cut, another scale, softened, sharpened) proposes its text; every text is
scored against the ink of all looks, and the one that explains them best is taken. What a
character is worth is what the looks that found it there gave it, those that did not
counting as nothing: looks err apart and are right together.
"""

from __future__ import annotations

import dataclasses as dc
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ocr.hanzi import simplify
from ocr.reading import Glyph
from ocr.text.engine import HypothesisScorer, Recognition

# One flat stroke: which of these signs it is hangs on its surroundings, not on its ink.
# The recogniser's probability is split among them, so each look that sees one is sure of it.
STROKE = "—"
STROKE_SURE = 0.8
_STROKES = str.maketrans(dict.fromkeys("一-–ー―－→～~", STROKE))
# A look that cannot explain a text at all says so once; it must not outvote all others.
WORST = -30.0


@dc.dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text that may stand in the line though no look proposed it.

    Attributes:
        recognition: the text with its glyphs placed along the line.
        kind: hypotheses of one kind mean the same; of two kinds the better must be clear.
        bonus: nats that it is likelier than a text nobody expects.
    """

    recognition: Recognition
    kind: str
    bonus: float


def plain(text: str) -> str:
    """NFKC, simplified, without spaces: the form in which readings are compared.

    >>> plain("胡清揚 （点测）")
    '胡清扬(点测)'
    """
    return simplify("".join(unicodedata.normalize("NFKC", text).split()))


def combine(
    looks: Sequence[Recognition],
    scorer: HypothesisScorer,
    hypotheses: Sequence[Hypothesis] = (),
    ahead: float = 0.0,
) -> Recognition:
    """The reading that explains all looks best.

    Args:
        looks: recognitions of the same print with their probabilities, their glyphs placed
            along the same line.
        scorer: the engine that made them.
        hypotheses: texts to be weighed beside what the looks propose.
        ahead: nats by which a hypothesis must lead those of another kind.

    Returns:
        The reading, its confidences those of all looks together; empty where no look found
        anything.
    """
    seen = [look for look in looks if look.text.strip() and look.probabilities is not None]
    if not seen:
        return Recognition("", 0.0)
    own = list({plain(look.text): look.text for look in seen}.values())
    texts = [*own, *(one.recognition.text for one in hypotheses)]
    totals = _totals(seen, scorer, texts)
    best = max(range(len(own)), key=lambda i: totals[i])
    told = _told(totals[best], totals[len(own) :], hypotheses, ahead)
    if told is not None:
        return told.recognition
    chosen = [look for look in seen if plain(look.text) == plain(own[best])]
    clearest = max(chosen, key=lambda look: look.confidence)
    return _agreed(clearest, [look for look in looks if look.probabilities is not None])


def _totals(
    looks: Sequence[Recognition], scorer: HypothesisScorer, texts: Sequence[str]
) -> list[float]:
    """Mean log-likelihood of each text, that of each look's own reading taken off."""
    scores = [[max(WORST, one) for one in scorer.score(look, texts)] for look in looks]
    return [sum(column) / len(looks) for column in zip(*scores, strict=True)]


def _told(
    free: float, scores: Sequence[float], hypotheses: Sequence[Hypothesis], ahead: float
) -> Hypothesis | None:
    rated = [(s + h.bonus, h) for s, h in zip(scores, hypotheses, strict=True)]
    rated.sort(key=lambda entry: -entry[0])
    if not rated or rated[0][0] < free:
        return None
    first = rated[0][1]
    rival = next((score for score, one in rated if one.kind != first.kind), None)
    return first if rival is None or rated[0][0] - rival >= ahead else None


def _agreed(chosen: Recognition, looks: Sequence[Recognition]) -> Recognition:
    """The chosen reading, each glyph's confidence the mean over all looks."""
    sums = [0.0] * len(chosen.glyphs)
    for look in looks:
        for mine, theirs in _matches(chosen.glyphs, look.glyphs):
            stroke = _sign(chosen.glyphs[mine].char) == STROKE
            sums[mine] += max(look.glyphs[theirs].confidence, STROKE_SURE if stroke else 0.0)
    glyphs = tuple(
        dc.replace(glyph, confidence=min(1.0, total / len(looks)))
        for glyph, total in zip(chosen.glyphs, sums, strict=True)
    )
    confidence = sum(g.confidence for g in glyphs) / len(glyphs) if glyphs else chosen.confidence
    return dc.replace(chosen, glyphs=glyphs, confidence=confidence)


def _sign(char: str) -> str:
    return (plain(char) or " ").translate(_STROKES)


def _matches(mine: Sequence[Glyph], theirs: Sequence[Glyph]) -> list[tuple[int, int]]:
    """Which glyphs of two readings are the same character in the same place."""
    one = [_sign(glyph.char) for glyph in mine]
    two = [_sign(glyph.char) for glyph in theirs]
    pairs: list[tuple[int, int]] = []
    for block in Levenshtein.opcodes(one, two):
        if block.tag == "equal":
            pairs += zip(
                range(block.src_start, block.src_end),
                range(block.dest_start, block.dest_end),
                strict=True,
            )
    return pairs
