"""What would break: a lab blamed for a species or standard it may test, or cleared of one not."""

import datetime as dt

import pytest

from certcheck.finding import Status
from certcheck.rules.framework import judge
from registry.lookup import Registry
from tests.certcheck.house import Broken, Ink, case, day, found, paper, registry, scope, told
from tests.certcheck.silent import SilentWitness

WRONG, DOUBT, OPEN, FINE, TOLD = (
    Status.INCONSISTENT,
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
    Status.ADVICE,
)
UNCLEAR = "rule.unclear"
OBJECT, STANDARD, FORCE = "item2.object", "item2.standard", "item2.standard_not_in_force"


def test_an_honest_certificate_is_consistent() -> None:
    item = judge(case())[1]
    assert item.status is FINE, item.findings


def test_silence_of_the_registry_is_not_a_verdict() -> None:
    assert told("item2.no_rows", case(lab="mo")) == (OPEN, "")
    assert told("item2.no_rows", case(lab=None)) == (OPEN, ".no_lab")
    assert told("item2.no_rows", case()) is None
    assert judge(case(lab="mo"))[1].status is OPEN


def test_day_and_conclusion_are_needed() -> None:
    assert told("item2.day_missing", case(issued_on=None)) == (OPEN, "")
    assert told("item2.day_missing", case()) is None
    assert told("item2.conclusion_missing", case({"conclusion": None})) == (OPEN, "")
    assert told("item2.conclusion_missing", case()) is None
    assert judge(case({"conclusion": None}))[1].status is OPEN
    gold = registry(scope("yuan", "贵金属", "GB/T 16553-2017"))
    alone = case({"conclusion": None, "metal": "足金"}, book=gold)
    assert told(OBJECT, alone) == (FINE, ".agrees")
    assert judge(alone)[1].status is OPEN


# ------------------------------------------------------------------ object


@pytest.mark.parametrize(
    "conclusion", ["翡翠手镯", "和田玉（白玉）手串", "合成红宝石", "翡翠(处理)"]
)
def test_gems_and_jades_cover_every_species(conclusion: str) -> None:
    assert told(OBJECT, case({"conclusion": conclusion})) == (FINE, ".agrees")


def test_a_species_outside_the_scope() -> None:
    assert told(OBJECT, case({"conclusion": "和田玉挂件"}, lab="zhong")) == (WRONG, "")
    assert told(OBJECT, case({"conclusion": "翡翠挂件"}, lab="zhong")) == (FINE, ".agrees")


def test_a_slip_that_names_another_species_is_no_accusation() -> None:
    slip = case({"conclusion": "翡翠挂件"}, read={"conclusion": "和田玉挂件"}, lab="zhong")
    assert told(OBJECT, slip) == (OPEN, UNCLEAR)


def test_a_species_read_once_is_no_more_than_suspected() -> None:
    ink = paper({"conclusion": "和田玉挂件"})
    for witness in (Ink(ink, blind=["conclusion"]), SilentWitness(), Broken()):
        given = case({"conclusion": "和田玉挂件"}, lab="zhong", witness=witness)
        assert told(OBJECT, given) == (DOUBT, "")


def test_an_unknown_species_cannot_be_judged() -> None:
    assert told(OBJECT, case({"conclusion": "磷酸盐质石摆件"})) == (OPEN, ".not_named")


def test_metal_tested_without_a_metal_scope() -> None:
    given = case({"conclusion": "18K金镶翡翠戒指", "metal": "Au750"})
    statuses = [(one.status, one.message) for one in judge(given)[1].findings]
    assert (FINE, f"{OBJECT}.agrees") in statuses
    assert (WRONG, OBJECT) in statuses


def test_metal_that_is_only_named_or_not_tested_needs_no_scope() -> None:
    for metal in (None, "未检", "—"):
        given = case({"conclusion": "18K金镶翡翠戒指", "metal": metal})
        assert told(OBJECT, given) == (FINE, ".agrees")


def test_metal_within_the_scope_with_its_method_told() -> None:
    book = registry(
        scope("yuan", "贵金属", "GB/T 18043-2013", parameter="贵金属含量",
              limitation="只用X射线荧光光谱法")
    )  # fmt: skip
    given = case({"conclusion": "足金项链", "metal": "Au990"}, book=book)
    assert told(OBJECT, given) == (FINE, ".agrees")
    assert told("item2.method_limit", given) == (TOLD, "")
    assert judge(given)[1].status is FINE
    assert told("item2.method_limit", case()) is None


