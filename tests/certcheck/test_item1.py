"""What would break: a lab judged by today's accreditation, a slip in a digit held against it."""

import dataclasses as dc
import datetime as dt

import pytest

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.rules.framework import judge
from registry.models import Lab
from tests.certcheck.house import (
    DAY,
    NAME,
    NUMBER,
    OLD_NUMBER,
    OTHER_NUMBER,
    Broken,
    Ink,
    case,
    found,
    held,
    paper,
    registry,
    told,
)

WRONG, DOUBT, OPEN, FINE, TOLD = (
    Status.INCONSISTENT,
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
    Status.ADVICE,
)
UNCLEAR = "rule.unclear"


def test_an_honest_certificate_is_consistent() -> None:
    item = judge(case())[0]
    assert item.status is FINE, item.findings
    assert told("item1.in_term", case()) == (FINE, "")


def test_a_number_that_was_not_read_is_asked_for() -> None:
    assert told("item1.number_missing", case({"cma_no": None})) == (OPEN, ".registered")
    assert told("item1.number_missing", case({"cma_no": None}, lab=None)) == (OPEN, "")
    assert told("item1.number_missing", case()) is None


def test_without_a_day_nothing_is_said_of_the_term() -> None:
    given = case(issued_on=None)
    assert told("item1.day_missing", given) == (OPEN, "")
    assert judge(given)[0].status is OPEN
    assert told("item1.day_missing", case()) is None


# ------------------------------------------------------------------ the form of the number


@pytest.mark.parametrize("number", ["2116201104177", "21162O1104X7"])
def test_a_malformed_number(number: str) -> None:
    assert told("item1.number_malformed", case({"cma_no": number})) == (WRONG, "")


@pytest.mark.parametrize("number", ["21162011041", "1162011041", "2116"])
def test_a_number_with_a_character_hidden_is_no_more_than_suspected(number: str) -> None:
    assert told("item1.number_malformed", case({"cma_no": number})) == (DOUBT, "")


def test_a_number_that_lost_a_character_in_small_print_is_left_open() -> None:
    given = case({"cma_no": "21162011041"})
    (left, top), _, _, (_, bottom) = given.reading.fields["cma_no"].box
    narrow = ((left, top), (left + 90.0, top), (left + 90.0, bottom), (left, bottom))
    field = dc.replace(given.reading.fields["cma_no"], box=narrow)
    reading = dc.replace(given.reading, fields={**given.reading.fields, "cma_no": field})
    given = dc.replace(given, reading=reading)
    assert told("item1.number_malformed", given) == (OPEN, UNCLEAR)


@pytest.mark.parametrize("number", ["1211620110418", "2116201104181"])
def test_a_stroke_beside_a_number_is_no_digit_of_it(number: str) -> None:
    assert told("item1.number_malformed", case({"cma_no": number})) == (OPEN, UNCLEAR)


def test_a_well_formed_number_is_not_malformed() -> None:
    for number in (NUMBER, "2116 2011 0417", "2012160345Z"):
        assert told("item1.number_malformed", case({"cma_no": number})) is None
    assert told("item1.number_malformed", case({"cma_no": None})) is None


def test_a_malformed_reading_of_the_registered_number_is_a_slip() -> None:
    given = case(read={"cma_no": "21162011041"})
    assert told("item1.number_malformed", given) is None
    assert judge(given)[0].status is FINE


def test_a_malformed_number_that_cannot_be_confirmed() -> None:
    ink = paper({"cma_no": "21162011041"})
    blind = Ink(ink, blind=["cma_no"], again={"cma_no": None})
    given = case({"cma_no": "21162011041"}, witness=blind)
    assert told("item1.number_malformed", given) == (OPEN, UNCLEAR)
    longer = {"cma_no": "2116201104177"}
    blind = Ink(paper(longer), blind=["cma_no"], again={"cma_no": None})
    assert told("item1.number_malformed", case(longer, witness=blind)) == (OPEN, UNCLEAR)
    broken = case(witness=Broken(), read={"cma_no": "1"})
    assert told("item1.number_malformed", broken) == (OPEN, UNCLEAR)


