"""Lines of print to named fields: one case for each way a certificate sets them."""

from __future__ import annotations

import dataclasses as dc

from ocr.fields.extract import extract
from ocr.reading import Code, Glyph, Line
from tests.ocr.lines import EM, HEIGHT, box, line, read, values, width


def test_label_and_value_on_one_line_with_and_without_colon() -> None:
    found = values(
        line(0, 0, "检验结论：翡翠手镯"),
        line(0, 60, "总质量  41.163g"),
        line(0, 120, "放大检查纤维交织结构"),
    )
    assert found == {"conclusion": "翡翠手镯", "mass": "41.163", "magnification": "纤维交织结构"}


def test_several_labels_on_one_line() -> None:
    found = values(line(0, 0, "质量：3.154g   折射率：1.66(点测)   密度：3.33"))
    assert found == {"mass": "3.154", "refractive_index": "1.66(点测)", "density": "3.33"}


def test_birefringence_and_spectra_are_fields_and_end_the_value_before_them() -> None:
    found = values(
        line(0, 0, "折射率：1.762-1.770   双折射率：0.008"),
        line(0, 60, "吸收光谱：铬吸收谱，可见694nm吸收线"),
        line(0, 120, "红外光谱：未检"),
    )
    assert found["refractive_index"] == "1.762-1.770"
    assert found["birefringence"] == "0.008"
    assert str(found["spectra"]).startswith("铬吸收谱")


def test_two_columns_do_not_mix() -> None:
    found = values(
        line(0, 0, "颜色"), line(150, 0, "浅绿"), line(500, 0, "形状"), line(650, 0, "圆环形"),
        line(0, 60, "密度"), line(150, 60, "3.33"), line(500, 60, "荧光观察"), line(650, 60, "无"),
    )  # fmt: skip
    assert found == {"colour": "浅绿", "density": "3.33", "shape": "圆环形", "fluorescence": "无"}


def test_label_above_value_in_columns() -> None:
    found = values(
        line(0, 0, "检验结论"), line(400, 0, "总质量"), line(700, 0, "颜色"),
        line(0, 50, "和田玉吊坠"), line(400, 50, "12.50g"), line(700, 50, "青白"),
    )  # fmt: skip
    assert found == {"conclusion": "和田玉吊坠", "mass": "12.50", "colour": "青白"}


def test_bilingual_label_on_one_line_and_below() -> None:
    found = values(
        line(0, 0, "颜色 Colour:"), line(30, 45, "蓝绿"),
        line(0, 110, "密度"), line(0, 145, "Density"), line(250, 112, "2.95"),
    )  # fmt: skip
    assert found == {"colour": "蓝绿", "density": "2.95"}


def test_spaces_inside_a_label_even_where_it_was_cut_in_two() -> None:
    assert values(line(0, 0, "质　　量：5.20g")) == {"mass": "5.20"}
    cut = (line(0, 0, "地"), line(90, 0, "址：河南省南阳市镇平县示玉大道36号"))
    assert values(*cut) == {"address": "河南省南阳市镇平县示玉大道36号"}


def test_remains_of_a_label_are_no_value() -> None:
    found = values(
        line(60, 0, "论"),
        line(0, 38, "Conclusion"),
        line(250, 5, "翡翠挂件"),
        line(0, 100, "颜色：绿"),
    )
    assert found == {"conclusion": "翡翠挂件", "colour": "绿"}


def test_value_over_two_lines_and_where_it_ends() -> None:
    found = values(
        line(0, 0, "检测依据"), line(200, 0, "GB/T 16552-2017、GB/T 16553-2017、"),
        line(200, 45, "GB/T 18043-2013"),
        line(0, 95, "签发日期"), line(200, 95, "2023年5月8日"),
    )  # fmt: skip
    assert found["standards"] == ("GB/T 16552-2017", "GB/T 16553-2017", "GB/T 18043-2013")
    assert found["issue_date"] == "2023-05-08"


def test_the_signs_of_a_whole_date_may_be_soft_and_its_digits_may_not() -> None:
    def weakest(text: str, at: int) -> float:
        read = line(0, 0, f"签发日期：{text}")
        glyphs = list(read.glyphs)
        glyphs[5 + at] = dc.replace(glyphs[5 + at], confidence=0.3)
        return extract([dc.replace(read, glyphs=tuple(glyphs))], ()).fields["issue_date"].weakest

    assert weakest("2023/07/17", 4) > 0.9, "the stroke is soft"
    assert weakest("2023/07/17", 5) == 0.3, "a digit is soft"
    assert weakest("2023/7/17", 4) == 0.3, "a digit may be lost"