def test_a_scope_of_another_time() -> None:
    book = registry(scope("zhong", "和田玉", "GB/T 16553-2017", "2024-01-01"))
    given = case({"conclusion": "和田玉挂件"}, lab="zhong", book=book)
    assert told(OBJECT, given) == (WRONG, ".other_day")
    later = case(
        {"conclusion": "和田玉挂件"}, lab="zhong", book=book, issued_on=dt.date(2024, 1, 1)
    )
    assert told(OBJECT, later) == (FINE, ".agrees")


def test_a_scope_whose_record_begins_later_than_the_paper_accuses_nobody() -> None:
    book = registry(scope("mo", "和田玉", "GB/T 16553-2017", "2024-01-01"))
    given = case({"standards": "DB41/T 1436-2017"}, lab="mo", book=book)
    assert told("item2.no_rows", given) == (OPEN, ".later")
    assert told(OBJECT, given) is None and told(STANDARD, given) is None
    assert judge(given)[1].status is OPEN
    begun = case({"conclusion": "翡翠"}, lab="mo", book=book, issued_on=dt.date(2024, 1, 1))
    assert told("item2.no_rows", begun) is None
    assert told(OBJECT, begun) == (WRONG, "")


@pytest.mark.parametrize(
    ("limitation", "conclusion", "expected"),
    [
        ("不测和田玉", "和田玉手镯", (WRONG, ".excluded")),
        ("不测和田玉", "翡翠手镯", (FINE, ".agrees")),
        ("翡翠除外", "翡翠手镯", (WRONG, ".excluded")),
        ("只测翡翠", "翡翠手镯", (FINE, ".agrees")),
        ("仅限翡翠", "和田玉手镯", (WRONG, ".excluded")),
        ("不测折射率", "翡翠手镯", (WRONG, ".excluded")),
        ("不测B货", "翡翠(漂白、充填处理)手镯", (WRONG, ".excluded")),
        ("不测B货", "翡翠手镯", (FINE, ".agrees")),
        ("不测荧光", "翡翠手镯", (FINE, ".agrees")),
        ("不测大于五克拉的样品", "翡翠手镯", (OPEN, ".limitation")),
        ("委托方送检", "翡翠手镯", (OPEN, ".limitation")),
    ],
)
def test_limitations(limitation: str, conclusion: str, expected: tuple[Status, str]) -> None:
    book = registry(scope("mo", "珠宝玉石", "GB/T 16553-2017", limitation=limitation))
    assert told(OBJECT, case({"conclusion": conclusion}, lab="mo", book=book)) == expected


def test_a_row_without_an_object_covers_what_its_standard_tests() -> None:
    book = registry(scope("mo", "", "GB/T 16553-2017"))
    assert told(OBJECT, case(lab="mo", book=book)) == (FINE, ".agrees")
    unread = case({"standards": None}, lab="mo", book=book)
    assert told(OBJECT, unread) == (OPEN, ".unknown")
    slip = case(read={"standards": "GB/T 16533-2017"}, lab="mo", book=book)
    assert told(OBJECT, slip) == (OPEN, ".unknown")
    book = registry(scope("mo", "", "", parameter="折射率"))
    assert told(OBJECT, case(lab="mo", book=book)) == (OPEN, ".unknown")


# ------------------------------------------------------------------ parameter


def test_parameters_that_the_scope_does_not_name() -> None:
    book = registry(scope("mo", "翡翠", "GB/T 16553-2017", parameter="折射率"))
    given = case(lab="mo", book=book)
    assert told("item2.parameter", given) == (DOUBT, "")
    unmeasured = case({"density": "未测"}, lab="mo", book=book)
    assert told("item2.parameter", unmeasured) is None
    assert told("item2.parameter", case()) is None
    glow = case({"density": None, "fluorescence": "无"}, lab="mo", book=book)
    assert told("item2.parameter", glow) == (DOUBT, "")
    anything = registry(scope("mo", "翡翠", "GB/T 16553-2017", parameter="全部参数"))
    assert told("item2.parameter", case(lab="mo", book=anything)) is None


# ------------------------------------------------------------------ standards


def test_a_standard_outside_the_scope() -> None:
    changes = {"standards": "GB/T 16553-2017; DB41/T 1436-2017"}
    statuses = {(one.status, one.message) for one in judge(case(changes))[1].findings}
    assert {(WRONG, STANDARD), (FINE, f"{STANDARD}.agrees")} <= statuses
    assert told(STANDARD, case()) == (FINE, ".agrees")
    assert told(STANDARD, case({"standards": None})) is None


def test_a_standard_without_its_edition_is_in_the_scope_of_any() -> None:
    assert told(STANDARD, case({"standards": "GB/T 16553"})) == (FINE, ".agrees")


def test_a_standard_printed_without_its_t() -> None:
    assert told(STANDARD, case({"standards": "GB 16553-2017"})) == (FINE, ".agrees")


