"""What would break: a hand that accuses a laboratory or clears one, a correction that nobody is
told of, or plain checks that change because corrections exist."""

from __future__ import annotations

import dataclasses as dc
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from certcheck import check, corrections, report_text
from certcheck.ahead import Read
from certcheck.check import Wish, check_part
from certcheck.cli import cli
from certcheck.corrected import prints, tempered
from certcheck.corrections import (
    HAND,
    LONGEST,
    Corrected,
    Correction,
    CorrectionError,
    MalformedError,
    NoSuchFieldError,
)
from certcheck.errors import explain
from certcheck.finding import Evidence, Finding, Status
from certcheck.report import Report
from certcheck.rules.framework import ItemResult
from certcheck.runner.wishes import unpacked
from ocr.read import Part
from ocr.reading import Code, Mark, Reading
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck.scene import BOX, read
from tests.certcheck.shown import valid
from tests.certcheck.test_check import items
from tests.certcheck.work_store import request

EXPIRED = "item1-expired.jpg"
FORGED = "item3-seal-one-character.jpg"
HONEST = "honest-sideways.jpg"
ISSUED = "2026-04-15"
ACCUSING = {"inconsistent", "suspected"}


@pytest.fixture(scope="module")
def parts(read_once: Read) -> dict[str, Part]:
    return {
        name: read_once((PHOTOS / name).read_bytes(), name)[0].whole()
        for name in (EXPIRED, HONEST, FORGED)
    }


@pytest.fixture
def judged(parts: dict[str, Part], demo_registry: Registry) -> Any:
    """A sample judged with values entered, its reading perhaps spoilt before."""

    def one(
        name: str,
        spoilt: dict[str, str] | None = None,
        codes: tuple[Code, ...] | None = None,
        seal: str | None = None,
        **entered: str,
    ) -> Report:
        part = parts[name]
        fields, seals = dict(part.reading.fields), part.reading.seals
        for key, value in (spoilt or {}).items():
            fields[key] = dc.replace(fields[key], value=value, raw=value)
        if seal is not None:
            seals = (dc.replace(seals[0], name=seal), *seals[1:])
        codes = part.reading.codes if codes is None else codes
        reading = dc.replace(part.reading, fields=fields, codes=codes, seals=seals)
        part = dc.replace(part, reading=reading)
        wish = Wish(corrections=tuple(Correction(*each) for each in entered.items()))
        return check_part(part, name, demo_registry, demo_registry.revision, wish)

    return one


def test_without_corrections_nothing_is_another(judged: Any) -> None:
    plain = judged(EXPIRED).to_json()
    same = judged(EXPIRED, approver=plain["fields"]["approver"]["value"]).to_json()
    assert plain["corrections"] == same["corrections"] == []
    assert plain["items"] == same["items"]
    assert all(not one["by_hand"] for item in plain["items"] for one in item["findings"])
    assert check.settings(Wish()).count("|") == 2


def test_a_misread_day_is_put_right_where_the_ink_bears_it_out(judged: Any) -> None:
    misread = judged(HONEST, {"issue_date": "2029-04-15"})
    assert misread.to_json()["items"] != judged(HONEST).to_json()["items"]
    mended = judged(HONEST, {"issue_date": "2029-04-15"}, issue_date="2026年4月15日")
    entry = valid(mended)
    assert items(entry) == items(valid(judged(HONEST)))
    assert entry["corrections"] == [
        {"field": "issue_date", "read": "2029-04-15", "value": ISSUED, "borne_out": True,
         "box": entry["fields"]["issue_date"]["box"]},
    ]  # fmt: skip
    assert entry["fields"]["issue_date"]["reader"] == HAND
    told = report_text.render(mended)
    assert "读到“2029-04-15”，更正为“2026-04-15”" in told and "依据人工更正的内容：签发日期" in told


@pytest.mark.parametrize(
    ("key", "value"),
    [("issue_date", "2016-01-01"), ("approver", "张三丰"), ("cma_no", "161620110999")],
)
def test_a_hand_accuses_nobody_with_certainty(judged: Any, key: str, value: str) -> None:
    entry = valid(judged(HONEST, **{key: value}))
    assert entry["verdict"] != "inconsistent"
    rests = [one for item in entry["items"] for one in item["findings"] if one["by_hand"]]
    assert rests and all(one["by_hand"] == [key] for one in rests)
    assert all("人工" in one["message"]["zh"] for one in rests)
    assert all("by hand" in one["message"]["en"] for one in rests)


def test_a_hand_clears_nobody_whom_the_photo_does_not(judged: Any) -> None:
    assert items(valid(judged(EXPIRED)))["1"] == "inconsistent"
    entry = valid(judged(EXPIRED, issue_date="2021-03-02"))
    assert items(entry)["1"] == "unverifiable" and entry["verdict"] == "unverifiable"
    (one,) = entry["corrections"]
    assert not one["borne_out"]
    assert items(entry)["8"] in {"advice", "consistent"}


