"""What would break: an inspector taken for the approver, a misread signature held against a lab."""

import dataclasses as dc
import datetime as dt
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import samples
from certcheck.case import Case
from certcheck.finding import Status
from certcheck.identify import identify
from certcheck.rules.framework import judge
from ocr.read import read_photo
from ocr.reading import Advice, Signature
from registry.models import Lab
from tests.certcheck.house import (
    BOX,
    TODAY,
    Broken,
    Ink,
    case,
    field,
    found,
    held,
    paper,
    registry,
    signs,
    told,
)
from tests.certcheck.silent import SilentWitness

WRONG, DOUBT, OPEN, FINE = (
    Status.INCONSISTENT,
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
)
UNCLEAR = "rule.unclear"
MISSING, STRANGER = "item4.approver_missing", "item4.not_authorised"
FIELD = "item4.outside_field"


def test_an_honest_certificate_is_consistent() -> None:
    item = judge(case())[3]
    assert item.status is FINE, item.findings
    assert told("item4.authorised", case()) == (FINE, "")


def test_only_the_approver_is_tested() -> None:
    assert judge(case({"inspector": "路人甲", "checker": "路人乙"}))[3].status is FINE


def test_an_approver_that_was_not_read_is_asked_for() -> None:
    assert told(MISSING, case({"approver": None})) == (OPEN, ".not_read")
    assert told(MISSING, case()) is None
    assert judge(case({"approver": None}))[3].status is OPEN


def test_an_empty_place_behind_the_label_is_a_sign() -> None:
    assert told(MISSING, case({"approver": None}, labels=["approver"])) == (DOUBT, "")


def test_an_empty_label_is_no_sign_while_anything_else_explains_it() -> None:
    gone, label = {"approver": None}, ["approver"]
    unread = case(gone | {"checker": None}, labels=label)
    assert told(MISSING, unread) == (OPEN, ".empty")
    below = case(gone, labels=label, witness=Ink(paper(gone), lines=["沈怀瑾"]))
    assert told(MISSING, below) == (OPEN, ".empty")
    for witness in (SilentWitness(), Broken(), Ink(paper(gone), blind=["anywhere"])):
        assert told(MISSING, case(gone, labels=label, witness=witness)) == (OPEN, ".empty")
    assert told(MISSING, case(gone, labels=label, lab="mo")) == (OPEN, ".empty")


@pytest.mark.parametrize(
    "seen",
    [
        {"doubted": {"approver": field("approver", "沈怀", 0.6)}},
        {"signatures": (Signature("approver", BOX, 0.2, clear=True, shape=b""),)},
        {"advice": (Advice("photo.covered", 0.1, BOX, "bottom_right", ("approver",)),)},
    ],
)
def test_a_place_with_anything_in_it_or_over_it_is_not_empty(seen: dict[str, Any]) -> None:
    given = case({"approver": None}, labels=["approver"])
    unread = dc.replace(given.reading, unread={"approver": BOX})
    assert told(MISSING, dc.replace(given, reading=unread)) == (DOUBT, "")
    given = dc.replace(given, reading=dc.replace(unread, **seen))
    assert told(MISSING, given) == (OPEN, ".empty")
    assert judge(given)[3].status is OPEN


@pytest.mark.parametrize("share", [0.66, 0.8])
def test_a_finger_over_part_of_the_approvers_name_accuses_nobody(share: float) -> None:
    given = covered_from(share)
    assert given.field("approver") is None and given.field("inspector")
    assert judge(given)[3].status is OPEN


