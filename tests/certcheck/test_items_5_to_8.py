"""What would break: an honest laboratory under suspicion, a planted sign not seen."""

import datetime as dt
from decimal import Decimal

import pytest

from certcheck import law, messages
from certcheck.finding import Status
from certcheck.rules import framework
from registry.models import Accreditation, Domain, Fee, Lab, Membership
from tests.certcheck.scene import DAY, HONEST, Ink, case, found, item, one, record, sure

CONSTANTS = "item5.constants_contradict"
HOST = "item5.qr_host_foreign"
NUMBER = "item5.qr_number_differs"
FUTURE = "item5.date_in_future"
INSIDE = "item5.number_date_differs"
OWN_QR = "https://cx.shili-yuan.example/q?no=PZ23032100202&code=77839765"


# ---------------------------------------------------------------- refractive index and density


def measured(index: str, density: str, conclusion: str = "翡翠手镯") -> dict[str, str]:
    return HONEST | {"refractive_index": index, "density": density, "conclusion": conclusion}


def test_figures_in_range_agree() -> None:
    assert one(found(CONSTANTS, case())) == (Status.CONSISTENT, CONSTANTS + ".within")


@pytest.mark.parametrize(
    ("index", "density", "message"),
    [("1.66(点测)", "因串未测", ".index_within"), ("未检", "3.33", ".density_within")],
)
def test_one_figure_alone_in_range_is_said_alone(index: str, density: str, message: str) -> None:
    given = case(measured(index, density))
    assert one(found(CONSTANTS, given)) == (Status.CONSISTENT, CONSTANTS + message)


def test_both_figures_outside_are_a_sign_and_never_more() -> None:
    status, message = one(found(CONSTANTS, case(measured("1.54(点测)", "2.65"))))
    assert (status, message) == (Status.SUSPECTED, CONSTANTS)


@pytest.mark.parametrize(
    ("index", "density", "message"),
    [("1.54(点测)", "3.33", ".index_outside"), ("1.66(点测)", "2.65", ".density_outside")],
)
def test_one_figure_outside_is_only_advice(index: str, density: str, message: str) -> None:
    given = case(measured(index, density))
    assert one(found(CONSTANTS, given)) == (Status.ADVICE, CONSTANTS + message)
    assert item(5, given).status is Status.CONSISTENT


@pytest.mark.parametrize(
    ("index", "density"), [("1.64(点测)", "3.20"), ("1.68(点测)", "3.50"), ("1.651", "3.24")]
)
def test_tolerances_are_given_before_anything_is_said(index: str, density: str) -> None:
    assert one(found(CONSTANTS, case(measured(index, density))))[0] is Status.CONSISTENT


@pytest.mark.parametrize("word", ["未检", "因镶嵌未测", "—", "不可测", ">1.78"])
def test_what_was_not_measured_is_no_sign(word: str) -> None:
    assert found(CONSTANTS, case(measured(word, word))) == []
    one_only = found(CONSTANTS, case(measured("1.54(点测)", word)))
    assert one(one_only)[0] is Status.ADVICE


def test_rows_that_nothing_backs_give_a_hint_only() -> None:
    given = case(measured("1.70", "3.50", "滑石摆件"))
    assert one(found(CONSTANTS, given)) == (Status.ADVICE, CONSTANTS + ".hint")


def test_a_treated_stone_gives_a_hint_only() -> None:
    given = case(measured("1.54(点测)", "2.65", "翡翠(充填)手镯"))
    assert one(found(CONSTANTS, given)) == (Status.ADVICE, CONSTANTS + ".hint")


@pytest.mark.parametrize("conclusion", ["翡翠镶钻石戒指", "磷酸盐质玉", "合成祖母绿", "足金手镯"])
def test_unknown_or_several_stones_are_not_judged(conclusion: str) -> None:
    assert found(CONSTANTS, case(measured("1.54(点测)", "2.65", conclusion))) == []


def test_a_density_that_the_ink_reads_otherwise_is_a_slip_of_ours() -> None:
    fields = measured("1.56(点测)", "2.33")
    ink = Ink(says=["3.33"], differs=True, again=fields)
    assert one(found(CONSTANTS, case(fields, witness=ink)))[0] is Status.CONSISTENT


def test_a_second_reading_that_fits_the_species_stops_the_suspicion() -> None:
    fields = measured("1.56(点测)", "2.33")
    ink = Ink(differs=True, again=fields | {"density": "3.33"})
    given = case(fields, witness=ink)
    status, _ = one(found(CONSTANTS, given))
    assert status is not Status.INCONSISTENT
    ink = Ink(says=["3.33"], again=fields | {"density": "3.33"})
    assert one(found(CONSTANTS, case(fields, witness=ink)))[0] is not Status.SUSPECTED


def test_faint_figures_are_not_held_against_anybody() -> None:
    fields = measured("1.54(点测)", "2.65")
    given = case(fields, witness=Ink(), confidence=0.5)
    assert one(found(CONSTANTS, given)) == (Status.UNVERIFIABLE, "item5.unsure")


