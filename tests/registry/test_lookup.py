"""Which laboratory is meant: tolerant of slips, strict about names that are nearly another's."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from registry.lookup import Candidate, LabEvidence, Registry
from registry.models import Accreditation, Domain, Lab, Signatory
from tests.registry.conftest import LABS

WAN, WAN_NO, WAN_ADDRESS = LABS["wan"]
ZHONG, ZHONG_NO, _ = LABS["zhong"]
ZHAN, ZHAN_NO, _ = LABS["zhan"]
STEM_NO = LABS["stem"][1]

# What the judge may take as settled, and what is no better than a guess.
SURE = 0.9
UNSURE = 0.6


def best(registry: Registry, evidence: LabEvidence) -> Candidate:
    return registry.candidates(evidence)[0]


def test_everything_agrees(registry: Registry) -> None:
    """An honest certificate would not be recognised."""
    found = registry.candidates(
        LabEvidence(
            cma_no="2116 0011 0001",
            cnas_no="CNAS L0290",
            lab_name=WAN,
            seal_names=(WAN,),
            hosts=("https://q.wan.example:8080/zs?no=1",),
            address="镇平县石佛寺镇玉都大道88号",
        )
    )
    assert found[0].record.lab_id == "wan"
    assert found[0].matched_by == ("cma_no", "cnas_no", "lab_name", "seal", "domain", "address")
    assert (found[0].conflicts, found[0].near) == ((), ())
    assert found[0].confidence > 0.99
    # The neighbour at the same door is told, and not believed.
    assert [each.record.lab_id for each in found[1:]] == ["door"]
    assert found[1].confidence < 0.05


@pytest.mark.parametrize(
    ("evidence", "matched"),
    [
        (LabEvidence(cma_no=WAN_NO), "cma_no"),
        (LabEvidence(cma_no="2116OO11OOOI"), "cma_no"),
        (LabEvidence(cma_no="CMA 211600110001"), "cma_no"),
        (LabEvidence(cnas_no="L O290"), "cnas_no"),
        (LabEvidence(lab_name=WAN), "lab_name"),
        (LabEvidence(lab_name="示例宛玉 珠宝检测有限公司"), "lab_name"),
        (LabEvidence(lab_name="示例宛王珠宝捡测有限公司"), "lab_name"),
        (LabEvidence(lab_name="示例宛玉珠宝检测有限"), "lab_name"),
        (LabEvidence(lab_name="示例宛玉珠宝检测"), "lab_name"),
        (LabEvidence(seal_names=(WAN,)), "seal"),
        (LabEvidence(seal_names=("示例宛王珠宝检测有限公司",)), "seal"),
        (LabEvidence(hosts=("www.wan.example",)), "domain"),
    ],
)
def test_one_witness_is_enough_to_find(
    registry: Registry, evidence: LabEvidence, matched: str
) -> None:
    """A slip of the reader, or one field alone, would leave the laboratory unknown."""
    found = registry.candidates(evidence)
    assert [each.record.lab_id for each in found] == ["wan"]
    assert found[0].matched_by == (matched,)
    assert found[0].conflicts == ()
    assert found[0].confidence > UNSURE


@pytest.mark.parametrize(
    "name",
    [
        "示例宛石珠宝检测有限公司",  # one character
        "示例宛玉珠宝检验有限公司",  # one character, a likely one
        "国家示例宛玉珠宝检测有限公司",  # an invented prefix
        "示例宛玉珠宝检测有限公司第二分中心",  # an invented branch
        "示例宛玉珠宝检测中心",  # another kind of body
        "某某市珠宝质检站",  # nobody's
    ],
)
def test_forged_name_over_a_real_number(registry: Registry, name: str) -> None:
    """A forger who borrows a number would be taken for the laboratory."""
    found = best(registry, LabEvidence(cma_no=WAN_NO, lab_name=name))
    assert found.record.lab_id == "wan"
    assert found.matched_by == ("cma_no",)
    assert "lab_name" in found.conflicts
    assert found.confidence < UNSURE


@pytest.mark.parametrize(
    "name", ["示例宛石珠宝检测有限公司", "示例宛西玉器质量检验所", "国家示例宛玉珠宝检测有限公司"]
)
def test_unknown_laboratory_is_nobody_for_sure(registry: Registry, name: str) -> None:
    """An unregistered laboratory would be judged as its registered neighbour."""
    for found in registry.candidates(LabEvidence(lab_name=name)):
        assert found.matched_by == ()
        assert found.near == ("lab_name",)
        assert found.confidence < 0.3


def test_wholly_unknown_laboratory_gives_nothing(registry: Registry) -> None:
    """The report would name a laboratory that the paper does not."""
    evidence = LabEvidence(cma_no="999999999999", lab_name="某某市珠宝质检站", hosts=("x.cn",))
    assert registry.candidates(evidence) == []
    assert registry.candidates(LabEvidence()) == []
    assert registry.candidates(LabEvidence(lab_name="示例")) == []


def test_number_of_one_and_name_of_another(registry: Registry) -> None:
    """A borrowed number would be believed, or the laboratory it was taken from accused."""
    found = registry.candidates(LabEvidence(cma_no=STEM_NO, lab_name=ZHAN))
    by_lab = {each.record.lab_id: each for each in found}
    assert by_lab["zhan"].matched_by == ("lab_name",)
    assert by_lab["zhan"].conflicts == ("cma_no",)
    assert by_lab["stem"].matched_by == ("cma_no",)
    assert "lab_name" in by_lab["stem"].conflicts
    assert all(each.confidence < 0.5 for each in found)


def test_number_a_digit_off_is_the_next_laboratorys_and_says_so(registry: Registry) -> None:
    """Numbers run on: one misread digit is somebody else's number, and the name must win."""
    found = best(registry, LabEvidence(cma_no=ZHONG_NO, lab_name=ZHAN, seal_names=(ZHAN,)))
    assert (found.record.lab_id, found.conflicts) == ("zhan", ("cma_no",))
    assert found.confidence > UNSURE


