"""What a seal's ring is worth as an accusation: `certcheck.confirm` for seals."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from certcheck.case import Case
from certcheck.confirm import LOW_CONFIDENCE, Weighed, Weight, best, plain
from ocr.errors import OcrError
from ocr.witness import Answer, Support
from registry import names
from registry.matching import NEAR_SIMILARITY

log = logging.getLogger(__name__)

# A seal's free reading shorter than this share of the registered text is a fragment.
WHOLE_SEAL = 0.6

# A ring read less surely than this may hold print from around it.
SURE_RING = 0.85

# One whose ink tells nothing is a strange text only when read as surely as this: soft rings of
# honest laboratories were misread in a third of their characters at 0.75 and 0.91.
STRANGE_RING = 0.95

# A ring cut open through two characters leaves one that is neither (示例 read as 圳).
CUT_OPEN = 1

# A ring that the ink cannot settle is a slip from here on, a strange text below
# (`registry.matching.NEAR_SIMILARITY`, the same question of printed names).
ALIKE = NEAR_SIMILARITY

# What only a testing body's seal says in its straight line (39号令 art 11), and how far the
# line may be read beside it: it is small print, and the kinds of the field differ by two
# characters or more.
TESTING_SEAL = "检验检测专用章"
OFFICIAL_SEAL = "公章"
KIND_SLIP = 1


def weigh_seal(case: Case, index: int, allowed: Sequence[str], rivals: Sequence[str]) -> Weighed:
    """Weighs a seal's ring against the texts the laboratory may use.

    The ring must differ from every allowed text, and agree with what was read freely,
    whole and clearly, or with another laboratory's name; and the second engine's reading
    must lie nearer to that than to any allowed text. A free reading that lacks characters
    of an allowed text is that text half read: forgers write other characters, readers lose
    them.

    Dealers, markets and associations stamp certificates too. A seal is certain to stand in
    the laboratory's place only where it bears another laboratory's name, a name like its
    own, or the kind of a testing body's seal; and never where it is square.

    Args:
        case: the case.
        index: of the seal in the reading.
        allowed: texts the laboratory's seals may carry.
        rivals: names of other laboratories.
    """
    seal = case.reading.seals[index]
    others = [name for name in dict.fromkeys([*rivals, seal.name]) if name and name not in allowed]
    supports = {one.text: one for one in ask_seal(case, index, [*allowed, *others])}
    mine = best(supports[name] for name in allowed)
    theirs = best(supports[name] for name in others)
    if mine:
        ahead = theirs in rivals and supports[theirs].score > supports[mine].score
        return Weighed(Weight.UNREAD) if ahead else Weighed(Weight.MISREAD, mine)
    told = all(supports[name].answer is Answer.DIFFERS for name in allowed)
    if theirs not in rivals and any(half_read(seal.name, text, wrong=CUT_OPEN) for text in allowed):
        return Weighed(Weight.UNREAD)
    if seal.confidence < SURE_RING and any(plain(one) in plain(seal.name) for one in allowed):
        # The whole name with noise around it: the strip was cut too wide.
        return Weighed(Weight.UNREAD)
    whole = len(seal.name) >= WHOLE_SEAL * min(map(len, allowed), default=0)
    if seal.shape == "square" and theirs not in rivals:
        # A person's name seal, as legal representatives and inspectors use them, or a
        # dealer's: laboratories' own are round or oval.
        return Weighed(Weight.UNREAD)
    clear = whole and seal.confidence >= LOW_CONFIDENCE
    likeness = max((names.similarity(plain(seal.name), plain(one)) for one in allowed), default=0.0)
    if told and theirs and (clear or theirs in rivals):
        posing = theirs in rivals or likeness >= ALIKE or _testing_kind(seal.kind)
        certain = posing and seal.shape != "square" and _seconded(case, index, theirs, allowed)
        return Weighed(Weight.CERTAIN if certain else Weight.DOUBTFUL, theirs)
    strange = whole and seal.confidence >= STRANGE_RING and likeness < ALIKE
    return Weighed(Weight.DOUBTFUL if told or strange else Weight.UNREAD)


def _testing_kind(read: str) -> bool:
    """Whether a seal's straight line is one that a testing body's seal bears."""
    kinds = (TESTING_SEAL, OFFICIAL_SEAL)
    return any(names.distance(plain(read), kind).cost <= KIND_SLIP for kind in kinds)


def _seconded(case: Case, index: int, text: str, allowed: Sequence[str]) -> bool:
    """Whether the second engine reads a ring more like a text than like any allowed one."""
    try:
        again = plain(case.witness.reread_seal(index) or "")
    except OcrError:
        log.warning("seal %d could not be read again", index, exc_info=True)
        return False
    if not again:
        return False
    distance = Levenshtein.distance(again, plain(text))
    return all(distance < Levenshtein.distance(again, plain(one)) for one in allowed)


def half_read(read: str, text: str, *, wrong: int = 0) -> bool:
    """Whether a reading is a text with characters missing, and few beside them wrong.

    >>> half_read("检测专用章", "检验检测专用章"), half_read("质检专用章", "检验检测专用章")
    (True, False)
    >>> half_read("圳玉石检验站", "示例玉石检验站", wrong=1)
    True
    >>> half_read("示列玉石检验站", "示例玉石检验站", wrong=1)
    False
    >>> half_read("示玉石鉴验站", "示例玉石检验站", wrong=1)
    False

    Args:
        read: the free reading.
        text: what may stand there.
        wrong: how many characters, each beside a missing one, may be neither missing nor right.
    """
    one, whole = plain(read), plain(text)
    missing = len(whole) - len(one)
    if one == whole or missing <= 0:
        return one == whole
    tags = ["", *(step.tag for step in Levenshtein.opcodes(one, whole)), ""]
    beside = all(
        "insert" in (tags[n - 1], tags[n + 1]) for n, tag in enumerate(tags) if tag == "replace"
    )
    return beside and Levenshtein.distance(one, whole) <= missing + wrong


def ask_seal(case: Case, index: int, texts: Sequence[str]) -> list[Support]:
    """`Witness.ask_seal`, as `ask_field`."""
    if not texts:
        return []
    try:
        return case.witness.ask_seal(index, texts)
    except OcrError:
        log.warning("the witness could not be asked about seal %d", index, exc_info=True)
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
