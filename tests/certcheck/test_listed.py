"""What would break: a laboratory accused by what a list of after the paper's day lacks."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import SQLModel

from certcheck.finding import Status
from certcheck.rules.listed import ENDED_SINCE, LATER
from registry.imports import ImportGroup, ImportRecord
from registry.lookup import Registry
from tests.certcheck.house import OLD_NUMBER, STREET, case, registry, told

WRONG, OPEN, DOUBT = Status.INCONSISTENT, Status.UNVERIFIABLE, Status.SUSPECTED
BEFORE, AFTER = dt.date(2023, 1, 1), dt.date(2025, 1, 1)


def book(day: dt.date, *, snapshot: bool = True) -> Registry:
    """The small registry, known from a list of a day."""
    moment = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    rows: list[SQLModel] = [
        ImportRecord(id=1, revision="1", imported_at=moment, list_date=day, snapshot=snapshot)
    ]
    for table in ("accreditations", "scopes", "signatories"):
        rows.append(ImportGroup(table_name=table, key="yuan", import_id=1))
    return registry(*rows)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("item2.object", {"conclusion": "足金戒指"}),  # listed from 2024 on, or not at all
        ("item2.standard", {"standards": "GB/T 38821-2020"}),
        ("item2.standard", {"standards": "GB/T 18043-2013"}),
        ("item4.not_begun", {"approver": "邹立群"}),
        ("item4.not_authorised", {"approver": "钟书言"}),
        ("item4.ended", {"approver": "顾明哲"}),
        ("item4.outside_field", {"approver": "韩玉", "conclusion": "红宝石戒指"}),
    ],
)
def test_a_list_of_after_the_day_accuses_nobody(rule: str, changes: dict[str, str]) -> None:
    """A right that was approved again since is listed from its new day alone."""
    for known in (book(BEFORE), book(AFTER, snapshot=False)):
        found = told(rule, case(changes, book=known))
        assert found is not None and found[0] is WRONG
    assert told(rule, case(changes, book=book(AFTER))) == (OPEN, LATER)


def test_what_such_a_list_has_agrees() -> None:
    """Nothing could be checked by today's lists."""
    given = case(book=book(AFTER))
    assert told("item2.object", given) == (Status.CONSISTENT, ".agrees")
    assert told("item4.authorised", given) == (Status.CONSISTENT, "")


def test_an_address_may_have_changed_before_the_first_list() -> None:
    changes = {"address": STREET.replace("36号", "38号")}
    assert told("item3.address", case(changes, book=book(BEFORE))) == (WRONG, "")
    assert told("item3.address", case(changes, book=book(AFTER))) == (DOUBT, "")


def test_a_term_that_ended_since_the_last_list_may_have_been_renewed() -> None:
    changes = {"cma_no": OLD_NUMBER}
    found = told("item1.expired", case(changes, book=book(dt.date(2024, 1, 1))))
    assert found is not None and found[0] is WRONG
    older = book(dt.date(2020, 1, 1))
    assert told("item1.expired", case(changes, book=older)) == (OPEN, ENDED_SINCE)