def test_what_a_correction_does_not_touch_stays_as_certain(judged: Any) -> None:
    entry = valid(judged(EXPIRED, approver="张三丰"))
    assert items(entry)["1"] == "inconsistent"
    assert items(entry)["4"] in {"suspected", "unverifiable"}


SEAL = "示例南阳宝玉石检测有限公司"


def resting(entry: dict[str, Any], key: str) -> list[Any]:
    """The findings that rest on what was entered under a key."""
    found = [one for item in entry["items"] for one in item["findings"]]
    return [one for one in found if key in one["by_hand"]]


def test_a_misread_ring_is_put_right_where_its_ink_bears_it_out(judged: Any) -> None:
    name = judged(HONEST).to_json()["seals"][0]["name"]
    entry = valid(judged(HONEST, seal=name[2:5], **{"seal.1": name}))
    (one,) = entry["corrections"]
    assert (one["field"], one["number"], one["read"], one["value"]) == ("seal", 1, name[2:5], name)
    assert one["borne_out"] and items(entry)["3"] == "consistent"
    assert [each["status"] for each in resting(entry, "seal")] == ["consistent"]
    assert entry["seals"][0]["name"] == name


def test_a_hand_neither_accuses_nor_clears_by_a_seal(judged: Any) -> None:
    accused = valid(judged(FORGED))
    assert items(accused)["3"] in ACCUSING
    registered = accused["lab"]["name"]
    cleared = valid(judged(FORGED, **{"seal.1": registered}))
    assert items(cleared)["3"] != "consistent"
    assert not any(one["borne_out"] for one in cleared["corrections"])
    entered_other = valid(judged(HONEST, **{"seal.1": "示例别处珠宝检测有限公司"}))
    assert entered_other["verdict"] != "inconsistent"
    assert not entered_other["corrections"][0]["borne_out"]
    # The ink of a ring agrees with many a short text; a hand does not bring one in.
    short = valid(judged(FORGED, **{"seal.1": registered[:3]}))
    assert not short["corrections"][0]["borne_out"]


def test_a_straight_line_entered_is_of_that_line_alone(judged: Any) -> None:
    name = judged(HONEST).to_json()["items"][2]["findings"][0]
    entry = valid(judged(HONEST, **{"seal_kind.1": "业务专用章"}))
    assert entry["verdict"] != "inconsistent"
    assert entry["items"][2]["findings"][0] == name
    assert resting(entry, "seal_kind")


UNREAD_CODE = Code("QRCode", None, BOX, "qr_pattern")


@pytest.mark.parametrize(
    "address", ["https://www.nanyang-shili.example/q", "https://elsewhere.example/q"]
)
def test_a_code_that_was_not_decoded_may_be_entered_and_proves_nothing(
    judged: Any, address: str
) -> None:
    entry = valid(judged(EXPIRED, codes=(UNREAD_CODE,), **{"code.1": address}))
    assert entry["codes"][0]["text"] == address and entry["codes"][0]["reader"] == HAND
    found = resting(entry, "code")
    assert found and all(one["status"] not in {"consistent", "inconsistent"} for one in found)
    assert not entry["corrections"][0]["borne_out"]


def test_what_a_codes_own_checksums_bear_out_is_not_misread(judged: Any) -> None:
    plain = judged(EXPIRED).to_json()
    told = judged(EXPIRED, **{"code.1": "https://elsewhere.example/"}).to_json()
    assert plain["codes"][0]["text"] and told["codes"] == plain["codes"]
    assert told["corrections"] == []


def test_a_seal_that_was_not_found_cannot_be_entered(judged: Any) -> None:
    told = judged(EXPIRED, **{"seal.9": SEAL}).to_json()
    assert told["corrections"] == [] and told["items"] == judged(EXPIRED).to_json()["items"]


def result(number: int, status: Status, rule: str = "", *keys: str) -> ItemResult:
    evidence = tuple(Evidence(key, "a", "b", BOX, "row") for key in keys)
    finding = Finding(rule or f"item{number}.rule", status, "rule.unclear", {}, ("law",), evidence)
    return ItemResult(number, status, (finding,))


def entered(key: str, *, borne_out: bool) -> Corrected:
    return Corrected(key, read(key, "x"), read(key, "y"), stated=True, borne_out=borne_out)


@pytest.mark.parametrize(
    ("now", "before", "borne_out", "told"),
    [
        (Status.INCONSISTENT, Status.CONSISTENT, True, Status.SUSPECTED),
        (Status.INCONSISTENT, Status.INCONSISTENT, True, Status.INCONSISTENT),
        (Status.CONSISTENT, Status.UNVERIFIABLE, True, Status.CONSISTENT),
        (Status.CONSISTENT, Status.UNVERIFIABLE, False, Status.UNVERIFIABLE),
        (Status.CONSISTENT, Status.INCONSISTENT, False, Status.UNVERIFIABLE),
        (Status.CONSISTENT, Status.INCONSISTENT, True, Status.CONSISTENT),
        (Status.ADVICE, Status.SUSPECTED, False, Status.UNVERIFIABLE),
    ],
)
def test_what_rests_on_a_hand_is_worth_what_the_ink_says(
    now: Status,
    before: Status,
    borne_out: bool,  # noqa: FBT001 - pytest passes it by name
    told: Status,
) -> None:
    hand = [entered("mass", borne_out=borne_out)]
    (one,) = tempered([result(1, now)], [result(1, before)], hand)
    assert one.status is told
    (touched,) = tempered([result(1, now, "", "mass")], [result(1, before, "", "mass")], hand)
    assert touched.status is (Status.SUSPECTED if now is Status.INCONSISTENT else told)


