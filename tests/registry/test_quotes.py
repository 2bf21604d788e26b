"""Standards in cells of annexes; one that is lost puts honest certificates outside the scope."""

from __future__ import annotations

import pytest

from registry.importing.quotes import quoted

BOTH = ("GB/T 16552-2017", "GB/T 16553-2017")


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("GB/T 16552-2017、16553-2017", BOTH),
        ("《珠宝玉石 鉴定》GB/T 16552-2017/16553-2017", BOTH),
        ("GB/T 16552-2017/GB/T 16553-2017", BOTH),
        ("GB/T16552-2017和16553-2017", BOTH),
        ("GB/T 16552-2017 16553-2017", BOTH),
        ("GB/T 16552-2017、/T 16553-2017", BOTH),
        ("GB/T 16552、16553—2017", ("GB/T 16552", "GB/T 16553-2017")),
        ("GB/T 16552/16553/16554", ("GB/T 16552", "GB/T 16553", "GB/T 16554")),
        ("GB/T 16553-2010、2017", ("GB/T 16553-2010", "GB/T 16553-2017")),
        ("GB/T 16553-2010（2017）", ("GB/T 16553-2010", "GB/T 16553-2017")),
        ("GB/T 9288-2019/ISO 11426:2014", ("GB/T 9288-2019", "ISO 11426:2014")),
        ("GB/T 16553-2017、T/CAQI 12-2020", ("GB/T 16553-2017", "T/CAQI 12-2020")),
        ("GB 11887-2012/XG1-2015", ("GB 11887-2012",)),
        ("GSB 16-3061-2013", ("GSB 16-3061-2013",)),
        ("gb/t 16553-2017", ("GB/T 16553-2017",)),
        *(
            (cell, ("DB65/T 3442-2013",))
            for cell in ("DB 65/T 3442-2013", "DB65／T3442—2013", "DB65 / T 3442-2013")
        ),
        *(
            (f"GB/T 16553{year}", ("GB/T 16553-2017",))
            for year in (
                " - 2017",
                "(2017)",
                "（2017）",
                "--2017",
                "一2017",
                "～2017",
                " 2017",
                "-2017.",
            )
        ),
    ],
)
def test_codes_of_a_cell(cell: str, codes: tuple[str, ...]) -> None:
    """Each form was seen in annexes."""
    assert quoted(cell) == (tuple((code, "") for code in codes), "")


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("GB/T 16552~16554-2017", "16552~16554-2017"),
        ("GB/T 16552-2017至GB/T 16554-2017", "16552至16554"),
        ("GB/T 16552-2017 国标16553号", "国标16553号"),
        ("GB/T 16552-2017、GB/T l6553-2017", "、GB/T l6553-2017"),
    ],
)
def test_what_is_not_understood_is_kept(cell: str, left: str) -> None:
    """It would be held against the laboratory that its annex has no such standard."""
    assert quoted(cell).left == left


def test_clauses_and_dates_are_no_standards() -> None:
    """They would make rows that nobody understands."""
    told = quoted("GB/T 16553-2017 4.1.2条、附录A（2018年5月1日实施）")
    assert told == ((("GB/T 16553-2017", "4.1.2条、附录A"),), "")


@pytest.mark.parametrize("limit", ["不做B货", "只测密度", "除4.1.5条外"])
def test_a_limit_behind_a_standard_stays_whole(limit: str) -> None:
    """Lost, it would allow what the authority does not; cut to its clause, say the opposite."""
    assert quoted(f"GB/T 16553-2017（{limit}）") == ((("GB/T 16553-2017", limit),), "")
