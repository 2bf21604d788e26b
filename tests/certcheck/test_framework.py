"""What would break: silence read as guilt, a broken rule costing the report, old law applied."""

import dataclasses as dc
import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from certcheck import law, messages
from certcheck.case import Case
from certcheck.finding import Evidence, Finding, Status
from certcheck.rules import framework
from certcheck.rules.__main__ import PAGE, TABLE, items, page
from certcheck.rules.anatomy import anatomy
from certcheck.rules.framework import Rule, agree, all_rules, cannot, differ, judge, rule, suspect
from ocr.reading import Reading
from registry.lookup import Revision
from tests.certcheck.silent import SilentWitness

DAY = dt.date(2023, 5, 1)


NEVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@dc.dataclass(frozen=True)
class Book:
    """A registry of which nothing but its revision is asked."""

    revision: Revision


def case(issued_on: dt.date | None = DAY, imported_at: dt.datetime = NEVER) -> Case:
    reading = Reading(page=1, part=1, width=10, height=10, is_certificate=True)
    book = cast(Any, Book(Revision("r", imported_at, demo=False)))
    return Case(reading, SilentWitness(), book, None, issued_on, dt.date(2026, 11, 21))


def a_rule(check: framework.Check, **changes: Any) -> Rule:
    values: dict[str, Any] = {
        "id": "item1.sample",
        "law": ("163.13",),
        "about": "sample",
        "since": dt.date(2015, 8, 1),
        "until": None,
        "applies": framework.always,
        "check": check,
        "messages": ("item1.sample",),
        "told_from": changes.get("since", dt.date(2015, 8, 1)),
    }
    return Rule(**(values | changes))


def accuses(_: Case) -> Iterator[Finding]:
    yield differ()


def test_all_eight_items_come_in_order_and_silence_is_not_innocence() -> None:
    results = judge(case(), [])
    assert [one.item for one in results] == list(range(1, 9))
    assert [one.status for one in results] == [
        *[Status.UNVERIFIABLE] * 4,
        Status.CONSISTENT,
        *[Status.NOT_APPLICABLE] * 3,
    ]
    assert all(one.findings for one in results)


def test_the_worst_finding_is_the_items_status() -> None:
    rules = [
        a_rule(lambda _: [agree(), cannot()]),
        a_rule(accuses, id="item1.other"),
        a_rule(lambda _: [agree()], id="item2.sample"),
    ]
    first, second, *_ = judge(case(), rules)
    assert (first.status, second.status) == (Status.INCONSISTENT, Status.CONSISTENT)
    assert [one.rule for one in first.findings] == ["item1.sample", "item1.sample", "item1.other"]


def test_rule_law_and_message_are_filled_in() -> None:
    rules = [a_rule(lambda _: [agree(), agree(message=".more"), agree(message="rule.failed")])]
    found = judge(case(), rules)[0].findings
    assert [one.message for one in found] == ["item1.sample", "item1.sample.more", "rule.failed"]
    assert all(one.law == ("163.13",) for one in found)


def test_a_rule_counts_only_between_its_days() -> None:
    dated = a_rule(accuses, since=dt.date(2022, 1, 1), until=dt.date(2023, 12, 31))
    status = {day: judge(case(day), [dated])[0].status for day in (
        dt.date(2021, 12, 31), dt.date(2022, 1, 1), dt.date(2023, 12, 31), dt.date(2024, 1, 1),
    )}  # fmt: skip
    assert list(status.values()) == [
        Status.UNVERIFIABLE,
        Status.INCONSISTENT,
        Status.INCONSISTENT,
        Status.UNVERIFIABLE,
    ]


def test_before_its_first_day_a_rule_may_tell_and_not_accuse() -> None:
    early = a_rule(accuses, since=dt.date(2022, 1, 1), told_from=dt.date(2020, 1, 1))
    days = (dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2022, 1, 1))
    assert [judge(case(day), [early])[0].status for day in days] == [
        Status.UNVERIFIABLE,
        Status.SUSPECTED,
        Status.INCONSISTENT,
    ]


def test_without_a_day_nothing_is_worse_than_suspected() -> None:
    assert judge(case(None), [a_rule(accuses)])[0].status is Status.SUSPECTED


