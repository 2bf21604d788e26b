"""What stands beside a value and is none of it: gaps, other lines, other columns."""

from __future__ import annotations

from ocr.reading import Glyph, Line, Quad
from tests.ocr.lines import HEIGHT, line, read, values


def test_a_place_that_holds_print_is_no_gap() -> None:
    found = read(
        line(0, 0, "颜色"), line(200, 0, "浅绿"), line(0, 60, "密度"), line(210, 62, "纤维交织结构")
    )
    assert found.gaps == ()


def test_a_standards_name_goes_on_no_other_value() -> None:
    found = values(
        line(0, 0, "检测依据"), line(200, 0, "GB/T 16552-2017、"), line(0, 60, "备注"),
        line(200, 48, "GB/T 16553-2017"), line(200, 96, "仅对来样负责"),
    )  # fmt: skip
    assert found["standards"] == ("GB/T 16552-2017", "GB/T 16553-2017")
    assert found["remarks"] == "仅对来样负责"


def test_a_name_that_is_hardly_legible_is_not_read() -> None:
    def signed(confidence: float) -> dict[str, object]:
        return values(line(0, 0, "批准"), line(110, 0, "沈怀瑾", confidence))

    assert signed(0.9) == {"approver": "沈怀瑾"}
    assert signed(0.4) == {}


def test_label_heads_joined_downwards_are_parted() -> None:
    column = line(0, 0, "质形颜")
    turned: Quad = ((0, 0), (HEIGHT, 0), (HEIGHT, 180), (0, 180))
    glyphs = tuple(
        Glyph(char, (i + 0.4) / 3, (i + 0.6) / 3, 0.97) for i, char in enumerate("质形颜")
    )
    column = Line("质形颜", 0.97, turned, turned, "test", glyphs)
    found = values(
        column,
        line(110, 9, "量"), line(250, 9, "5.20g"),
        line(110, 69, "状"), line(250, 69, "雕件"),
        line(110, 129, "色"), line(250, 129, "青白"),
    )  # fmt: skip
    assert found == {"mass": "5.20", "shape": "雕件", "colour": "青白"}


def test_a_misread_english_twin_belongs_to_its_label() -> None:
    found = values(
        line(0, 0, "鉴定结果 Comclusion：翡翠挂件"),
        line(0, 60, "备注"), line(200, 60, "无"), line(0, 96, "Remarko"),
        line(0, 160, "折光率 Refractiv"), line(0, 200, "1.66(点测)"),
    )  # fmt: skip
    assert found == {"conclusion": "翡翠挂件", "remarks": "无", "refractive_index": "1.66(点测)"}


def test_after_a_short_line_a_value_does_not_go_on() -> None:
    found = values(
        line(0, 0, "形状"), line(200, 0, "圆环形"), line(200, 42, "糖色"), line(0, 90, "密度：2.95")
    )
    assert found["shape"] == "圆环形"


def test_standards_of_a_lost_label_are_no_part_of_another_value() -> None:
    found = values(
        line(0, 0, "备注"), line(200, 0, "本结论仅对来样负责"),
        line(200, 40, "GB/T 16552-2017, GB/T 16553-2017"),
    )  # fmt: skip
    assert found == {
        "remarks": "本结论仅对来样负责",
        "standards": ("GB/T 16552-2017", "GB/T 16553-2017"),
    }


def test_a_standard_that_lost_digits_or_is_soft_and_unknown_is_doubtful() -> None:
    def weakest(text: str, confidence: float = 0.99) -> float:
        return read(line(0, 0, f"检测依据：{text}", confidence)).fields["standards"].weakest

    assert weakest("GB/T 16553-2017") == 0.99
    assert weakest("GB/T 653-2017") == 0.0
    assert weakest("GB/T 16533-2017", 0.95) == 0.0
    assert weakest("GB/T 16533-2017", 0.98) == 0.98
    assert weakest("GB/T 16552-2017 GB/T 16S53 2017") == 0.0, "one of two was not read"


def test_a_label_close_by_is_not_overruled_by_another_column() -> None:
    found = values(
        line(0, 200, "授权签字人：", 0.99), line(190, 195, "单小满"),
        line(175, 60, "扫一扫"),
    )  # fmt: skip
    assert found["approver"] == "单小满"


def test_a_station_is_no_person() -> None:
    assert "checker" not in values(line(0, 0, "复核："), line(110, 0, "检验站"))
