"""Marks: letters, numbers and place together tell which number is whose."""

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.geometry import box_quad
from ocr.marks import find_marks, settled
from ocr.page.model import whole_photo
from ocr.read import read_photo
from ocr.reading import Field, Glyph, Line
from samples.generator import make
from samples.generator.marks import _badge


def line(text, left, top, width, height=30, confidence=0.99):
    box = box_quad(left, top, width, height)
    step = 1 / max(1, len(text))
    glyphs = tuple(Glyph(c, i * step, (i + 1) * step, confidence) for i, c in enumerate(text))
    return Line(text, confidence, box, box, "rapidocr", glyphs)


@pytest.fixture
def page():
    return whole_photo(np.full((400, 1000, 3), 245, np.uint8))


def told(marks):
    return [(mark.kind, mark.number) for mark in marks]


def test_each_number_goes_to_the_mark_above_it_though_read_in_one_line(page):
    lines = [
        line("MA", 120, 50, 60, 40),
        line("AL", 400, 50, 60, 40),
        line("CNAS", 700, 50, 90, 40),
        line("中国认可 检测", 690, 95, 120, 20),
        line("211620110417    (2021)示质监认字016号    CNAS L90417", 50, 125, 850),
    ]
    assert told(find_marks(page, lines)) == [
        ("CMA", "211620110417"),
        ("CAL", "(2021)示质监认字016号"),
        ("CNAS", "CNAS L90417"),
    ]


def test_the_same_form_under_two_marks_is_told_by_its_place(page):
    lines = [
        line("MA", 120, 50, 60, 40),
        line("AL", 420, 50, 60, 40),
        line("2009002644Z", 80, 110, 150),
        line("2009002645Z", 380, 110, 150),
    ]
    assert told(find_marks(page, lines)) == [("CMA", "2009002644Z"), ("CAL", "2009002645Z")]


def test_a_number_beside_its_mark_is_its_own(page):
    lines = [line("CMA", 100, 50, 80, 40), line("211620110417", 200, 55, 160)]
    assert told(find_marks(page, lines)) == [("CMA", "211620110417")]


def test_letters_inside_other_print_are_no_mark(page):
    lines = [
        line("CMA编号：211620110417", 50, 50, 300),
        line("MADE IN CHINA", 50, 100, 200),
        line("本机构已通过CNAS认可", 50, 150, 300),
        line("CNAS L90417", 500, 150, 160),
    ]
    assert find_marks(page, lines) == ()


def test_ilac_goes_without_a_number_and_takes_none(page):
    lines = [
        line("ilac-MRA", 500, 50, 120, 40),
        line("CNAS", 650, 50, 90, 40),
        line("CNAS L0290", 560, 110, 160),
    ]
    assert told(find_marks(page, lines)) == [("ilac-MRA", ""), ("CNAS", "CNAS L0290")]


def test_a_number_far_below_is_nobodys(page):
    lines = [line("MA", 120, 50, 60, 40), line("211620110417", 90, 300, 160)]
    (mark,) = find_marks(page, lines)
    assert (mark.number, mark.number_box, mark.number_confidence) == ("", None, 0.0)


@pytest.mark.parametrize("colour", [(190, 32, 38), (24, 62, 140), (30, 30, 34)])
def test_the_c_around_the_letters_is_seen(colour):
    sheet = Image.new("RGB", (400, 300), (248, 248, 244))
    badge = _badge("MA", 80, colour)
    sheet.paste(badge, (100, 60), badge)
    ringed = whole_photo(np.ascontiguousarray(np.asarray(sheet)[..., ::-1]))
    letters = [line("MA", 140, 80, 54, 40)]
    bare = whole_photo(np.full((300, 400, 3), 248, np.uint8))
    assert find_marks(ringed, letters)[0].confidence > 0.95
    assert find_marks(bare, letters)[0].confidence < 0.7


def test_bare_paper_below_a_mark_is_seen_and_glare_or_print_is_not_bare():
    image = np.full((300, 400, 3), 235, np.uint8)
    letters = [line("MA", 150, 60, 60, 40)]
    assert find_marks(whole_photo(image), letters)[0].bare_below
    glare = cv2.ellipse(image.copy(), (180, 150), (120, 60), 0, 0, 360, (255, 255, 255), -1)
    assert not find_marks(whole_photo(glare), letters)[0].bare_below
    soft = cv2.putText(image.copy(), "2116", (130, 150), 0, 0.9, (120, 120, 120), 2)
    assert not find_marks(whole_photo(soft), letters)[0].bare_below
    pale = cv2.putText(image.copy(), "2116", (150, 122), 0, 0.7, (213, 213, 213), 2)
    pale[64:96, 154:206:6] = 195  # letters of the mark
    assert not find_marks(whole_photo(pale), letters)[0].bare_below
    edge = whole_photo(image[:110])
    assert not find_marks(edge, letters)[0].bare_below