def test_seal_of_another_laboratory(registry: Registry) -> None:
    """A stranger's seal on a laboratory's paper would not show."""
    found = registry.candidates(LabEvidence(lab_name=ZHONG, seal_names=(ZHAN,)))
    assert found[0].conflicts == ("seal",)
    assert found[0].record.lab_id == "zhong"
    assert found[1].record.lab_id == "zhan"
    assert found[0].confidence < UNSURE


def test_host_of_another_laboratory(registry: Registry) -> None:
    """A QR code that leads to another laboratory would not show."""
    found = best(registry, LabEvidence(lab_name=WAN, hosts=("https://zhan.example/q",)))
    assert (found.record.lab_id, found.conflicts) == ("wan", ("domain",))


def test_near_identical_pair_is_told_apart_by_the_letter(registry: Registry) -> None:
    """中心 and 站 of one town would be mixed up."""
    for lab_id, name in (("zhong", ZHONG), ("zhan", ZHAN)):
        found = best(registry, LabEvidence(lab_name=name))
        assert (found.record.lab_id, found.matched_by) == (lab_id, ("lab_name",))
        assert found.confidence >= SURE


def test_fragment_that_fits_two_contradicts_neither(registry: Registry) -> None:
    """A name cut off before the telling word would accuse one of the two."""
    found = registry.candidates(LabEvidence(lab_name="示例宛西玉器质量检验"))
    assert {each.record.lab_id for each in found} == {"zhong", "zhan"}
    assert all(each.matched_by == () and each.conflicts == () for each in found)
    assert all(each.confidence < 0.5 for each in found)


def test_name_that_may_be_cut_off_is_ambiguous(registry: Registry) -> None:
    """岭南首饰检测 may be itself or the company with its end cut off."""
    found = registry.candidates(LabEvidence(lab_name="示例岭南首饰检测"))
    assert [each.record.lab_id for each in found] == ["stem", "whole"]
    assert all(0 < each.confidence < UNSURE for each in found)
    whole = best(registry, LabEvidence(lab_name="示例岭南首饰检测有限公司"))
    assert whole.record.lab_id == "whole"
    assert whole.confidence > SURE


def test_two_laboratories_a_slip_apart_are_ambiguous(session: Session) -> None:
    """Where 豫玉 and 像玉 are both registered, the reader's slip decides who is accused."""
    session.add(Lab(lab_id="yu", name="示例豫玉宝石鉴定研究院"))
    session.add(Lab(lab_id="xiang", name="示例像玉宝石鉴定研究院"))
    found = Registry(session).candidates(LabEvidence(lab_name="示例像玉宝石鉴定研究院"))
    assert [each.record.lab_id for each in found] == ["xiang", "yu"]
    assert all(each.confidence < 0.5 for each in found)


def test_misread_seal_does_not_contradict(registry: Registry) -> None:
    """Rings are misread often; an honest seal would count against its owner."""
    found = best(registry, LabEvidence(lab_name=WAN, seal_names=("示例宛石珠主检测有限公司",)))
    assert found.matched_by == ("lab_name",)
    assert found.near == ("seal",)
    assert found.conflicts == ()


def test_number_nobody_holds_says_nothing(registry: Registry) -> None:
    """A misread number would cast doubt on a name read to the letter."""
    found = best(registry, LabEvidence(cma_no="219999999999", lab_name=WAN))
    assert (found.matched_by, found.conflicts) == (("lab_name",), ())
    assert found.confidence > SURE


def test_address_on_a_shared_door_is_weak(registry: Registry) -> None:
    """Everybody in a jade market would be everybody else."""
    found = registry.candidates(LabEvidence(address=WAN_ADDRESS))
    assert {each.record.lab_id for each in found} == {"wan", "door"}
    assert all(each.matched_by == ("address",) for each in found)
    assert all(each.confidence < 0.2 for each in found)


def test_aliases_and_holder_names_are_names(session: Session) -> None:
    """A laboratory that prints its short name would be unknown."""
    session.add(
        Lab(lab_id="a", name="示例省产品质量监督检验研究院", aliases="示例省质检院；旧名中心站")
    )
    registry = Registry(session)
    for name in ("示例省质检院", "旧名中心站"):
        assert best(registry, LabEvidence(lab_name=name)).matched_by == ("lab_name",)


