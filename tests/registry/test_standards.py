"""Editions and their days."""

from __future__ import annotations

import datetime as dt

import pytest

from registry import tables
from registry.standards import from_rows, reference, shipped

CHANGE = dt.date(2018, 5, 1)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("edition", "day", "status"),
    [
        ("GB/T 16553-2010", CHANGE - DAY, "in_force"),
        ("GB/T 16553-2010", CHANGE, "replaced"),
        ("GB/T 16553-2017", CHANGE - DAY, "not_yet"),
        ("GB/T 16553-2017", CHANGE, "in_force"),
        ("GB/T 16552-2003", dt.date(2011, 1, 31), "in_force"),
        ("GB/T 16552-2003", dt.date(2011, 2, 1), "replaced"),
        ("GB/T 38821-2020", dt.date(2020, 11, 30), "not_yet"),
        ("GB/T 38821-2020", dt.date(2020, 12, 1), "in_force"),
        ("GB/T 34098-2017", dt.date(2018, 2, 1), "in_force"),
        ("GB/T 31432-2015", dt.date(2015, 6, 1), "in_force"),
        ("GB/T 18043-2013", dt.date(2020, 1, 1), "unknown"),
        ("GB/T 16553-1996", dt.date(2020, 1, 1), "unknown"),
        ("GB/T 99999-2017", dt.date(2020, 1, 1), "unknown"),
        ("GB/T 16553", dt.date(2020, 1, 1), "unknown"),
        ("", dt.date(2020, 1, 1), "unknown"),
    ],
)
def test_status(edition: str, day: dt.date, status: str) -> None:
    """A certificate would be judged by the wrong edition on the day of the change."""
    assert shipped().status(edition, day) == status


def test_edition_in_force() -> None:
    """The report could not say which edition should have been quoted."""
    standards = shipped()
    before, after = (standards.in_force("GB/T 16553", day) for day in (CHANGE - DAY, CHANGE))
    assert before is not None
    assert after is not None
    assert (before.year, after.edition) == (2010, "GB/T 16553-2017")
    assert standards.in_force("GB/T 16553", dt.date(1999, 1, 1)) is None
    assert standards.in_force("GB/T 18043", CHANGE) is None


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        ("GB/T 16553-2017", "GB/T 16553-2017"),
        ("GB／T16553—2017《珠宝玉石 鉴定》", "GB/T 16553-2017"),
        ("GBT 16553-2O17", "GB/T 16553-2017"),
        ("6B/T l6553-2017", "GB/T 16553-2017"),
        ("GB1T16553-2017", "GB/T 16553-2017"),
        ("GB 11887-2012", "GB 11887-2012"),
        ("GB11887-89", "GB 11887-1989"),
        ("DB65/T 3442-2012", "DB65/T 3442-2012"),
        ("GB/T 16553", "GB/T 16553"),
    ],
)
def test_reference_survives_print_and_misreading(text: str, edition: str) -> None:
    """The standard on the paper would not be found in the table."""
    found = reference(text)
    assert found is not None
    assert found.edition == edition


def test_no_reference_in_other_text() -> None:
    """A telephone number would be a standard."""
    assert reference("电话 0377-65900000") is None


def test_dates_only_where_a_source_has_them() -> None:
    """Days from hearsay would be held against laboratories."""
    for standard in from_rows(tables.rows("standards")):
        dated = standard.in_force_from or standard.replaced_on
        assert not dated or (standard.trust == "S" and standard.source), standard.edition


def test_editions_follow_each_other_without_gap() -> None:
    """On some day two editions, or none, would be in force."""
    standards = shipped()
    for standard in from_rows(tables.rows("standards")):
        if standard.replaced_on is not None:
            following = standards.edition(standard.replaced_by)
            assert following is not None
            assert following.in_force_from == standard.replaced_on
