"""How sure is it that a paper is of a laboratory, given everything read from it?

Four stories are told of every laboratory on the short list, and weighed by how well they
explain what was read:

* the paper is this laboratory's, and every difference is the reader's;
* it is of a body that is not registered and whose name is a laboratory's but for one place
  (宛石 for 宛玉, 站 for 中心, a 国家 before it, 分中心 behind it, 有限公司 missing), with or
  without its number and address;
* it is of another body that prints a laboratory's number, or one made of the name, the seal
  or the number of two laboratories;
* it has nothing to do with any of them.

How much the reader misreads is not known, and is the same for all that was read of one
paper: three levels are tried. So a name with one odd character beside a number and an address
to the letter speaks for the second story, and the same name among much that is misread for
the first. The confidence is the share of the first story of one laboratory among all.

The figures are few and hold for what was read, not for one print or engine; how well they are
calibrated is measured by `python -m tests.benchmarks.registry` (docs/benchmarks.md).
"""

from __future__ import annotations

import dataclasses as dc
import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import LCSseq, Levenshtein

from registry.names import cut_off, fold

# (share of papers, share of characters that the reader misreads).
LEVELS = ((0.85, 0.003), (0.12, 0.03), (0.03, 0.2))
# The level at which laboratories are first told apart, roughly: the worst.
_ROUGHLY = LEVELS[-1][1]
# Evidence that is the laboratory's name.
NAMED = ("lab_name", "seal")
# Evidence that each laboratory has of its own.
_TELLING = (*NAMED, "cma_no")
# Of misreadings, those that turn a character into one that is not like it (`names.fold`).
UNLIKE = 0.3

# Equally likely characters at a place of a name, a number, an address, a telephone number:
# what a true character tells against chance. Names of laboratories are made of few parts, and
# so are the numbers: 31 authorities, ten years and a few hundred serial numbers.
CHOICES = {"lab_name": 6.0, "seal": 6.0, "cma_no": 4.0, "cnas_no": 9.0, "address": 5.0,
           "phone": 5.0}  # fmt: skip
# What an exact match tells at most, as a ratio: a site, a door or a telephone may be shared.
MOST = {"address": 3e3, "phone": 1e5, "domain": 3e4}
# A company form that the edge of the paper or of the reading cut off.
CUT_OFF = 0.9
# Share of a laboratory's own papers that print something else than what is registered.
OTHER = {"lab_name": 0.005, "seal": 0.1, "cma_no": 0.02, "cnas_no": 0.05, "address": 0.3,
         "phone": 0.3, "domain": 0.2}  # fmt: skip

# Of all papers: of registered laboratories, of bodies with a laboratory's name but for one
# place, of bodies that print a laboratory's number under another name, of papers made of the
# name of one laboratory and the number or seal of another. The rest is of others.
OWN, ALIKE, BORROWED, MIXED = 0.77, 0.08, 0.02, 0.05
NOBODY = 1.0 - OWN - ALIKE - BORROWED - MIXED
# The laboratories there may be; the registry's own number would let one row of a small
# registry be sure of what a country's would not.
LABORATORIES = 1e5
# What all registered laboratories that are not among those weighed weigh together. Of 1700
# papers with a fifth misread, with it, 0.994 were found and none as another laboratory's.
UNLISTED = 1e-7
# Of imitations, those that take the number, address … too.
ALSO = 0.5
# How likely an imitation is to differ in just this place, against chance characters: by one
# character, by a word at one place, anywhere.
ONE_CHARACTER, ONE_WORD, ANYWHERE = 0.1, 0.02, 1e-5
# The longest word that is put before, behind or in place of a part of a name.
WORD = 8


class Heard(NamedTuple):
    """One piece of evidence beside a laboratory's own.

    Attributes:
        evidence: `lab_name`, `cma_no` …
        read: key as read.
        registered: the laboratory's nearest key, "" where it has none.
        right: characters that agree.
        wrong: characters that differ and are not alike.
        slips: characters that differ and are alike.
        edits: where (in the registered key) and as what they were read.
        cut_off: the company form at the end was not read.
    """

    evidence: str
    read: str
    registered: str
    right: int
    wrong: int
    slips: int
    edits: frozenset[tuple[int, str]]
    cut_off: bool = False


def _edits(registered: str, read: str) -> frozenset[tuple[int, str]]:
    return frozenset(
        (op.src_pos, "" if op.tag == "delete" else read[op.dest_pos])
        for op in Levenshtein.editops(registered, read)
    )


def _hear_address(read: str, registered: str) -> Heard:
    """Either may leave out the province, the building or the room."""
    one, other = fold(read), fold(registered)
    right = LCSseq.similarity(one, other)
    wrong = min(len(one), len(other)) - right
    return Heard("address", read, registered, right, wrong, 0, frozenset())