def test_a_laboratory_named_below_a_signer_is_none_of_his_name() -> None:
    found = values(
        line(0, 0, "检测人：孙一鸣"), line(190, 45, "示例白河玉雕产品检测中心")
    )  # fmt: skip
    assert found == {"inspector": "孙一鸣", "lab_name": "示例白河玉雕产品检测中心"}


def test_a_laboratory_is_one_though_no_other_word_says_so() -> None:
    assert values(line(0, 0, "示例海派白羽实验室有限公司")) == {
        "lab_name": "示例海派白羽实验室有限公司"
    }


def test_label_in_the_middle_of_a_cell_of_two_lines() -> None:
    found = values(
        line(200, 0, "仅对来样负责，"), line(0, 20, "备注"), line(200, 42, "照片仅供参考")
    )
    assert found == {"remarks": "仅对来样负责,照片仅供参考"}


def test_not_tested_words_are_values() -> None:
    found = values(
        line(0, 0, "密度：因镶嵌未测"), line(0, 60, "折射率：—"), line(0, 120, "荧光：未检")
    )
    assert found == {"density": "因镶嵌未测", "refractive_index": "—", "fluorescence": "未检"}


def test_date_and_security_code_are_not_swapped() -> None:
    pair = (line(0, 0, "20230508"), line(300, 0, "77839765"))
    assert values(*pair) == {"issue_date": "2023-05-08", "security_code": "77839765"}
    both_dates = (line(0, 0, "20230508"), line(300, 0, "20200101"))
    assert values(*both_dates) == {"issue_date": "2023-05-08", "security_code": "20200101"}
    labelled = values(line(0, 0, "防伪码：20230508  77839765"))
    assert labelled == {"issue_date": "2023-05-08", "security_code": "77839765"}


def test_each_signature_stands_beside_its_own_label() -> None:
    found = values(
        line(0, 0, "检验"), line(110, -4, "王立春"), line(400, 0, "审核"), line(510, 6, "陈雨桐"),
        line(800, 0, "批准"), line(910, -6, "沈怀瑾"),
    )  # fmt: skip
    assert found == {"inspector": "王立春", "checker": "陈雨桐", "approver": "沈怀瑾"}


def test_the_third_label_of_a_row_may_be_misread() -> None:
    found = values(
        line(0, 0, "检测员"), line(400, 0, "审核"), line(800, 0, "笼发"),
        line(0, 45, "何田"), line(400, 45, "郭晨"), line(800, 45, "方既白"),
    )  # fmt: skip
    assert found == {"inspector": "何田", "checker": "郭晨", "approver": "方既白"}
    assert values(line(0, 0, "准：程远志")) == {"approver": "程远志"}


def test_a_missing_signature_takes_nobody_elses() -> None:
    found = read(
        line(0, 0, "审核：陈雨桐"), line(600, 0, "批准："), line(0, 90, "地址：镇平县玉都大道8号")
    )
    assert "approver" not in found.fields
    assert found.fields["checker"].value == "陈雨桐"
    assert "approver" in found.labels


def test_the_laboratory_is_no_signature() -> None:
    found = values(line(0, 0, "批准"), line(120, 6, "示例省产品质量监督检验研究院"))
    assert found == {"lab_name": "示例省产品质量监督检验研究院"}


def test_running_words_begin_no_field() -> None:
    found = values(line(0, 0, "备注：检测结果仅对来样有效"), line(0, 60, "检测结论：翡翠"))
    assert found == {"remarks": "检测结果仅对来样有效", "conclusion": "翡翠"}


def test_numbers_under_the_marks() -> None:
    found = values(line(0, 0, "211620110417 (2021)示质监认字016号 CNAS L90417"))
    assert found == {"cma_no": "211620110417", "cnas_no": "CNAS L90417"}
    assert values(line(0, 0, "2016160345Z")) == {"cma_no": "2016160345Z"}


def test_a_number_with_a_digit_too_many_is_read_under_its_mark() -> None:
    assert values(line(60, 0, "MA"), line(0, 50, "2116201104171")) == {"cma_no": "2116201104171"}


def test_a_heading_is_taken_before_soft_remains_of_a_seal_in_a_taller_box() -> None:
    remains = line(0, 300, "造检验中心", 0.4)
    quad = ((0.0, 300.0), (150.0, 300.0), (150.0, 440.0), (0.0, 440.0))
    taller = dc.replace(remains, box=quad, page_box=quad)
    assert values(line(0, 0, "示例宛西玉器质量检验中心"), taller) == {
        "lab_name": "示例宛西玉器质量检验中心"
    }


