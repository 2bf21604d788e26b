"""What would break: an honest seal called another's for a slip, a branch site called foreign."""

import datetime as dt
from collections.abc import Sequence

import pytest

from certcheck.finding import Status
from certcheck.rules.framework import judge
from ocr.witness import Answer, Support
from registry.models import Accreditation, Lab, SealText
from tests.certcheck.house import (
    BRANCH,
    NAME,
    NEAR,
    NUMBER,
    OTHER,
    SEAL,
    STREET,
    Broken,
    Ink,
    case,
    found,
    held,
    paper,
    registry,
    seal,
    told,
)
from tests.certcheck.silent import SilentWitness

WRONG, DOUBT, OPEN, FINE, TOLD = (
    Status.INCONSISTENT,
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
    Status.ADVICE,
)
UNCLEAR = "rule.unclear"
BARE = "示例岭南首饰检测技术有限公司"
RING, KIND, PRINT, PLACE = "item3.seal_name", "item3.seal_kind", "item3.name", "item3.address"


def test_an_honest_certificate_is_consistent() -> None:
    item = judge(case())[2]
    assert item.status is FINE, item.findings
    assert told(RING, case()) == (FINE, ".agrees")


def test_what_was_not_read_is_asked_for() -> None:
    assert told("item3.seal_missing", case(seals=[])) == (OPEN, "")
    assert told("item3.seal_missing", case()) is None
    assert told("item3.name_missing", case({"lab_name": None})) == (OPEN, "")
    assert told("item3.name_missing", case()) is None
    assert told("item3.address_missing", case({"address": None})) == (OPEN, "")
    assert told("item3.address_missing", case()) is None
    assert told("item3.lab_unknown", case(lab=None)) == (OPEN, "")
    assert told("item3.lab_unknown", case()) is None
    assert judge(case(seals=[]))[2].status is OPEN
    assert judge(case(lab=None))[2].status is OPEN


# ------------------------------------------------------------------ the ring


def test_a_ring_read_with_slips_is_settled_by_the_ink() -> None:
    given = case(seals=[seal("示例玉石珠宝检捡研究院有限公可")], witness=Ink(paper(), [NAME]))
    assert told(RING, given) == (FINE, ".agrees")


def test_another_laboratorys_ring() -> None:
    assert told(RING, case(seals=[seal(OTHER)])) == (WRONG, "")


def test_a_ring_that_is_one_character_off() -> None:
    forged = NAME.replace("研究院", "研究所")
    assert told(RING, case(seals=[seal(forged)])) == (WRONG, "")


def test_near_identical_names_are_told_apart() -> None:
    name = {"lab_name": OTHER, "cma_no": "211620110318"}
    assert told(RING, case(name, lab="zhong", seals=[seal(OTHER)])) == (FINE, ".agrees")
    assert told(RING, case(name, lab="zhong", seals=[seal(NEAR)])) == (WRONG, "")


def test_a_ring_that_fits_two_laboratories_is_left_open() -> None:
    class Both(Ink):
        def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
            return [Support(name, -1.0 if name == OTHER else 0.0, Answer.AGREES) for name in names]

    name = {"lab_name": OTHER, "cma_no": "211620110318"}
    given = case(name, lab="zhong", seals=[seal(NEAR)], witness=Both(paper(name)))
    assert told(RING, given) == (OPEN, UNCLEAR)


def test_a_ring_that_no_second_engine_bears_out_is_only_suspected() -> None:
    def ring(again: str | None) -> object:
        witness = Ink(paper(), [NEAR], again={"seal": again})
        return told(RING, case(seals=[seal(NEAR)], witness=witness))

    assert ring(NEAR) == (WRONG, "")
    assert ring("某" + NEAR[1:]) == (WRONG, ""), "a slip of its own, and still nearer"
    assert ring(None) == (DOUBT, "")
    assert ring(case().lab.name) == (DOUBT, "")  # type: ignore[union-attr]


def test_the_registered_name_with_noise_around_it_accuses_nobody() -> None:
    wide = "烈珠" + case().lab.name + "出与"  # type: ignore[union-attr]
    assert told(RING, case(seals=[seal(wide, confidence=0.79)])) == (OPEN, UNCLEAR)
    assert told(RING, case(seals=[seal(wide, confidence=0.97)])) == (WRONG, "")


def test_a_faint_or_partial_ring_is_no_accusation() -> None:
    strange = "某某检测"
    given = case(seals=[seal(strange, confidence=0.4)])
    assert told(RING, given) == (DOUBT, "")
    blind = case(seals=[seal(strange)], witness=Ink(paper(), [strange], blind=["seal"]))
    assert told(RING, blind) == (OPEN, UNCLEAR)
    for witness in (SilentWitness(), Broken()):
        assert told(RING, case(seals=[seal(OTHER)], witness=witness)) == (DOUBT, "")


