"""What would break: one engine's slip becomes an accusation."""

import datetime as dt
import itertools
from typing import Any

import pytest

from certcheck import confirm
from certcheck.case import Case
from certcheck.confirm import Second, Weight, decide
from certcheck.finding import Status
from certcheck.rules.framework import judge
from ocr.witness import Answer
from tests.certcheck.house import (
    NAME,
    NUMBER,
    OLD_NUMBER,
    OTHER,
    OTHER_NUMBER,
    Broken,
    Ink,
    case,
    paper,
    seal,
)
from tests.certcheck.silent import SilentWitness

YES, NO, PERHAPS = Answer.AGREES, Answer.DIFFERS, Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("answers", "second", "confidence", "weight"),
    [
        ([NO, YES], Second.SAME, 0.99, Weight.MISREAD),
        ([NO, NO], Second.SAME, 0.2, Weight.CERTAIN),
        ([], Second.SAME, 0.2, Weight.CERTAIN),
        ([NO], Second.REGISTERED, 0.99, Weight.UNREAD),
        ([NO], Second.OTHER, 0.99, Weight.DOUBTFUL),
        ([NO], Second.NONE, 0.99, Weight.DOUBTFUL),
        ([NO], Second.NONE, 0.5, Weight.UNREAD),
        ([NO, PERHAPS], Second.SAME, 0.99, Weight.DOUBTFUL),
        ([PERHAPS], Second.REGISTERED, 0.99, Weight.UNREAD),
        ([PERHAPS], Second.NONE, 0.99, Weight.DOUBTFUL),
        ([PERHAPS], Second.NONE, 0.5, Weight.UNREAD),
        ([PERHAPS], Second.OTHER, 0.99, Weight.UNREAD),
    ],
)
def test_the_decision_table(
    answers: list[Answer], second: Second, confidence: float, weight: Weight
) -> None:
    assert decide(answers, second, confidence) is weight


def test_certainty_always_takes_two_witnesses() -> None:
    for answers, second in itertools.product([[], [NO], [PERHAPS], [NO, PERHAPS]], Second):
        certain = decide(answers, second, 1.0) is Weight.CERTAIN
        assert certain <= (second is Second.SAME and PERHAPS not in answers)


def test_weights_become_the_statuses_of_the_contract() -> None:
    assert [one.status for one in Weight] == [
        Status.CONSISTENT,
        Status.UNVERIFIABLE,
        Status.SUSPECTED,
        Status.INCONSISTENT,
    ]


def test_a_chain_is_worth_its_weakest_reading() -> None:
    assert confirm.least(Weight.CERTAIN, Weight.DOUBTFUL) is Weight.DOUBTFUL
    assert confirm.least(Weight.CERTAIN, Weight.MISREAD) is Weight.UNREAD


def borne_out(given: Case, key: str) -> bool:
    """Whether an independent second reading gives a field's value again."""
    field = given.field(key)

    def same(one: str, other: str) -> bool:
        return confirm.plain(one) == confirm.plain(other)

    return field is not None and confirm.second_reading(given, field, (), same) is Second.SAME


def test_a_second_reading_by_engine_or_code() -> None:
    assert borne_out(case(), "certificate_no")
    assert not borne_out(case(), "phone")
    quiet = SilentWitness()
    assert not borne_out(case(witness=quiet), "certificate_no")
    by_code = case(witness=quiet, codes=["https://x.example/?no=YA202330246633"])
    assert borne_out(by_code, "certificate_no")
    assert not borne_out(case(witness=Broken()), "certificate_no")


def test_a_registered_number_bears_itself_out_only_with_the_ink() -> None:
    ink = paper()
    alone = Ink(ink, again={"cma_no": None})
    assert borne_out(case(witness=alone), "cma_no")
    blind = Ink(ink, again={"cma_no": None}, blind=["cma_no"])
    assert not borne_out(case(witness=blind), "cma_no")
    unknown = {"cma_no": "221620110999"}
    alone = Ink(paper(unknown), again={"cma_no": None})
    assert not borne_out(case(unknown, witness=alone), "cma_no")


