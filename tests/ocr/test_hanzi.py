"""Traditional twins folded, everything else left alone."""

from ocr.hanzi import simplify


def test_traditional_forms_become_simplified() -> None:
    assert simplify("顏色黃電話") == "颜色黄电话"


def test_what_simplified_print_holds_stays() -> None:
    assert simplify("乾隆 GB/T 16553（点测）") == "乾隆 GB/T 16553（点测）"