def test_only_the_corrections_that_a_finding_shows_count() -> None:
    hand = [entered("mass", borne_out=False), entered("density", borne_out=True)]
    (one,) = tempered(
        [result(5, Status.CONSISTENT, "", "density")], [result(5, Status.UNVERIFIABLE)], hand
    )
    assert one.status is Status.CONSISTENT and one.findings[0].by_hand == ("density",)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("cma_no", "2116 2011 0417", "211620110417"),
        ("issue_date", "二〇二三年三月五日", "2023-03-05"),
        ("mass", "5.00ct", "1"),
        ("standards", "GB/T16552-2017，GB/T 16553—2017", ("GB/T 16552-2017", "GB/T 16553-2017")),
        ("approver", " 李\u200b 四 ", "李四"),
        ("conclusion", "翡翠\n手镯", "翡翠手镯"),
    ],
)
def test_what_is_entered_becomes_a_value_of_the_contract(
    key: str, text: str, value: str | tuple[str, ...]
) -> None:
    assert corrections.parse(key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "error"),
    [
        ("price", "3", NoSuchFieldError),
        ("seal", "某某检测有限公司", NoSuchFieldError),
        ("seal.0", "某某检测有限公司", NoSuchFieldError),
        ("seal.1", "<b>", CorrectionError),
        ("code.1", " \u200b ", CorrectionError),
        ("issue_date", "去年", CorrectionError),
        ("density", "重", CorrectionError),
        ("conclusion", " \u200b ", CorrectionError),
        ("remarks", "字" * (LONGEST + 1), CorrectionError),
        ("cma_no", "2116 2011 0417 5", MalformedError),
        ("cma_no", "219920110417", MalformedError),
    ],
)
def test_what_cannot_stand_there_is_refused_with_what_to_do(
    key: str, text: str, error: type[CorrectionError]
) -> None:
    with pytest.raises(error) as caught:
        corrections.parse(key, text)
    assert type(caught.value) is error and explain(caught.value).next_step.zh


def test_a_number_printed_badly_can_be_entered_as_it_is_printed() -> None:
    assert corrections.parse("cma_no", "219920110417", as_printed=True) == "219920110417"


def test_a_correction_is_of_one_certificate_and_its_number_also_under_the_mark() -> None:
    mark = Mark("CMA", "211620110418", 0.99, BOX)
    reading = Reading(
        1, 2, 9, 9, is_certificate=True, fields={"cma_no": read("cma_no", "211620110418")},
        marks=(mark,), doubted={"mass": read("mass", "3.1")}, unread={"mass": BOX},
    )  # fmt: skip
    mine = (Correction("cma_no", "211620110417", 1, 2), Correction("mass", "3.7", 1, 2))
    found = corrections.of([*mine, Correction("colour", "绿", 1, 1)], reading)
    assert [(one.key, one.stated) for one in found] == [("cma_no", True), ("mass", False)]
    after = corrections.applied(reading, found)
    assert after.fields["mass"].text == "3.7" and not after.doubted and not after.unread
    assert after.marks[0].number == "211620110417"
    assert reading.marks[0].number == "211620110418"


def test_corrections_are_part_of_the_work_and_their_order_is_not() -> None:
    one, two = Correction("mass", "3.7"), Correction("colour", "绿")
    wish, turned = Wish(corrections=(one, two)), Wish(corrections=(two, one))
    assert check.settings(wish) == check.settings(turned)
    assert request(wish=wish).key("0") == request(wish=turned).key("0")
    assert request(wish=wish).key("0") != request(wish=Wish()).key("0")
    text = json.dumps({"as_of": None, "paid": None, "engine": None, "visitor": True})
    assert unpacked(text) == Wish(visitor=True), "a job of before is still understood"


def test_a_date_is_asked_of_the_ink_as_papers_print_it() -> None:
    assert {"2026-04-15", "2026年04月15日", "2026年4月15日", "2026.04.15", "20260415"} <= set(
        prints(read("issue_date", ISSUED))
    )


@pytest.mark.parametrize("value", ["price=3", "issue_date=bald", "approver"])
def test_the_command_line_refuses_what_is_no_value(value: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["check", str(tmp_path / "a.jpg"), "--set", value])
    assert told.exit_code == 2 and "--set" in told.output


def test_the_command_line_corrects_one_photo_at_a_time(tmp_path: Path) -> None:
    photos = [str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg")]
    told = CliRunner().invoke(cli, ["check", *photos, "--set", "mass=3.7"])
    assert told.exit_code == 2
