"""Names held against a strip character by character: seals set them evenly.

The recogniser drops a character that print lies over without a trace, and writes another
that looks like what is left of it. Even spacing tells where each character of a name must
stand, and there it can be asked whether it is this one that the ink shows or another.
"""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.once import once_a_picture
from ocr.seal.found import clean_name
from ocr.text.ctc import best_path
from ocr.text.engine import HypothesisScorer, Recognition

# First strips that all read the same name this surely, and each character of it so, need no
# further ones.
_SETTLED, _SETTLED_EACH = 0.96, 0.85
# A gap of this many times the usual distance has room for a character more.
_ROOM = 1.6
# Fewer characters do not tell how far apart they stand.
_LEAST_READ = 4
# How far the distance at a place may differ from the usual one, as a factor.
_UNEVEN = 1.4
# How far from its place a character may answer, in distances of characters.
_REACH = 0.45
# Probability that says nothing either way: a strip cannot veto a place without end.
_FLOOR = 1e-4
# From this on, in natural logarithms, a character counts as read in its place.
_READ = 1.0
# Likelihood from which something else stands in a place, and not the remains of a character;
# how much less likely than it, and than remains, a name's character may be. On 340 generated
# rings five in six of the characters that were there and not read had -3.5 and more (-8.2 at
# worst, under print); those exchanged in planted seals -4.6 and less where the photograph was
# not hard, most of them -9.2, with 0.7 and more for the other one on every strip.
_A_CHARACTER = 0.6
_RATHER_THAN_A_CHARACTER = -1.5
_RATHER_THAN_A_BLUR = -3.5
_CONTRADICTS = -4.0
# At its ends a name is cut off or runs into the ring: 示 was read as 小 and 关 on two of 250
# hard photographs, at -5.0 and -5.7.
_CONTRADICTS_AT_ENDS = -7.0
_SURELY = 0.9
_EVERYWHERE = 0.7
# The same where print takes from it what it covers: most of a character must stand free. On two
# of 800 photographs a covered 例 was read as 洲 and 州, at -4.8 and -7.9, with 0.3 and 0.2 free.
_IN_OPEN_INK = 0.5
# A ring with more doubtful characters than this, the contradicting one among them, that no
# print covers is too soft to accuse; print took nothing from what keeps this share.
_BLURRED = 2
_UNTOUCHED = 0.9
# Characters of a name that may be unread where all others agree.
MOST_HIDDEN = 2
# Sure characters that a name has not, for it to be another one altogether.
_SEVERAL = 2


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """What a ring shows where a character must stand.

    Attributes:
        likelier: how much likelier the character is than any other, natural logarithm, mean
            over the strips.
        least_other: highest probability of another character there, on the strip that has
            it least.
        usual_other: the same, the median over the strips.
        beside_unread: whether it or a neighbour was passed over on any strip: a ring cut
            open through two characters leaves one that is neither.
    """

    likelier: float
    least_other: float
    usual_other: float
    beside_unread: bool


@dc.dataclass(frozen=True, slots=True)
class _Read:
    char: str
    at: float


# Asked of the same few strips for every name; a strip's table has 18 000 columns.
_best_path = once_a_picture(best_path)


def _characters(strip: Recognition) -> list[_Read]:
    """The name's characters as read, each with the middle of its frames."""
    if strip.probabilities is None:
        return []
    runs = _best_path(strip.probabilities)
    return [
        _Read(glyph.char, (first + last) / 2)
        for glyph, (_, first, last, _) in zip(strip.glyphs, runs, strict=True)
        if clean_name(glyph.char)
    ]


def _distance(read: Sequence[_Read]) -> float:
    """How far apart characters stand on the whole, in frames; 0 where too few were read."""
    if len(read) < _LEAST_READ:
        return 0.0
    return float(np.median(np.diff([one.at for one in read])))


def has_room(strip: Recognition) -> bool:
    """Whether a character may have been passed over, between two that were read or at an end."""
    read = _characters(strip)
    usual = _distance(read)
    if not usual or strip.probabilities is None:
        return True
    # A strip is cut with room for less than a character beyond the first and the last.
    edges = [0.0, *(one.at for one in read), len(strip.probabilities) - 1.0]
    return bool(max(np.diff(edges)) > _ROOM * usual)


def settled(found: Sequence[Recognition]) -> bool:
    """Whether all strips read the same name surely, no character passed over or doubtful."""
    texts = {clean_name(strip.text) for strip in found}
    sure = len(texts) == 1 and min(strip.confidence for strip in found) >= _SETTLED
    each = (glyph.confidence for strip in found for glyph in strip.glyphs)
    return sure and min(each) >= _SETTLED_EACH and not any(map(has_room, found))


