"""What would break: honest papers uncleared for one soft value, soft values that clear anybody."""

import dataclasses as dc

import pytest

from certcheck.finding import Status
from certcheck.rules.framework import judge
from certcheck.unread import NEARLY_FREE, borne_out
from ocr.witness import Answer, Support
from tests.certcheck.house import BRANCH, HONEST, NAME, NUMBER, Broken, Ink, case, paper, told
from tests.certcheck.silent import SilentWitness

OPEN, FINE = Status.UNVERIFIABLE, Status.CONSISTENT

SOFT = {
    "cma_no": (1, "item1.number_missing", "211620110418"),
    "lab_name": (3, "item3.name_missing", "示例玉石珠宝检验研宄院有限公司"),
    "address": (3, "item3.address_missing", "河南省南阳市镇平县示玉大道86号"),
    "approver": (4, "item4.approver_missing", "沈怀谨"),
}


@pytest.mark.parametrize("key", SOFT)
def test_a_soft_value_that_the_ink_bears_out_clears(key: str) -> None:
    item, missing, read = SOFT[key]
    given = case({key: None}, doubted={key: read}, witness=Ink(paper(), [NAME]))
    assert judge(given)[item - 1].status is FINE
    assert borne_out(given, key, [HONEST[key], "别的"]) == HONEST[key]
    finding = told(missing, given)
    assert finding is None or finding[0] is FINE


@pytest.mark.parametrize("key", SOFT)
@pytest.mark.parametrize("other", ["211620110318", "沈怀安"])
def test_a_soft_value_that_says_something_else_neither_clears_nor_accuses(
    key: str, other: str
) -> None:
    item, missing, _ = SOFT[key]
    given = case({key: None}, doubted={key: other}, witness=Ink(paper({key: other}), [NAME]))
    assert judge(given)[item - 1].status is OPEN
    assert told(missing, given) is not None


@pytest.mark.parametrize("key", SOFT)
def test_a_witness_who_cannot_tell_clears_nobody(key: str) -> None:
    item, _, read = SOFT[key]
    for witness in (SilentWitness(), Broken()):
        given = case({key: None}, doubted={key: read}, witness=witness)
        assert judge(given)[item - 1].status is OPEN


def test_a_number_tells_itself_wherever_it_stands_and_a_name_does_not() -> None:
    number = case({"cma_no": None}, witness=Ink(paper({"cma_no": None}), [NAME], lines=[NUMBER]))
    assert told("item1.number_missing", number) == (FINE, ".borne_out")
    ink = Ink(paper({"approver": None}), [NAME], lines=["沈怀瑾"])
    assert told("item4.approver_missing", case({"approver": None}, witness=ink)) is not None


def test_a_branch_is_borne_out_too_without_its_province() -> None:
    short = BRANCH.removeprefix("河南省")
    given = case(
        {"address": None}, doubted={"address": short}, witness=Ink(paper({"address": short}))
    )
    assert told("item3.address_missing", given) == (FINE, "item3.address.agrees")


@dc.dataclass
class Scores(Ink):
    """A witness with given scores, all of which agree."""

    scores: tuple[float, ...] = ()

    def ask_field(self, key: str, texts: object) -> list[Support]:
        names = ("甲甲", "乙乙")
        return [Support(n, s, Answer.AGREES) for n, s in zip(names, self.scores, strict=True)]


@pytest.mark.parametrize(
    ("scores", "told_"),
    [
        ((0.0, -1.0), "甲甲"),
        ((-1.0, 0.0), "乙乙"),
        ((0.0, 0.0), ""),
        ((NEARLY_FREE - 0.1, NEARLY_FREE - 1), ""),
    ],
)
def test_only_what_fits_nearly_as_well_as_the_free_reading_and_best(
    scores: tuple[float, ...], told_: str
) -> None:
    given = case(
        {"approver": None}, doubted={"approver": "甲乙"}, witness=Scores({}, scores=scores)
    )
    assert borne_out(given, "approver", ["甲甲", "乙乙"]) == told_