def test_index_follows_every_change(session: Session, registry: Registry) -> None:
    """A renamed or deleted laboratory would be found under its old name."""
    lab = session.get(Lab, "wan")
    assert lab is not None
    lab.name = "示例改名宝玉石检验所"
    session.add(lab)
    assert registry.candidates(LabEvidence(lab_name=lab.name))[0].record.lab_id == "wan"
    lone = Lab(lab_id="lone", name="示例孤零零检验所")
    session.add(lone)
    session.flush()
    assert registry.similar_names(lone.name)[0].lab_id == "lone"
    session.delete(lone)
    session.flush()
    assert "lone" not in {each.lab_id for each in registry.similar_names(lone.name)}


def test_answers_outlive_the_session(session: Session, registry: Registry) -> None:
    """Rules read rows long after the session is gone."""
    record = registry.lab("wan")
    session.rollback()
    session.close()
    assert record is not None
    assert (record.name, record.lab_id) == (WAN, "wan")
    assert [row.kind for row in record.accreditations] == ["CNAS", "CMA"]
    assert record.seals[0].text == WAN


def test_asking_leaves_the_callers_transaction_alone(session: Session, registry: Registry) -> None:
    """A look-up in the middle of an import would commit or undo it."""
    session.add(Domain(lab_id="wan", domain="second.example"))

    def at(host: str) -> list[str]:
        return [one.record.lab_id for one in registry.candidates(LabEvidence(hosts=(host,)))]

    assert at("second.example") == ["wan"]
    session.rollback()
    assert at("second.example") == []
    assert at("http://x.wan.example/") == ["wan"]


def test_holders_signatories_and_unknown_ids(session: Session, registry: Registry) -> None:
    """A borrowed number or a signatory of two laboratories would not show."""
    assert [row.lab_id for row in registry.holders("2116 0011 0001")] == ["wan"]
    assert [row.kind for row in registry.holders("l0290")] == ["CNAS"]
    assert registry.holders("") == []
    assert [row.lab_id for row in registry.signatory_labs("沈 怀瑾")] == ["wan", "yu"]
    assert all(isinstance(row, Signatory) for row in registry.signatory_labs("沈怀瑾"))
    assert registry.signatory_labs("沈怀") == []
    assert registry.lab("nobody") is None


def test_coverage_includes_its_first_day_and_no_other_authority(registry: Registry) -> None:
    """Silence would be held against laboratories that the list never claimed to hold."""
    assert registry.covers("16", "CMA", dt.date(2020, 1, 1))
    assert not registry.covers("16", "CMA", dt.date(2019, 12, 31))
    assert not registry.covers("16", "CAL", dt.date(2020, 1, 1))
    assert not registry.covers("17", "CMA", dt.date(2020, 1, 1))


def test_no_coverage_while_an_odd_number_is_held(session: Session, registry: Registry) -> None:
    """A number that a clerk misspelt would be held to be in no register."""
    day = dt.date(2020, 1, 1)
    odd = Accreditation(lab_id="wan", kind="CMA", number="21162011006", valid_from=day)
    session.add(odd)
    session.commit()
    assert not registry.covers("16", "CMA", day)
    odd.dropped_on = dt.date(2024, 1, 1)
    session.add(odd)
    session.commit()
    assert registry.covers("16", "CMA", day)


def test_similar_names_nearest_first(registry: Registry) -> None:
    """The picture would be asked about the wrong names."""
    found = registry.similar_names("示例宛西玉器质量检验所")
    assert [each.lab_id for each in found[:2]] == ["zhan", "zhong"]
    assert len(registry.similar_names("示例", limit=3)) <= 3


def test_limit(registry: Registry) -> None:
    """The caller would get more than it asked for."""
    evidence = LabEvidence(cma_no=ZHONG_NO, lab_name=ZHAN, seal_names=(WAN,))
    assert len(registry.candidates(evidence, limit=1)) == 1


def test_near_name_is_found_among_many(session: Session) -> None:
    """With many laboratories the one that is a slip away would fall off the shortlist."""
    towns = [f"{first}{second}" for first in "甲乙丙丁戊己庚辛壬癸" for second in "东南西北中"]
    for place, town in enumerate(towns):
        for kind in ("检测有限公司", "检验中心", "鉴定中心", "质量监督检验站"):
            session.add(Lab(lab_id=f"{place}{kind}", name=f"示例{town}珠宝玉石{kind}"))
    session.flush()
    found = best(Registry(session), LabEvidence(lab_name="示例庚西珠室玉石捡测有限公司"))
    assert found.record.name == "示例庚西珠宝玉石检测有限公司"
    assert found.matched_by == ("lab_name",)


def test_name_of_common_words_only(session: Session) -> None:
    """A laboratory whose name has nothing telling would never be found by a near name."""
    session.add(Lab(lab_id="plain", name="珠宝玉石检测中心"))
    found = best(Registry(session), LabEvidence(lab_name="珠室玉石捡测中心"))
    assert (found.record.lab_id, found.matched_by) == ("plain", ("lab_name",))
