"""What would break: a name refused for one lost character, or accused for one that was soft."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import pytest

from ocr.seal import places
from ocr.seal.ask import ask_names
from ocr.seal.found import FoundSeal
from ocr.seal.places import Mark
from ocr.seal.read import read_seals
from ocr.text.engine import Recognition
from ocr.text.rapid import RapidEngine
from ocr.witness import Answer
from tests.ocr.seal_pages import blank, photographed, seal, stamped

NAME = "河南省玉石金银饰品检测中心"
LOST = 5


@pytest.fixture(scope="module")
def found(engine: RapidEngine) -> FoundSeal:
    drawn = seal(NAME, seed=8, size=290)
    (one,) = read_seals(photographed(stamped(blank(), drawn, (500, 330))), engine)
    return one


def marred(found: FoundSeal, engine: RapidEngine, number: int, *, weight: float) -> FoundSeal:
    """The seal as read with one character of each strip blurred or wiped away."""
    strips = []
    for strip in found.strips:
        glyph = engine.read_lines([strip])[0].glyphs[number]
        left, right = (round(edge * strip.shape[1]) for edge in (glyph.start, glyph.end))
        reach = strip.shape[0] // 3
        part = np.s_[:, max(0, left - reach) : right + reach]
        spoilt = strip.copy()
        soft = cv2.GaussianBlur(strip, (0, 0), strip.shape[0] / 4)[part]
        spoilt[part] = cv2.addWeighted(strip[part], 1 - weight, soft, weight, 0)
        strips.append(spoilt)
    read = tuple(engine.recognise(strips))
    seal_in_page = dc.replace(found.seal_in_page, name=places.clean_name(read[0].text))
    return dc.replace(
        found,
        strips=tuple(strips),
        found=read,
        reading=read[0].text,
        seal_in_page=seal_in_page,
    )


def test_a_sure_reading_without_a_gap_is_settled(found: FoundSeal) -> None:
    assert places.settled(found.found[:3])


def test_a_reading_with_a_hole_is_not_settled(found: FoundSeal, engine: RapidEngine) -> None:
    holed = [without(strip, LOST) for strip in found.found[:3]]
    assert {strip.text for strip in holed} == {NAME[:LOST] + NAME[LOST + 1 :]}
    assert all(map(places.has_room, holed))
    assert not places.settled(holed)


def without(strip: Recognition, number: int) -> Recognition:
    """The strip as a recogniser gives it that passes over one character."""
    assert strip.probabilities is not None
    glyph = strip.glyphs[number]
    probabilities = strip.probabilities.copy()
    classes = probabilities.argmax(axis=1)
    runs = np.flatnonzero(np.diff(classes, prepend=0) * (classes != 0))
    frame = int(runs[number])
    while frame < len(classes) and classes[frame] == classes[runs[number]]:
        kept = probabilities[frame, classes[frame]] / 10
        probabilities[frame, 0] += 9 * kept
        probabilities[frame, classes[frame]] = kept
        frame += 1
    glyphs = tuple(one for one in strip.glyphs if one is not glyph)
    return dc.replace(
        strip,
        text="".join(one.char for one in glyphs),
        glyphs=glyphs,
        probabilities=probabilities,
    )


def test_the_name_agrees_where_a_character_was_passed_over_and_others_do_not(
    found: FoundSeal, engine: RapidEngine
) -> None:
    read = tuple(without(strip, LOST) for strip in found.found)
    short = NAME[:LOST] + NAME[LOST + 1 :]
    holed = dc.replace(
        found, found=read, reading=short, seal_in_page=dc.replace(found.seal_in_page, name=short)
    )
    other = NAME[:LOST] + "铜" + NAME[LOST + 1 :]
    true, exchanged = ask_names(holed, [NAME, other], engine)
    assert true.answer is Answer.AGREES
    assert exchanged.answer is not Answer.AGREES
    (alone,) = ask_names(holed, [other], engine)
    assert alone.answer is not Answer.AGREES


def test_a_blurred_character_accuses_nobody(found: FoundSeal, engine: RapidEngine) -> None:
    soft = marred(found, engine, LOST, weight=0.9)
    (near,) = ask_names(soft, [NAME], engine)
    assert near.answer is not Answer.DIFFERS


def test_a_ring_that_no_text_explains_agrees_with_none(
    found: FoundSeal, engine: RapidEngine
) -> None:
    drawn = [f"{n}" * 5 for n in range(len(found.found))]
    strips = [photographed(blank())[:48, : 400 + 10 * n] for n, _ in enumerate(drawn)]
    for text, strip in zip(drawn, strips, strict=True):
        cv2.putText(strip, text, (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3)
    read = tuple(engine.recognise(strips))
    unread = dc.replace(found, found=read, reading="湖海成室石实设家有限")
    (true,) = ask_names(unread, [NAME], engine)
    assert true.answer is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("mark", "number", "told"),
    [
        (Mark(-6.0, 0.95, 0.99, beside_unread=False), 3, True),
        (Mark(-6.0, 0.95, 0.99, beside_unread=False), 0, False),
        (Mark(-9.0, 0.95, 0.99, beside_unread=False), 0, True),
        (Mark(-6.0, 0.95, 0.99, beside_unread=True), 3, False),
        (Mark(-6.0, 0.1, 0.99, beside_unread=False), 3, False),
        (Mark(-2.0, 0.95, 0.99, beside_unread=False), 3, False),
    ],
)
def test_what_contradicts_a_name(mark: Mark, number: int, *, told: bool) -> None:
    sure = Mark(9.0, 0.0, 0.0, beside_unread=False)
    shown = [mark if place == number else sure for place in range(6)]
    assert places.contradicted(shown, shown) is told
    covered = [dc.replace(one, usual_other=0.05) for one in shown]
    assert not places.contradicted(shown, covered)
    half_covered = [dc.replace(one, usual_other=0.3) for one in shown]
    assert not places.contradicted(shown, half_covered)


def test_a_ring_with_several_soft_characters_contradicts_nothing() -> None:
    sure = Mark(9.0, 0.0, 0.0, beside_unread=False)
    soft = Mark(-1.0, 0.3, 0.5, beside_unread=False)
    other = Mark(-8.0, 0.95, 0.99, beside_unread=False)
    assert places.contradicted([sure, other, soft, sure], [sure, other, soft, sure])
    shown = [sure, other, soft, soft, sure]
    assert not places.contradicted(shown, shown)


def test_a_character_that_something_else_stands_for_is_not_borne_out() -> None:
    sure = Mark(9.0, 0.0, 0.0, beside_unread=False)
    blur, rival = (
        Mark(-3.0, 0.0, 0.1, beside_unread=True),
        Mark(-3.0, 0.7, 0.9, beside_unread=False),
    )
    assert places.borne_out([sure, blur, blur, sure])
    assert not places.borne_out([sure, blur, blur, blur, sure])
    assert not places.borne_out([sure, rival, sure])
    assert not places.borne_out([])