def covered_from(share: float) -> Case:
    """An honest sample with the approver's name under a finger from this share of it on."""
    path = Path(samples.__file__).parent / "photos" / "honest-a5"
    truth = json.loads(path.with_suffix(".json").read_text("utf-8"))
    fields = truth["fields"]
    (left, top), (right, _), _, (_, bottom) = truth["boxes"]["approver"]
    x, y, tall = left + (right - left) * share, (top + bottom) / 2, bottom - top
    photo = cv2.imread(str(path.with_suffix(".jpg")))
    assert photo is not None
    rim = photo.shape[1]
    finger = [(x, y - 0.8 * tall), (x + 20, y - 1.6 * tall), (rim, y - 40), (rim, y + 60),
              (x + 20, y + 1.8 * tall), (x, y + 0.8 * tall)]  # fmt: skip
    cv2.fillPoly(photo, [np.array(finger).round().astype(np.int32)], (120, 160, 215))
    data = bytes(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 95])[1])
    known = registry(
        Lab(lab_id="one", name=fields["lab_name"]),
        held("one", fields["cma_no"], fields["lab_name"], "2015-01-01", "2030-01-01"),
        signs("one", fields["approver"], "全部", "2015-01-01"),
    )
    part = read_photo(data, "photo")[0]
    match = identify(part.reading, part.witness, known)
    day = dt.date.fromisoformat(fields["issue_date"])
    assert match is not None
    return Case(part.reading, part.witness, known, match, day, TODAY)


def test_silence_of_the_registry_is_not_a_verdict() -> None:
    assert told("item4.no_rows", case(lab="mo")) == (OPEN, "")
    assert told("item4.no_rows", case(lab=None)) == (OPEN, ".no_lab")
    assert told("item4.no_rows", case()) is None
    assert told(STRANGER, case(lab="mo")) is None


def test_without_a_day_nothing_is_said_of_the_authorisation() -> None:
    assert told("item4.day_missing", case(issued_on=None)) == (OPEN, "")
    assert told("item4.day_missing", case()) is None
    stranger = case({"approver": "路人丙"}, issued_on=None)
    assert judge(stranger)[3].status is OPEN


def test_a_stranger() -> None:
    assert told(STRANGER, case({"approver": "路人丙"})) == (WRONG, "")
    assert told(STRANGER, case({"approver": "钟书言"})) == (WRONG, ".elsewhere")
    assert told(STRANGER, case()) is None


def test_a_misread_signature_is_settled_by_the_ink() -> None:
    given = case(read={"approver": "沈怀谨"})
    assert told(STRANGER, given) is None
    assert judge(given)[3].status is FINE


def test_a_stranger_read_once_is_no_more_than_suspected() -> None:
    ink = paper({"approver": "路人丙"})
    alone = Ink(ink, again={"approver": "略人两"})
    assert told(STRANGER, case({"approver": "路人丙"}, witness=alone)) == (DOUBT, "")
    blind = Ink(ink, blind=["approver"], again={"approver": None})
    faint = case({"approver": "路人丙"}, witness=blind, confidence=0.4)
    assert told(STRANGER, faint) == (OPEN, UNCLEAR)


def test_a_name_in_latin_letters_is_not_compared_with_chinese_ones() -> None:
    assert told(STRANGER, case({"approver": "Shen Huaijin"})) == (OPEN, ".other_script")


def test_a_line_with_two_names_accuses_nobody() -> None:
    assert told(STRANGER, case({"approver": "韩玉路人"})) == (DOUBT, "")


def test_between_two_authorisations_the_one_that_ended_is_told() -> None:
    book = registry(signs("yuan", "顾明哲", "全部", "2025-01-01"))
    (one,) = found("item4.ended", case({"approver": "顾明哲"}, book=book))
    assert (one.params["since"], one.params["until"]) == ("2015-09-01", "2022-06-30")


def test_an_authorisation_that_had_ended() -> None:
    assert told("item4.ended", case({"approver": "顾明哲"})) == (WRONG, "")
    in_time = case({"approver": "顾明哲"}, issued_on=dt.date(2022, 6, 30))
    assert told("item4.ended", in_time) is None
    assert told("item4.authorised", in_time) == (FINE, "")
    assert told("item4.ended", case()) is None
    alone = Ink(paper({"approver": "顾明哲"}), again={"issue_date": None})
    assert told("item4.ended", case({"approver": "顾明哲"}, witness=alone)) == (DOUBT, "")


