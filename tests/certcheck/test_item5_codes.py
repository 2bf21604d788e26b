"""What would break: an honest laboratory blamed for its QR code, another number missed."""

import pytest

from certcheck.finding import Status
from tests.certcheck.scene import HONEST, Ink, case, found, item, one

NUMBER = "item5.qr_number_differs"
OWN_QR = "https://cx.shili-yuan.example/q?no=PZ23032100202&code=77839765"


def test_a_code_that_cannot_be_read_is_not_reported_as_absent() -> None:
    given = case(codes=[None])
    assert one(found("item5.code_unreadable", given))[0] is Status.ADVICE
    assert item(5, given).status is Status.CONSISTENT
    assert found("item5.code_unreadable", case(codes=[None, OWN_QR])) == []
    assert found("item5.code_unreadable", case()) == []


@pytest.mark.parametrize(
    "text",
    [
        OWN_QR,
        "https://shili-yuan.example/cert/PZ23032100202.html",
        "PZ23032100202",
        "https://shili-yuan.example/?x=pz-230321-00202",
        "证书编号:PZ23O321OO2O2",
        "https://[::1?no=PZ23032100202",  # begins like an address and is none
    ],
)
def test_the_printed_number_in_the_code_agrees(text: str) -> None:
    assert one(found(NUMBER, case(codes=[text]))) == (Status.CONSISTENT, NUMBER + ".same")


@pytest.mark.parametrize(
    "text",
    [
        "https://cx.shili-yuan.example/q?no=PZ23032100777",
        "https://cx.shili-yuan.example/PZ22061400202",
        "https://cx.shili-yuan.example/q?certNo=PZ-230321-99999",
    ],
)
def test_another_number_in_the_code_is_a_sign(text: str) -> None:
    assert one(found(NUMBER, case(codes=[text]))) == (Status.SUSPECTED, NUMBER)


def test_a_bar_code_that_agrees_does_not_excuse_the_qr_code() -> None:
    codes = ["PZ23032100202", "https://cx.shili-yuan.example/q?no=PZ23032109999"]
    assert one(found(NUMBER, case(codes=codes))) == (Status.SUSPECTED, NUMBER)


def test_what_else_stands_in_the_code_with_the_printed_number_claims_nothing() -> None:
    fields = HONEST | {"certificate_no": "2303021234"}
    given = case(fields, codes=["https://shili-yuan.example/?no=2303021234&t=1700000000"])
    assert one(found(NUMBER, given)) == (Status.CONSISTENT, NUMBER + ".same")


DIGITS = HONEST | {"certificate_no": "2303021234"}


@pytest.mark.parametrize(
    "text",
    [
        "https://shili-yuan.example/q?t=1700000000",
        "https://shili-yuan.example/1700000000/q",
        "http://weixin.qq.com/r?order=1700000000",
        "1700000000",
    ],
)
def test_digits_alone_claim_nothing_by_their_count(text: str) -> None:
    assert found(NUMBER, case(DIGITS, codes=[text])) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://shili-yuan.example/q?no=2303029999",
        "https://shili-yuan.example/cert/2303029999.html",
        "shili-yuan.example/2303029999/",
    ],
)
def test_digits_in_the_numbers_own_place_claim_it(text: str) -> None:
    assert one(found(NUMBER, case(DIGITS, codes=[text]))) == (Status.SUSPECTED, NUMBER)


@pytest.mark.parametrize("text", ["2303021234", "https://shili-yuan.example/q?x=23O3021234"])
def test_the_printed_digits_agree_wherever_they_stand(text: str) -> None:
    assert one(found(NUMBER, case(DIGITS, codes=[text]))) == (Status.CONSISTENT, NUMBER + ".same")


def test_a_number_of_another_form_is_only_told() -> None:
    given = case(codes=["https://cx.shili-yuan.example/q?no=FH-12345678"])
    assert one(found(NUMBER, given)) == (Status.ADVICE, NUMBER + ".other_form")


def test_a_number_that_the_ink_agrees_with_was_misread() -> None:
    other = "PZ23032100208"
    ink = Ink(says=[other], differs=True)
    given = case(codes=[f"https://shili-yuan.example/{other}"], witness=ink)
    assert one(found(NUMBER, given)) == (Status.CONSISTENT, "item5.misread")


def test_two_engines_that_disagree_about_the_number_accuse_nobody() -> None:
    other = "PZ23032100208"
    ink = Ink(again={"certificate_no": other})
    given = case(codes=[f"https://shili-yuan.example/{other}"], witness=ink)
    assert one(found(NUMBER, given)) == (Status.UNVERIFIABLE, "item5.unsure")


@pytest.mark.parametrize(
    "text",
    [
        "https://shili-yuan.example/q?id=8f14e45fceea167a",
        "https://shili-yuan.example/q?code=77839765",
        "https://shili-yuan.example/20230321",
        "https://shili-yuan.example/",
    ],
)
def test_identifiers_and_security_codes_claim_nothing(text: str) -> None:
    fields = HONEST | {"security_code": "77839765"}
    assert found(NUMBER, case(fields, codes=[text])) == []


def test_a_security_code_shaped_like_the_number_claims_nothing() -> None:
    fields = HONEST | {"certificate_no": "20345678", "security_code": "77839765"}
    assert found(NUMBER, case(fields, codes=["https://shili-yuan.example/q?c=77839765"])) == []