@pytest.mark.parametrize(
    ("at", "scale"),
    [
        ((130, 148), 0.5),  # 4 px beneath the letters
        ((130, 156), 0.7),
        ((130, 219), 0.6),  # 2.3 heights beneath
        ((130, 85), 0.6),
        ((20, 125), 0.5),
        ((285, 125), 0.4),
    ],
)
def test_a_number_near_or_far_beneath_above_or_beside_is_no_bare_paper(at, scale):
    image = np.full((400, 500, 3), 245, np.uint8)
    cv2.putText(image, "CMA", (150, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 3)
    letters = [line("CMA", 150, 100, 80, 32)]
    assert find_marks(whole_photo(image), letters)[0].bare_below
    cv2.putText(image, "211620110417", at, cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 30, 30), 1)
    assert not find_marks(whole_photo(image), letters)[0].bare_below


def test_a_marks_own_c_is_no_print_beside_it():
    sheet = Image.new("RGB", (500, 420), (248, 248, 244))
    badge = _badge("MA", 80, (190, 32, 38))
    sheet.paste(badge, (150, 120), badge)
    ringed = whole_photo(np.ascontiguousarray(np.asarray(sheet)[..., ::-1]))
    assert find_marks(ringed, [line("MA", 190, 140, 54, 40)])[0].bare_below


def cma(value, label=""):
    box = box_quad(0, 0, 9, 9)
    return {"cma_no": Field("cma_no", value, value, 0.9, box, "rapidocr", label, (box,))}


def test_a_number_under_another_mark_is_not_taken_for_cma(page):
    both = find_marks(
        page,
        [
            line("MA", 120, 50, 60, 40),
            line("AL", 420, 50, 60, 40),
            line("2009002644Z", 80, 110, 150),
            line("2009002645Z", 380, 110, 150),
        ],
    )
    assert settled(cma("2009002645Z"), both)["cma_no"].text == "2009002644Z"
    assert settled(cma("2009002644Z"), both)["cma_no"].text == "2009002644Z"
    alone = [mark for mark in both if mark.kind == "CAL"]
    assert "cma_no" not in settled(cma("2009002645Z"), alone)
    # A printed label says what its number is.
    assert settled(cma("2009002645Z", "CMA编号"), both)["cma_no"].text == "2009002645Z"


def test_letters_that_were_not_read_are_told_by_a_number_that_only_one_mark_has(page):
    number = line("(2022)示质监认字766号", 400, 150, 200, 20)
    (bare,) = find_marks(page, [number])
    cv2.ellipse(page.image, (500, 113), (42, 27), 0, 40, 320, (20, 20, 20), 6)
    (mark,) = find_marks(page, [number])
    assert (mark.kind, mark.number) == ("CAL", "(2022)示质监认字766号")
    assert bare.confidence < 0.9 <= mark.confidence
    # Such a number of the accreditation of old says nothing of CAL.
    assert find_marks(page, [line("(2012)量认(豫)字Z0345号", 400, 150, 200, 20)]) == ()


def test_letters_whose_c_is_faded_are_told_by_a_number_that_only_one_mark_has(page):
    letters = line("AL", 470, 90, 60, 40)
    (mark,) = find_marks(page, [letters, line("(2022)示质监认字766号", 400, 150, 200, 20)])
    (other,) = find_marks(page, [letters, line("2009002645Z", 400, 150, 200, 20)])
    assert other.confidence < 0.9 <= mark.confidence


def test_the_c_is_found_above_a_number_that_is_large_beside_it(page):
    cv2.ellipse(page.image, (510, 118), (40, 26), 0, 40, 320, (20, 20, 20), 6)
    (mark,) = find_marks(page, [line("(2022)示质监认字766号", 400, 160, 230, 32)])
    assert mark.confidence >= 0.9


@pytest.mark.parametrize(("layout", "lab"), [("card", "sheng"), ("dense", "yuan")])
def test_the_four_marks_of_a_drawn_certificate_are_told_apart(layout, lab):
    """Each number its own mark's, and none for ilac-MRA, which stands nearest to two."""
    sample = make(7900, layout=layout, lab_id=lab, fault="every_mark")
    (part,) = read_photo(cv2.imencode(".png", sample.image)[1].tobytes(), "a.png")
    numbers = dict(told(part.reading.marks))
    assert list(numbers) == ["CMA", "CAL", "ilac-MRA", "CNAS"]
    assert numbers["CMA"] == sample.truth["fields"]["cma_no"]
    assert numbers["CNAS"] == sample.truth["fields"]["cnas_no"]
    assert "监认字" in numbers["CAL"] and numbers["ilac-MRA"] == ""