def test_a_rule_that_does_not_apply_is_not_asked() -> None:
    assert (
        judge(case(), [a_rule(accuses, applies=lambda _: False)])[0].status is Status.UNVERIFIABLE
    )


def test_a_rule_that_raises_becomes_its_own_unverifiable(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_: Case) -> Iterator[Finding]:
        yield agree()
        raise ZeroDivisionError

    first, second, *_ = judge(case(), [a_rule(breaks), a_rule(accuses, id="item2.sample")])
    (found,) = first.findings
    assert (found.status, found.message) == (Status.UNVERIFIABLE, "rule.failed")
    assert found.params == {"exception": "ZeroDivisionError"}
    assert second.status is Status.INCONSISTENT
    assert "item1.sample" in caplog.text


def test_a_broken_rule_is_one_line_on_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_: Case) -> Iterator[Finding]:
        raise ZeroDivisionError
        yield

    caplog.set_level(logging.DEBUG)
    judge(case(), [a_rule(breaks)])
    traced = {one.levelno: bool(one.exc_info) for one in caplog.records}
    assert traced == {logging.ERROR: False, logging.DEBUG: True}


def test_a_registry_older_than_the_paper_accuses_nobody() -> None:
    evidence = Evidence("cma_no", "1", "2", None, "row")
    imported = dt.datetime(2023, 4, 30, 15, 59, tzinfo=dt.UTC)
    rules = [a_rule(lambda _: [differ(evidence, number="1")])]
    (one,) = judge(case(DAY, imported), rules)[0].findings
    assert (one.status, one.message) == (Status.UNVERIFIABLE, "rule.registry_older")
    assert one.params == {"day": "2023-05-01", "imported": "2023-04-30"}
    assert (one.rule, one.law, one.evidence) == ("item1.sample", ("163.13",), (evidence,))
    assert "2023-04-30" in messages.text(one.message, **one.params).zh


def test_a_doubt_about_an_older_registry_is_no_sign_either() -> None:
    imported = dt.datetime(2023, 4, 30, tzinfo=dt.UTC)
    doubt = [a_rule(lambda _: [suspect()])]
    assert judge(case(DAY, imported), doubt)[0].status is Status.UNVERIFIABLE
    assert judge(case(DAY, NEVER), doubt)[0].status is Status.SUSPECTED


def test_a_registry_as_old_as_the_paper_or_without_import_is_believed() -> None:
    imported = dt.datetime(2023, 4, 30, tzinfo=dt.UTC)
    for day, moment in ((dt.date(2023, 4, 30), imported), (DAY, NEVER)):
        assert judge(case(day, moment), [a_rule(accuses)])[0].status is Status.INCONSISTENT
    agreeing = judge(case(DAY, imported), [a_rule(lambda _: [agree()])])
    assert agreeing[0].status is Status.CONSISTENT


@pytest.mark.parametrize("rule_id", ["item9.x", "x", "item1.X"])
def test_a_malformed_id_is_refused(rule_id: str) -> None:
    with pytest.raises(ValueError, match="malformed"):
        rule(rule_id, law=("163.13",), since=DAY)(accuses)


def test_a_rule_without_law_or_docstring_is_refused() -> None:
    with pytest.raises(ValueError, match="docstring"):
        rule("item1.no_docstring", law=("163.13",), since=DAY)(accuses)


def test_every_rule_is_tested() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [one.id for one in all_rules() if f'"{one.id}"' not in tests] == []


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m certcheck.rules"


def test_the_table_of_rules_is_current() -> None:
    assert TABLE.read_text("utf-8") == items(), "run: python -m certcheck.rules"


def test_the_table_tells_what_a_rule_needs_and_concludes() -> None:
    by_id = {one.id: anatomy(one) for one in all_rules()}
    assert all(inside.concludes for inside in by_id.values())
    constants = by_id["item5.constants_contradict"]
    assert set(constants.fields) == {"conclusion", "refractive_index", "density"}
    assert Status.INCONSISTENT not in constants.concludes
    assert Status.INCONSISTENT in by_id["item1.expired"].concludes
    assert by_id["item7.membership"].touches == ("registered memberships",)
    assert by_id["item5.naming"].concludes == (Status.ADVICE,)


def test_every_rule_cites_articles_of_the_law_table() -> None:
    known = law.keys()
    assert [(one.id, key) for one in all_rules() for key in one.law if key not in known] == []
