"""What would break: a name, a figure or a word that does not go with the stone passes untold, or
an honest paper is told of one."""

import datetime as dt

import pytest

from certcheck import gems, naming
from certcheck.finding import Status
from tests.certcheck.scene import HONEST, Ink, case, found, item, one, sure

NAMING = "item5.naming"
TREATED = "item5.treatment_untold"
METAL = "item5.metal_name"
CONTENT = "item5.metal_content"
OPTICS = "item5.optics_contradict"
FEATURES = "item5.features_contradict"
MASS = "item5.mass_against_piece"
UNMEASURED = HONEST | {"refractive_index": "未检", "density": "未检"}
RUBY = HONEST | {"conclusion": "红宝石戒指", "refractive_index": "1.762-1.770", "density": "4.00"}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("缅甸翡翠手镯", ".origin"), ("缅甸鸽血红红宝石", ".origin"),
        ("南非钻石", ".origin"), ("新疆和田玉挂件", ".origin"),
        ("翡翠(A货)手镯", ".trade"), ("冰种翡翠手镯", ".trade"), ("半宝石吊坠", ".forbidden"),
        ("黄龙玉手镯", ".quartz"), ("玉手镯", ".alone"), ("天然翡翠吊坠", ".natural"),
        ("人造玻璃", ".made"), ("拼合蓝宝石", ".assembled"),
    ],
)  # fmt: skip
def test_a_name_the_standard_does_not_want_is_advice_and_no_more(name: str, kind: str) -> None:
    given = case(UNMEASURED | {"conclusion": name})
    assert (Status.ADVICE, NAMING + kind) in [(f.status, f.message) for f in found(NAMING, given)]
    assert item(5, given).status is Status.CONSISTENT


@pytest.mark.parametrize(
    "name",
    [
        "翡翠手镯", "和田玉(青玉)挂件", "独山玉摆件", "18K金镶翡翠戒指", "坦桑石",
        "天然玻璃", "蓝宝石", "石英岩玉(黄龙玉)手镯", "合成祖母绿", "蓝宝石、合成蓝宝石拼合石",
        "足金手镯", "蓝晶石", "寿山石印章",
    ],
)  # fmt: skip
def test_names_in_order_are_told_nothing(name: str) -> None:
    assert found(NAMING, case(HONEST | {"conclusion": name})) == []


def test_every_species_of_the_table_may_be_named_and_is_told_nothing() -> None:
    trade = {"黄龙玉", "贵翠"}
    for word in sorted(gems.words() - trade):
        species = gems.find(word)
        if species is not None and species.name == word and "(" not in word:
            kinds = [flaw.kind for flaw in naming.flaws(word, dt.date(2023, 1, 1))]
            assert kinds == [], word


def test_a_rule_of_2018_is_not_held_against_a_name_of_before() -> None:
    given = case(HONEST | {"conclusion": "黄龙玉手镯"}, issued_on=dt.date(2018, 1, 31))
    assert found(NAMING, given) == []


def test_a_treatment_told_elsewhere_belongs_into_the_name() -> None:
    given = case(HONEST | {"remarks": "经漂白充填处理"})
    assert one(found(TREATED, given)) == (Status.ADVICE, TREATED)
    told = case(HONEST | {"conclusion": "翡翠(处理)手镯", "remarks": "充填"})
    assert one(found(TREATED, told)) == (Status.CONSISTENT, TREATED + ".told")


@pytest.mark.parametrize(
    "words", ["未见充填、染色", "本证书争议处理以公示为准", "热处理", "可能经过充填"]
)
def test_a_treatment_that_was_not_found_is_none(words: str) -> None:
    assert found(TREATED, case(HONEST | {"conclusion": "红宝石", "remarks": words})) == []


# ---------------------------------------------------------------- metals


def test_names_given_up_are_told_from_their_day_on() -> None:
    gold = HONEST | {"conclusion": "千足金项链"}
    assert one(found(METAL, case(gold)))[0] is Status.ADVICE
    assert found(METAL, case(gold, issued_on=dt.date(2016, 5, 3))) == []
    assert found(METAL, case(HONEST | {"conclusion": "足金项链"})) == []


@pytest.mark.parametrize(
    ("metal", "status", "message"),
    [
        ("金含量752‰", Status.CONSISTENT, ".reached"),
        ("金含量745‰", Status.ADVICE, ".short"),
        ("金含量58.5%", Status.SUSPECTED, ""),
    ],
)
def test_a_content_is_held_against_the_name(metal: str, status: Status, message: str) -> None:
    fields = HONEST | {"conclusion": "18K金镶翡翠戒指", "metal": metal}
    assert one(found(CONTENT, case(fields, witness=sure(fields)))) == (status, CONTENT + message)


