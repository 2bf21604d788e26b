"""What would break: a valid number called invalid, a number read as another's."""

import datetime as dt

import pytest

from certcheck.numbers import certificate, cleaning, cma, cnas, standard
from certcheck.numbers.errors import InvalidComponent, InvalidFormat, InvalidLength


@pytest.mark.parametrize(
    "number", ["152701060345", "230020349767", "211601060417", "2009002644Z", "2016160345Z"]
)
def test_real_cma_numbers_are_valid(number: str) -> None:
    assert cma.validate(f" {number[:4]} {number[4:]} ") == number
    assert cma.is_valid(f"ＣＭＡ {number}")


def test_cma_parts() -> None:
    parts = cma.parse("152701060345")
    assert (parts.first_year, parts.authority_name, parts.serial) == (2015, "陕西", "0345")
    assert (parts.field, parts.industry, parts.unknown) == ("01", "06", ())
    old = cma.parse("2016160345Z")
    assert (old.form, old.first_year, old.authority_name, old.letter) == (
        cma.OLD_FORM, 2016, "河南", "Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "unknown"),
    [("151699060345", "field"), ("151601990345", "industry")],
)
def test_codes_out_of_the_tables_are_told_and_stay_valid(number: str, unknown: str) -> None:
    assert cma.is_valid(number)
    assert cma.parse(number).unknown == (unknown,)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("1527010603", InvalidLength),
        ("1527010603456", InvalidLength),
        ("", InvalidLength),
        ("15270106O345", InvalidFormat),
        ("１５２７０１０６０３４Ⅴ", InvalidFormat),
        ("153201060345", InvalidComponent),
        ("2016990345Z", InvalidComponent),
        ("152701060000", InvalidComponent),
        ("2016160000Z", InvalidComponent),
    ],
)
def test_malformed_cma_numbers(number: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        cma.validate(number)
    assert not cma.is_valid(number)


def test_every_authority_of_the_table_is_accepted() -> None:
    assert sorted(cma.codes()["authority"]) == [f"{code:02}" for code in range(32)]
    assert all(cma.is_valid(f"15{code:02}20340001") for code in range(32))


@pytest.mark.parametrize(
    ("printed", "number"),
    [("CNAS L0290", "L0290"), ("CNASL12345", "L12345"), ("检测 CNAS L0290", "L0290")],
)
def test_cnas_numbers(printed: str, number: str) -> None:
    assert cnas.validate(printed) == number
    assert cnas.format(printed) == f"CNAS {number}"


@pytest.mark.parametrize("printed", ["CNAS 0290", "CNAS L290", "CNAS L123456", ""])
def test_malformed_cnas_numbers(printed: str) -> None:
    assert not cnas.is_valid(printed)


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("GB／T16553—2017", "GB/T 16553-2017"),
        ("GB/T 16553–2017", "GB/T 16553-2017"),
        ("gb 11887-2012", "GB 11887-2012"),
        ("GB/T1234.5-2008", "GB/T 1234.5-2008"),
        ("DB41/T 1234-2019", "DB41/T 1234-2019"),
        ("DB4113/T 10-2020", "DB4113/T 10-2020"),
        ("SN/T 4500-2016", "SN/T 4500-2016"),
        ("QB/T 2062-2015", "QB/T 2062-2015"),
        ("T/GAC 12-2021", "T/GAC 12-2021"),
        ("T/HNZB 3-2022", "T/HNZB 3-2022"),
        ("Q/NGTC 0001-2020", "Q/NGTC 0001-2020"),
        ("GSB 16-3061-2013", "GSB 16-3061-2013"),
        ("GB/T 16553", "GB/T 16553"),
        ("GB/T 18043-2013", "GB/T 18043-2013"),
    ],
)
def test_standards_are_written_as_the_contract_does(printed: str, normal: str) -> None:
    assert standard.normalise(printed) == normal
    assert standard.normalise(normal) == normal
    assert standard.split(f"依据{printed}。") == [normal]


@pytest.mark.parametrize(
    "joint", ["", "、", "，", ";", "  ", "\n", " 和 ", "/", "；GB/T 16552-2017;"]
)
def test_lists_of_standards_are_split(joint: str) -> None:
    text = f"GB/T 16552-2017{joint}GB/T 16553-2017"
    assert standard.split(text) == ["GB/T 16552-2017", "GB/T 16553-2017"]


@pytest.mark.parametrize("text", ["", "翡翠手镯", "PZ23032100202", "Y-PLDY224598", "2023-03-21"])
def test_other_text_holds_no_standard(text: str) -> None:
    assert standard.split(text) == []


def test_a_pattern_holds_for_its_own_laboratory_only() -> None:
    name = "示例中原珠宝质量检验有限公司"
    parts = certificate.parse("ZY202303210001", names=[name])
    assert parts is not None
    assert parts.date == dt.date(2023, 3, 21)
    assert parts.agrees(dt.date(2023, 3, 21))
    assert not parts.agrees(dt.date(2023, 3, 22))
    assert certificate.parse("ZY202303210001", lab_id="other", names=["别家"]) is None


def test_a_series_with_year_and_month_is_held_to_these_alone() -> None:
    parts = certificate.parse("W2303000001", names=["示例宛城珠宝玉器检测中心"])
    assert parts is not None
    assert parts.printed_date == "2023-03"
    assert parts.agrees(dt.date(2023, 3, 31))
    assert not parts.agrees(dt.date(2023, 4, 1))


def test_a_real_series_of_unsure_day_allows_a_month() -> None:
    parts = certificate.parse("PZ23032100202", names=["广东省珠宝玉石及贵金属检测中心"])
    assert parts is not None
    assert parts.agrees(dt.date(2023, 4, 10))
    assert not parts.agrees(dt.date(2023, 6, 1))


def test_impossible_days_in_a_number_are_no_date() -> None:
    assert certificate.parse("PZ23134100202", names=["示例玉石珠宝检验研究院有限公司"]) is None


def test_every_declared_series_has_a_source() -> None:
    assert all(one.source and (one.lab_ids or one.lab_names) for one in certificate.formats())


def test_folding_keeps_different_numbers_apart() -> None:
    assert cleaning.fold("PZ2303210O2O2") == cleaning.fold("P22303210020Z")
    assert cleaning.fold("PZ23032100202") != cleaning.fold("PZ23032100203")


def test_a_month_that_is_none_in_a_declared_series() -> None:
    """A number that its own laboratory cannot have given would pass for one of its."""
    ours = ["广东省珠宝玉石及贵金属检测中心"]
    for number in ("PZ23132100202", "PZ23023000202", "PZ23000100202"):
        assert not certificate.is_valid(number, names=ours)
        # Another laboratory's numbers may begin so and mean no day by it.
        assert certificate.is_valid(number)
    assert certificate.is_valid("PZ23022800202", names=ours)
    assert certificate.is_valid("AB1", names=ours) is False
    assert certificate.is_valid("OTHER20231399", names=ours)