def test_the_term_told_is_the_one_that_ended_last() -> None:
    terms = [("2012-01-01", "2015-01-01"), ("2016-01-01", "2020-01-01"), ("2025-01-01", "")]
    book = registry(
        *(scope("mo", "翡翠", "GB/T 16553-2017", a, valid_until=day(b)) for a, b in terms)
    )
    for rule_id in (OBJECT, STANDARD):
        (one,) = found(rule_id, case({"standards": "GB/T 16553-2017"}, lab="mo", book=book))
        assert (one.status, one.message) == (WRONG, f"{rule_id}.other_day")
        assert (one.params["since"], one.params["until"]) == ("2016-01-01", "2020-01-01")


def test_another_edition_than_the_scopes_is_no_more_than_suspected() -> None:
    assert told(STANDARD, case({"standards": "GB/T 16553-2010"})) == (DOUBT, ".edition")


def test_a_slip_in_a_standards_year() -> None:
    slip = case({"standards": "GB/T 16553-2017"}, read={"standards": "GB/T 16553-2011"})
    assert told(STANDARD, slip) == (OPEN, UNCLEAR)


def test_a_standard_that_entered_the_scope_later() -> None:
    given = case({"standards": "GB/T 38821-2020"})
    assert told(STANDARD, given) == (WRONG, ".other_day")
    later = case({"standards": "GB/T 38821-2020"}, issued_on=dt.date(2024, 1, 1))
    assert told(STANDARD, later) == (FINE, ".agrees")


def test_a_standard_read_once_is_no_more_than_suspected() -> None:
    changes = {"standards": "DB41/T 1436-2017"}
    alone = Ink(paper(changes), again={"standards": None})
    assert told(STANDARD, case(changes, witness=alone)) == (DOUBT, "")


def test_print_that_is_no_standard() -> None:
    assert told(STANDARD, case({"standards": "企业标准"})) == (OPEN, ".not_understood")


def test_a_scope_that_names_no_standard_says_nothing_of_them() -> None:
    book = registry(scope("mo", "珠宝玉石", ""))
    assert told(STANDARD, case(lab="mo", book=book)) is None


def test_a_scope_of_standards_is_not_cleared_by_a_paper_that_names_none() -> None:
    unread = case({"standards": None})
    assert told("item2.standards_missing", unread) == (OPEN, "")
    assert judge(unread)[1].status is OPEN
    assert told("item2.standards_missing", case()) is None
    book = registry(scope("mo", "珠宝玉石", ""))
    by_object = case({"standards": None}, lab="mo", book=book)
    assert told("item2.standards_missing", by_object) is None
    assert judge(by_object)[1].status is FINE


# ------------------------------------------------------------------ rows of several kinds


def test_a_row_without_a_standard_beside_rows_with_one_accuses_nobody() -> None:
    """A scope by object and one by standard, in one annex: the open row may mean any standard."""
    book = registry(
        scope("mo", "珠宝玉石", ""), scope("mo", "贵金属", "GB/T 18043-2013", parameter="含量")
    )
    given = case({"standards": "DB41/T 1436-2017"}, lab="mo", book=book)
    assert told(STANDARD, given) == (OPEN, ".open")
    assert told(OBJECT, given) == (FINE, ".agrees")
    metal = registry(scope("mo", "贵金属", ""), scope("mo", "珠宝玉石", "GB/T 16553-2017"))
    assert told(STANDARD, case({"standards": "DB41/T 1436-2017"}, lab="mo", book=metal)) == (
        WRONG, "",
    )  # fmt: skip
    unread = case({"standards": None}, lab="mo", book=book)
    assert told("item2.standards_missing", unread) is None


def test_a_standard_covers_what_it_was_made_for_and_nothing_else() -> None:
    book = registry(scope("mo", "", "GB/T 18043-2013"), scope("mo", "", "GB/T 38821-2020"))
    changes = {"standards": "GB/T 18043-2013", "conclusion": "翡翠手镯"}
    assert told(OBJECT, case(changes, lab="mo", book=book)) == (WRONG, "")
    metal = {"standards": "GB/T 18043-2013", "conclusion": "足金项链", "metal": "Au990"}
    assert told(OBJECT, case(metal, lab="mo", book=book)) == (FINE, ".agrees")
    nephrite = {"standards": "GB/T 38821-2020", "conclusion": "和田玉挂件"}
    assert told(OBJECT, case(nephrite, lab="mo", book=book)) == (FINE, ".agrees")


def test_a_row_that_cannot_be_read_stands_against_an_exclusion_and_is_shown_in_full() -> None:
    phrase = "见本机构附表第三页说明"
    book = registry(
        scope("mo", "珠宝玉石", "", limitation="不测翡翠"), scope("mo", phrase, "", "2018-05-01")
    )
    (one,) = found(OBJECT, case(lab="mo", book=book))
    assert (one.status, one.message) == (OPEN, "item2.object.unknown")
    assert one.params["scope"] == phrase


