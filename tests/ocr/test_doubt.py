"""What is looked at again, and what stays unread because it is doubtful."""

from __future__ import annotations

import doctest

import cv2
import numpy as np
import pytest

from ocr import geometry
from ocr.fields import doubt, label_guesses, values
from ocr.fields.doubt import settle, soft_lines
from ocr.read import read_photo
from ocr.reading import Code, Field, Glyph, Line, Quad
from ocr.text import combine as combining
from ocr.text import ctc, strokes
from ocr.text.combine import Hypothesis, combine
from ocr.text.engine import Recognition
from samples.generator import make

BOX: Quad = ((0.0, 0.0), (200.0, 0.0), (200.0, 40.0), (0.0, 40.0))
CHARACTERS = " 玉王石检测"


class Scorer:
    """The forward score over an alphabet of six."""

    def recognise(self, crops: object) -> list[Recognition]:
        raise NotImplementedError

    def score(self, recognition: Recognition, texts: list[str]) -> list[float]:
        assert recognition.probabilities is not None
        logs = ctc.log_probabilities(recognition.probabilities)
        labels = [[CHARACTERS.index(char) for char in text] for text in (*texts, recognition.text)]
        *scores, free = ctc.log_likelihoods(logs, labels)
        return [score - free for score in scores]


def look(*frames: dict[str, float]) -> Recognition:
    """A look whose frames hold these characters' probabilities, the rest blank."""
    table = np.full((2 * len(frames), len(CHARACTERS)), 1e-6)
    glyphs = []
    for number, frame in enumerate(frames):
        for char, share in frame.items():
            table[2 * number, CHARACTERS.index(char)] = share
        table[2 * number, 0] = max(1e-6, 1 - sum(frame.values()))
        table[2 * number + 1, 0] = 1.0
        best = max(frame, key=lambda c: frame[c])
        start = number / len(frames)
        glyphs.append(Glyph(best, start, start + 1 / len(frames), frame[best]))
    text = "".join(g.char for g in glyphs)
    return Recognition(text, 0.9, tuple(glyphs), table)


def test_looks_that_agree_make_a_character_sure_and_one_that_errs_makes_it_soft() -> None:
    sure, slip = look({"玉": 0.95}, {"石": 0.95}), look({"王": 0.6, "玉": 0.39}, {"石": 0.95})
    read = combine([sure, sure, slip], Scorer())
    assert read.text == "玉石"
    first, second = (g.confidence for g in read.glyphs)
    assert first == pytest.approx(2 * 0.95 / 3) and second == pytest.approx(0.95)


def test_the_text_that_explains_all_looks_is_taken_not_the_one_read_most_often() -> None:
    nearly = look({"王": 0.51, "玉": 0.48})
    clear = look({"玉": 0.98, "王": 0.001})
    assert combine([nearly, nearly, clear], Scorer()).text == "玉"


def test_an_expected_label_is_taken_where_the_ink_allows_it_and_no_other_is_as_good() -> None:
    def guess(text: str, kind: str) -> Hypothesis:
        glyphs = tuple(Glyph(char, 0.0, 1.0, 1.0) for char in text)
        return Hypothesis(Recognition(text, 1.0, glyphs), kind, 3.0)

    soft = look({"王": 0.5, "检": 0.3}, {"测": 0.9})
    assert combine([soft], Scorer(), [guess("检测", "a"), guess("石测", "b")], 1.5).text == "检测"
    clear = look({"王": 0.999}, {"测": 0.9})
    assert combine([clear], Scorer(), [guess("检测", "a")], 1.5).text == "王测"
    both = look({"王": 0.4, "检": 0.3, "石": 0.29}, {"测": 0.9})
    undecided = combine([both], Scorer(), [guess("检测", "a"), guess("石测", "b")], 1.5)
    assert undecided.text == "王测", "two labels that explain it as well are none"


def test_no_look_at_all_reads_nothing() -> None:
    assert combine([], Scorer()).text == ""


def line(text: str, confidence: float, x: float = 0.0) -> Line:
    step = 1 / len(text)
    glyphs = tuple(Glyph(c, i * step, (i + 1) * step, confidence) for i, c in enumerate(text))
    box = geometry.box_quad(x, 0, 200, 40)
    return Line(text, confidence, box, box, "test", glyphs)


def field(key: str, value: str, weakest: float) -> Field:
    return Field(key, value, value, 0.9, BOX, "test", parts=(BOX,), weakest=weakest)


