"""Cases built by hand for the rules of items 5 to 8: a reading, a lab's record, a witness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from certcheck import law, messages
from certcheck.case import Case
from certcheck.finding import Finding, Status
from certcheck.rules import framework
from ocr.reading import Code, Field, Quad, Reading
from ocr.witness import Answer, Support
from registry.lookup import Candidate, LabRecord
from registry.models import Accreditation, Domain, Fee, Lab, Membership

BOX: Quad = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
DAY = dt.date(2023, 3, 21)
TODAY = dt.date(2026, 11, 21)
NAME = "示例玉石珠宝检验研究院有限公司"

HONEST = {
    "lab_name": NAME,
    "certificate_no": "PZ23032100202",
    "issue_date": "2023-03-21",
    "conclusion": "翡翠手镯",
    "refractive_index": "1.66(点测)",
    "density": "3.33",
}


def read(key: str, value: str, confidence: float = 0.98) -> Field:
    return Field(key, value, value, confidence, BOX, "rapidocr", weakest=confidence)


class Ink:
    """A witness that answers what the test says; silent about everything else.

    `says` are texts that the ink agrees with; with `differs` it differs from all others.
    """

    def __init__(
        self, *, says: Sequence[str] = (), differs: bool = False,
        again: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.says, self.differs, self.again = says, differs, again or {}

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        other = Answer.DIFFERS if self.differs else Answer.CANNOT_TELL
        return [
            Support(text, 0.0, Answer.AGREES) if text in self.says else Support(text, -90.0, other)
            for text in texts
        ]

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        return [Support(name, 0.0, Answer.CANNOT_TELL) for name in names]

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]

    def reread(self, key: str) -> Field | None:
        return read(key, self.again[key]) if key in self.again else None

    def reread_seal(self, index: int) -> str | None:
        return self.again.get(f"seal {index}")


def sure(fields: Mapping[str, str]) -> Ink:
    """A witness whose second reading is the first and who denies every other text."""
    return Ink(differs=True, again=fields)


def record(**changes: Any) -> LabRecord:
    values: dict[str, Any] = {
        "lab": Lab(lab_id="yuan", name=NAME),
        "accreditations": (
            Accreditation(
                lab_id="yuan", kind="CMA", number="211620110417", holder_name=NAME,
                valid_from=dt.date(2021, 9, 1), valid_until=dt.date(2027, 8, 31),
            ),
        ),
        "domains": (Domain(lab_id="yuan", domain="shili-yuan.example"),),
        "memberships": (
            Membership(
                lab_id="yuan", platform="全国珠宝检验检测机构证书查询平台",
                joined_on=dt.date(2022, 1, 10),
            ),
        ),
        "fees": (
            Fee(
                lab_id="yuan", item="珠宝玉石鉴定（单件）", unit_cost=Decimal("38.00"),
                filed_on=dt.date(2021, 9, 20),
            ),
        ),
    }  # fmt: skip
    return LabRecord(**(values | changes))


class Sites:
    """A registry of query sites alone: domain to the laboratory's name."""

    def __init__(self, sites: Mapping[str, str]) -> None:
        self._sites = dict(sites)

    def sites(self) -> dict[str, str]:
        return self._sites


def code(text: str | None) -> Code:
    return Code("QRCode", text, BOX, "zxing")


def case(
    fields: Mapping[str, str] | None = None,
    *,
    codes: Sequence[str | None] = (),
    lab: LabRecord | None = None,
    known: bool = True,
    witness: Any = None,
    issued_on: dt.date | None = DAY,
    paid: str | None = None,
    matched_by: tuple[str, ...] = ("cma_no", "lab_name"),
    confidence: float = 0.98,
    sites: Mapping[str, str] | None = None,
) -> Case:
    """A case; `known=False` for a laboratory that was not identified."""
    values = dict(HONEST if fields is None else fields)
    reading = Reading(
        page=1, part=1, width=100, height=100, is_certificate=True,
        codes=tuple(code(text) for text in codes),
        fields={key: read(key, value, confidence) for key, value in values.items()},
    )  # fmt: skip
    match = Candidate(lab or record(), matched_by, 0.99) if known else None
    return Case(
        reading, witness or sure(values), cast(Any, Sites(sites or {})), match, issued_on, TODAY,
        Decimal(paid) if paid else None,
    )  # fmt: skip


def found(rule_id: str, given: Case) -> list[Finding]:
    """What one rule finds, as the framework runs it; nothing where it is not in force."""
    (one,) = [rule for rule in framework.all_rules() if rule.id == rule_id]
    return framework.run(one, given) if one.in_force(given.issued_on) else []


def one(findings: list[Finding]) -> tuple[Status, str]:
    (finding,) = findings
    assert messages.text(finding.message, **finding.params).zh
    assert finding.law
    assert set(finding.law) <= law.keys()
    return finding.status, finding.message


def item(number: int, given: Case) -> framework.ItemResult:
    return framework.judge(given)[number - 1]
