"""Names of people: whole or not, under seals, and fields found again around them."""

from __future__ import annotations

import dataclasses as dc
import doctest

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr import geometry, retake, signed_names
from ocr.fields import doubt, people, stamped
from ocr.fields.extract import extract
from ocr.fields.stamped import off_print
from ocr.geometry import Picture
from ocr.page.model import whole_photo
from ocr.readers import readers
from ocr.reading import Field, Glyph, Line, Quad
from ocr.seal.read import known_kinds
from ocr.text.engine import Recognition
from samples.generator import fonts
from tests.ocr.lines import EM, HEIGHT, box, line, values


def weakest(*lines: Line) -> dict[str, float]:
    return {key: field.weakest for key, field in extract(lines, ()).fields.items()}


def longer(one: Line, more: float) -> Line:
    """The line's box with so many heights of unread print behind its last character."""
    length = geometry.quad_size(one.page_box)[0]
    share = length / (length + more * HEIGHT)
    glyphs = tuple(dc.replace(g, start=g.start * share, end=g.end * share) for g in one.glyphs)
    quad = box(one.page_box[0][0], one.page_box[0][1], length + more * HEIGHT)
    return dc.replace(one, box=quad, page_box=quad, glyphs=glyphs)


def look(text: str, confidence: float = 0.99) -> Recognition:
    glyphs = tuple(
        Glyph(c, i / len(text), (i + 1) / len(text), confidence) for i, c in enumerate(text)
    )
    return Recognition(text, confidence, glyphs)


@pytest.mark.parametrize(
    ("read", "clean", "name"),
    [
        ("示詹子墨", "詹子墨", "詹子墨"),
        ("验童安", "童安", "童安"),
        ("章贺兰亭", "章贺兰亭", "贺兰亭"),
        # What the seal's ink took with it belongs to the name.
        ("程远志", "远志", "程远志"),
        ("章远志", "远志", "章远志"),
        ("欧阳明月", "阳明月", "欧阳明月"),
    ],
)
def test_a_seals_character_before_a_name_is_none_of_it(read: str, clean: str, name: str) -> None:
    assert signed_names.without_stamp(look(read), [look(clean)]).text == name
    doubtful = signed_names.without_stamp(look("示詹子墨"), [look("詹子墨", 0.8)])
    assert doubtful.text == "示詹子墨"


def test_a_character_that_was_passed_over_is_taken_in_where_most_looks_have_it() -> None:
    both = [look("唐宁"), look("唐以宁"), look("唐以宁"), look("唐以宁")]
    assert signed_names.passed_over("唐宁", "唐以宁", both)
    assert not signed_names.passed_over("唐宁", "唐以宁", both[:1] * 3 + both[1:2])
    assert not signed_names.passed_over("唐宁", "唐以宁", [look("唐以宁", 0.7)] * 4)
    # Another's name, and one with a character before or behind it.
    assert not signed_names.passed_over("唐宁", "唐以安", [look("唐以安")] * 4)
    assert not signed_names.passed_over("唐宁", "章唐宁", [look("章唐宁")] * 4)
    assert not signed_names.passed_over("唐宁", "唐宁用", [look("唐宁用")] * 4)


def test_another_signer_follows_without_a_gap_where_a_seal_lies_between() -> None:
    found = values(line(0, 0, "校核者：陈雨桐派宝批准人舒望"))
    assert found == {"approver": "舒望"}
    assert values(line(0, 0, "校核者：陈雨桐批准人舒望")) == {
        "checker": "陈雨桐",
        "approver": "舒望",
    }
    assert "approver" not in values(line(0, 0, "检验结论：翡翠经批准使用"))


def test_part_of_a_seals_words_behind_a_label_is_no_name() -> None:
    def left(text: str) -> str:
        one = line(0, 0, text)
        return "".join(part.text for part in off_print(one, (one.page_box,), known_kinds()))

    assert left("签发检测") == "签发"
    assert left("签发：单小满") == "签发：单小满"


