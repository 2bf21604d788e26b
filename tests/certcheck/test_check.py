"""What would break: an honest laboratory accused, a planted fault missed, a photo that costs
the whole batch, a report that no program understands."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
import logging
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certcheck import check, ink_book
from certcheck.ahead import Read
from certcheck.check import Wish, check_bytes, check_file, check_part, exit_status
from certcheck.corrections import Correction
from certcheck.finding import Finding
from certcheck.report import Report
from certcheck.rules import framework
from certcheck.seen import store as seen
from ocr.errors import EngineFailedError
from ocr.read import Part
from ocr.reading import ReaderFailure, Reading, Signature
from registry.errors import DatabaseUnreachableError
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck import bad_files
from tests.certcheck.shown import valid
from tests.certcheck.test_item4_ink import form

# A PNG is checked in `test_cli`.
HONEST = ("honest-mounted.heic", "honest-old-number.pdf", "honest-sideways.jpg")
PLANTED = (
    "item1-expired.jpg", "item2-stone-out-of-scope.jpg", "item3-address-street.jpg",
    "item4-approver-not-listed.jpg", "item5-look-alike-site.jpg",
)  # fmt: skip
ACCUSED = ("inconsistent", "suspected")

Check = Callable[[str], dict[str, Any]]


def truth(name: str) -> dict[str, Any]:
    found = json.loads((PHOTOS / name).with_suffix(".json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def items(entry: dict[str, Any]) -> dict[str, str]:
    return {str(one["item"]): one["status"] for one in entry["items"]}


@pytest.fixture(scope="module")
def read(read_once: Read) -> Callable[[str], Part]:
    """A committed sample; judging it again costs little."""

    def one(name: str) -> Part:
        (found,) = read_once((PHOTOS / name).read_bytes(), name)
        return found.whole()

    return one


@pytest.fixture(scope="module")
def checked(read: Callable[[str], Part], demo_registry: Registry) -> Check:
    """A committed sample's report, made once for all tests here."""

    @cache
    def one(name: str) -> dict[str, Any]:
        return valid(check_part(read(name), name, demo_registry, demo_registry.revision))

    return one


@pytest.fixture
def part(read: Callable[[str], Part]) -> Part:
    return read("item1-expired.jpg")


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_certificate_is_cleared_in_every_format_and_direction(
    name: str, checked: Check
) -> None:
    entry = checked(name)
    assert entry["error"] is None
    assert (entry["verdict"], items(entry)) == (
        truth(name)["expected"]["verdict"],
        truth(name)["expected"]["items"],
    )
    assert entry["lab"]["lab_id"] == truth(name)["lab_id"]
    assert entry["lab"]["demo"] and entry["registry"]["demo"]


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_where_it_was_planted(name: str, checked: Check) -> None:
    entry, wanted = checked(name), truth(name)["expected"]
    planted = str(truth(name)["item"])
    assert items(entry)[planted] in ACCUSED
    assert entry["verdict"] in ACCUSED
    if planted == "5":
        assert items(entry)[planted] == "suspected"
    blameless = {item for item, status in wanted["items"].items() if status not in ACCUSED}
    assert {item for item in blameless if items(entry)[item] == "inconsistent"} == set()


@pytest.mark.parametrize("name", PLANTED)
def test_an_accusation_shows_its_place_and_its_law(name: str, checked: Check) -> None:
    planted = checked(name)["items"][truth(name)["item"] - 1]
    accusing = [one for one in planted["findings"] if one["status"] in ACCUSED]
    assert accusing
    for finding in accusing:
        assert finding["law"] and finding["message"]["zh"] and finding["message"]["en"]
        boxes = [one["box"] for one in finding["evidence"] if one["box"]]
        assert boxes and all(len(box) == 4 for box in boxes)


def test_boxes_are_in_the_upright_photo(checked: Check) -> None:
    name = "honest-sideways.jpg"
    entry, true = checked(name), truth(name)
    assert [entry["photo"]["width"], entry["photo"]["height"]] == true["size"]
    for key in ("certificate_no", "approver", "issue_date"):
        middle = np.mean(entry["fields"][key]["box"], axis=0)
        wanted = np.array(true["boxes"][key])
        reach = np.linalg.norm(wanted[0] - wanted[2])
        assert np.linalg.norm(middle - wanted.mean(axis=0)) < reach / 2


def test_an_unknown_laboratory_is_unverifiable(checked: Check) -> None:
    entry = checked("unknown-laboratory.jpg")
    assert (entry["verdict"], entry["error"], entry["lab"]) == ("unverifiable", None, None)
    assert items(entry) == truth("unknown-laboratory.jpg")["expected"]["items"]