def _hear_text(evidence: str, read: str, registered: str) -> Heard:
    one, other = fold(read), fold(registered)
    wrong, missing = Levenshtein.distance(one, other), cut_off(one, other)
    stem = other[:-missing] if missing else other
    if missing and (apart := Levenshtein.distance(one, stem)) < wrong:
        wrong, other = apart, stem
    else:
        missing = 0
    right = max(len(one), len(other)) - wrong
    slips = Levenshtein.distance(read, registered) - missing - wrong
    slips = min(max(0, slips), right)
    edits = _edits(other, one) if wrong and evidence in NAMED else frozenset()
    return Heard(evidence, read, registered, right, wrong, slips, edits, missing > 0)


def hear(evidence: str, read: str, registered: Iterable[str]) -> Heard:
    """Compares what was read with a laboratory's keys; the nearest counts."""
    best = Heard(evidence, read, "", 0, len(read), 0, frozenset())
    for key in registered:
        if evidence == "address":
            heard = _hear_address(read, key)
        else:
            heard = _hear_text(evidence, read, key)
        if not best.registered or heard.wrong - heard.right < best.wrong - best.right:
            best = heard
    return best


def rough(evidence: str, read: str, registered: Sequence[str]) -> list[float]:
    """About what a piece of evidence says for some keys, as `_own` would, but quickly.

    Args:
        evidence: of `CHOICES`.
        read: folded key as read.
        registered: folded keys of any laboratories.

    Returns:
        A logarithm for each key, 0 where it is no likelier than chance.
    """
    right, wrong = _logs(_ROUGHLY)
    gain, size = _TELLS[evidence] + right, len(read)
    told = [0.0] * len(registered)
    # All at once: so many calls would take longer than the comparing.
    if evidence == "address":
        for key, same, place in process.extract(
            read, registered, scorer=LCSseq.similarity, limit=None
        ):
            told[place] = max(0.0, same * gain + (min(size, len(key)) - same) * wrong)
        return told
    for key, apart, place in process.extract(
        read, registered, scorer=Levenshtein.distance, limit=None
    ):
        told[place] = max(0.0, (max(size, len(key)) - apart) * gain + apart * wrong)
    return told


_TELLS = {evidence: math.log(choices) for evidence, choices in CHOICES.items()}


@functools.cache
def _logs(misread: float) -> tuple[float, float]:
    """Logarithms of a character read right, and read as an unlike one."""
    return math.log(1.0 - misread), math.log(misread * UNLIKE)


_LEVEL_LOGS = tuple(_logs(misread) for _, misread in LEVELS)
# What says nothing, at each level.
_CHANCE = (1.0,) * len(LEVELS)
# Logarithms beyond it are no surer.
_MOST_LOG = 200.0


def _own(heard: Heard) -> tuple[float, ...]:
    """How much likelier the reading is on the laboratory's own paper than by chance.

    Returns:
        A ratio for each level.
    """
    evidence = heard.evidence
    if not heard.registered:
        return _CHANCE
    # A slip is taken for a match: which of two like characters was read proves little.
    told, cut = heard.right * _TELLS[evidence], CUT_OFF if heard.cut_off else 1.0
    most, other = MOST.get(evidence, math.inf), OTHER[evidence]
    found = []
    for right, wrong in _LEVEL_LOGS:
        ratio = math.exp(min(told + heard.right * right + heard.wrong * wrong, _MOST_LOG)) * cut
        found.append((1.0 - other) * min(ratio, most) + other)
    return tuple(found)


def _imitation(named: Sequence[Heard]) -> tuple[float, ...]:
    """How much likelier than chance name and seals are if an imitation shows them.

    Its name and its seal differ in the same place, in the same way, and what differs beside
    that is misread.

    Returns:
        A ratio for each level.
    """
    common = frozenset.intersection(*(heard.edits for heard in named))
    explained = len(named)
    if len(named) == 1 and not _one_place(common):
        # Any one of them may be the true one.
        common = frozenset(list(common)[:1])
    elif not common and (place := _place_of_all(named)):
        # The true difference was misread in all but one.
        common, explained = frozenset({place}), 1
    if _one_place(common):
        likely = ONE_CHARACTER if len(common) == 1 else ONE_WORD
    else:
        common = frozenset()
        slip = any(heard.slips or heard.cut_off for heard in named)
        likely = ONE_CHARACTER if slip else ANYWHERE
    told = math.log(likely) + sum(heard.right * _TELLS[heard.evidence] for heard in named)
    agree = sum(heard.right for heard in named)
    apart = sum(heard.wrong for heard in named) - explained * len(common)
    return tuple(
        math.exp(min(told + agree * right + apart * wrong, _MOST_LOG))
        for right, wrong in _LEVEL_LOGS
    )