def stand(strip: Recognition, name: str) -> list[float] | None:
    """Where each character of a name stands on a strip, or must stand.

    Args:
        strip: with its probabilities.
        name: a text much like what was read.

    Returns:
        The frame of each character; None where there is not the room for those unread.
    """
    read = _characters(strip)
    usual = _distance(read)
    if not usual or strip.probabilities is None:
        return None
    places: list[float] = []
    text = "".join(one.char for one in read)
    for step in Levenshtein.opcodes(text, name):
        i1, i2, missing = step.src_start, step.src_end, step.dest_end - step.dest_start
        if step.tag in ("equal", "replace"):
            places += [one.at for one in read[i1:i2]]
        elif step.tag == "delete" and i1 > 0 and i2 < len(read):
            return None
        elif step.tag == "insert":
            before = read[i1 - 1].at if i1 else None
            after = read[i1].at if i1 < len(read) else None
            between = _between(before, after, missing, usual)
            if between is None or not 0 <= between[0] <= between[-1] < len(strip.probabilities):
                return None
            places += between
    return places


def _between(
    before: float | None, after: float | None, missing: int, usual: float
) -> list[float] | None:
    """Even places for missing characters beside or between two."""
    if before is not None and after is not None:
        each = (after - before) / (missing + 1)
        if not usual / _UNEVEN <= each <= usual * _UNEVEN:
            return None
        return [before + each * (n + 1) for n in range(missing)]
    if after is not None:
        return [after - usual * (missing - n) for n in range(missing)]
    return None if before is None else [before + usual * (n + 1) for n in range(missing)]


def marks(
    found: Sequence[Recognition],
    seen: Sequence[Recognition],
    name: str,
    recogniser: HypothesisScorer,
) -> list[Mark]:
    """What the strips show where each character of a name must stand.

    Args:
        found: the strips of a ring, which tell the places.
        seen: the same strips, with what of them is to be looked at.
        name: what may stand there.
        recogniser: the one that read them.

    Returns:
        One for each character; [] where the name has room on no more than half the strips.
    """
    rows, passed_over = [], np.zeros(len(name), dtype=bool)
    for strip, looked_at in zip(found, seen, strict=True):
        places = stand(strip, name)
        if places is None:
            continue
        read = _characters(strip)
        reach = _REACH * _distance(read)
        passed_over |= ~np.isin(places, [one.at for one in read])
        frames = [(max(0, math.ceil(at - reach)), math.floor(at + reach) + 1) for at in places]
        asked = zip(frames, name, strict=True)
        rows.append([recogniser.contest(looked_at, part, char) for part, char in asked])
    if 2 * len(rows) <= len(found):
        return []
    mine, other = np.moveaxis(np.array(rows), 2, 0)
    likelier = np.log((mine + _FLOOR) / (other + _FLOOR)).mean(axis=0)
    beside = np.convolve(passed_over, np.ones(3), mode="same") > 0
    columns = (likelier, other.min(axis=0), np.median(other, axis=0))
    return [
        Mark(float(e), float(low), float(middle), bool(near))
        for e, low, middle, near in zip(*columns, beside, strict=True)
    ]


def borne_out(shown: Sequence[Mark]) -> bool:
    """Whether all of a name is read but for a few characters that may well stand there."""
    unread = [mark for mark in shown if mark.likelier < _READ]
    return bool(shown) and len(unread) <= MOST_HIDDEN and not any(map(_speaks_against, unread))


def _speaks_against(mark: Mark) -> bool:
    limit = _RATHER_THAN_A_CHARACTER if mark.usual_other >= _A_CHARACTER else _RATHER_THAN_A_BLUR
    return mark.likelier < limit


def contradicted(shown: Sequence[Mark], bare: Sequence[Mark]) -> bool:
    """Whether all strips surely hold another character in one of a name's places.

    Args:
        shown: the name's `marks`.
        bare: the same by the ink that no black print covers.
    """
    pairs = list(zip(shown, bare, strict=True))
    blurred = sum(
        mark.likelier < _READ and open_ink.usual_other > _UNTOUCHED * mark.usual_other
        for mark, open_ink in pairs
    )
    if blurred > _BLURRED:
        return False
    return any(
        mark.likelier <= (_CONTRADICTS_AT_ENDS if number in (0, len(pairs) - 1) else _CONTRADICTS)
        and not mark.beside_unread
        and mark.usual_other >= _SURELY
        and mark.least_other >= _EVERYWHERE
        and open_ink.usual_other >= _IN_OPEN_INK
        for number, (mark, open_ink) in enumerate(pairs)
    )


def strange(found: Sequence[Recognition], name: str) -> bool:
    """Whether every strip surely holds several characters that a name has not."""
    return min((_strangers(strip, name) for strip in found), default=0) >= _SEVERAL


def _strangers(strip: Recognition, name: str) -> int:
    """How many characters that a name has not in their place a strip surely reads."""
    read = [glyph for glyph in strip.glyphs if clean_name(glyph.char)]
    text = "".join(glyph.char for glyph in read)
    steps = Levenshtein.opcodes(text, name)
    strange = [read[i] for s in steps if s.tag in ("replace", "delete")
               for i in range(s.src_start, s.src_end)]  # fmt: skip
    return sum(glyph.confidence >= _SURELY for glyph in strange)
