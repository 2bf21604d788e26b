"""What would break: a phrase of an annex guessed at, and a laboratory blamed for the guess."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from certcheck import covering, gems, phrases
from certcheck.covering import Paper, allows, covers
from certcheck.gems import Species

JADEITE, NEPHRITE, DIAMOND = "翡翠手镯", "和田玉挂件", "钻石"
GOLD, RUBY, FILLED = "足金项链", "合成红宝石", "翡翠(漂白、充填处理)"
PAPER = Paper(
    measured=frozenset({"refractive_index", "density"}),
    text="翡翠手镯GB/T16553-2017",
    standards=("GB/T 16553-2017",),
    address="河南省南阳市镇平县玉都大道88号",
)
ALL = {JADEITE: True, NEPHRITE: True, DIAMOND: True, GOLD: True, RUBY: True}


def stone(text: str) -> Species:
    named = gems.parse(text)
    (one,) = (*named.species, *named.metals)
    return one


@pytest.mark.parametrize(
    "text",
    [
        "全部", "全部检测项目", "批准范围内全部", "本机构资质认定范围内的全部检测项目", "全项",
        "资质认定批准的检测能力范围", "授权签字领域：全部", "珠宝玉石、贵金属检测领域全部项目",
    ],
)  # fmt: skip
def test_words_for_everything(text: str) -> None:
    """A signatory for everything would be unverifiable, or blamed, over the wording."""
    assert {one: covers(text, stone(one)) for one in ALL} == ALL


@pytest.mark.parametrize(
    ("text", "inside", "outside", "open_"),
    [
        ("珠宝玉石鉴定", [JADEITE, RUBY, DIAMOND], [GOLD], []),
        ("贵金属含量检测", [GOLD], [JADEITE, DIAMOND], []),
        ("贵金属全部项目", [GOLD], [JADEITE], []),
        ("贵金属首饰中金含量", [GOLD], [JADEITE], []),
        ("金、银、铂饰品", [GOLD], [JADEITE], []),
        ("贵金属及其合金首饰", [GOLD], [JADEITE], []),
        ("翡翠、和田玉（软玉）鉴定", [JADEITE, NEPHRITE], [DIAMOND, GOLD], []),
        ("翡翠、和田玉等", [JADEITE, NEPHRITE], [], [DIAMOND, GOLD]),
        ("玉石（翡翠）", [JADEITE], [DIAMOND], [NEPHRITE]),
        ("全部（除贵金属外）", [JADEITE, RUBY], [GOLD], []),
        ("除贵金属外的全部项目", [JADEITE, RUBY], [GOLD], []),
        ("全部；不含贵金属", [JADEITE], [GOLD], []),
        ("全部、不含贵金属、钻石", [JADEITE], [GOLD, DIAMOND], []),
        ("珠宝玉石(不含钻石分级)", [JADEITE], [GOLD], [DIAMOND]),
        ("GB/T 16553-2017全部参数", [JADEITE, DIAMOND], [GOLD], []),
        ("食品、环境", [], [JADEITE, GOLD], []),
        ("大于1ct的钻石", [], [JADEITE], [DIAMOND]),
        ("钻石分级", [], [JADEITE], [DIAMOND]),
        ("珠宝首饰", [JADEITE], [], [GOLD]),
    ],
)
def test_fields_and_objects(
    text: str, inside: list[str], outside: list[str], open_: list[str]
) -> None:
    for answer, group in ((True, inside), (False, outside), (None, open_)):
        for one in group:
            assert covers(text, stone(one)) is answer, one


@pytest.mark.parametrize(
    "text",
    [
        "宝石", "首饰", "轻工产品", "非金属矿产品", "某某材料", "检测项目", "见附表",
        "仿翡翠", "翡翠相似品", "综合", "",
    ],
)  # fmt: skip
def test_what_no_list_explains_is_never_decided(text: str) -> None:
    for one in (NEPHRITE, GOLD, RUBY):
        assert covers(text, stone(one)) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", True), ("/", True), ("无", True), ("全部参数", True), ("只做定性", True),
        ("不测荧光", True), ("不测折射率", False), ("只测折射率、密度", True),
        ("只用X射线荧光光谱法", True), ("不用火试金法", True), ("仅限无损检测", True),
        ("仅限翡翠", True), ("只测钻石", False), ("仅限钻石等", None), ("翡翠除外", False),
        ("不测钻石，翡翠", None), ("不测钻石，红宝石", True), ("不测大于1ct的钻石", True),
        ("不测大于五克拉的样品", None), ("0.2ct以上翡翠除外", None), ("不做分级", True),
        ("不测翡翠分级", True), ("不做产地鉴定", True), ("不测原石", True), ("只测手镯", True),
        ("只测成品", True), ("只测原石", False), ("不测镶嵌", None), ("不测镶嵌钻石", True),
        ("仅限玉都大道88号场所", True), ("仅限玉都大道66号场所", None), ("仅限A场所", None),
        ("委托方送检", None), ("不含玉都大道88号场所", None),
    ],
)  # fmt: skip
def test_limitations_of_an_ordinary_bangle(text: str, answer: object) -> None:
    assert allows(text, stone(JADEITE), PAPER) is answer


@pytest.mark.parametrize("text", ["不测B货", "不测处理品", "不测经处理的样品", "不测处理翡翠"])
def test_treated_stones_are_left_out_and_enhanced_ones_are_not_guessed(text: str) -> None:
    assert allows(text, stone(FILLED)) is False
    assert allows(text, stone(JADEITE)) is True
    for enhanced in ("翡翠(浸蜡)", "翡翠(优化)"):
        assert allows(text, stone(enhanced)) is None
    assert gems.find("玛瑙(染色)").enhanced  # type: ignore[union-attr]
    assert not gems.find("翡翠(染色)").enhanced  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "paper", "answer"),
    [
        ("不测染色翡翠", FILLED, True), ("不测染色", FILLED, True), ("不测C货", FILLED, True),
        ("不测B货", "翡翠(染色处理)", True), ("不含注胶", "翡翠(染色)", True),
        ("不测B货", FILLED, False), ("不测注胶", "翡翠(充填)", False),
        ("不测染色", "翡翠(染色)", False),
        ("不测B货、C货", "翡翠(染色)", False), ("不测B+C货", "翡翠(充填、染色)", False),
        ("不测B+C货", "翡翠(充填)", True), ("不测染色", "翡翠(处理)", None),
        ("不测B货", "翡翠(漂白)", None), ("不测染色", "玛瑙(染色)", None),
        ("不测染色", JADEITE, True),
    ],
)  # fmt: skip
def test_one_treatment_is_not_another(text: str, paper: str, answer: object) -> None:
    """A laboratory that may not test dyed jade would be blamed for a filled one."""
    assert allows(text, stone(paper)) is answer


@pytest.mark.parametrize(
    ("text", "paper", "answer"),
    [
        ("珠宝玉石(除钻石、翡翠)", JADEITE, None), ("珠宝玉石(除钻石、翡翠)", NEPHRITE, True),
        ("珠宝玉石、除钻石、翡翠", JADEITE, None), ("珠宝玉石、除钻石外", DIAMOND, False),
        ("珠宝玉石、除钻石外", JADEITE, True), ("其他天然玉石", JADEITE, None),
        ("翡翠、其他天然玉石", NEPHRITE, True), ("优化处理珠宝玉石", JADEITE, None),
        ("处理翡翠", JADEITE, None), ("处理翡翠", FILLED, True), ("处理翡翠", NEPHRITE, False),
    ],
)  # fmt: skip
def test_half_said_exceptions_and_remainders_are_not_guessed(
    text: str, paper: str, answer: object
) -> None:
    """除 without 外, 其他 without what it is beside, a class of treated stones alone."""
    assert covers(text, stone(paper)) is answer


def test_a_paper_that_shows_grading_is_not_cleared_by_a_scope_without_it() -> None:
    graded = Paper(text="钻石 净度VS1 GB/T16554-2017")
    assert allows("不做分级", stone(DIAMOND), graded) is False
    assert allows("不做分级", stone(DIAMOND), Paper(text="钻石")) is True


def test_methods_and_parameters_are_told_apart() -> None:
    assert covering.is_method("只做X射线荧光光谱法") and not covering.is_method("只做翡翠")
    assert covering.only_parameters("只测折射率、密度") == {"refractive_index", "density"}
    assert covering.only_parameters("只测翡翠") is None
    assert covering.parameter_key("相对密度") == "density"
    assert covering.parameter_key("翡翠") == ""
    assert covering.is_everything("批准范围内全部项目")
    assert not covering.is_everything("贵金属全部项目")
    assert not covering.is_everything("全部（除贵金属外）")


@pytest.mark.parametrize("module", [phrases, covering], ids=lambda one: one.__name__)
def test_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0
