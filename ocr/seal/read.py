"""Reads seals: the name on the ring, the words on the straight line.

One strip of a seal is rarely read without a slip, and the slips differ from strip to
strip. So the ring is laid out several ways, every reading becomes a hypothesis, pieces of
one reading are tried in another, and the text that explains all strips best is taken
(consensus over CTC scores rather than a vote over strings: a strip that dropped a
character still says how well it would have fitted).
"""

from __future__ import annotations

import dataclasses as dc
import difflib
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from ocr.reading import Seal
from ocr.seal.density import Image, Plane, paper_small
from ocr.seal.find import SealPlace, find_seals
from ocr.seal.ink import Planes, take_apart
from ocr.seal.patch import Original, cut_patch
from ocr.seal.unroll import Course, cut_lines, cut_print, cut_strip, find_course
from ocr.text.engine import HypothesisScorer, Recognition, TextEngine
from ocr.witness import Answer, Support

# A name is Han characters and brackets; digits and Latin letters are the number or noise.
_NOT_NAME = re.compile(r"[^\u3400-\u9fff\U00020000-\U0003ffff（）()〇·]")
_NOT_KIND = re.compile(r"[^\u3400-\u9fff（）()0-9A-Z]")
# (source, stretch, margin): ways to lay out the ring. `beside` is the red density with print
# weighed down, `painted` that with print painted over, `red` as it is, `page` the colours as
# photographed. Names read to the letter from one strip alone, of 100 normal photographs:
# beside 95, painted 95, red 91, page 50; the wide margin 86, but it finds the ends of names
# whose band was cut too shallow. The first three decide where they agree.
_CUTS = (
    ("beside", 0.95, 0.25),
    ("painted", 0.95, 0.25),
    ("beside", 0.8, 0.25),
)
_FURTHER_CUTS = (
    ("beside", 0.95, 0.4),
    ("red", 0.95, 0.25),
    ("page", 0.95, 0.25),
)
# The strip that a reader of plain print can make most of.
_PLAIN = "painted"
# First strips that all read the same this surely need no further ones.
_SETTLED = 0.96
# One strip cannot veto a text by more than this.
_WORST_SCORE = -14.0
_CLIMB_ROUNDS = 3
# Crops of the line looked at first, and alone where they tell.
_FIRST_LINES = 2
# A line like no known one is reported only when read this surely, and as a seal's words.
_LEAST_KIND_CONFIDENCE = 0.85
_SEAL_WORD = "章"
# How alike a reading and known words must be for those to be tried on the ink.
_LEAST_KIND_RATIO = 40.0
# Best score over the crops from which known words are taken, and how far before the next:
# 检测专用章 and 检验检测专用章 must not be taken for one another. Words other than the
# prescribed ones may be held against a laboratory: they must stand there nearly unmarred.
_KIND_FITS = -6.0
_OTHER_KIND_FITS = -2.0
_KIND_AHEAD = 3.0
_LEAST_NAME = 2

# Score of a name against the best free reading, from which it agrees, and under which it
# differs; between them the ink cannot tell. On 102 generated seals (42 on normal and 35 on
# hard photographs, 25 small and blurred): true names 0 to -6 but for two whose first
# character lay under black print or that were read with confidence under 0.8; names with one
# character exchanged -5.2 to -14 (normal photographs: under -9), other names likewise.
AGREES_FROM = -3.0
DIFFERS_BELOW = -7.0
# A ring read with less certainty than this accuses nobody.
LEAST_CONFIDENCE_TO_DIFFER = 0.85
# Share of a column under black print from which its character is spoilt, and the likelihood
# that any character then has: that of a reader who guesses among a handful.
_SPOILT = 0.4
_ANY_CHARACTER = 0.05
# A strip reads a name to the letter from this score on; so many of them settle it.
_EXACT = -0.5
_EXACT_STRIPS = 2
# Characters that print may hide of a name whose others all agree.
_MOST_HIDDEN = 2
# Glare can take a third of a ring away.
_MOST_DROPPED = 6


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


