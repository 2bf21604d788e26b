"""What would break: an honest laboratory blamed for a mark it need not have, or for a number that
glare hid; an invented mark not seen; a mark held against it with more than a suspicion."""

import dataclasses as dc
from typing import Any

import pytest

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.rules.framework import judge
from ocr.reading import Advice, Line, Mark
from registry.models import Accreditation, Coverage
from tests.certcheck.house import BOX, NUMBER, case, day, field, found, registry, told

DOUBT, FINE, ADVICE = Status.SUSPECTED, Status.CONSISTENT, Status.ADVICE
CAL_NUMBER = "(2021)示质监认字016号"


def right(kind: str, number: str, since: str = "2021-01-01", until: str = "2027-01-01",
          **more: object) -> Accreditation:  # fmt: skip
    return Accreditation(
        lab_id="yuan",
        kind=kind,
        number=number,
        valid_from=day(since),
        valid_until=day(until),
        **more,
    )


def all_listed(kind: str = "CAL") -> Coverage:
    return Coverage(authority_code="16", kind=kind, complete_from=day("2012-01-01"))


def marked(*marks: Mark, rows: tuple[object, ...] = (), cma_no: str | None = NUMBER) -> Case:
    given = case({"cma_no": cma_no}, book=registry(*rows))  # type: ignore[arg-type]
    return dc.replace(given, reading=dc.replace(given.reading, marks=marks))


def mark(kind: str, number: str = "", confidence: float = 0.99, *, bare: bool = False) -> Mark:
    return Mark(kind, number, confidence, BOX, 0.99 if number else 0.0, None, bare)


def test_a_cma_mark_over_bare_paper_is_a_sign() -> None:
    bare = marked(mark("CMA", bare=True), cma_no=None)
    assert told("item1.mark_without_number", bare) == (DOUBT, "")
    assert judge(bare)[0].status is DOUBT


def test_a_number_that_may_be_hidden_is_no_sign() -> None:
    rule = "item1.mark_without_number"
    assert found(rule, marked(mark("CMA"), cma_no=None)) == []
    assert found(rule, marked(mark("CMA", bare=True, confidence=0.6), cma_no=None)) == []
    assert found(rule, marked(mark("CMA", bare=True))) == []
    assert found(rule, marked(mark("CAL", bare=True), cma_no=None)) == []


@pytest.mark.parametrize(
    "seen",
    [
        {"doubted": {"cma_no": field("cma_no", NUMBER, 0.5)}},
        {"unread": {"cma_no": BOX}},
        {"labels": {"cma_no": BOX}},
        {"advice": (Advice("photo.covered", 0.1, BOX, "top"),)},
        {"lines": (Line("资质认定：2116 2011 O417 / 211620110417", 0.9, BOX, BOX, "x"),)},
    ],
)
def test_a_number_that_may_stand_elsewhere_is_no_sign(seen: dict[str, Any]) -> None:
    given = marked(mark("CMA", bare=True), cma_no=None)
    given = dc.replace(given, reading=dc.replace(given.reading, **seen))
    assert found("item1.mark_without_number", given) == []


def test_an_invented_cal_is_suspected_where_the_list_is_complete() -> None:
    given = marked(mark("CAL", CAL_NUMBER), rows=(all_listed(),))
    assert told("item1.cal_mark", given) == (DOUBT, "")
    assert judge(given)[0].status is DOUBT


def test_without_a_complete_list_a_cal_mark_is_told_and_no_fault() -> None:
    given = marked(mark("CAL", CAL_NUMBER))
    assert told("item1.cal_mark", given) == (ADVICE, ".not_covered")
    assert judge(given)[0].status is FINE


def test_a_registered_cal_agrees_however_its_number_is_set() -> None:
    rows = (right("CAL", CAL_NUMBER), all_listed())
    assert told("item1.cal_mark", marked(mark("CAL", "2021)示质监认字016号"), rows=rows)) == (
        FINE, ".agrees",
    )  # fmt: skip
    # Rows belong to the registry they were put into.
    again = (right("CAL", CAL_NUMBER), all_listed())
    unread = marked(mark("CAL"), rows=again)
    assert found("item1.cal_mark", unread) == [] and judge(unread)[0].status is FINE


def test_a_mark_that_had_ended_is_suspected() -> None:
    ended = (right("CAL", CAL_NUMBER, until="2022-01-01"),)
    assert told("item1.cal_mark", marked(mark("CAL", CAL_NUMBER), rows=ended)) == (DOUBT, ".ended")
    stopped = (right("CNAS", "CNAS L0290", status="suspended", status_on=day("2022-01-01")),)
    given = marked(mark("CNAS", "CNAS L0290"), rows=stopped)
    assert told("item1.cnas_mark", given) == (DOUBT, ".ended")


def test_rows_that_begin_after_the_paper_say_nothing_of_it() -> None:
    later = (right("CAL", CAL_NUMBER, since="2025-01-01"), all_listed())
    given = marked(mark("CAL", CAL_NUMBER), rows=later)
    assert told("item1.cal_mark", given) == (ADVICE, ".not_covered")


def test_letters_that_may_be_other_print_are_no_mark() -> None:
    assert found("item1.cal_mark", marked(mark("CAL", confidence=0.6), rows=(all_listed(),))) == []


def test_cnas_is_held_to_the_same() -> None:
    own = (right("CNAS", "CNAS L0290"),)
    assert told("item1.cnas_mark", marked(mark("CNAS", "CNASL0290"), rows=own)) == (FINE, ".agrees")
    listed = (all_listed("CNAS"),)
    assert told("item1.cnas_mark", marked(mark("CNAS", "CNAS L0290"), rows=listed)) == (DOUBT, "")
    assert judge(marked(mark("CNAS", "CNAS L0290")))[0].status is FINE


def test_two_cma_numbers_are_told() -> None:
    given = marked(mark("CMA", "211620110999"))
    assert told("item1.two_numbers", given) == (ADVICE, "")
    assert judge(given)[0].status is FINE
    assert found("item1.two_numbers", marked(mark("CMA", NUMBER))) == []


def test_a_softly_read_number_is_not_told_as_a_second_one() -> None:
    soft = dc.replace(mark("CMA", "211620110477"), number_confidence=0.6)
    assert found("item1.two_numbers", marked(soft)) == []