def test_a_content_read_two_ways_is_held_against_nobody() -> None:
    fields = HONEST | {"conclusion": "18K金镶翡翠戒指", "metal": "金含量250‰"}
    ink = Ink(again=fields | {"metal": "金含量750‰"})
    assert one(found(CONTENT, case(fields, witness=ink)))[0] is Status.UNVERIFIABLE


# ---------------------------------------------------------------- optics


def test_optics_of_the_stone_agree() -> None:
    fields = RUBY | {"optic_character": "非均质体，一轴晶，负光性"}
    assert one(found(OPTICS, case(fields))) == (Status.CONSISTENT, OPTICS + ".within")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"optic_character": "均质体"}, ".optic_outside"),
        ({"birefringence": "0.036"}, ".birefringence_outside"),
        ({"refractive_index": "1.762-1.800", "density": "未测"}, ".birefringence_outside"),
    ],
)
def test_one_thing_alone_is_advice(changed: dict[str, str], message: str) -> None:
    given = case(RUBY | changed)
    assert one(found(OPTICS, given)) == (Status.ADVICE, OPTICS + message)
    assert item(5, given).status is Status.CONSISTENT


@pytest.mark.parametrize(
    "changed",
    [
        {"optic_character": "均质体", "refractive_index": "未测", "density": "3.52"},
        {"optic_character": "均质体", "birefringence": "0.036"},
    ],
)
def test_two_things_together_are_a_sign(changed: dict[str, str]) -> None:
    fields = RUBY | {"conclusion": "蓝宝石戒指"} | changed
    given = case(fields, witness=sure(fields))
    assert one(found(OPTICS, given)) == (Status.SUSPECTED, OPTICS)


def test_two_things_of_a_row_that_is_not_well_backed_are_advice() -> None:
    fields = RUBY | {"optic_character": "均质体", "birefringence": "0.036"}
    assert {one.status for one in found(OPTICS, case(fields, witness=sure(fields)))} == {
        Status.ADVICE
    }


@pytest.mark.parametrize(
    ("stone", "optic"),
    [("翡翠手镯", "非均质集合体"), ("青金石珠串", "均质集合体"), ("琥珀手镯", "均质体，异常消光"),
     ("尖晶石", "均质体，异常双折射"), ("橄榄石吊坠", "非均质体，二轴晶，负光性"),
     ("翡翠手镯", "未检")],
)  # fmt: skip
def test_honest_optics_are_no_sign(stone: str, optic: str) -> None:
    given = case(HONEST | {"conclusion": stone, "optic_character": optic})
    assert all(one.status is Status.CONSISTENT for one in found(OPTICS, given))


# ---------------------------------------------------------------- features and mass


@pytest.mark.parametrize("key", ["magnification", "spectra", "remarks"])
def test_a_feature_of_another_stone_is_advice(key: str) -> None:
    glass = case(HONEST | {key: "可见流动纹"})
    assert [one.status for one in found(FEATURES, glass)] == [Status.ADVICE]
    given = case(HONEST | {"conclusion": "玛瑙珠串", key: "可见翠性"})
    assert one(found(FEATURES, given)) == (Status.ADVICE, FEATURES)


def test_a_spectrum_of_a_resin_is_told_where_the_name_does_not() -> None:
    fields = HONEST | {"spectra": "红外光谱可见3060cm-1吸收峰"}
    assert one(found(FEATURES, case(fields))) == (Status.ADVICE, FEATURES + ".treated")
    named = case(fields | {"conclusion": "翡翠(充填)手镯"})
    assert found(FEATURES, named) == []


@pytest.mark.parametrize("words", ["纤维交织结构，可见翠性", "未见三相包体", "具翡翠437 nm吸收线"])
def test_features_of_the_stone_are_told_nothing(words: str) -> None:
    assert found(FEATURES, case(HONEST | {"magnification": words})) == []


@pytest.mark.parametrize(
    ("conclusion", "mass", "told"),
    [
        ("翡翠手镯", "3.000", [".light"]), ("翡翠手镯", "48.512", []),
        ("翡翠手镯", "990.5", [".heavy"]), ("翡翠手镯两只", "990.5", []), ("琥珀手镯", "3.000", []),
    ],
)  # fmt: skip
def test_a_mass_that_no_such_piece_has_is_advice(
    conclusion: str, mass: str, told: list[str]
) -> None:
    given = case(UNMEASURED | {"conclusion": conclusion, "mass": mass})
    assert [(one.status, one.message) for one in found(MASS, given)] == [
        (Status.ADVICE, MASS + message) for message in told
    ]
    assert item(5, given).status is Status.CONSISTENT


def test_a_setting_weighs_what_it_weighs() -> None:
    fields = HONEST | {"conclusion": "18K金镶翡翠戒指", "mass": "0.05"}
    assert found(MASS, case(fields)) == []