def test_an_authority_outside_the_table_is_no_more_than_suspected() -> None:
    given = case({"cma_no": "214520110417"})
    assert told("item1.number_malformed", given) == (DOUBT, ".authority")
    given = case({"cma_no": "211620110000"})
    assert told("item1.number_malformed", given) == (DOUBT, ".serial")


def test_an_unusual_code_inside_the_number_is_only_told() -> None:
    assert told("item1.number_unusual", case({"cma_no": "211699110417"})) == (TOLD, "")
    assert told("item1.number_unusual", case()) is None


def test_a_malformed_number_that_the_registry_holds_is_the_labs_own() -> None:
    book = registry(held("yuan", "豫质监字12号", NAME, "2020-01-01", "2026-01-01"))
    given = case({"cma_no": "豫质监字12号"}, book=book)
    assert told("item1.number_malformed", given) is None


# ------------------------------------------------------------------ whose number it is


def test_a_number_of_another_laboratory() -> None:
    assert told("item1.number_of_another_lab", case({"cma_no": OTHER_NUMBER})) == (WRONG, "")


def test_a_number_of_another_laboratory_needs_a_surely_printed_name() -> None:
    changes = {"cma_no": OTHER_NUMBER}
    by_seal = case(changes, matched_by=("seal",))
    assert told("item1.number_of_another_lab", by_seal) == (DOUBT, "")
    blind = case(changes, witness=Ink(paper(changes), blind=["lab_name"]))
    assert told("item1.number_of_another_lab", blind) == (DOUBT, "")
    theirs = Ink(paper(changes | {"lab_name": "示例宛西玉器质量检验中心"}))
    assert told("item1.number_of_another_lab", case(changes, witness=theirs)) == (OPEN, UNCLEAR)


def test_a_slip_onto_another_laboratorys_number_is_no_accusation() -> None:
    given = case(read={"cma_no": OTHER_NUMBER})
    assert told("item1.number_of_another_lab", given) is None
    assert judge(given)[0].status is FINE
    two = Ink(paper(), blind=["cma_no"])  # the second engine reads the registered number
    given = case(read={"cma_no": OTHER_NUMBER}, witness=two)
    assert told("item1.number_of_another_lab", given) == (OPEN, UNCLEAR)


def test_the_labs_own_number_is_not_anothers() -> None:
    assert told("item1.number_of_another_lab", case()) is None
    assert told("item1.number_of_another_lab", case(lab=None)) is None


def test_a_number_in_no_register_counts_only_where_the_register_was_complete() -> None:
    covered = case({"cma_no": "221620110999"})
    assert told("item1.number_not_registered", covered) == (WRONG, "")
    elsewhere = case({"cma_no": "220920110999"})
    assert told("item1.number_not_registered", elsewhere) == (OPEN, ".not_covered")
    assert told("item1.number_not_registered", case({"cma_no": "221620110999"}, lab=None)) == (
        WRONG, "",
    )  # fmt: skip
    undated = case({"cma_no": "221620110999"}, issued_on=None)
    assert told("item1.number_not_registered", undated) == (OPEN, ".not_covered")


def test_a_registered_or_malformed_number_is_another_rules_matter() -> None:
    for number in (NUMBER, OTHER_NUMBER, "123"):
        assert told("item1.number_not_registered", case({"cma_no": number})) is None


def test_a_number_in_no_register_that_cannot_be_confirmed() -> None:
    changes = {"cma_no": "221620110999"}
    unsure = Ink(paper(changes), again={"cma_no": "221620110998"})
    assert told("item1.number_not_registered", case(changes, witness=unsure)) == (DOUBT, "")


# ------------------------------------------------------------------ the term


def test_an_accreditation_that_had_ended() -> None:
    given = case(issued_on=dt.date(2027, 9, 1))
    assert told("item1.expired", given) == (WRONG, "")
    assert told("item1.in_term", given) is None