def print_of(text: str) -> tuple[Picture, Quad]:
    """A white sheet with a word on it, and where the word stands."""
    face = fonts.load(fonts.body_faces()[0], 44)
    sheet = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(sheet).text((100, 60), text, "black", face)
    return np.asarray(sheet)[:, :, ::-1].copy(), geometry.box_quad(95, 58, 145, 56)


def test_examples_in_the_docstrings_hold() -> None:
    for module in (people, stamped):
        assert doctest.testmod(module).failed == 0


def test_a_name_that_does_not_fill_its_line_is_doubtful() -> None:
    assert weakest(line(0, 0, "批准：顾明哲"))["approver"] > 0.9
    assert weakest(longer(line(0, 0, "批准：顾明"), 1.0))["approver"] == 0
    assert weakest(line(0, 0, "批准：孙 　鸣"))["approver"] == 0


def test_a_name_of_four_is_sure_only_with_a_surname_of_two() -> None:
    assert weakest(line(0, 0, "审核：示胡清扬"))["checker"] == 0
    assert weakest(line(0, 0, "审核：欧阳明月"))["checker"] > 0.9


def test_a_stroke_between_characters_is_the_character_one() -> None:
    assert values(line(0, 0, "检测人：孙→鸣")) == {"inspector": "孙一鸣"}


def test_a_name_beside_its_label_is_taken_without_what_stands_further_on() -> None:
    assert values(line(0, 0, "审核："), line(100, 0, "孙一鸣"), line(240, 0, "批")) == {
        "checker": "孙一鸣"
    }


def test_a_person_whose_colon_was_lost() -> None:
    assert values(line(0, 0, "批准沈怀瑾")) != {"approver": "沈怀瑾"}
    shifted = line(0, 0, "批准" + " " + "沈怀瑾")
    assert values(shifted) == {"approver": "沈怀瑾"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("批准：白景行检测专用章", ["批准：白景行"]),
        ("签发验舒望用章", ["签发", "舒望"]),
        ("批准人：检庄晓专用章", ["批准人：", "庄晓"]),
        ("专用章", []),
        ("检验检测授权签字人：脱恒", ["授权签字人：脱恒"]),
        ("检测日期：2024年5月6日", ["检测日期：2024年5月6日"]),
        ("批准：白景行", ["批准：白景行"]),
        ("检测", ["检测"]),
    ],
)
def test_a_seals_words_are_taken_off_print(text: str, left: list[str]) -> None:
    one = line(0, 0, text)
    inside = (box(-60, -100, 2000),)
    tall = tuple((q[0], q[1], (q[2][0], 300.0), (q[3][0], 300.0)) for q in inside)
    seals = tuple(geometry.pad_quad(q, 100, 0) for q in tall)
    assert [part.text for part in off_print(one, seals, known_kinds())] == left


def test_words_like_a_seals_stay_where_no_seal_is() -> None:
    one = line(0, 0, "未盖检验检测专用章")
    assert off_print(one, (box(0, 500, 300),), known_kinds()) == (one,)


def test_a_narrowed_line_keeps_its_characters_in_their_places() -> None:
    one = line(0, 0, "批准：白景行检测专用章")
    (rest,) = off_print(one, (geometry.pad_quad(one.page_box, 50, 50),), known_kinds())

    def middle(part: Line, number: int) -> float:
        glyph = part.glyphs[number]
        length = geometry.quad_size(part.page_box)[0]
        return part.page_box[0][0] + (glyph.start + glyph.end) / 2 * length

    assert middle(rest, 5) == pytest.approx(middle(one, 5), abs=2)
    assert rest.page_box[1][0] < one.page_box[1][0]


def test_what_is_remarked_may_begin_like_a_label() -> None:
    assert values(line(0, 0, "备注：商贸名称：南红玛瑙")) == {"remarks": "商贸名称:南红玛瑙"}