@functools.cache
def known_kinds() -> tuple[str, ...]:
    """Words that seals carry on their straight line (`kinds.toml`)."""
    data = importlib.resources.files("ocr.seal").joinpath("kinds.toml").read_text("utf-8")
    return tuple(tomllib.loads(data)["kinds"])


def clean_name(text: str) -> str:
    """Only what a name may be made of: Han characters and brackets."""
    return _NOT_NAME.sub("", text)


def read_seals(
    page_image: Image,
    recogniser: HypothesisScorer,
    places: Sequence[SealPlace] | None = None,
    original: Original | None = None,
) -> list[FoundSeal]:
    """Finds and reads the seals of a page.

    Args:
        page_image: straightened page, height × width × 3, BGR.
        recogniser: reads strips and keeps the character probabilities.
        places: the page's seals, where they were found already.
        original: the photo that the page was straightened from, to read the seals from its
            own pixels; None to read them from the page.

    Returns:
        One for each seal found, best ring first; a name that could not be read is "".

    Raises:
        EngineError: the recogniser gave no answer.
    """
    seals = find_seals(page_image) if places is None else places
    if not seals:
        return []
    light = paper_small(page_image)
    found = []
    for place in seals:
        patch = cut_patch(page_image, light, place, original)
        planes = take_apart(patch.image, patch.density, patch.place.axes[1])
        read = _read_seal(planes, patch.place, recogniser)
        seal = dc.replace(read.seal_in_page, box=place.quad())
        found.append(dc.replace(read, seal_in_page=seal, place=place))
    return found


def _read_seal(planes: Planes, place: SealPlace, recogniser: HypothesisScorer) -> FoundSeal:
    course = find_course(planes.red, place)
    if course is None:
        return FoundSeal(Seal("", "", place.shape, 0.0, place.quad()), place)
    cuts = list(_CUTS)
    strips = [_cut(planes, place, course, cut) for cut in cuts]
    found = recogniser.recognise(strips)
    if not _settled(found):
        cuts += _FURTHER_CUTS
        further = [_cut(planes, place, course, cut) for cut in _FURTHER_CUTS]
        strips += further
        found = [*found, *recogniser.recognise(further)]
    covered = [_covered(planes.black, place, course, *cut[1:]) for cut in cuts]
    text = _consensus(found, recogniser)
    name = clean_name(text)
    confidence = _confidence(found, text) if len(name) >= _LEAST_NAME else 0.0
    kind = _read_kind(planes, place, course, recogniser)
    seal = Seal(name if confidence else "", kind, place.shape, confidence, place.quad())
    return FoundSeal(seal, place, tuple(strips), tuple(found), tuple(covered), text)


def _settled(found: Sequence[Recognition]) -> bool:
    """Whether all strips read the same name surely."""
    texts = {clean_name(strip.text) for strip in found}
    return len(texts) == 1 and min(strip.confidence for strip in found) >= _SETTLED


def _cut(planes: Planes, place: SealPlace, course: Course, cut: tuple[str, float, float]) -> Image:
    source, stretch, margin = cut
    if source == "page":
        return cut_strip(planes.page, place, course, stretch=stretch, margin=margin)
    plane = {"red": planes.red, "painted": planes.painted, "beside": planes.beside}[source]
    return cut_print(plane, place, course, stretch=stretch, margin=margin)


def _covered(
    black: Plane, place: SealPlace, course: Course, stretch: float, margin: float
) -> Plane:
    """Share of each column of a strip's characters that lies under black print."""
    strip = cut_strip(black.astype(np.float32), place, course, stretch=stretch, margin=margin)
    edge = round(margin / (1 + 2 * margin) * len(strip))
    share: Plane = strip[edge : len(strip) - edge].mean(axis=0)
    return share


