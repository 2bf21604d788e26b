"""By when something has to be done: `data/deadlines.toml`, counted on `workdays`.

>>> due(rules()["accept"], dt.date(2026, 9, 30)).day  # seven working days over a holiday
datetime.date(2026, 10, 15)
>>> ground(rules()["accept"], dt.date(2022, 5, 1)).text.zh
'《市场监督管理投诉举报处理暂行办法》第十四条'
>>> ground(rules()["accept"], dt.date(2026, 5, 1)).check
True
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

from certcheck.cases import rules as tables
from certcheck.cases import workdays
from certcheck.cases.rules import Source
from certcheck.cases.workdays import Counted
from certcheck.messages import Text

# Of a deadline that somebody set himself.
OWN = "own"
# Likewise until when a laboratory was asked to answer.
REPLY = "reply"
# The day that a complaint came in is no step of ours.
RECEIVED = "received"
WORKING = "working"
_TRUSTED = "S"


@dc.dataclass(frozen=True, slots=True)
class Rule:
    """One row; see the data file."""

    key: str
    of: frozenset[Source]
    named: bool
    starts: frozenset[str]
    ends: frozenset[str]
    count: int
    unit: str
    extensions: int
    extend_by: int
    text: str
    articles: Mapping[str, str]
    trust: str


@dc.dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a text; see the data file."""

    key: str
    edition: str
    title: Text
    begins: dt.date
    until: dt.date | None
    confirmed: bool


@dc.dataclass(frozen=True, slots=True)
class Ground:
    """What a time rests on.

    Attributes:
        text: the title and the article, where it was seen.
        check: whether a person has yet to compare it with the text in force.
    """

    text: Text
    check: bool


@functools.cache
def _file() -> dict[str, Any]:
    return tables.table("deadlines.toml")


@functools.cache
def rules() -> Mapping[str, Rule]:
    """All rows by key."""
    return {row["key"]: _rule(row) for row in _file()["deadline"]}


@functools.cache
def events() -> Mapping[str, str]:
    """Events that somebody tells, each with the deadline that has to be open for it."""
    return {row["key"]: row["after"] for row in _file()["event"]}


@functools.cache
def _editions() -> tuple[Edition, ...]:
    return tuple(
        Edition(
            row["key"], str(row["edition"]), Text(row["title"], row["title_en"]), row["from"],
            row.get("until"), row["confirmed"],
        )
        for row in _file()["text"]
    )  # fmt: skip


def started_by(event: str, source: Source, *, named: bool) -> list[Rule]:
    """What begins to run with a step or an event.

    Args:
        event: the step's or the event's key.
        source: of the case.
        named: whether whoever told it said who he is.
    """
    return [
        one for one in rules().values()
        if event in one.starts and source in one.of and (named or not one.named)
    ]  # fmt: skip


def ended_by(event: str) -> frozenset[str]:
    """Deadlines that a step or an event ends."""
    return frozenset(key for key, one in rules().items() if event in one.ends)


def due(rule: Rule, began: dt.date, days: int = 0) -> Counted:
    """The last day.

    Args:
        rule: whose.
        began: the day that it runs from, which does not count.
        days: that it has with its extensions; 0 for the rule's own.
    """
    count = days or rule.count
    counted = workdays.after if rule.unit == WORKING else workdays.days_after
    return counted(began, count)


def ground(rule: Rule, day: dt.date) -> Ground:
    """What a rule rests on, in the edition of a day."""
    known = [one for one in _editions() if one.key == rule.text]
    held = [one for one in known if one.begins <= day and (one.until is None or day <= one.until)]
    edition = (held or known)[-1]
    article = rule.articles.get(edition.edition, "")
    title = f"《{edition.title.zh}》{article}"
    sure = edition.confirmed and rule.trust == _TRUSTED and bool(article)
    return Ground(Text(title, f"{edition.title.en} {title}"), not sure)


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        key=row["key"],
        of=frozenset(map(Source, row["of"])),
        named=row.get("named", False),
        starts=frozenset(row["starts"]),
        ends=frozenset(row["ends"]),
        count=row["count"],
        unit=row["unit"],
        extensions=row["extensions"],
        extend_by=row["extend_by"],
        text=row["text"],
        articles=row["articles"],
        trust=row["trust"],
    )
