"""What would break: a letter that accuses, leaves out what was found, or hides that a hand or the
demo register stands behind it; a rule that is stated without where it was seen."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from certcheck import complaint, messages
from certcheck.complaint import COMPLAINT, INQUIRY
from tests.certcheck.test_messages import FORBIDDEN
from tests.web.scene import PLACE, evidence, finding, report

TABLE = tomllib.loads(
    (Path(complaint.__file__).parent / "data" / "complaints.toml").read_text("utf-8")
)
NUMBER = {"value": "YA202330246633", "confidence": 0.9, "box": [], "reader": "r"}


def told(status: str, **changes: Any) -> dict[str, Any]:
    """A report with one finding of a status."""
    items = [{"item": number, "status": "consistent", "findings": []} for number in range(1, 9)]
    row = evidence("cma_no", PLACE, read="171620340112", expected="171620340113")
    found = finding(status, row | {"source": "accreditations: a/CMA/171620340113"})
    found["message"] = {"zh": "编号与登记的不同。", "en": "The number is another."}
    items[0] = {"item": 1, "status": status, "findings": [found]}
    return report(items=items, verdict=status, fields={"certificate_no": NUMBER}, **changes)


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        ("inconsistent", COMPLAINT),
        ("suspected", COMPLAINT),
        ("unverifiable", INQUIRY),
        ("consistent", INQUIRY),
    ],
)
def test_a_complaint_is_offered_only_where_something_did_not_agree(verdict: str, kind: str) -> None:
    assert complaint.letter(told(verdict)).kind == kind == complaint.kind_of(told(verdict))


def test_a_check_that_was_not_made_gives_no_cause_to_complain() -> None:
    error = {"code": "x", "message": {"zh": "坏", "en": "bad"}, "next_step": {"zh": "", "en": ""}}
    assert complaint.letter(told("inconsistent", error=error)).kind == INQUIRY


@pytest.mark.parametrize("verdict", ["inconsistent", "suspected"])
def test_the_complaint_states_what_was_read_and_what_is_registered(verdict: str) -> None:
    text = complaint.letter(told(verdict)).text
    source = messages.text("table.accreditations")
    for wanted in ("YA202330246633", "171620340112", "171620340113", "ab" * 32, "0" * 32):
        assert wanted in text.zh and wanted in text.en
    assert "编号与登记的不同。" in text.zh and source.zh in text.zh
    assert "The number is another." in text.en and source.en in text.en
    assert "《某某办法》第十一条" in text.zh and "《" not in text.en
    for one in complaint.guide().evidence:
        assert one.text.zh in text.zh and one.text.en in text.en
    assert messages.text("complaint.proves").zh in text.zh


def test_the_inquiry_asks_and_names_what_is_open() -> None:
    text = complaint.letter(told("unverifiable")).text
    assert "某机构" in text.zh and "编号与登记的不同。" in text.zh
    assert messages.text("complaint.inquiry.asked").zh in text.zh
    quiet = complaint.letter(told("consistent")).text
    assert "编号与登记的不同。" not in quiet.zh
    assert messages.text("complaint.inquiry.open").zh not in quiet.zh


def test_what_there_was_nothing_to_compare_with_names_no_register() -> None:
    alone = told("unverifiable")
    alone["items"][0]["findings"][0]["evidence"][0]["expected"] = ""
    text = complaint.letter(alone).text
    assert "证书上读到 171620340112\n" in f"{text.zh}\n" and "—" not in text.zh


@pytest.mark.parametrize("verdict", ["inconsistent", "suspected", "unverifiable", "consistent"])
def test_no_letter_accuses(verdict: str) -> None:
    text = complaint.letter(told(verdict)).text
    assert not FORBIDDEN.search(text.zh + text.en)
    assert not re.search("欺诈|违法|造假|fraud|illegal", text.zh + text.en)


def test_the_letter_says_what_was_entered_by_hand_and_what_is_demo() -> None:
    entered = [{"field": "mass", "read": None, "value": "3", "borne_out": False, "box": []}]
    lab = {"lab_id": "a", "name": "示例甲", "matched_by": [], "confidence": 1, "demo": True}
    text = complaint.letter(told("suspected", corrections=entered, lab=lab)).text
    assert messages.in_both("complaint.by_hand", ["mass"]).zh in text.zh
    assert messages.text("report.demo").zh in text.zh
    plain = complaint.letter(told("suspected")).text
    assert messages.text("report.demo").zh not in plain.zh and "本人对照" not in plain.zh


def test_a_certificate_without_a_number_leaves_a_blank() -> None:
    assert "________" in complaint.letter(told("suspected") | {"fields": {}}).title.zh


def test_days_are_chinas() -> None:
    late = told("suspected") | {"checked_at": "2026-11-21T20:00:00Z"}
    assert "2026-11-22" in complaint.letter(late).text.zh


@pytest.mark.parametrize("kind", ["channel", "place", "needed", "deadline", "right"])
def test_every_rule_has_its_source_and_its_trust(kind: str) -> None:
    for row in TABLE[kind]:
        assert row["trust"] in {"S", "S-weak", "GK"} and row["source"], row
        assert row["law"] or row["trust"] != "S", row
    assert TABLE["collected"] == complaint.guide().collected


def test_what_nobody_confirmed_is_marked() -> None:
    guide = complaint.guide()
    by_name = {one.name.en: one for one in guide.channels if one.name.en}
    assert by_name["12345 (government hotline)"].check
    assert not by_name["The platform"].check
    assert all(one.check for one in guide.deadlines)


def test_no_finding_that_a_letter_quotes_advises_the_buyer() -> None:
    """What to do stands in a next step, which letters leave out."""
    advice = re.compile("请(靠近|补拍|对准|不要|自己|向出证机构)|再拍一张|近照")
    quoted = ("item1.", "item2.", "item3.", "item4.", "item5.", "rule.")
    said = [(code, one) for code, one in messages.catalogue().items() if code.startswith(quoted)]
    assert len(said) > 100
    assert [code for code, one in said if advice.search(one.text.zh)] == []