def test_other_days_are_asked_as_they_would_be_printed() -> None:
    day = dt.date(2024, 3, 5)
    window = (dt.date(2023, 1, 1), dt.date(2024, 2, 1))
    assert confirm.other_days("2024-03-05", day, [window]) == ["2023-03-05", "2024-01-05"]
    assert confirm.other_days("20240305", day, [window]) == ["20230305", "20240105"]
    assert confirm.other_days("2024-03-05", day, [(dt.date(2024, 3, 1), None)])[:1] == [
        "2024-04-05"
    ]


FAULTS: dict[str, dict[str, Any]] = {
    "honest": {},
    "malformed": {"changes": {"cma_no": "2116"}},
    "another's number": {"changes": {"cma_no": OTHER_NUMBER}},
    "unregistered": {"changes": {"cma_no": "221620110999"}},
    "old number": {"changes": {"cma_no": OLD_NUMBER}},
    "from the future": {"changes": {"cma_no": "251620110999"}},
    "expired": {"issued_on": dt.date(2027, 9, 1)},
    "not yet": {"issued_on": dt.date(2021, 8, 1)},
    "suspended": {"changes": {"cma_no": "211620340305"}, "lab": "ting"},
    "revoked": {"changes": {"cma_no": "201621340077"}, "lab": "che"},
    "object": {"changes": {"conclusion": "和田玉挂件"}, "lab": "zhong"},
    "metal": {"changes": {"metal": "Au750"}},
    "standard": {"changes": {"standards": "DB41/T 1436-2017; GB/T 16553-2010"}},
    "seal": {"seals": [seal(OTHER)]},
    "kind": {"seals": [seal(NAME, "鉴定专用章")]},
    "name": {"changes": {"lab_name": "示例别家检测中心"}},
    "address": {"changes": {"address": "河南省郑州市金水区例行路112号"}},
    "stranger": {"changes": {"approver": "路人丙"}},
    "ended": {"changes": {"approver": "顾明哲"}},
    "not begun": {"changes": {"approver": "邹立群"}},
    "field": {"changes": {"approver": "韩玉", "conclusion": "和田玉挂件"}},
    "nobody": {"changes": {"approver": None}, "labels": ["approver"]},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("witness", [SilentWitness, Broken])
def test_a_witness_who_says_nothing_accuses_nobody(fault: str, witness: Any) -> None:
    given = case(**FAULTS[fault], witness=witness())
    accused = [one for item in judge(given) for one in item.findings
               if one.status is Status.INCONSISTENT]  # fmt: skip
    assert accused == []


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "honest"])
def test_every_fault_is_caught_by_a_good_witness(fault: str) -> None:
    items = judge(case(**FAULTS[fault]))
    caught = (Status.INCONSISTENT, Status.SUSPECTED)
    assert [one.item for one in items if one.status in caught], fault


@pytest.mark.parametrize("key", ["cma_no", "lab_name", "address", "approver", "standards"])
def test_a_slip_of_the_first_engine_never_accuses(key: str) -> None:
    slips = {
        "cma_no": [NUMBER[:-1] + "1", NUMBER[:-1], OTHER_NUMBER, OLD_NUMBER],
        "lab_name": [NAME[:-1], NAME.replace("玉石", "王石"), OTHER],
        "address": ["河南省南阳市镇平县示玉大道86号", "河南省南阳市镇平县"],
        "approver": ["沈怀谨", "顾明哲", "邹立群"],
        "standards": ["GB/T 16552-2017; GB/T 16553-2010", "GB/T 16552-2017; GB/T 16558-2017"],
    }
    for slip in slips[key]:
        for blind in ((), (key,)):
            given = case(read={key: slip}, witness=Ink(paper(), [NAME], blind=blind))
            accused = [
                one for item in judge(given)[:4] for one in item.findings
                if one.status in (Status.INCONSISTENT, Status.SUSPECTED)
            ]  # fmt: skip
            assert accused == [], (slip, blind)