@pytest.mark.parametrize("start", ["示", "圳"])
def test_a_half_read_ring_is_no_accusation(start: str) -> None:
    half = NAME.replace("示例", start)
    given = case(seals=[seal(half)], witness=Ink(paper(), [half]))
    assert told(RING, given) == (OPEN, UNCLEAR)


def test_a_persons_square_seal_is_no_accusation() -> None:
    person = seal("李庆国印", "", "square")
    assert told(RING, case(seals=[person], witness=Ink(paper(), ["李庆国印"]))) == (OPEN, UNCLEAR)
    both = found(RING, case(seals=[seal(NAME), person], witness=Ink(paper(), [NAME, "李庆国印"])))
    assert [one.status for one in both] == [FINE]
    body = seal(OTHER, "", "square")
    assert told(RING, case(seals=[body], witness=Ink(paper(), [OTHER]))) == (DOUBT, "")


MARKET = "示例玉器城商户诚信经营协会"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("round", (DOUBT, "")), ("oval", (DOUBT, "")), ("square", (OPEN, UNCLEAR))],
)
def test_a_dealers_stamp_alone_contradicts_nothing(
    shape: str, expected: tuple[Status, str]
) -> None:
    assert told(RING, case(seals=[seal(MARKET, "", shape)])) == expected