def test_an_authorisation_not_yet_begun() -> None:
    given = case({"approver": "邹立群"})
    assert told("item4.not_begun", given) == (WRONG, "")
    assert told("item4.ended", given) is None
    begun = case({"approver": "邹立群"}, issued_on=dt.date(2024, 1, 1))
    assert told("item4.not_begun", begun) is None
    slip = case({"approver": "沈怀瑾"}, read={"approver": "邹立群"})
    assert told("item4.not_begun", slip) is None
    blind = Ink(paper({"approver": "邹立群"}), blind=["approver"])
    assert told("item4.not_begun", case({"approver": "邹立群"}, witness=blind)) == (DOUBT, "")


def test_a_list_whose_record_begins_later_than_the_paper_accuses_nobody() -> None:
    book = registry(signs("mo", "邹立群", "全部", "2024-01-01"))
    for name in ("邹立群", "路人丙"):
        given = case({"approver": name}, lab="mo", book=book)
        assert told("item4.no_rows", given) == (OPEN, ".later")
        assert judge(given)[3].status is OPEN
    blank = case({"approver": None}, labels=["approver"], lab="mo", book=book)
    assert told(MISSING, blank) == (OPEN, ".empty")
    begun = case({"approver": "路人丙"}, lab="mo", book=book, issued_on=dt.date(2024, 1, 1))
    assert told(STRANGER, begun) == (WRONG, "")


def test_the_granted_field() -> None:
    jade = {"approver": "韩玉"}
    assert told(FIELD, case(jade)) is None
    assert told(FIELD, case(jade | {"conclusion": "和田玉挂件"})) == (WRONG, "")
    assert told(FIELD, case(jade | {"conclusion": "磷酸盐质石"})) == (OPEN, ".unknown")
    assert told(FIELD, case(jade | {"conclusion": None})) == (OPEN, ".no_object")
    assert told(FIELD, case({"conclusion": "磷酸盐质石"})) is None
    blind = Ink(paper(jade | {"conclusion": "和田玉挂件"}), blind=["conclusion"])
    given = case(jade | {"conclusion": "和田玉挂件"}, witness=blind)
    assert told(FIELD, given) == (DOUBT, "")


def test_a_conclusion_misread_into_another_field() -> None:
    slip = case({"approver": "韩玉", "conclusion": "翡翠挂件"}, read={"conclusion": "和田玉挂件"})
    assert told(FIELD, slip) == (OPEN, UNCLEAR)


def test_before_the_regulation_a_stranger_is_no_more_than_suspected() -> None:
    stranger = {"approver": "路人丙"}
    assert told(STRANGER, case(stranger, issued_on=dt.date(2021, 5, 31))) == (DOUBT, "")
    assert told(STRANGER, case(stranger, issued_on=dt.date(2015, 7, 31))) is None
    honest = case(issued_on=dt.date(2021, 5, 31))
    assert judge(honest)[3].status is FINE


def test_a_name_run_together_with_a_seals_ink_accuses_nobody() -> None:
    names = {row.name for row in case().lab.signatories}  # type: ignore[union-attr]
    name = next(one for one in sorted(names) if len(one) == 3)
    spoilt = "检" + name[:2] + "章"
    assert told(STRANGER, case({"approver": spoilt})) == (OPEN, UNCLEAR)


def test_a_signatory_that_a_table_no_longer_lists_is_no_more_than_a_sign() -> None:
    """A table of new signatories would make strangers of all others."""

    def given(*again: str) -> Case:
        row = signs("yuan", "江临川", "全部", "2015-09-01", "2022-06-30")
        row.dropped_on = dt.date(2022, 7, 1)
        later = [signs("yuan", "江临川", "全部", since) for since in again]
        return case({"approver": "江临川"}, book=registry(row, *later))

    assert told("item4.ended", given()) == (DOUBT, ".unlisted")
    assert told("item4.ended", given("2024-01-01")) == (OPEN, ".between")
