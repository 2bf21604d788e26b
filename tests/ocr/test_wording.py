"""Values whose field uses few words: what of a reading is none of them, and is put right."""

from __future__ import annotations

import doctest

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr.fields import people, values, wording
from ocr.fields.doubt import STATED, doubtful
from ocr.fields.extract import extract
from ocr.geometry import Picture, box_quad
from ocr.page import Page
from ocr.reading import Field
from ocr.text.rapid import RapidEngine
from ocr.worded import WordLook
from samples.generator import fonts
from tests.ocr.lines import line

PLACE = box_quad(8, 6, 150, 44)


@pytest.mark.parametrize("module", [wording, people, values])
def test_the_examples_in_the_documentation_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried and not failed


def weakest(text: str, sure: float) -> float:
    (field,) = extract([line(100, 100, text, sure)], []).fields.values()
    return field.weakest


def test_a_character_of_no_word_must_be_read_surely() -> None:
    assert weakest("颜色：白色", 0.95) == 0.95
    assert weakest("颜色：自色", 0.95) == 0, "a slip from 白色"
    assert weakest("颜色：自色", 0.999) == 0.999, "so sure that it is what is printed"
    assert weakest("形状：卧牛", 0.98) == 0.98, "a word that is like none of the field's"


def test_what_names_no_optic_character_is_another_fields() -> None:
    assert weakest("光性特征：深蓝", 1.0) == 0
    assert weakest("光性特征：非均质体,一轴晶", 0.9) == 0.9


def test_half_a_range_is_not_stated() -> None:
    assert weakest("折射率：1.762-L.770", 0.95) == 0
    assert weakest("折射率：1.762-1.770", 0.95) == 0.95


def test_a_name_without_a_surname_must_be_read_surely() -> None:
    assert weakest("批准人：压晓明", 0.9) == 0
    assert weakest("批准人：压晓明", 0.98) == 0.98
    assert weakest("批准人：庄晓明", 0.9) == 0.9


def printed(text: str) -> Page:
    """A page on which this stands, small and soft, at PLACE."""
    paper = Image.new("RGB", (240, 60), (240, 240, 235))
    face = fonts.load(fonts.body_faces()[0], 34)
    ImageDraw.Draw(paper).text((12, 8), text, fill=(60, 60, 60), font=face)
    picture: Picture = np.asarray(paper, np.uint8)
    small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    picture = np.asarray(cv2.resize(small, (240, 60), interpolation=cv2.INTER_CUBIC), np.uint8)
    return Page(picture, np.eye(3), box_quad(0, 0, 240, 60), 0, 1.0)


def looked_at(page: Page, engine: RapidEngine, read: str) -> Field:
    field = Field("shape", read, read, 0.5, PLACE, "test", parts=(PLACE,), weakest=0.1)
    return WordLook(page, page.image, engine).again({"shape": field})["shape"]


def test_a_misread_word_is_put_right_where_the_ink_says_which_it_is(engine: RapidEngine) -> None:
    page = printed("水滴形")
    for slip in ("水流形", "氷滴形"):
        field = looked_at(page, engine, slip)
        assert field.value == "水滴形" and field.weakest >= STATED and not doubtful(field)


def test_the_ink_of_another_word_puts_nothing_right(engine: RapidEngine) -> None:
    field = looked_at(printed("卧牛石"), engine, "水流形")
    assert field.value == "水流形" and doubtful(field)