def test_what_was_read_is_told_of_a_picture_that_is_no_certificate(
    demo_registry: Registry, part: Part
) -> None:
    other = dc.replace(part, reading=dc.replace(part.reading, is_certificate=False))
    entry = valid(check_part(other, "a.jpg", demo_registry, demo_registry.revision))
    assert entry["error"]["code"] == "photo.not_a_certificate"
    assert entry["verdict"] == "unverifiable"
    assert set(items(entry).values()) == {"unverifiable", "not_applicable"}
    texts = {one["text"] for one in entry["codes"]}
    assert {one["text"] for one in truth("item1-expired.jpg")["codes"]} <= texts
    assert entry["fields"]["cma_no"]["value"] == "171620340112"
    assert entry["seals"]


def test_two_papers_read_as_one_are_not_judged(demo_registry: Registry, part: Part) -> None:
    other = dc.replace(part, reading=dc.replace(part.reading, several=True))
    entry = valid(check_part(other, "a.jpg", demo_registry, demo_registry.revision))
    assert entry["error"]["code"] == "photo.several_certificates"
    assert entry["verdict"] == "unverifiable"


def test_the_sample_that_is_no_certificate_is_answered_so(checked: Check) -> None:
    entry = checked("not-a-certificate.jpg")
    assert entry["error"]["code"] == "photo.not_a_certificate"
    assert entry["photo"]["width"] > 0


def test_a_page_no_engine_could_read_is_not_called_a_page_without_certificate(
    demo_registry: Registry, part: Part
) -> None:
    broken = (ReaderFailure("rapidocr", EngineFailedError.code, "{}"),)
    blank = Reading(1, 1, 9, 9, is_certificate=False, failures=broken)
    found = check_part(
        dc.replace(part, reading=blank), "a.jpg", demo_registry, demo_registry.revision
    )
    assert valid(found)["error"]["code"] == "engine.failed"


