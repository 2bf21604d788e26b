"""Reads seals: the name on the ring, the words on the straight line.

One strip of a seal is rarely read without a slip, and the slips differ from strip to
strip. So the ring is laid out several ways, every reading becomes a hypothesis, pieces of
one reading are tried in another, and the text that explains all strips best is taken
(consensus over CTC scores rather than a vote over strings: a strip that dropped a
character still says how well it would have fitted).
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from ocr.reading import Seal
from ocr.seal import square
from ocr.seal.course import Course, find_course
from ocr.seal.density import Image, Plane, paper_small
from ocr.seal.find import find_seals
from ocr.seal.found import WORST_SCORE, FoundSeal, clean_name, consensus, support, sureness
from ocr.seal.ink import Planes, take_apart
from ocr.seal.patch import Original, cut_patch
from ocr.seal.place import SealPlace
from ocr.seal.places import settled
from ocr.seal.unroll import cut_lines, cut_print, cut_strip
from ocr.text.engine import HypothesisScorer, Recognition

_NOT_KIND = re.compile(r"[^\u3400-\u9fff（）()0-9A-Z]")
# (source, stretch, margin): ways to lay out the ring. `beside` is the red density with print
# weighed down, `painted` that with print painted over, `red` as it is, `page` the colours as
# photographed. Names read to the letter from one strip alone, of 100 normal photographs:
# beside 95, painted 95, red 91, page 50; the wide margin 86, but it finds the ends of names
# whose band was cut too shallow. The first three decide where they agree.
_CUTS = (
    ("beside", 0.95, 0.25),
    ("painted", 0.95, 0.25),  # PLAIN_STRIP
    ("beside", 0.8, 0.25),
)
_FURTHER_CUTS = (
    ("beside", 0.95, 0.4),
    ("red", 0.95, 0.25),
    ("page", 0.95, 0.25),
)
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


@functools.cache
def known_kinds() -> tuple[str, ...]:
    """Words that seals carry on their straight line (`kinds.toml`)."""
    data = importlib.resources.files("ocr.seal").joinpath("kinds.toml").read_text("utf-8")
    return tuple(tomllib.loads(data)["kinds"])


@functools.cache
def known_endings() -> tuple[str, ...]:
    """Last characters of bodies' names and of seals (`kinds.toml`)."""
    data = importlib.resources.files("ocr.seal").joinpath("kinds.toml").read_text("utf-8")
    return tuple(tomllib.loads(data)["endings"])


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
        planes = take_apart(patch.image, patch.density, patch.place)
        read = _read_seal(planes, patch.place, recogniser)
        seal = dc.replace(read.seal_in_page, box=place.quad())
        if place.ink != "red" and not seal.name and not seal.kind:
            # Rings of pictures and print are blue and black; without a word they are no seal.
            continue
        found.append(dc.replace(read, seal_in_page=seal, place=place))
    return found


def _read_seal(planes: Planes, place: SealPlace, recogniser: HypothesisScorer) -> FoundSeal:
    if place.shape == "square":
        return _read_square(planes, place, recogniser)
    course = find_course(planes.ink, place)
    if course is None:
        return FoundSeal(Seal("", "", place.shape, 0.0, place.quad()), place)
    cuts = list(_CUTS)
    strips = [_cut(planes, place, course, cut) for cut in cuts]
    found = recogniser.recognise(strips)
    if not settled(found):
        cuts += _FURTHER_CUTS
        further = [_cut(planes, place, course, cut) for cut in _FURTHER_CUTS]
        strips += further
        found = [*found, *recogniser.recognise(further)]
    covered = [_covered(planes.black, place, course, *cut[1:]) for cut in cuts]
    text = consensus(found, recogniser)
    name = clean_name(text)
    confidence = sureness(found, text) if len(name) >= _LEAST_NAME else 0.0
    kind = _read_kind(planes, place, course, recogniser)
    seal = Seal(name if confidence else "", kind, place.shape, confidence, place.quad())
    return FoundSeal(seal, place, tuple(strips), tuple(found), tuple(covered), text)


def _read_square(planes: Planes, place: SealPlace, recogniser: HypothesisScorer) -> FoundSeal:
    """A square seal, run in the way that its last words speak for."""
    ways = [square.strips(plane, place) for plane in (planes.beside, planes.painted)]
    cut = [way for way in ways if way is not None]
    if not cut:
        return FoundSeal(Seal("", "", place.shape, 0.0, place.quad()), place)
    in_rows, in_columns = (recogniser.recognise([way[i] for way in cut]) for i in (0, 1))
    down = _ends(in_columns) > _ends(in_rows)
    found = in_columns if down else in_rows
    text = consensus(found, recogniser)
    confidence = sureness(found, text) if len(clean_name(text)) >= _LEAST_NAME else 0.0
    seal = Seal(clean_name(text), "", place.shape, confidence, place.quad())
    strips = tuple(way[1 if down else 0] for way in cut)
    bare = tuple(np.zeros(strip.shape[1], np.float32) for strip in strips)
    return FoundSeal(seal, place, strips, tuple(found), bare, text)


def _ends(found: Sequence[Recognition]) -> int:
    """How many of the readings end as names of bodies, or seals, do (`kinds.toml`)."""
    return sum(clean_name(strip.text).endswith(known_endings()) for strip in found)


def _cut(planes: Planes, place: SealPlace, course: Course, cut: tuple[str, float, float]) -> Image:
    source, stretch, margin = cut
    if source == "page":
        return cut_strip(planes.page, place, course, stretch=stretch, margin=margin)
    plane = {"red": planes.ink, "painted": planes.painted, "beside": planes.beside}[source]
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


def _read_kind(
    planes: Planes, place: SealPlace, course: Course, recogniser: HypothesisScorer
) -> str:
    crops = cut_lines(_as_print(planes.beside, course), planes.ink, place, course)
    if not crops:
        return ""
    found = recogniser.recognise(crops[:_FIRST_LINES])
    kind = _known_kind(found, recogniser)
    if kind:
        return kind
    crops = crops[_FIRST_LINES:] + cut_lines(planes.page, planes.ink, place, course)
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
    scores = dict(zip(kinds, support(found, kinds, recogniser).max(axis=0), strict=True))
    ranked = sorted(kinds, key=scores.__getitem__, reverse=True)
    second = scores[ranked[1]] if len(ranked) > 1 else WORST_SCORE
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