@pytest.mark.parametrize("shape", ["round", "oval", "square"])
def test_a_dealers_stamp_beside_the_laboratorys_own_is_no_fault(shape: str) -> None:
    for seals in ([seal(NAME), seal(MARKET, "", shape)], [seal(MARKET, "", shape), seal(NAME)]):
        assert judge(case(seals=seals))[2].status is FINE
    rule = found(RING, case(seals=[seal(NAME), seal(MARKET, "")]))
    assert [(one.status, one.message) for one in rule] == [
        (FINE, f"{RING}.agrees"), (TOLD, f"{RING}.beside"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [SEAL, "检验检测专用草", "公章"])
def test_a_strange_name_on_a_testing_bodys_seal_is_a_contradiction(kind: str) -> None:
    assert told(RING, case(seals=[seal(MARKET, kind)])) == (WRONG, "")
    assert told(RING, case(seals=[seal(MARKET, "合同专用章")])) == (DOUBT, "")


def test_a_doctored_own_name_is_a_contradiction_whatever_its_kind() -> None:
    doctored = NAME.replace("珠宝", "珠玉")
    assert told(RING, case(seals=[seal(doctored, "")])) == (WRONG, "")


def test_one_seal_that_agrees_is_enough() -> None:
    given = case(seals=[seal(NAME), seal("某某")], witness=Ink(paper(), [NAME, "别的"]))
    assert told(RING, given) == (FINE, ".agrees")
    two = found(RING, case(seals=[seal(NAME), seal(OTHER)]))
    assert [one.status for one in two] == [FINE, DOUBT]
    unread = case(seals=[seal(OTHER), seal("")], witness=Ink(paper(), [OTHER, "?"], blind=[]))
    assert told(RING, unread) == (DOUBT, "")


def test_without_registered_seals_the_registry_says_nothing() -> None:
    changes = {"lab_name": BARE}
    assert told(RING, case(changes, lab="mo", seals=[seal(BARE)])) == (OPEN, ".no_rows")
    assert told(RING, case(changes, lab="mo", seals=[seal(OTHER)])) == (DOUBT, "")
    faint = case(changes, lab="mo", seals=[seal("?", confidence=0.2)])
    assert told(RING, faint) == (OPEN, ".no_rows")


# ------------------------------------------------------------------ kind and shape


@pytest.mark.parametrize("kind", [SEAL, "检验检测专用草", "公章", ""])
def test_kinds_that_may_be_used(kind: str) -> None:
    book = registry(SealText(lab_id="yuan", text=NAME, kind="公章"))
    assert told(KIND, case(seals=[seal(NAME, kind)], book=book)) is None


def test_a_kind_that_is_not_registered() -> None:
    used = [seal(NAME, "鉴定专用章")]
    assert told(KIND, case(seals=used)) == (DOUBT, "")
    seen = case(seals=used, witness=Ink(paper(), [NAME], lines=["鉴定专用章"]))
    assert told(KIND, seen) == (WRONG, "")
    assert told(KIND, case(seals=used, witness=Broken())) == (DOUBT, "")


def test_a_strangers_stamp_beside_the_laboratorys_own_seal_accuses_nobody() -> None:
    """A dealer's 业务专用章 would make an honest laboratory look like a cheat."""
    dealer = seal("示例南阳玉器贸易商行", "业务专用章")
    lines = ["业务专用章"]
    for used in ([seal(NAME), dealer], [dealer, seal(NAME)]):
        given = case(seals=used, witness=Ink(paper(), [one.name for one in used], lines=lines))
        assert told(KIND, given) is None
    bare = case(lab="mo", seals=[seal(BARE), dealer])
    assert told(KIND, bare) is None
    own = case(seals=[seal(NAME, "业务专用章")], witness=Ink(paper(), [NAME], lines=lines))
    assert told(KIND, own) == (WRONG, "")


@pytest.mark.parametrize(("lab", "name"), [("yuan", NAME), ("mo", BARE)])
def test_a_kind_half_read_is_no_accusation(lab: str, name: str) -> None:
    used = [seal(name, "检测专用章")]
    assert told(KIND, case(lab=lab, seals=used)) == (OPEN, UNCLEAR)


def test_a_kind_at_a_laboratory_without_registered_seals() -> None:
    assert told(KIND, case(lab="mo", seals=[seal(BARE, "质检专用章")])) == (DOUBT, ".unusual")
    assert told(KIND, case(lab="mo", seals=[seal(BARE, "公章")])) is None


def test_an_oval_seal_is_only_told() -> None:
    assert told("item3.seal_shape", case(seals=[seal(NAME, shape="oval")])) == (TOLD, "")
    assert told("item3.seal_shape", case()) is None
    assert judge(case(seals=[seal(NAME, shape="oval")]))[2].status is FINE


# ------------------------------------------------------------------ the printed name


def test_names_that_may_be_printed() -> None:
    for name in (NAME, "示例玉检院"):
        assert told(PRINT, case({"lab_name": name})) == (FINE, ".agrees")


def test_a_former_name_counts_while_it_was_accredited() -> None:
    book = registry(
        Lab(lab_id="new", name="示例新名检测中心"),
        held("new", "201620340001", "示例旧名检测中心", "2020-01-01", "2023-12-31"),
        held("new", "201620340001", "示例新名检测中心", "2024-01-01", "2026-01-01"),
    )
    changes = {"lab_name": "示例旧名检测中心"}
    assert told(PRINT, case(changes, lab="new", book=book)) == (FINE, ".agrees")
    late = case(changes, lab="new", book=book, issued_on=dt.date(2024, 5, 1))
    assert told(PRINT, late) == (WRONG, "")


def test_another_name() -> None:
    assert told(PRINT, case({"lab_name": NAME.replace("研究院", "研究所")})) == (WRONG, "")
    assert told(PRINT, case(lab=None)) is None


def test_a_name_whose_head_is_lost_is_half_read() -> None:
    assert told(PRINT, case({"lab_name": NAME[3:]})) == (OPEN, UNCLEAR)


def test_a_name_read_with_a_slip_is_settled_by_the_ink() -> None:
    assert told(PRINT, case(read={"lab_name": NAME.replace("检验", "捡验")})) == (FINE, ".agrees")


def test_a_name_that_only_adds_or_was_read_once_is_no_more_than_suspected() -> None:
    assert told(PRINT, case({"lab_name": NAME + "第二分中心"})) == (DOUBT, "")
    changes = {"lab_name": "示例别家检测中心"}
    alone = Ink(paper(changes), again={"lab_name": None})
    assert told(PRINT, case(changes, witness=alone)) == (DOUBT, "")
    blind = Ink(paper(changes), blind=["lab_name"], again={"lab_name": None})
    faint = case(changes, witness=blind, confidence=0.5)
    assert told(PRINT, faint) == (OPEN, UNCLEAR)


# ------------------------------------------------------------------ the printed address


@pytest.mark.parametrize("place", [STREET, "南阳市镇平县示玉大道36号", BRANCH])
def test_addresses_that_may_be_printed(place: str) -> None:
    assert told(PLACE, case({"address": place})) == (FINE, ".agrees")


def test_an_address_elsewhere() -> None:
    assert told(PLACE, case({"address": "河南省郑州市金水区例行路112号"})) == (WRONG, "")


def test_a_branch_counts_only_while_it_was_accredited() -> None:
    given = case({"address": BRANCH}, issued_on=dt.date(2021, 8, 1))
    assert told(PLACE, given) == (WRONG, "")


def test_a_site_of_another_kind_of_accreditation_counts() -> None:
    site = "河南省郑州市金水区例行路112号"
    cnas = Accreditation(lab_id="yuan", kind="CNAS", number="L1234", address=site)
    assert told(PLACE, case({"address": site}, book=registry(cnas))) == (FINE, ".agrees")


def test_an_address_read_with_a_slip_is_settled_by_the_ink() -> None:
    slip = case(read={"address": STREET.replace("36", "86")})
    assert told(PLACE, slip) == (FINE, ".agrees")


def test_an_address_that_two_engines_read_differently() -> None:
    changes = {"address": "河南省郑州市金水区例行路112号"}
    rough = Ink(paper(changes), again={"address": "河南省郑州市金水区例衍路112号"})
    assert told(PLACE, case(changes, witness=rough)) == (WRONG, "")
    other = Ink(paper(changes), again={"address": STREET})
    assert told(PLACE, case(changes, witness=other)) == (OPEN, UNCLEAR)
    none = Ink(paper(changes), again={"address": None})
    assert told(PLACE, case(changes, witness=none)) == (DOUBT, "")


def test_an_address_that_cannot_be_compared() -> None:
    assert told(PLACE, case({"address": "河南省南阳市镇平县"})) == (OPEN, ".undecided")
    # The end of a house number may have been cut off with what follows it.
    assert told(PLACE, case({"address": "河南省南阳市镇平县示玉大道3"})) == (OPEN, ".undecided")
    assert told(PLACE, case({"address": "河南省南阳市镇平县示玉大道3号"})) == (WRONG, "")
    assert told(PLACE, case(lab="mo")) == (OPEN, ".no_rows")


def test_before_the_regulation_a_contradiction_is_no_more_than_suspected() -> None:
    day = dt.date(2014, 1, 1)
    given = case({"address": "河南省郑州市金水区例行路112号"}, issued_on=day)
    assert told(PLACE, given) == (DOUBT, "")
    assert told(RING, case(seals=[seal(OTHER)], issued_on=day)) == (DOUBT, "")
    assert judge(case(issued_on=day))[2].status is FINE


def test_another_county_of_the_same_street_is_no_more_than_suspected() -> None:
    given = case({"address": STREET.replace("镇平县", "方城县")})
    assert told(PLACE, given) in ((DOUBT, ""), (WRONG, ""))


def test_a_zone_over_the_county_is_not_held_against_the_laboratory() -> None:
    given = case({"address": STREET.replace("镇平县", "高新区")})
    assert told(PLACE, given) == (OPEN, ".undecided")


def test_a_shortened_address_read_with_a_slip_is_settled_by_the_ink() -> None:
    short = "镇平县示玉大道36号"
    slip = case({"address": short}, read={"address": "镇平县示玉大道86号"})
    assert told(PLACE, slip) == (FINE, ".agrees")


def test_an_address_that_a_list_no_longer_has() -> None:
    """No list says since when; a list of one site would take the others away."""
    street = "河南省南阳市镇平县工艺路5号"
    row = held("yuan", NUMBER, NAME, "2021-09-01", "2022-06-30", address=street)
    assert told(PLACE, case({"address": street}, book=registry(row))) == (WRONG, "")
    row = held("yuan", NUMBER, NAME, "2021-09-01", "2022-06-30", address=street)
    row.dropped_on = dt.date(2022, 7, 1)
    given = case({"address": street}, book=registry(row))
    assert told(PLACE, given) == (OPEN, ".undecided")


@pytest.mark.parametrize("cell", ["{}；{}", "主场所：{} 分场所：{}", "{}暨{}"])
def test_a_row_with_two_addresses(cell: str) -> None:
    """A laboratory that prints one of its own would have another's."""
    one, other = "河南省南阳市镇平县工艺路5号", "河南省南阳市镇平县样山街63号"
    row = held("mo", "191920110001", BARE, "2019-01-01", "", address=cell.format(one, other))
    book = registry(row)
    expected = {(FINE, ".agrees")} | ({(OPEN, ".undecided")} if "暨" in cell else set())
    for street in (one, other):
        assert told(PLACE, case({"address": street}, lab="mo", book=book)) in expected


@pytest.mark.parametrize("cell", ["{}（原：{}）", "{}（{}）", "{}、{}", "{}（镇平）"])
def test_a_row_with_two_names(cell: str) -> None:
    """A laboratory that prints one of its own would bear another's."""
    name = "示例某某珠宝检测站"
    row = Lab(lab_id="two", name=cell.format(name, "示例旧玉器检验所"))
    status, _ = told(PRINT, case({"lab_name": name}, lab="two", book=registry(row))) or (OPEN, "")
    assert status is DOUBT


def test_a_short_second_name_on_the_seal() -> None:
    """A laboratory that stamps its registered second name would be held to bear another's."""
    short = "示例玉检院"
    stamped = {"seals": [seal(short)], "witness": Ink(paper(), rings=[short])}
    assert told(RING, case(**stamped)) == (FINE, ".agrees")
    longer = "示例玉检院检测中心"
    other = {"seals": [seal(longer)], "witness": Ink(paper(), rings=[longer])}
    found_ = told(RING, case(**other))
    assert found_ is not None and found_[0] is not FINE