def test_the_last_day_is_in_and_the_next_is_out() -> None:
    assert told("item1.expired", case(issued_on=dt.date(2027, 8, 31))) is None
    assert told("item1.in_term", case(issued_on=dt.date(2021, 9, 1))) == (FINE, "")


def test_between_two_terms_the_one_that_ended_is_told() -> None:
    terms = [("2010-09-01", "2016-08-31"), ("2025-09-01", "")]
    book = registry(*(held("yuan", "101620110001", NAME, a, b) for a, b in terms))
    (one,) = found("item1.expired", case({"cma_no": "101620110001"}, book=book))
    assert (one.params["since"], one.params["until"]) == terms[0]


def test_an_ended_number_beside_a_valid_one() -> None:
    given = case({"cma_no": OLD_NUMBER})
    assert told("item1.expired", given) == (WRONG, ".renewed")


def test_an_ended_number_that_is_a_slip_of_the_valid_one() -> None:
    assert judge(case(read={"cma_no": OLD_NUMBER}))[0].status is FINE


def test_a_day_that_only_one_engine_read_does_not_prove_an_ended_term() -> None:
    late = dt.date(2027, 9, 1)
    ink = paper({"issue_date": "2027-09-01"})
    alone = Ink(ink, again={"issue_date": None})
    assert told("item1.expired", case(issued_on=late, witness=alone)) == (DOUBT, "")
    slip = Ink(paper({"issue_date": "2022-09-01"}))
    assert told("item1.expired", case(issued_on=late, witness=slip)) == (OPEN, UNCLEAR)


def test_a_code_on_the_paper_is_a_second_witness_of_the_day() -> None:
    late = dt.date(2027, 9, 1)
    ink = Ink(paper({"issue_date": "2027-09-01"}), again={"issue_date": None})
    given = case(issued_on=late, witness=ink, codes=["https://x.example/?d=20270901"])
    assert told("item1.expired", given) == (WRONG, "")


def test_a_day_that_the_user_gave_needs_no_second_witness() -> None:
    given = case({"issue_date": None}, issued_on=None)
    as_of = type(given)(**{**vars(given), "issued_on": dt.date(2027, 9, 1)})
    assert told("item1.expired", as_of) == (WRONG, "")


def test_an_accreditation_not_yet_granted() -> None:
    given = case(issued_on=dt.date(2021, 8, 1))
    assert told("item1.not_yet_granted", given) == (WRONG, "")
    assert told("item1.expired", given) is None
    assert told("item1.not_yet_granted", case()) is None
    alone = Ink(paper({"issue_date": "2021-08-01"}), again={"issue_date": None})
    slip = case(issued_on=dt.date(2021, 8, 1), witness=alone)
    assert told("item1.not_yet_granted", slip) == (DOUBT, "")


def test_a_number_of_an_earlier_year_may_have_been_kept_at_a_renewal() -> None:
    book = registry(
        Lab(lab_id="kept", name="示例沿用检测中心"),
        held("kept", "181620110071", "示例沿用检测中心", "2024-05-20", "2030-05-19"),
    )
    changes = {"cma_no": "181620110071", "lab_name": "示例沿用检测中心"}
    given = case(changes, lab="kept", book=book, issued_on=dt.date(2023, 6, 1))
    assert told("item1.not_yet_granted", given) == (OPEN, ".renewed")


# ------------------------------------------------------------------ standing


def other_lab(lab: str, number: str, issued_on: dt.date = DAY) -> tuple[Status, str] | None:
    given = case({"cma_no": number}, lab=lab, issued_on=issued_on)
    return told("item1.not_in_good_standing", given)


def test_suspended_and_revoked_on_the_day() -> None:
    assert other_lab("ting", "211620340305") == (WRONG, ".suspended")
    assert other_lab("che", "201621340077") == (WRONG, ".revoked")


def test_what_happened_after_the_day_is_no_fault() -> None:
    assert other_lab("ting", "211620340305", dt.date(2023, 2, 28)) is None
    given = case({"cma_no": "211620340305"}, lab="ting", issued_on=dt.date(2023, 2, 28))
    assert told("item1.in_term", given) == (FINE, "")


