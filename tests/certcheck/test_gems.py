"""What would break: a stone taken for another, a scope read too narrowly or too widely."""

import doctest
from decimal import Decimal

import pytest

from certcheck import gems
from certcheck.covering import covers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("翡翠手镯", "翡翠"),
        ("翡翠(A货)", "翡翠"),
        ("天然翡翠", "翡翠"),
        ("和田玉吊坠", "和田玉"),
        ("和田玉（白玉）", "和田玉"),
        ("软玉", "和田玉"),
        ("18K金镶翡翠戒指", "翡翠"),
        ("银S925翡翠耳饰", "翡翠"),
        ("石英岩玉(东陵石)手链", "石英岩玉"),
        ("玉髓（黄龙玉）", "玉髓"),
        ("京白玉", "石英岩玉"),
        ("阿富汗白玉", "大理石"),
        ("碧玉石", "碧石"),
        ("合成红宝石戒指", "合成红宝石"),
        ("合成祖母绿", "合成祖母绿"),
        ("仿翡翠玻璃", "玻璃"),
        ("翡翠色玻璃", "玻璃"),
        ("海蓝宝石猫眼", "海蓝宝石"),
        ("猫眼戒面", "金绿宝石"),
        ("珊瑚(角质)", "珊瑚(角质)"),
        ("翡翠(绿辉石质)", "翡翠(绿辉石质)"),
    ],
)
def test_the_species_behind_the_words(text: str, name: str) -> None:
    named = gems.parse(text)
    assert [one.name for one in named.species] == [name]


@pytest.mark.parametrize(
    "text",
    ["", "仿翡翠", "磷酸盐质玉(翡翠)", "足金手镯", "锆石(误称)不详石", "天然玉石", "玉", "蓝田玉"],
)
def test_words_that_name_no_species_we_know(text: str) -> None:
    found = gems.find(text)
    assert found is None or found.name == "锆石"


def test_several_stones_are_several() -> None:
    assert [one.name for one in gems.parse("18K金镶翡翠钻石戒指").species] == ["翡翠", "钻石"]


@pytest.mark.parametrize(
    ("text", "metal"),
    [
        ("18K金镶翡翠戒指", "金"), ("足金", "金"), ("Au750", "金"), ("Pt950钻石戒指", "铂"),
        ("足铂项链", "铂"), ("银S925翡翠耳饰", "银"), ("925银", "银"), ("Pd950", "钯"),
    ],
)  # fmt: skip
def test_metals(text: str, metal: str) -> None:
    assert [one.name for one in gems.parse(text).metals] == [metal]


@pytest.mark.parametrize("text", ["金绿宝石", "金珀", "翡翠", "金丝玉", "金发晶"])
def test_gold_in_a_stones_name_is_no_metal(text: str) -> None:
    assert gems.parse(text).metals == ()


@pytest.mark.parametrize("text", ["翡翠(处理)", "染色石英岩玉", "翡翠（漂白、充填）", "翡翠(B货)"])
def test_treatments_are_seen(text: str) -> None:
    found = gems.find(text)
    assert found is not None
    assert found.treated


@pytest.mark.parametrize(
    ("objects", "text", "answer"),
    [
        ("珠宝玉石", "翡翠", True),
        ("珠宝玉石及饰品", "翡翠", True),
        ("珠宝玉石饰品", "合成红宝石", True),
        ("天然玉石", "翡翠手镯", True),
        ("玉石", "红宝石", False),
        ("翡翠、和田玉、独山玉", "和田玉吊坠", True),
        ("翡翠;和田玉", "独山玉", False),
        ("软玉", "和田玉", True),
        ("钻石", "翡翠", False),
        ("石英质玉", "玛瑙", True),
        ("石榴石", "镁铝榴石", True),
        ("镁铝榴石", "石榴石", None),
        ("宝石", "翡翠", None),
        ("某某材料", "翡翠", None),
        ("珠宝玉石（除钻石外）", "钻石", False),
        ("珠宝玉石（除钻石外）", "翡翠", True),
        ("天然玉石(不含翡翠)", "翡翠", False),
        ("红宝石", "合成红宝石", None),
        ("合成红宝石", "红宝石", None),
        ("贵金属饰品", "翡翠", False),
        ("贵金属饰品", "足金手镯", True),
        ("珠宝玉石", "足金手镯", False),
        ("翡翠", "翡翠(处理)", True),
    ],
)
def test_what_an_object_of_a_scope_covers(objects: str, text: str, answer: object) -> None:
    named = gems.parse(text)
    (tested,) = (*named.species, *named.metals)
    assert covers(objects, tested) is answer


def test_constants_carry_their_backing() -> None:
    (jadeite,) = gems.find("翡翠").constants  # type: ignore[union-attr]
    assert (str(jadeite.refractive_index), str(jadeite.density)) == ("1.656~1.710", "3.25~3.45")
    assert jadeite.supported
    (talc,) = gems.find("滑石").constants  # type: ignore[union-attr]
    assert not talc.supported
    (dushan,) = gems.find("独山玉").constants  # type: ignore[union-attr]
    assert not dushan.supported, "sources disagree"


def test_a_group_without_a_row_has_the_rows_of_its_members() -> None:
    coral = gems.find("珊瑚")
    assert coral is not None
    assert {row.name for row in coral.constants} == {"珊瑚(钙质)", "珊瑚(角质)"}


def test_tolerance_reaches_beyond_the_range_on_both_sides() -> None:
    one = gems.Range(Decimal("1.65"), Decimal("1.67"))
    assert not one.outside(Decimal("1.64"), Decimal("0.01"))
    assert not one.outside(Decimal("1.68"), Decimal("0.01"))
    assert one.outside(Decimal("1.69"), Decimal("0.01"))


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(gems).failed == 0