def test_a_soft_number_with_a_digit_too_many_is_not_stated() -> None:
    def weakest(number: str, confidence: float) -> float:
        below = line(0, 50, f"{number} CNAS L90417", confidence)
        return read(line(60, 0, "MA"), below).fields["cma_no"].weakest

    assert weakest("2116201104171", 0.99) > 0.9
    assert weakest("2116201104171", 0.9) == 0.0
    assert weakest("211620110417", 0.9) > 0.0


def test_labels_of_a_whole_paper_twice_are_two_papers() -> None:
    paper = ("编号：ZY202208264614", "检验结论：翡翠手镯", "批准：沈怀瑾", "审核：陈雨桐")
    stones = ("总质量：41.163g", "密度：3.33", "颜色：浅绿", "形状：圆环形")

    def twice(*texts: str) -> bool:
        again = [line(900, 60.0 * at, text) for at, text in enumerate(texts)]
        first = [line(0, 60.0 * at, text) for at, text in enumerate((*paper, *stones))]
        return read(*first, *again).several

    assert twice(*paper)
    assert not twice(*stones)
    assert not twice(*paper[:3])


def test_a_number_among_others_has_its_own_place_and_print() -> None:
    printed = line(100, 0, "211620110417 (2021)示质监认字016号")
    field = read(printed).fields["cma_no"]
    assert field.raw == "211620110417"
    (part,) = field.parts
    assert abs(part[0][0] - 100) < EM / 2
    assert abs(part[1][0] - (100 + 12 * width("2"))) < EM


def test_digits_of_the_bar_code_are_no_accreditation_number() -> None:
    code = Code("Code128", "211620110417", box(0, 0, 10), "test")
    assert values(line(0, 0, "211620110417"), codes=(code,)) == {"certificate_no": "211620110417"}


def test_misread_label_and_traditional_forms() -> None:
    assert values(line(0, 0, "检脸结论：翡翠")) == {"conclusion": "翡翠"}
    assert values(line(0, 0, "顏色：褐黃")) == {"colour": "褐黄"}
    assert values(line(0, 0, "Co1our: green")) == {"colour": "green"}


def test_box_is_the_values_own() -> None:
    field = read(line(100, 50, "颜色：浅绿")).fields["colour"]
    left, right = field.box[0][0], field.box[1][0]
    assert 100 + 2.5 * EM < left < 100 + 3.5 * EM
    assert abs(right - (100 + 5 * EM)) < EM / 2


def test_the_weakest_digit_tells_how_sure_a_number_is() -> None:
    glyphs = list(line(0, 0, "编号：AB12345").glyphs)
    glyphs[5] = Glyph(glyphs[5].char, glyphs[5].start, glyphs[5].end, 0.4)
    quad = box(0, 0, 250)
    weak = Line("编号：AB12345", 0.9, quad, quad, "test", tuple(glyphs))
    assert read(weak).fields["certificate_no"].confidence == 0.4


def test_what_is_a_certificate_and_what_is_not() -> None:
    paper = (
        line(0, 0, "珠宝玉石鉴定证书"),
        line(0, 60, "检验结论：翡翠"),
        line(0, 120, "密度：3.33"),
    )
    assert read(*paper).is_certificate
    invoice = (
        line(0, 0, "电子发票"),
        line(0, 60, "名称：某某商店"),
        line(0, 120, "地址：示例路1号"),
    )
    assert not read(*invoice).is_certificate
    assert not read().is_certificate


def test_an_empty_place_beside_or_below_a_label_is_told() -> None:
    beside = read(
        line(0, 0, "颜色"), line(200, 0, "浅绿"), line(0, 60, "密度"), line(0, 120, "形状"),
        line(200, 120, "圆环形"),
    )  # fmt: skip
    (gap,) = beside.gaps
    assert gap.key == "density"
    left, top = gap.box[0]
    assert 2 * EM < left < 205 and gap.box[1][0] > 200 + EM
    assert abs(top - 60) < HEIGHT / 2
    below = read(line(0, 0, "颜色"), line(0, 50, "浅绿"), line(0, 110, "备注"))
    (gap,) = below.gaps
    assert gap.key == "remarks"
    assert 110 + HEIGHT / 2 < gap.box[0][1] < 110 + 2 * HEIGHT


def test_a_signature_that_was_not_found_is_looked_for_in_its_row() -> None:
    signed = read(
        line(0, 0, "检验"), line(100, 0, "王立春"), line(400, 0, "审核者"), line(530, 0, "陈雨桐"),
        line(800, 0, "批准"),
    )  # fmt: skip
    (gap,) = signed.gaps
    assert gap.key == "approver"
    assert 800 + 2 * EM < gap.box[0][0] < 905