def test_a_limitation_to_some_parameters_is_read_as_their_list() -> None:
    book = registry(scope("mo", "翡翠", "GB/T 16553-2017", limitation="只测折射率"))
    given = case(lab="mo", book=book)
    assert told(OBJECT, given) == (FINE, ".agrees")
    assert told("item2.parameter", given) == (DOUBT, "")
    assert told("item2.parameter", case({"density": "未测"}, lab="mo", book=book)) is None


def test_a_row_for_another_site_is_not_held_against_the_printed_address() -> None:
    for number, expected in (("36", (FINE, ".agrees")), ("38", (OPEN, ".limitation"))):
        site = f"仅限示玉大道{number}号场所"
        book = registry(scope("mo", "珠宝玉石", "GB/T 16553-2017", limitation=site))
        assert told(OBJECT, case(lab="mo", book=book)) == expected
    unread = case({"address": None}, lab="mo", book=book)
    assert told(OBJECT, unread) == (OPEN, ".limitation")


# ------------------------------------------------------------------ editions


def test_an_edition_that_had_been_replaced() -> None:
    assert told(FORCE, case({"standards": "GB/T 16553-2010"})) == (WRONG, "")
    assert told(FORCE, case()) is None
    assert told(FORCE, case({"standards": None})) is None


def test_an_edition_replaced_not_long_ago_is_only_told() -> None:
    changes = {"standards": "GB/T 16553-2010"}
    assert told(FORCE, case(changes, issued_on=dt.date(2018, 6, 1))) == (TOLD, ".grace")
    assert told(FORCE, case(changes, issued_on=dt.date(2018, 4, 30))) is None


def test_an_edition_not_yet_in_force() -> None:
    changes = {"standards": "GB/T 16553-2017"}
    assert told(FORCE, case(changes, issued_on=dt.date(2018, 3, 1))) == (WRONG, ".not_yet")


def test_an_edition_that_the_scope_still_lists_is_no_more_than_suspected() -> None:
    book = registry(scope("mo", "珠宝玉石", "GB/T 16553-2010"))
    given = case({"standards": "GB/T 16553-2010"}, lab="mo", book=book)
    assert told(FORCE, given) == (DOUBT, "")


def test_an_unknown_edition_is_no_fault() -> None:
    assert told(FORCE, case({"standards": "DB99/T 1436-2017"})) == (OPEN, ".unknown")
    book = registry(scope("mo", "珠宝玉石", "DB99/T 1436-2017"))
    given = case({"standards": "DB99/T 1436-2017"}, lab="mo", book=book)
    assert told(FORCE, given) is None


def test_a_slip_in_the_year_of_an_edition() -> None:
    slip = case({"standards": "GB/T 16553-2017"}, read={"standards": "GB/T 16553-2010"})
    assert told(FORCE, slip) == (OPEN, UNCLEAR)


def test_before_the_regulation_a_contradiction_is_no_more_than_suspected() -> None:
    book = registry(scope("mo", "翡翠", "GB/T 16553-2010", "2012-01-01"))
    day = dt.date(2014, 1, 1)
    changes = {"standards": "GB/T 16553-2010", "conclusion": "和田玉手镯"}
    given = case(changes, lab="mo", book=book, issued_on=day)
    assert told(OBJECT, given) == (DOUBT, "")
    assert told(STANDARD, given) == (FINE, ".agrees")
    assert told(FORCE, given) is None


# ------------------------------------------------------------------ what annexes dropped


def dropped(*later: str) -> Registry:
    """和田玉 after GB/T 38821 was in the annex until that of 2022-07-01."""
    row = scope("zhong", "和田玉", "GB/T 38821-2020", valid_until=dt.date(2022, 6, 30))
    row.dropped_on = dt.date(2022, 7, 1)
    return registry(row, *(scope("zhong", "和田玉", "GB/T 38821-2020", day) for day in later))


def test_what_an_annex_no_longer_lists_is_no_more_than_a_sign() -> None:
    """An annex of additions would put all else outside the scope."""
    paper = {"conclusion": "和田玉挂件", "standards": "GB/T 38821-2020"}
    given = case(paper, lab="zhong", book=dropped())
    assert told("item2.object", given) == (DOUBT, ".unlisted")
    assert told("item2.standard", given) == (DOUBT, ".unlisted")
    later = case(paper, lab="zhong", book=dropped("2024-01-01"))
    assert told("item2.object", later) == (OPEN, ".between")
    assert told("item2.standard", later) == (OPEN, ".between")