def test_ranges_of_the_2017_edition_are_not_held_against_older_papers() -> None:
    fields = measured("1.54(点测)", "2.65")
    assert found(CONSTANTS, case(fields, issued_on=dt.date(2017, 6, 1))) == []


# ---------------------------------------------------------------- dates


def test_a_date_after_the_check_is_a_sign() -> None:
    fields = HONEST | {"issue_date": "2027-03-21", "certificate_no": "YA1"}
    assert one(found(FUTURE, case(fields))) == (Status.SUSPECTED, FUTURE)


def test_a_future_year_that_the_ink_denies_was_misread() -> None:
    fields = HONEST | {"issue_date": "2028-03-21"}
    ink = Ink(says=["2023-03-21"], differs=True)
    assert one(found(FUTURE, case(fields, witness=ink)))[0] is Status.CONSISTENT


def test_a_second_reading_of_a_past_year_accuses_nobody() -> None:
    fields = HONEST | {"issue_date": "2028-03-21"}
    ink = Ink(again={"issue_date": "2023-03-21"})
    assert one(found(FUTURE, case(fields, witness=ink)))[0] is Status.UNVERIFIABLE


@pytest.mark.parametrize("day", ["2023-03-21", "2026-11-21", "2026-11-22"])
def test_past_days_and_the_other_side_of_midnight_are_no_sign(day: str) -> None:
    assert found(FUTURE, case(HONEST | {"issue_date": day})) == []


def test_the_printed_date_counts_even_when_the_user_gives_another_day() -> None:
    fields = HONEST | {"issue_date": "2028-03-21"}
    assert one(found(FUTURE, case(fields, issued_on=DAY)))[0] is Status.SUSPECTED


def test_the_date_inside_the_number_agrees() -> None:
    assert one(found(INSIDE, case())) == (Status.CONSISTENT, INSIDE + ".same")


def test_another_date_inside_the_number_is_a_sign() -> None:
    fields = HONEST | {"certificate_no": "PZ22061400202"}
    assert one(found(INSIDE, case(fields))) == (Status.SUSPECTED, INSIDE)


def test_a_misread_date_is_no_sign() -> None:
    fields = HONEST | {"issue_date": "2023-08-21"}
    ink = Ink(says=["2023-03-21"], differs=True, again=fields)
    assert one(found(INSIDE, case(fields, witness=ink)))[0] is Status.CONSISTENT


def test_a_misread_number_is_no_sign() -> None:
    fields = HONEST | {"certificate_no": "PZ23032700202"}
    ink = Ink(says=["PZ23032100202"], differs=True, again=fields)
    assert one(found(INSIDE, case(fields, witness=ink)))[0] is Status.CONSISTENT


def test_a_number_with_a_year_alone_is_held_against_the_year() -> None:
    """A reader sees 2022-01-01 beside the day of issue, which no paper says."""
    lab = record(lab=Lab(lab_id="can", name="示例江汉珠宝检测技术有限公司"))
    fields = HONEST | {"certificate_no": "JH2023556545"}
    (finding,) = found(INSIDE, case(fields, lab=lab))
    assert finding.status is Status.CONSISTENT
    assert [each.expected for each in finding.evidence] == ["2023", ""]


@pytest.mark.parametrize("number", ["FH-20220614", "PZ99999900202", "Y-PLDY224598"])
def test_numbers_of_no_declared_series_say_nothing(number: str) -> None:
    assert found(INSIDE, case(HONEST | {"certificate_no": number})) == []


def test_without_a_laboratory_the_series_is_not_known() -> None:
    assert found(INSIDE, case(HONEST | {"certificate_no": "PZ22061400202"}, known=False)) == []


# ---------------------------------------------------------------- items 5 to 8 as a whole


def test_an_honest_certificate_shows_no_sign() -> None:
    result = item(5, case(codes=[OWN_QR]))
    assert result.status is Status.CONSISTENT
    assert all(finding.status is not Status.SUSPECTED for finding in result.findings)


def test_nothing_read_is_no_sign() -> None:
    assert item(5, case({})).status is Status.CONSISTENT


def test_no_rule_of_item_5_ever_says_inconsistent() -> None:
    fields = measured("1.54(点测)", "2.65") | {
        "issue_date": "2028-01-01", "certificate_no": "PZ22061400202",
    }  # fmt: skip
    result = item(5, case(fields, codes=["http://jade-check.top/q?no=PZ22061499999"]))
    signs = [finding for finding in result.findings if finding.status is Status.SUSPECTED]
    assert len(signs) == 5
    assert result.status is Status.SUSPECTED


PRICE = "item6.below_cost"


@pytest.mark.parametrize(
    ("paid", "status"),
    [("5", Status.SUSPECTED), ("38", Status.CONSISTENT), ("60", Status.CONSISTENT)],
)
def test_the_price_is_held_against_the_filed_cost(paid: str, status: Status) -> None:
    assert one(found(PRICE, case(paid=paid)))[0] is status


def test_without_a_price_the_item_does_not_count() -> None:
    assert item(6, case()).status is Status.NOT_APPLICABLE


