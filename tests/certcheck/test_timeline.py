"""What would break: a right drawn where it does not hold, or a gap that is not seen."""

from __future__ import annotations

import datetime as dt

from certcheck.archive import timeline
from certcheck.archive.timeline import Term
from registry.models import Accreditation, Lab, ScopeRow, SealText, Signatory
from registry.records import LabRecord

TODAY = dt.date(2026, 11, 22)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def record(*accreditations: Accreditation, **more: object) -> LabRecord:
    lab = Lab(lab_id="a", name="示例甲")
    return LabRecord(lab, accreditations=accreditations, **more)  # type: ignore[arg-type]


def held(first: str | None, last: str | None, **more: object) -> Accreditation:
    return Accreditation(
        lab_id="a", kind="CMA", number="1", address="x",
        valid_from=day(first) if first else None, valid_until=day(last) if last else None, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def test_terms_of_one_number_stand_in_one_row_with_their_gap() -> None:
    some = record(held("2023-01-01", "2026-11-21"), held("2015-01-01", "2020-12-31"))
    (right,) = timeline.rights(some)
    assert [term.last for term in right.terms] == [day("2020-12-31"), day("2026-11-21")]
    picture = timeline.drawn([right], TODAY)
    ((_, bars),) = picture.rows
    assert bars[0].x + bars[0].width < bars[1].x - 5
    # The last day is yesterday: the bar ends where today begins.
    assert abs(bars[1].x + bars[1].width - picture.today) < 0.02


def test_a_status_cuts_its_term_on_its_day() -> None:
    gone = held("2022-01-01", "2027-12-31", status="revoked", status_on=day("2025-03-01"))
    (right,) = timeline.rights(record(gone))
    assert right.terms == [
        Term(day("2022-01-01"), day("2025-02-28")),
        Term(day("2025-03-01"), day("2027-12-31"), "revoked"),
    ]
    (unknown,) = timeline.rights(record(held("2022-01-01", None, status="suspended")))
    assert unknown.terms == [Term(day("2022-01-01"), None, "suspended")]


def test_rows_of_one_name_are_joined_where_they_touch() -> None:
    scopes = [
        ScopeRow(lab_id="a", object="翡翠", valid_from=day(first), valid_until=day(last))
        for first, last in (("2021-01-01", "2021-12-31"), ("2022-01-01", "2022-12-31"),
                            ("2024-01-01", "2024-12-31"))
    ]  # fmt: skip
    people = [Signatory(lab_id="a", name="王某", valid_from=None, valid_until=None)]
    some = record(scopes=tuple(scopes), signatories=tuple(people))
    scope, person = timeline.rights(some)
    assert scope.terms == [
        Term(day("2021-01-01"), day("2022-12-31")), Term(day("2024-01-01"), day("2024-12-31")),
    ]  # fmt: skip
    assert person.terms == [Term(None, None)]
    picture = timeline.drawn([person], TODAY)
    ((_, (bar,)),) = picture.rows
    assert (bar.x, bar.width) == (0, 100)


def test_a_seal_ends_with_the_list_that_no_longer_has_it() -> None:
    seal = SealText(lab_id="a", text="示例甲", kind="检验检测专用章", dropped_on=day("2026-01-02"))
    (right,) = timeline.rights(record(seals=(seal,)))
    assert right.terms == [Term(None, day("2026-01-01"))]


def test_what_is_not_drawn_is_counted() -> None:
    people = tuple(Signatory(lab_id="a", name=f"人{n}") for n in range(timeline.MOST_ROWS + 3))
    picture = timeline.drawn(timeline.rights(record(signatories=people)), TODAY)
    assert len(picture.rows) == timeline.MOST_ROWS and picture.left_out == {"signatory": 3}