def _place_of_all(named: Sequence[Heard]) -> tuple[int, str] | None:
    """A place of the registered name that every reading has otherwise."""
    each = [frozenset(place for place, _ in heard.edits) for heard in named]
    places = each[0].intersection(*each[1:])
    return (min(places), "") if places else None


def _one_place(edits: frozenset[tuple[int, str]]) -> bool:
    places = [place for place, _ in edits]
    return bool(places) and max(places) - min(places) < WORD and len(places) <= WORD


def shared(evidence: str, holders: int) -> float:
    """The ratio for something held to the letter, by several laboratories at once."""
    return max(1.0, MOST[evidence] / max(1, holders)) * (1.0 - OTHER[evidence])


@dc.dataclass(frozen=True, slots=True)
class Told:
    """What was heard of one laboratory.

    Attributes:
        heard: each piece that can be compared character by character.
        ratios: ratios of the pieces that agree or do not (domains).
    """

    heard: Sequence[Heard]
    ratios: Mapping[str, float]


def _stories(told: Told, ratios: Sequence[tuple[float, ...]]) -> Iterator[tuple[float, float]]:
    """Weight of the laboratory's own paper, and of all that only looks like it, by level.

    Args:
        told: what was heard.
        ratios: of each piece heard, on the laboratory's own paper.
    """
    named = [heard for heard in told.heard if heard.evidence in NAMED and heard.registered]
    imitation = _imitation(named) if named else (0.0,) * len(LEVELS)
    evidence = [heard.evidence for heard in told.heard]
    for level, imitated in enumerate(imitation):
        own, alike, borrowed = OWN, ALIKE * imitated, 0.0
        for kind, each in zip(evidence, ratios, strict=True):
            ratio = each[level]
            own *= ratio
            if kind not in NAMED:
                alike *= ALSO * ratio + 1.0 - ALSO
            if kind == "cma_no":
                borrowed = BORROWED * ratio
        for ratio in told.ratios.values():
            own *= ratio
            alike *= ALSO * ratio + 1.0 - ALSO
        yield own, alike + borrowed


def _mixed(
    told: Iterable[Told], ratios: Iterable[Sequence[tuple[float, ...]]], level: int
) -> float:
    """Weight of a paper made of what belongs to two laboratories."""
    sums: dict[str, float] = {}
    same: dict[tuple[str, str], float] = {}
    for one, own in zip(told, ratios, strict=True):
        beyond: dict[str, float] = {}
        for heard, each in zip(one.heard, own, strict=True):
            if each[level] > 1.0 and heard.evidence in _TELLING:
                beyond[heard.evidence] = each[level] - 1.0
        for evidence, ratio in beyond.items():
            sums[evidence] = sums.get(evidence, 0.0) + ratio
        for pair in itertools.combinations(sorted(beyond), 2):
            same[pair] = same.get(pair, 0.0) + beyond[pair[0]] * beyond[pair[1]]
    pairs = itertools.combinations(sorted(sums), 2)
    most = (max(0.0, sums[one] * sums[two] - same.get((one, two), 0.0)) for one, two in pairs)
    return MIXED * max(most, default=0.0) / LABORATORIES**2


@dc.dataclass(frozen=True, slots=True)
class Sure:
    """How sure it is.

    Attributes:
        confidence: that the paper is this laboratory's, 0..1.
        share: that it is this one of all that are registered, whoever made the paper, 0..1.
    """

    confidence: float
    share: float


def weigh(told: Mapping[str, Told]) -> dict[str, Sure]:
    """How sure each laboratory is, of those that may be meant."""
    ratios = [[_own(heard) for heard in one.heard] for one in told.values()]
    stories = [list(_stories(*each)) for each in zip(told.values(), ratios, strict=True)]
    own: dict[str, float] = dict.fromkeys(told, 0.0)
    others = NOBODY
    for level, (share, _) in enumerate(LEVELS):
        others += share * _mixed(told.values(), ratios, level)
        for lab_id, each in zip(told, stories, strict=True):
            mine, look_alike = each[level]
            own[lab_id] += share * mine / LABORATORIES
            others += share * look_alike / LABORATORIES
    registered = sum(own.values()) + UNLISTED
    return {
        lab_id: Sure(round(weight / (others + registered), 4), round(weight / registered, 4))
        for lab_id, weight in own.items()
    }


def bits(heard: Heard) -> float:
    """What a piece of evidence says for (or, below 0, against) a laboratory, in bits."""
    ratio = sum(share * each for (share, _), each in zip(LEVELS, _own(heard), strict=True))
    return round(math.log2(ratio), 1)