def test_the_same_photo_has_the_same_id_and_another_check_another(
    demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def id_of(wish: Wish = Wish(), name: str = "a.png", data: bytes = b"no picture") -> str:  # noqa: B008
        (found,) = check_bytes(data, name, demo_registry, wish)
        return found.id

    first = id_of()
    assert id_of() == first == id_of(name="b.png")
    wishes = [Wish(as_of=dt.date(2023, 1, 1)), Wish(paid=Decimal(0)), Wish(paid=Decimal(38)),
              Wish(engine="tesseract")]  # fmt: skip
    others = [id_of(wish) for wish in wishes] + [id_of(data=b"other bytes")]
    assert len({first, *others}) == 1 + len(others)
    assert id_of(Wish(paid=Decimal("38.00"))) == id_of(Wish(paid=Decimal(38)))
    monkeypatch.setenv("CERTCHECK_TEXT_ENGINE", "tesseract")
    assert id_of() == id_of(Wish(engine="tesseract")) != first


def test_ink_is_kept_for_the_owner_of_the_machine_and_of_no_visitor(
    demo_registry: Registry, part: Part, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(ink_book.SETTING)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    name = part.reading.fields["approver"]
    written = Signature("approver", name.box, 0.99, clear=True, shape=form(name.text, None, 1))
    signed = dc.replace(part, reading=dc.replace(part.reading, signatures=(written,)))

    def report_of(digest: str, visitor: bool = False) -> Report:  # noqa: FBT001, FBT002
        fields = dict(signed.reading.fields)
        fields["certificate_no"] = dc.replace(fields["certificate_no"], value=f"N{digest}")
        one = dc.replace(signed.reading, fields=fields)
        given = dc.replace(signed, reading=one, sha256=digest * 64)
        wish = Wish(visitor=visitor)
        return check_part(given, "a.jpg", demo_registry, demo_registry.revision, wish)

    assert report_of("a", visitor=True).earlier_ink == "" and not ink_book.path().exists()
    before = report_of("a")
    assert before.earlier_ink == "" and ink_book.path().exists()
    assert report_of("a").id == before.id
    report_of("b")
    after = report_of("a")
    assert after.id != before.id and valid(after)["earlier_ink"] != ""
    assert report_of("a", visitor=True).id == before.id


def test_every_check_leaves_a_record_that_a_later_one_is_told_of(
    demo_registry: Registry, part: Part, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(seen.SETTING, str(tmp_path / "seen.sqlite"))

    def report_of(digest: str, wish: Wish = Wish(), **changes: str) -> Report:  # noqa: B008
        fields = dict(part.reading.fields)
        for key, value in changes.items():
            fields[key] = dc.replace(fields[key], value=value, raw=value)
        one = dc.replace(part.reading, fields=fields, likenesses=())
        given = dc.replace(part, reading=one, sha256=digest * 64)
        return check_part(given, "a.jpg", demo_registry, demo_registry.revision, wish)

    def told(report: Report) -> list[str]:
        return [one.message for one in report.items[4].findings if "seen_before" in one.rule]

    entered = Wish(corrections=(Correction("mass", "1.23"),))
    assert told(report_of("a", entered)) == []
    first = report_of("b", Wish(visitor=True))
    assert told(first) == [] and told(report_of("c")) == [], "another photo of it"
    # The ink says what it said before: this is a slip, not another paper.
    assert told(report_of("d", mass="999.25")) == [] == told(report_of("c"))
    seen_book = tmp_path / "other.sqlite"
    monkeypatch.setenv(seen.SETTING, str(seen_book))
    report_of("d", mass="999.25", shape="椭圆形", colour="黑紫")
    later = report_of("b", Wish(visitor=True))
    assert len(told(later)) == 1 and later.id != first.id
    monkeypatch.setenv(seen.SETTING, seen.OFF)
    assert report_of("b", Wish(visitor=True)).id == first.id


def test_another_registry_revision_makes_another_id(demo_registry: Registry, part: Part) -> None:
    revision = demo_registry.revision
    other = dc.replace(revision, revision="0" * 64)
    one, two = (check_part(part, "a", demo_registry, rev) for rev in (revision, other))
    assert one.id != two.id
    assert dc.asdict(one)["items"] == dc.asdict(two)["items"]


def test_each_page_of_a_pdf_has_its_report(demo_registry: Registry) -> None:
    entries = [valid(one) for one in check_bytes(bad_files.pdf(2), "a.pdf", demo_registry)]
    assert [(one["photo"]["page"], one["photo"]["part"]) for one in entries] == [(1, 1), (2, 1)]
    assert len({one["id"] for one in entries}) == 2


def test_a_rule_that_raises_costs_only_its_own_answer(
    demo_registry: Registry, part: Part, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def raises(case: object) -> list[Finding]:
        raise ZeroDivisionError

    framework.all_rules()
    broken = dc.replace(framework._rules["item2.object"], check=raises)
    monkeypatch.setitem(framework._rules, "item2.object", broken)
    caplog.set_level(logging.CRITICAL)
    entry = valid(check_part(part, "a.jpg", demo_registry, demo_registry.revision))
    (failed,) = [one for one in entry["items"][1]["findings"] if one["rule"] == "item2.object"]
    assert failed["status"] == "unverifiable"
    assert "ZeroDivisionError" in failed["message"]["en"]
    assert items(entry)["1"] == "inconsistent" and items(entry)["4"] == "consistent"
    assert entry["error"] is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DatabaseUnreachableError(database="x", reason="gone"), "registry.database_unreachable"),
        (KeyError("ours"), "check.crashed"),
    ],
)
def test_what_was_read_is_told_when_a_later_step_fails(
    error: Exception, code: str, demo_registry: Registry, part: Part,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(check, "identify", fails)
    found = check_part(part, "a.jpg", demo_registry, demo_registry.revision)
    assert not [one for one in caplog.records if one.exc_info]  # a terminal gets one line
    entry = valid(found)
    assert entry["error"]["code"] == code
    assert entry["verdict"] == "unverifiable"
    assert entry["fields"]["cma_no"]["value"] == "171620340112" and entry["codes"]
    assert exit_status([found]) == 3


def test_another_day_judges_otherwise(demo_registry: Registry, part: Part) -> None:
    revision = demo_registry.revision
    wish = Wish(as_of=dt.date(2022, 7, 21))  # before the accreditation ended
    entry = valid(check_part(part, "a.jpg", demo_registry, revision, wish))
    assert entry["judged_on"] == "2022-07-21"
    assert items(entry)["1"] != "inconsistent"
    printed = valid(check_part(part, "a.jpg", demo_registry, revision))
    assert printed["judged_on"] == "2023-07-21" and items(printed)["1"] == "inconsistent"


def test_what_was_paid_is_held_against_the_filed_cost(
    demo_registry: Registry, read: Callable[[str], Part], checked: Check
) -> None:
    name, revision = "honest-mounted.heic", demo_registry.revision
    wish = Wish(paid=Decimal("0.01"))
    paid = items(valid(check_part(read(name), name, demo_registry, revision, wish)))
    plain = items(checked(name))
    assert plain["6"] == "not_applicable"
    assert paid["6"] in ACCUSED
    assert {item for item in plain if plain[item] != paid[item]} == {"6"}


def test_the_worst_status_counts(demo_registry: Registry, part: Part, tmp_path: Path) -> None:
    expired = check_part(part, "a.jpg", demo_registry, demo_registry.revision)
    unread = check_file(tmp_path / "none.jpg", demo_registry)
    unclear = dc.replace(expired, items=())
    lots: tuple[list[Report], ...] = ([], [unclear], [expired, unclear], [expired, *unread])
    assert [exit_status(one) for one in lots] == [0, 0, 1, 3]
