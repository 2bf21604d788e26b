"""What would break: an article of another edition's number, a law that was not yet in force."""

import datetime as dt
import doctest

import pytest

from certcheck import law

NEEDED = [f"plan.3.4.{n}" for n in range(1, 9)]
NEEDED += [f"163.{n}" for n in (13, 14, 19, 20, 31, 34, 35, 36, 37)]
NEEDED += [f"39.{n}" for n in (8, 11, 13, 14, 25, 26)]
NEEDED += [
    "seal_use.3",
    "seal_use.7",
    "mark_use",
    "gbt16552.5.1",
    "gb11887",
    "price.14",
    "consumer.55",
]


def test_every_key_of_the_rules_is_there_with_its_source() -> None:
    cited = {key: law.cite(key, None) for key in NEEDED}
    assert [key for key, one in cited.items() if one is None or not _whole(one)] == []


def _whole(one: law.Citation) -> bool:
    named = "《" in one.zh and one.trust in {"S", "S-weak", "GK"}
    return bool(named and one.source and one.gist_zh and one.gist_en)


def text(key: str, day: dt.date) -> str:
    citation = law.cite(key, day)
    return citation.zh if citation else ""


def test_article_numbers_are_those_of_the_day() -> None:
    name = "《检验检测机构资质认定管理办法》"
    assert text("163.34", dt.date(2021, 5, 31)) == name + "第四十一条"
    assert text("163.34", dt.date(2021, 6, 1)) == name + "第三十四条"
    assert text("163.13", dt.date(2018, 1, 1)) == name, "a number nobody saw is not given"
    assert text("163.13", dt.date(2015, 7, 31)) == ""


def test_what_was_not_seen_is_marked_for_checking() -> None:
    revised, before = (
        law.cite("39.14", dt.date(2025, 3, 18)),
        law.cite("39.14", dt.date(2025, 3, 17)),
    )
    assert revised is not None
    assert before is not None
    assert (revised.confirmed, before.confirmed) == (False, True)
    weak = law.cite("39.8", dt.date(2022, 1, 1))
    assert weak is not None
    assert not weak.confirmed


def test_the_plan_is_not_cited_before_its_day() -> None:
    found = law.cite_all(["plan.3.4.1", "163.13", "163.13"], dt.date(2023, 11, 5))
    assert [one.key for one in found] == ["163.13"]
    assert len(law.cite_all(["plan.3.4.1", "163.13"], dt.date(2023, 11, 6))) == 2


def test_an_unknown_key_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        law.cite("163.99", None)


def test_editions_of_a_text_follow_one_another() -> None:
    for key in {"163", "39", "gbt16552", "gbt16553"}:
        editions = law.editions(key)
        for older, newer in zip(editions, editions[1:], strict=False):
            assert older.in_force_until == newer.in_force_from - dt.timedelta(days=1)


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(law).failed == 0


def test_a_standard_is_cited_with_the_number_of_its_edition() -> None:
    assert text("gbt16552.5.1", dt.date(2020, 1, 1)) == "GB/T 16552-2017《珠宝玉石 名称》5.1"
    assert text("gbt16552.5.1", dt.date(2017, 1, 1)) == "GB/T 16552-2010《珠宝玉石 名称》"