def _as_print(red: Plane, course: Course) -> Image:
    """Red ink as black print on white."""
    grey = np.clip(255 * (1 - 0.9 * red / course.ink), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _support(
    found: Sequence[Recognition], texts: Sequence[str], recogniser: HypothesisScorer
) -> np.ndarray:
    """How well each text explains each strip, clipped; strips × texts."""
    rows = [
        recogniser.score(strip, texts)
        for strip in found
        if strip.text and strip.probabilities is not None
    ]
    return np.clip(np.array(rows, dtype=np.float64).reshape(-1, len(texts)), _WORST_SCORE, None)


def _consensus(found: Sequence[Recognition], recogniser: HypothesisScorer) -> str:
    """The text that explains all strips best."""
    readings = list(dict.fromkeys(clean_name(strip.text) for strip in found))
    readings = [text for text in readings if text]
    if not readings:
        return ""
    scores = dict(zip(readings, _support(found, readings, recogniser).mean(axis=0), strict=True))
    best = max(scores, key=scores.__getitem__)
    for _ in range(_CLIMB_ROUNDS):
        edits = [text for text in _edits(best, readings) if text not in scores]
        if edits:
            means = _support(found, edits, recogniser).mean(axis=0)
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


def _confidence(found: Sequence[Recognition], text: str) -> float:
    """How sure the reading is, 0..1: strips that agree count fully, others by similarity."""
    agreeing = [
        strip.confidence * fuzz.ratio(clean_name(strip.text), text) / 100 for strip in found
    ]
    return float(np.clip(np.mean(sorted(agreeing)[len(agreeing) // 2 :]), 0, 1))


def _read_kind(
    planes: Planes, place: SealPlace, course: Course, recogniser: HypothesisScorer
) -> str:
    crops = cut_lines(_as_print(planes.beside, course), planes.red, place, course)
    if not crops:
        return ""
    found = recogniser.recognise(crops[:_FIRST_LINES])
    kind = _known_kind(found, recogniser)
    if kind:
        return kind
    crops = crops[_FIRST_LINES:] + cut_lines(planes.page, planes.red, place, course)
    found = [*found, *recogniser.recognise(crops)]
    return _known_kind(found, recogniser) or _other_kind(found)


def _likely_kinds(found: Sequence[Recognition]) -> list[str]:
    """Known words that resemble what was read, nearest first."""
    likely: dict[str, None] = {}
    for strip in found:
        text = _NOT_KIND.sub("", strip.text)
        near = process.extract(text, known_kinds(), scorer=fuzz.ratio, limit=5)
        likely |= {kind: None for kind, ratio, _ in near if ratio >= _LEAST_KIND_RATIO}
    return list(likely)


def _known_kind(found: Sequence[Recognition], recogniser: HypothesisScorer) -> str:
    """The known words that the ink bears out, well ahead of all others; else ""."""
    likely = _likely_kinds(found)
    if not likely:
        return ""
    # Among words that seals are known to carry the ink itself decides; the prescribed
    # ones are always asked, lest 检测专用章 stand in for them.
    kinds = list(dict.fromkeys([known_kinds()[0], *likely]))
    scores = dict(zip(kinds, _support(found, kinds, recogniser).max(axis=0), strict=True))
    ranked = sorted(kinds, key=scores.__getitem__, reverse=True)
    second = scores[ranked[1]] if len(ranked) > 1 else _WORST_SCORE
    fits = _KIND_FITS if ranked[0] == known_kinds()[0] else _OTHER_KIND_FITS
    told = scores[ranked[0]] >= fits and scores[ranked[0]] - second >= _KIND_AHEAD
    return ranked[0] if told else ""


def _other_kind(found: Sequence[Recognition]) -> str:
    """Words like no known ones, read surely; else ""."""
    if _likely_kinds(found):
        return ""
    texts = [(strip.confidence, _NOT_KIND.sub("", strip.text)) for strip in found]
    others = [
        (confidence, text)
        for confidence, text in texts
        if _SEAL_WORD in text and confidence >= _LEAST_KIND_CONFIDENCE
    ]
    return max(others)[1] if others else ""


def reread(found: FoundSeal, engine: TextEngine) -> str:
    """The ring as another engine reads it; "" where it reads nothing.

    It is given the strip that a reader of plain print can make most of: red ink alone as
    black on white, with the print over it painted out.

    Raises:
        EngineError: the engine gave no answer.
    """
    if not found.strips:
        return ""
    (plain,) = (strip for strip, cut in zip(found.strips, _CUTS, strict=False) if cut[0] == _PLAIN)
    return clean_name("".join(one.text for one in engine.read_lines([plain])))


def ask_names(
    found: FoundSeal, names: Sequence[str], recogniser: HypothesisScorer
) -> list[Support]:
    """Tests names against the ring.

    A name agrees by the ink as it stands: by all strips together, or where two of them read
    it to the letter, since cuts lose characters and do not invent them; or where black
    print spoils no more than two of its characters, what is left of them does not speak
    against it, all the others agree, and no other name asked about would fit as well. It
    differs only by the ink that no black print covers: what lies under print can clear a
    laboratory but never accuse one.

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
    plain = _score(found.found, found.reading, names, recogniser)
    exact = (_support(found.found, names, recogniser) >= _EXACT).sum(axis=0)
    bared = [_bared(r, c) for r, c in zip(found.found, found.covered, strict=True)]
    open_ink = _score(bared, found.reading, names, recogniser)
    fitting = [
        name
        for name, score in zip(names, open_ink, strict=True)
        if score >= AGREES_FROM and name != found.reading
    ]
    supports = []
    for name, score, uncovered, strips in zip(names, plain, open_ink, exact, strict=True):
        said = answer(found, name, score, max(score, uncovered))
        hidden = Levenshtein.distance(name, found.seal_in_page.name)
        spoilt = fitting == [name] and hidden <= _MOST_HIDDEN and score >= DIFFERS_BELOW
        if strips >= _EXACT_STRIPS or spoilt:
            said = Answer.AGREES
        supports.append(Support(name, score, said))
    return supports


def _score(
    found: Sequence[Recognition], reading: str, names: Sequence[str], recogniser: HypothesisScorer
) -> list[float]:
    scores = _support(found, [reading, *names], recogniser).mean(axis=0)
    return [float(score - scores[0]) for score in scores[1:]]


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
    share = np.clip(worst / _SPOILT, 0, 1).astype(np.float32)[:, None]
    mixed = (1 - share) * strip.probabilities + share * np.float32(_ANY_CHARACTER)
    return dc.replace(strip, probabilities=mixed)


def answer(found: FoundSeal, name: str, score: float, uncovered: float) -> Answer:
    """What the ink says of a name.

    A name whose reading only lacks some characters is never said to differ: characters
    under black print or in glare are dropped by the recogniser without a trace.

    Args:
        found: the seal.
        name: the hypothesis.
        score: by all ink.
        uncovered: by the ink that no black print covers.
    """
    if not found.strips or not found.reading:
        return Answer.CANNOT_TELL
    if score >= AGREES_FROM:
        return Answer.AGREES
    sure = found.seal_in_page.confidence >= LEAST_CONFIDENCE_TO_DIFFER
    if uncovered < DIFFERS_BELOW and sure and not _only_lacks(found.seal_in_page.name, name):
        return Answer.DIFFERS
    return Answer.CANNOT_TELL


def _only_lacks(reading: str, name: str) -> bool:
    """Whether the reading is the name less at most _MOST_DROPPED characters."""
    if not 0 < len(name) - len(reading) <= _MOST_DROPPED:
        return False
    rest = iter(name)
    return all(char in rest for char in reading)