def test_cancelled_from_its_day() -> None:
    book = registry(
        held("mo", "201920340001", "x", "2020-01-01", "2026-01-01", status="cancelled",
             status_on=dt.date(2022, 1, 1)),
    )  # fmt: skip
    given = case({"cma_no": "201920340001"}, lab="mo", book=book)
    assert told("item1.not_in_good_standing", given) == (WRONG, ".cancelled")


def test_a_status_without_its_day_cannot_be_judged() -> None:
    assert other_lab("xiao", "191620110140") == (OPEN, ".unknown")


def test_a_lab_in_good_standing() -> None:
    assert told("item1.not_in_good_standing", case()) is None


def test_a_suspension_with_a_blind_witness_is_no_more_than_suspected() -> None:
    ink = paper({"cma_no": "211620340305"})
    given = case({"cma_no": "211620340305"}, lab="ting", witness=Ink(ink, blind=["issue_date"]))
    assert told("item1.not_in_good_standing", given) == (DOUBT, ".suspended")


# ------------------------------------------------------------------ the year inside the number


def test_a_number_granted_after_the_day_of_issue() -> None:
    assert told("item1.year_after_issue", case({"cma_no": "251620110999"})) == (WRONG, "")
    assert told("item1.year_after_issue", case({"cma_no": "231620110999"})) is None
    ink = Ink(paper({"cma_no": "251620110999"}), again={"cma_no": None}, blind=["cma_no"])
    blind = case({"cma_no": "251620110999"}, witness=ink)
    assert told("item1.year_after_issue", blind) == (DOUBT, "")


@pytest.mark.parametrize(
    ("number", "told_of"),
    [("151620110999", True), ("171620110999", False), ("2012160345Z", True)],
)
def test_a_number_older_than_its_term_is_never_more_than_suspected(
    number: str, *, told_of: bool
) -> None:
    expected = (DOUBT, "") if told_of else None
    assert told("item1.older_than_term", case({"cma_no": number})) == expected


def test_a_registered_number_is_judged_by_the_registry_not_by_its_year() -> None:
    book = registry(held("yuan", "141620110001", NAME, "2014-01-01", "2029-01-01"))
    given = case({"cma_no": "141620110001"}, book=book)
    assert told("item1.older_than_term", given) is None
    assert told("item1.year_after_issue", given) is None
    assert judge(given)[0].status is FINE


def test_before_the_regulation_nothing_is_held_against_anyone() -> None:
    given = case({"cma_no": "2099"}, issued_on=dt.date(2014, 1, 1))
    assert told("item1.number_malformed", given) is None
    assert judge(given)[0].status is OPEN


# ------------------------------------------------------------------ what lists dropped


def dropped(until: str, on: str, *later: str) -> Case:
    """A case with a number whose row ended, and was dropped by the list of a day."""
    row = held("yuan", "191620110001", NAME, "2019-01-01", until)
    row.dropped_on = dt.date.fromisoformat(on)
    more = [held("yuan", "241620110002", NAME, since, "") for since in later]
    return case({"cma_no": "191620110001"}, book=registry(row, *more))


def test_a_number_that_lists_no_longer_have_is_no_more_than_a_sign() -> None:
    """A list of another authority, or of a part, would make an expired number of a good one."""
    given = dropped("2022-06-30", "2022-07-01")
    assert told("item1.expired", given) == (DOUBT, ".unlisted")
    (finding,) = found("item1.expired", given)
    assert finding.params["listed_on"] == "2022-07-01"
    assert "until" not in finding.params


def test_a_number_whose_own_last_day_passed_before_the_list() -> None:
    """Then a source says when it ended."""
    assert told("item1.expired", dropped("2022-06-30", "2023-01-01")) == (WRONG, ".renewed")


def test_a_list_that_is_older_than_the_new_term() -> None:
    """A renewal published in advance would take the days until its beginning away."""
    given = dropped("2022-06-30", "2022-07-01", "2024-01-01")
    assert told("item1.expired", given) == (OPEN, ".between")
