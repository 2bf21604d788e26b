"""What would break: an honest certificate judged by its neighbour's registration."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from certcheck.identify import evidence_of, identify
from ocr.reading import Code, Field, Reading, Seal
from registry.lookup import Candidate
from tests.certcheck.house import (
    BOOK,
    BOX,
    NAME,
    NEAR,
    NUMBER,
    OTHER,
    OTHER_NUMBER,
    STREET,
    Broken,
    Ink,
    field,
    seal,
)
from tests.certcheck.silent import SilentWitness


def reading(
    fields: Mapping[str, str], seals: Sequence[Seal] = (), codes: Sequence[str | None] = ()
) -> Reading:
    values: dict[str, Field] = {key: field(key, text) for key, text in fields.items()}
    return Reading(
        page=1, part=1, width=9, height=9, is_certificate=True, fields=values,
        seals=tuple(seals), codes=tuple(Code("QRCode", text, BOX, "zxing") for text in codes),
    )  # fmt: skip


def identified(
    fields: Mapping[str, str], seals: Sequence[str] = (), witness: Any = None, **ink: Any
) -> Candidate | None:
    rings = [seal(text) for text in seals]
    witness = witness or Ink({**fields, **ink}, list(seals))
    return identify(reading(fields, rings), witness, BOOK)


def test_name_number_and_seal_of_one_laboratory() -> None:
    match = identified({"lab_name": NAME, "cma_no": NUMBER, "address": STREET}, [NAME])
    assert match is not None
    assert match.record.lab_id == "yuan"
    assert {"cma_no", "lab_name", "seal"} <= set(match.matched_by)
    assert match.confidence > 0.95
    assert match.conflicts == ()


def test_the_printed_name_is_the_claim_whatever_the_number() -> None:
    for seals in ([], [NAME]):
        match = identified({"lab_name": NAME, "cma_no": OTHER_NUMBER}, seals)
        assert match is not None
        assert match.record.lab_id == "yuan"
        assert "cma_no" in match.conflicts


def test_number_and_seal_together_outweigh_the_printed_name() -> None:
    match = identified({"lab_name": NAME, "cma_no": OTHER_NUMBER}, [OTHER])
    assert match is not None
    assert match.record.lab_id == "zhong"
    assert "lab_name" in match.conflicts


def test_the_numbers_holder_where_the_name_is_nobodys() -> None:
    match = identified({"lab_name": "国家级珠宝鉴定总站", "cma_no": NUMBER})
    assert match is not None
    assert match.record.lab_id == "yuan"
    assert "lab_name" not in match.matched_by


def test_the_seal_where_nothing_else_was_read() -> None:
    match = identified({"conclusion": "翡翠手镯"}, [NAME])
    assert match is not None
    assert (match.record.lab_id, match.matched_by) == ("yuan", ("seal",))


def test_a_seal_is_not_believed_against_another_printed_name() -> None:
    assert identified({"lab_name": "某某珠宝检测有限公司"}, [NAME]) is None


@pytest.mark.parametrize(("ink", "lab_id"), [(OTHER, "zhong"), (NEAR, "zhan")])
def test_near_identical_names_are_settled_by_the_ink(ink: str, lab_id: str) -> None:
    read = "示例宛西玉器质量检验中站"  # a slip between the two
    match = identified({"lab_name": read}, lab_name=ink)
    assert match is not None
    assert match.record.lab_id == lab_id


def test_a_name_read_as_its_neighbour_is_corrected_by_the_ink() -> None:
    match = identified({"lab_name": NEAR}, lab_name=OTHER)
    assert match is not None
    assert match.record.lab_id == "zhong"


def test_without_the_ink_a_name_to_the_letter_will_do_and_a_near_one_will_not() -> None:
    for witness in (SilentWitness(), Broken()):
        match = identified({"lab_name": NAME}, witness=witness)
        assert match is not None
        assert match.record.lab_id == "yuan"
        slip = "示例宛西玉器质量检验中站"
        assert identified({"lab_name": slip}, witness=witness) is None


def test_an_alias_is_a_name() -> None:
    match = identified({"lab_name": "示例玉检院", "cma_no": NUMBER})
    assert match is not None
    assert "lab_name" in match.matched_by


def test_nobody_is_meant_by_a_paper_of_no_registered_laboratory() -> None:
    assert identified({"lab_name": "某某珠宝检测有限公司", "cma_no": "990099990000"}) is None
    assert identified({"conclusion": "翡翠手镯"}) is None


def test_a_misread_number_does_not_lead_astray() -> None:
    match = identified({"lab_name": NAME, "cma_no": "211620110418"}, [NAME])
    assert match is not None
    assert match.record.lab_id == "yuan"


def test_hosts_come_from_codes_and_the_printed_address() -> None:
    codes = ["https://cx.shili-yuan.example/q?no=1", "YA202330246633", None, "http://[broken"]
    told = evidence_of(reading({"website": "www.shili-yuan.example"}, codes=codes))
    assert told.hosts == ("cx.shili-yuan.example", "www.shili-yuan.example")


def test_a_name_too_soft_to_state_still_says_whom_to_ask_the_ink_about() -> None:
    soft = dc.replace(reading({}), doubted={"lab_name": field("lab_name", NAME)})
    match = identify(soft, Ink({"lab_name": NAME}, []), BOOK)
    assert match is not None
    assert match.record.lab_id == "yuan"
    assert identify(reading({}), Ink({}, []), BOOK) is None
