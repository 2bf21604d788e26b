"""Names of seals: read freely, and tested as hypotheses against the ring."""

from __future__ import annotations

import dataclasses
import pathlib

import cv2
import numpy as np
import pytest

from ocr.reading import Seal
from ocr.seal.ask import answer, ask_names
from ocr.seal.course import find_course
from ocr.seal.density import red_density
from ocr.seal.find import find_seals
from ocr.seal.found import FoundSeal, clean_name
from ocr.seal.read import known_kinds, read_seals
from ocr.seal.unroll import cut_strip
from ocr.text.rapid import RapidEngine
from ocr.witness import Answer
from tests.ocr.seal_pages import blank, photographed, printed, seal, stamped

REAL = pathlib.Path(__file__).parents[3] / "shared" / "real" / "seals"
NAME = "河南省玉石金银饰品检测中心"
NEAR = "河南省玉石金银首品检测中心"
OTHER = "镇平县珠宝鉴定有限公司"


@pytest.fixture(scope="module")
def found(engine: RapidEngine) -> FoundSeal:
    drawn = seal(NAME, seed=8, size=290)
    (one,) = read_seals(photographed(stamped(printed(), drawn, (500, 330))), engine)
    return one


def test_name_kind_and_shape_of_a_seal_over_print(found: FoundSeal) -> None:
    assert found.seal_in_page.name == NAME
    assert found.seal_in_page.kind == "检验检测专用章"
    assert found.seal_in_page.shape == "round"
    assert found.seal_in_page.confidence > 0.85


def test_the_true_name_agrees_and_others_differ(found: FoundSeal, engine: RapidEngine) -> None:
    answers = [support.answer for support in ask_names(found, [OTHER, NAME], engine)]
    assert answers == [Answer.DIFFERS, Answer.AGREES]


def test_one_character_in_open_ink_makes_a_name_differ(
    found: FoundSeal, engine: RapidEngine
) -> None:
    bare = tuple(np.zeros_like(columns) for columns in found.covered)
    (near,) = ask_names(dataclasses.replace(found, covered=bare), [NEAR], engine)
    assert near.answer is Answer.DIFFERS


def test_ink_under_black_print_accuses_nobody(found: FoundSeal, engine: RapidEngine) -> None:
    # As if print lay over the character that NEAR has otherwise, and over nothing else.
    place = next(i for i, (a, b) in enumerate(zip(NAME, NEAR, strict=True)) if a != b)
    covered = []
    for strip in found.strips:
        columns = np.zeros(strip.shape[1], np.float32)
        glyphs = engine.read_lines([strip])[0].glyphs
        at = glyphs[place].start * len(columns)
        columns[int(at - 5) : int(at + 5)] = 1
        covered.append(columns)
    hidden = dataclasses.replace(found, covered=tuple(covered))
    near, other = ask_names(hidden, [NEAR, OTHER], engine)
    assert near.answer is Answer.CANNOT_TELL
    assert other.answer is Answer.DIFFERS


def test_a_name_that_the_reading_only_lacks_a_character_of_is_not_accused(
    found: FoundSeal,
) -> None:
    longer = NAME[:3] + "示" + NAME[3:]
    assert answer(found, longer, -14.0, contrary=True) is Answer.CANNOT_TELL
    assert answer(found, OTHER, -14.0, contrary=True) is Answer.DIFFERS
    assert answer(found, OTHER, -14.0, contrary=False) is Answer.CANNOT_TELL


def test_an_unsure_reading_accuses_nobody(found: FoundSeal) -> None:
    unsure = Seal(NAME, "", "round", 0.5, found.seal_in_page.box)
    weak = dataclasses.replace(found, seal_in_page=unsure)
    assert answer(weak, OTHER, -14.0, contrary=True) is Answer.CANNOT_TELL


def test_a_seal_that_could_not_be_read_answers_nothing(
    found: FoundSeal, engine: RapidEngine
) -> None:
    unread = FoundSeal(Seal("", "", "round", 0.0, found.seal_in_page.box), found.place)
    supports = ask_names(unread, [NAME, OTHER], engine)
    assert [(s.score, s.answer) for s in supports] == [(0.0, Answer.CANNOT_TELL)] * 2


def test_an_oval_seal_without_a_star(engine: RapidEngine) -> None:
    drawn = seal(OTHER, "检测专用章", seed=4, size=330, shape="oval", star=False)
    (one,) = read_seals(photographed(stamped(blank(), drawn, (450, 320))), engine)
    assert one.seal_in_page.name == OTHER
    assert one.seal_in_page.kind == "检测专用章"
    assert one.seal_in_page.shape == "oval"


def test_a_company_seal_has_no_kind_and_its_number_is_no_name(engine: RapidEngine) -> None:
    drawn = seal(OTHER, "", seed=5, size=300, number="4113240012345")
    (one,) = read_seals(photographed(stamped(blank(), drawn, (450, 320))), engine)
    assert one.seal_in_page.name == OTHER
    assert one.seal_in_page.kind == ""


def test_a_seal_turned_far_is_cut_at_its_gap(engine: RapidEngine) -> None:
    drawn = seal(OTHER, "质检专用章", seed=9, size=300).rotate(-35, expand=True, resample=3)
    (one,) = read_seals(photographed(stamped(blank(), drawn, (450, 320))), engine)
    assert one.seal_in_page.name == OTHER


def test_no_seal_no_reading(engine: RapidEngine) -> None:
    assert read_seals(photographed(printed()), engine) == []


def test_course_of_the_name_and_the_strip_cut_from_it() -> None:
    page = stamped(blank(), seal(OTHER, seed=6, size=300), (450, 320))
    (place,) = find_seals(page)
    course = find_course(red_density(page), place)
    assert course is not None
    assert 0.05 < course.outer < course.inner < 0.55
    assert 0.4 < course.end - course.start < 0.75
    assert abs(course.tilt) < 20
    strip = cut_strip(page, place, course)
    assert strip.shape[1] > 5 * strip.shape[0]


def test_a_ring_without_letters_has_no_course() -> None:
    page = blank()
    cv2.circle(page, (450, 320), 140, (45, 35, 200), 12, cv2.LINE_AA)
    drawn = stamped(blank(), seal(OTHER, seed=6, size=280), (450, 320))
    (place,) = find_seals(drawn)
    assert find_course(red_density(page), place) is None


def test_clean_name_keeps_han_and_brackets() -> None:
    assert clean_name("A示例（河南）1玉 检.41") == "示例（河南）玉检"


def test_known_kinds_hold_the_prescribed_words() -> None:
    kinds = known_kinds()
    assert kinds[0] == "检验检测专用章"
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize(
    ("picture", "shapes"), [("source.png", ["round"]), ("ly.png", ["round", "round", "square"])]
)
def test_real_seals(picture: str, shapes: list[str], engine: RapidEngine) -> None:
    file = REAL / picture
    if not file.exists():
        pytest.skip(f"no real picture at {file}")
    image = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
    seals = [found.seal_in_page for found in read_seals(image, engine)]
    assert sorted(one.shape for one in seals) == shapes
    assert {one.name for one in seals if one.shape == "round"} == {"北京中导开源科技有限公司"}
    assert {one.name for one in seals if one.shape == "square"} <= {"李庆国印"}