def test_a_cost_filed_later_or_in_other_money_does_not_count() -> None:
    late = Fee(
        lab_id="yuan", item="珠宝玉石鉴定", unit_cost=Decimal(38), filed_on=dt.date(2024, 1, 1)
    )
    money = Fee(lab_id="yuan", item="珠宝玉石鉴定", unit_cost=Decimal(38), currency="HKD")
    given = case(paid="5", lab=record(fees=(late, money)))
    assert one(found(PRICE, given)) == (Status.NOT_APPLICABLE, PRICE + ".no_cost_filed")


def test_the_latest_filing_and_the_fitting_item_count() -> None:
    def fee(item_name: str, cost: int, day: dt.date) -> Fee:
        return Fee(lab_id="yuan", item=item_name, unit_cost=Decimal(cost), filed_on=day)

    fees = (
        fee("珠宝玉石鉴定（单件）", 20, dt.date(2021, 1, 1)),
        fee("珠宝玉石鉴定（单件）", 38, dt.date(2022, 1, 1)),
        fee("贵金属含量检测（单件）", 10, dt.date(2022, 1, 1)),
    )
    assert one(found(PRICE, case(paid="25", lab=record(fees=fees))))[0] is Status.SUSPECTED


PLATFORM = "item7.membership"


def member(platform: str, joined: dt.date | None, left: dt.date | None = None) -> Membership:
    return Membership(lab_id="yuan", platform=platform, joined_on=joined, left_on=left)


NATIONAL = "全国珠宝检验检测机构证书查询平台"


def test_membership_on_an_unknown_day_is_not_told_as_anothers() -> None:
    given = case(lab=record(memberships=(member(NATIONAL, None),)), issued_on=None)
    assert one(found(PLATFORM, given)) == (Status.NOT_APPLICABLE, PLATFORM + ".day_missing")


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ((member(NATIONAL, dt.date(2022, 1, 10)),), Status.CONSISTENT),
        ((member(NATIONAL, dt.date(2023, 4, 1)),), Status.ADVICE),
        ((member(NATIONAL, dt.date(2021, 1, 1), dt.date(2022, 1, 1)),), Status.ADVICE),
        ((member("某省查询平台", None),), Status.ADVICE),
        ((), Status.NOT_APPLICABLE),
    ],
)
def test_membership_is_never_a_fault(rows: tuple[Membership, ...], status: Status) -> None:
    given = case(lab=record(memberships=rows))
    assert one(found(PLATFORM, given))[0] is status
    assert item(7, given).status is status


def test_membership_of_an_unknown_laboratory_does_not_apply() -> None:
    assert item(7, case(known=False)).status is Status.NOT_APPLICABLE


SOURCE = "item8.accredited_laboratory"


def accredited(**changes: object) -> Accreditation:
    values = {"lab_id": "yuan", "kind": "CMA", "number": "211620110417"} | changes
    return Accreditation(**values)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ((accredited(),), Status.CONSISTENT),
        ((accredited(valid_until=dt.date(2022, 1, 1)),), Status.ADVICE),
        ((accredited(status="revoked", status_on=dt.date(2022, 1, 1)),), Status.ADVICE),
        ((accredited(status="revoked", status_on=dt.date(2024, 1, 1)),), Status.CONSISTENT),
        ((accredited(kind="CNAS", number="L90417"),), Status.ADVICE),
        ((), Status.ADVICE),
    ],
)
def test_the_source_is_never_a_fault(rows: tuple[Accreditation, ...], status: Status) -> None:
    given = case(lab=record(accreditations=rows))
    assert one(found(SOURCE, given))[0] is status
    assert item(8, given).status is status


def test_the_source_of_an_unknown_laboratory_or_day_does_not_apply() -> None:
    assert one(found(SOURCE, case(known=False)))[0] is Status.NOT_APPLICABLE
    assert one(found(SOURCE, case(issued_on=None)))[0] is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "rule", [rule for rule in framework.all_rules() if rule.item >= 5], ids=lambda rule: rule.id
)
def test_every_rule_is_cited_dated_and_worded(rule: framework.Rule) -> None:
    assert set(rule.law) <= law.keys()
    assert set(rule.messages) <= set(messages.catalogue())
    early = rule.since - dt.timedelta(days=1)
    assert not rule.in_force(early)


@pytest.mark.parametrize("domain", ["shili-yuan.example", "other.example"])
def test_any_of_several_sites_is_the_laboratorys_own(domain: str) -> None:
    rows = tuple(
        Domain(lab_id="yuan", domain=one) for one in ("other.example", "shili-yuan.example")
    )
    given = case(codes=[f"https://www.{domain}/"], lab=record(domains=rows))
    assert one(found(HOST, given))[0] is Status.CONSISTENT


def test_a_witness_who_says_the_same_is_needed_only_for_more_than_a_sign() -> None:
    fields = HONEST | {"certificate_no": "PZ22061400202"}
    assert one(found(INSIDE, case(fields, witness=sure(fields))))[0] is Status.SUSPECTED