def test_only_soft_lines_that_matter_are_looked_at_again() -> None:
    sure = line("翡翠手镯", 0.99)
    soft = line("翡翠手镯", 0.7)
    slogan = line("GEMSTONE IDENTIFICATION", 0.5, x=900)
    maybe = line("折尉率", 0.6, x=900)
    fields = {"conclusion": field("conclusion", "翡翠手镯", 0.7)}
    assert soft_lines([sure, slogan, maybe], fields) == [2]
    assert soft_lines([soft], fields) == [0]


def test_a_doubtful_value_is_not_stated_but_kept_with_its_place() -> None:
    fields = {"colour": field("colour", "缘", 0.3), "shape": field("shape", "圆环形", 0.95)}
    sure, doubted = settle(fields)
    assert set(sure) == {"shape"} and set(doubted) == {"colour"}


def test_a_value_of_words_that_its_field_uses_needs_less_to_be_stated() -> None:
    assert settle({"colour": field("colour", "浅绿", 0.3)})[0], "words of the field"
    assert not settle({"colour": field("colour", "浅绿", 0.1)})[0], "hardly read at all"
    assert not settle({"remarks": field("remarks", "浅绿", 0.3)})[0], "remarks say anything"


def code(text: str) -> Code:
    return Code("QRCode", text, BOX, "test")


def test_a_number_that_lacks_the_beginning_a_code_has_is_doubtful() -> None:
    cut = {"certificate_no": field("certificate_no", "J2559258469", 0.99)}
    assert settle(cut, [code("https://a.cn/q?no=SZJ2559258469")])[0] == {}
    assert settle(cut, [code("https://a.cn/q?no=J2559258469")])[0] == cut
    assert settle(cut, [code("https://a.cn/q?no=J9999999999")])[0] == cut, "a planted fault shows"


def test_a_host_a_letter_off_the_codes_is_doubtful_another_host_is_not() -> None:
    slip = {"website": field("website", "www.shi1i-zjy.cn", 0.99)}
    assert settle(slip, [code("https://cx.shili-zjy.cn/q")])[0] == {}
    assert settle(slip, [code("https://elsewhere.com/q")])[0] == slip
    same = {"website": field("website", "www.shili-zjy.cn", 0.99)}
    assert settle(same, [code("https://cx.shili-zjy.cn/q")])[0] == same


@pytest.mark.parametrize("module", [doubt, label_guesses, values, combining])
def test_the_examples_in_the_documentation_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried and not failed


def paper() -> np.ndarray:
    return np.full((60, 300, 3), 235, np.uint8)


PLACE = geometry.box_quad(10, 10, 250, 40)


def test_a_lone_dash_is_told_from_a_rule_a_colon_and_nothing() -> None:
    page = paper()
    assert strokes.find(page, PLACE) is None
    cv2.line(page, (0, 30), (299, 30), (90, 90, 90), 2)
    assert strokes.find(page, PLACE) is None, "a rule of the table runs through the place"
    page = paper()
    cv2.line(page, (40, 30), (66, 30), (60, 60, 60), 3)
    dash = strokes.find(page, PLACE)
    assert dash is not None and dash.dash
    assert geometry.contains(dash.box, (53.0, 30.0))
    page = paper()
    cv2.circle(page, (30, 24), 2, (60, 60, 60), -1)
    cv2.circle(page, (30, 36), 2, (60, 60, 60), -1)
    assert strokes.find(page, PLACE) is None, "the colon of the label"


def test_print_in_a_place_is_no_dash() -> None:
    page = paper()
    cv2.putText(page, "ABC", (40, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (40, 40, 40), 2)
    found = strokes.find(page, PLACE)
    assert found is not None and not found.dash


def test_a_smeared_number_is_left_unread_and_its_place_told() -> None:
    sample = make(77, level="mild", layout="card", font="sans", lab_id="yuan")
    image = sample.image.copy()
    truth = sample.truth["fields"]["cma_no"]
    quad = geometry.as_quad(sample.truth["boxes"]["cma_no"])
    left, top, right, bottom = (round(v) for v in geometry.bounds(quad))
    area = image[top - 8 : bottom + 8, left - 8 : right + 8]
    sigma = 0.17 * (bottom - top)
    area[:] = cv2.GaussianBlur(area, (0, 0), sigmaX=sigma, sigmaY=sigma)
    (part,) = read_photo(cv2.imencode(".png", image)[1].tobytes(), "smeared.png")
    reading = part.reading
    assert "cma_no" not in reading.fields or reading.fields["cma_no"].value == truth
    if "cma_no" not in reading.fields and "cma_no" in reading.doubted:
        assert geometry.contains(reading.unread["cma_no"], geometry.centre(quad))
    rest = {k: v for k, v in sample.truth["fields"].items() if k not in ("cma_no", "standards")}
    read = {k: f.value for k, f in reading.fields.items() if k in rest}
    assert read == rest, "the rest of the paper is as sharp as it was"