def test_the_only_date_needs_no_label() -> None:
    assert values(line(0, 0, "2025/09/15")) == {"issue_date": "2025-09-15"}
    assert values(line(0, 0, "2025/09/15"), line(0, 200, "2024/09/15")) == {}


def test_letters_of_a_mark_head_no_column() -> None:
    found = values(
        line(180, 0, "MA"), line(0, 150, "形状"), line(200, 150, "雕件"),
        line(0, 210, "颜色"), line(200, 210, "浅绿"),
    )  # fmt: skip
    assert found == {"shape": "雕件", "colour": "浅绿"}


def test_ranges_are_read_with_any_wave() -> None:
    assert values(line(0, 0, "折射率：1.577〜1.583")) == {"refractive_index": "1.577~1.583"}


def test_a_name_cut_short_is_read_again_by_itself() -> None:
    """Drawn print of three characters, of which the line's reading has two."""
    engine = readers().rapid
    if engine is None:
        pytest.skip("RapidOCR is not installed")
    sheet, written = print_of("顾明哲")
    page = whole_photo(sheet)
    short = Field("approver", "顾明", "顾明", 0.99, written, "test", weakest=0.0)
    extracted = dc.replace(
        extract((), ()), fields={"approver": short}, people={"approver": written}
    )
    look = signed_names.NameLook(page, sheet, (), engine)
    assert look.again(extracted)["approver"].value == "顾明哲"
    sure = dc.replace(short, weakest=0.99)
    kept = look.again(dc.replace(extracted, fields={"approver": sure}))
    assert kept["approver"] is sure


def test_light_that_only_fades_print_hides_none_of_it() -> None:
    """A soft spot beside a value: its paper stays below white."""
    image = np.full((400, 900, 3), 215, np.uint8)
    for row in (100, 200, 240):
        for x in range(60, 600, 10):
            shade = (150, 150, 150) if row == 100 else (40, 40, 40)
            cv2.line(image, (x, row + 2), (x, row + 26), shade, 3)
    image[60:180, 600:800] = 246
    page = whole_photo(image)
    seen = retake.Look((), tuple(retake.spots.reflections(image)), ())
    assert seen.reflections
    fields = {"phone": Field("phone", "1", "1", 1.0, geometry.box_quad(60, 100, 540, 28), "test")}
    labels = {
        key: geometry.box_quad(60, row, 540, 28) for key, row in (("mass", 200), ("shape", 240))
    }
    assert retake.half_seen(page, seen, fields, labels) == []
    image[60:180, 600:800] = 255
    page = whole_photo(image)
    seen = retake.Look((), tuple(retake.spots.reflections(image)), ())
    assert retake.half_seen(page, seen, fields, labels) == ["phone"]


def test_a_value_cut_by_the_pages_rim_is_none() -> None:
    page = whole_photo(np.full((400, 900, 3), 255, np.uint8))
    inside = Field("lab_name", "x", "x", 1.0, geometry.box_quad(60, 2, 540, 28), "test")
    cut = dc.replace(inside, box=geometry.box_quad(60, 0, 540, 28))
    assert retake.cut_off(page, {"lab_name": inside}) == []
    assert retake.cut_off(page, {"lab_name": cut}) == ["lab_name"]


def test_a_place_behind_a_label_in_two_languages_begins_behind_both() -> None:
    found = extract((line(0, 0, "荧光观察 Fluorescence：无"), line(0, 60, "其他 Remarks：")), ())
    (gap,) = found.gaps
    assert gap.key == "remarks"
    assert gap.box[0][0] > EM * 2 + 8 * 0.55 * EM


def test_a_lone_dash_may_be_softer_than_words() -> None:
    dash = Field("remarks", "—", "—", 0.9, box(0, 0, 30), "test", weakest=0.45)
    assert not doubt.doubtful(dash)
    assert doubt.doubtful(dc.replace(dash, value="无"))
