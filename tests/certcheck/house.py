"""A small registry in memory, papers and witnesses for the rules of items 1 to 4."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, SQLModel

from certcheck import law, messages
from certcheck.case import Case
from certcheck.finding import Finding, Status
from certcheck.rules import framework
from certcheck.rules.listed import ENDED_SINCE, LATER
from ocr.errors import EngineFailedError
from ocr.reading import Code, Field, Quad, Reading, Seal
from ocr.witness import Answer, Support
from registry.lookup import Candidate, Registry
from registry.models import (
    Accreditation,
    Coverage,
    Lab,
    ScopeRow,
    SealText,
    Signatory,
)
from tests.registry import tables

BOX: Quad = ((0.0, 0.0), (240.0, 0.0), (240.0, 24.0), (0.0, 24.0))
DAY = dt.date(2023, 5, 1)
TODAY = dt.date(2026, 11, 21)

NAME = "示例玉石珠宝检验研究院有限公司"
OTHER = "示例宛西玉器质量检验中心"
NEAR = "示例宛西玉器质量检验站"
NUMBER, OLD_NUMBER, OTHER_NUMBER = "211620110417", "151620110088", "211620110318"
STREET, BRANCH = "河南省南阳市镇平县示玉大道36号", "河南省南阳市镇平县范样街29号"
SEAL = "检验检测专用章"

# Field key to print of a certificate with nothing wrong.
HONEST = {
    "lab_name": NAME,
    "cma_no": NUMBER,
    "certificate_no": "YA202330246633",
    "issue_date": "2023-05-01",
    "conclusion": "翡翠手镯",
    "refractive_index": "1.66（点测）",
    "density": "3.33",
    "standards": "GB/T 16552-2017; GB/T 16553-2017",
    "inspector": "甲",
    "checker": "乙",
    "approver": "沈怀瑾",
    "address": STREET,
}


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def held(lab_id: str, number: str, name: str, since: str, until: str, **more: Any) -> Accreditation:
    return Accreditation(
        lab_id=lab_id, kind="CMA", number=number, holder_name=name, valid_from=day(since),
        valid_until=day(until), **({"address": STREET} | more),
    )  # fmt: skip


def scope(
    lab_id: str, thing: str, standard: str, since: str = "2018-05-01", **more: Any
) -> ScopeRow:
    return ScopeRow(lab_id=lab_id, object=thing, standard=standard, valid_from=day(since), **more)


def signs(lab_id: str, name: str, field: str, since: str, until: str = "") -> Signatory:
    return Signatory(
        lab_id=lab_id, name=name, scope=field, valid_from=day(since), valid_until=day(until)
    )


def rows() -> list[SQLModel]:
    return [
        Lab(lab_id="yuan", name=NAME, licence_address=STREET, aliases="示例玉检院"),
        held("yuan", OLD_NUMBER, NAME, "2015-09-01", "2021-08-31"),
        held("yuan", NUMBER, NAME, "2021-09-01", "2027-08-31"),
        held("yuan", NUMBER, NAME, "2021-09-01", "2027-08-31", address=BRANCH),
        scope("yuan", "珠宝玉石", "GB/T 16552-2017"),
        scope("yuan", "珠宝玉石", "GB/T 16553-2017"),
        scope("yuan", "珠宝玉石", "GB/T 38821-2020", "2024-01-01"),
        scope("yuan", "珠宝玉石", "GB/T 16553-2010", "2012-09-01", valid_until=day("2018-04-30")),
        signs("yuan", "沈怀瑾", "全部", "2015-09-01"),
        signs("yuan", "顾明哲", "全部", "2015-09-01", "2022-06-30"),
        signs("yuan", "韩玉", "翡翠;独山玉", "2021-09-01"),
        signs("yuan", "邹立群", "贵金属", "2024-01-01"),
        SealText(lab_id="yuan", text=NAME, kind=SEAL),
        Lab(lab_id="zhong", name=OTHER, licence_address="河南省南阳市西峡县示河路18号"),
        held("zhong", OTHER_NUMBER, OTHER, "2021-07-06", "2027-07-05"),
        scope("zhong", "翡翠", "GB/T 16553-2017", limitation="不测B货"),
        signs("zhong", "钟书言", "全部", "2021-07-06"),
        SealText(lab_id="zhong", text=OTHER, kind=SEAL),
        Lab(lab_id="zhan", name=NEAR, licence_address="河南省南阳市西峡县样山街63号"),
        held("zhan", "221620110381", NEAR, "2022-07-19", "2028-07-18"),
        SealText(lab_id="zhan", text=NEAR, kind=SEAL),
        Lab(lab_id="ting", name="示例宛城珠宝玉器检测中心"),
        held("ting", "211620340305", "示例宛城珠宝玉器检测中心", "2021-05-20", "2027-05-19",
             status="suspended", status_on=day("2023-03-01")),
        Lab(lab_id="che", name="示例内乡玉石鉴定有限公司"),
        held("che", "201621340077", "示例内乡玉石鉴定有限公司", "2020-08-12", "2026-08-11",
             status="revoked", status_on=day("2023-02-15")),
        Lab(lab_id="xiao", name="示例洛河珠宝首饰检验站"),
        held("xiao", "191620110140", "示例洛河珠宝首饰检验站", "2019-06-03", "2025-06-02",
             status="cancelled"),
        Lab(lab_id="mo", name="示例岭南首饰检测技术有限公司"),
        held("mo", "211920340644", "示例岭南首饰检测技术有限公司", "2021-10-26", "2027-10-25",
             address=""),
        Coverage(authority_code="16", kind="CMA", complete_from=day("2012-01-01"), source="示例"),
    ]  # fmt: skip


def registry(*more: SQLModel) -> Registry:
    """The small registry, with more rows where a test wants them."""
    engine = tables.in_memory()
    with Session(engine) as session:
        session.add_all([row for row in [*rows(), *more] if isinstance(row, Lab)])
        session.flush()
        session.add_all([row for row in [*rows(), *more] if not isinstance(row, Lab)])
        session.commit()
    return Registry(engine)


@dc.dataclass
class Ink:
    """A witness that knows what really stands on the paper.

    Attributes:
        ink: field key to what is printed there.
        rings: what each seal's ring says.
        lines: texts that stand somewhere on the page.
        again: field key to the second engine's reading; the ink itself where missing,
            None for no second reading.
        blind: field keys of which the ink cannot tell.
    """

    ink: Mapping[str, str]
    rings: Sequence[str] = ()
    lines: Sequence[str] = ()
    again: Mapping[str, str | None] = dc.field(default_factory=dict)
    blind: Sequence[str] = ()

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        if key in self.blind or key not in self.ink:
            return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
        return [support(text, text == self.ink[key]) for text in texts]

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        if "seal" in self.blind:
            return [Support(name, 0.0, Answer.CANNOT_TELL) for name in names]
        return [support(name, name == self.rings[index]) for name in names]

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        if "anywhere" in self.blind:
            return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
        return [support(text, text in (*self.lines, *self.ink.values())) for text in texts]

    def reread_seal(self, index: int) -> str | None:
        return self.again.get("seal", self.rings[index])

    def reread(self, key: str) -> Field | None:
        text = self.again.get(key, self.ink.get(key))
        return None if text is None else field(key, text)


class Broken:
    """A witness whose engine is out of order."""

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        raise EngineFailedError(engine="test")

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        raise EngineFailedError(engine="test")

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        raise EngineFailedError(engine="test")

    def reread(self, key: str) -> Field | None:
        raise EngineFailedError(engine="test")

    def reread_seal(self, index: int) -> str | None:
        raise EngineFailedError(engine="test")


def support(text: str, agrees: bool) -> Support:  # noqa: FBT001
    return Support(text, 0.0, Answer.AGREES) if agrees else Support(text, -90.0, Answer.DIFFERS)


def field(key: str, text: str, confidence: float = 0.98) -> Field:
    value = tuple(text.split("; ")) if key == "standards" else text
    return Field(key, value, text, confidence, BOX, "rapidocr")


def seal(name: str, kind: str = SEAL, shape: str = "round", confidence: float = 0.95) -> Seal:
    return Seal(name, kind, shape, confidence, BOX)


def paper(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The honest paper with other print; None takes a field away."""
    values: dict[str, str | None] = {**HONEST, **(changes or {})}
    return {key: value for key, value in values.items() if value is not None}


def case(
    changes: Mapping[str, str | None] | None = None,
    *,
    read: Mapping[str, str] | None = None,
    seals: Sequence[Seal] = (seal(NAME),),
    witness: Any = None,
    lab: str | None = "yuan",
    matched_by: tuple[str, ...] = ("cma_no", "lab_name", "seal"),
    issued_on: dt.date | None = DAY,
    codes: Sequence[str] = (),
    labels: Sequence[str] = (),
    doubted: Mapping[str, str] | None = None,
    book: Registry | None = None,
    confidence: float = 0.98,
) -> Case:
    """A case.

    Args:
        changes: what the paper says otherwise than HONEST; None: not on the paper.
        read: what the first engine read otherwise than the paper says.
        seals: as read; the ring says what was read.
        witness: the ink's; one that knows the paper when None.
        lab: id of the identified laboratory, None for none.
        doubted: what was read too softly to be stated.
    """
    book = book or BOOK
    ink = paper(changes)
    values = {**ink, **(read or {})}
    if issued_on not in (DAY, None):
        values["issue_date"] = ink["issue_date"] = issued_on.isoformat()
    if issued_on is None:
        values.pop("issue_date", None)
    reading = Reading(
        page=1, part=1, width=100, height=100, is_certificate=True, seals=tuple(seals),
        codes=tuple(Code("QRCode", text, BOX, "zxing") for text in codes),
        labels=dict.fromkeys(labels, BOX),
        fields={key: field(key, text, confidence) for key, text in values.items()},
        doubted={key: field(key, text) for key, text in (doubted or {}).items()},
    )  # fmt: skip
    record = book.lab(lab) if lab else None
    match = Candidate(record, matched_by, 0.99) if record else None
    if witness is None:
        witness = Ink(ink, [one.name for one in seals])
    return Case(reading, witness, book, match, issued_on, TODAY)


def found(rule_id: str, given: Case) -> list[Finding]:
    """What one rule finds, as the framework runs it, each with its sentence and its law."""
    (one,) = [rule for rule in framework.all_rules() if rule.id == rule_id]
    findings = framework.run(one, given) if one.in_force(given.issued_on) else []
    for finding in findings:
        assert finding.message in (*one.messages, LATER, ENDED_SINCE), finding
        assert messages.text(finding.message, **finding.params).zh
        assert set(finding.law) <= law.keys()
        assert finding.evidence
    return findings


def told(rule_id: str, given: Case) -> tuple[Status, str] | None:
    """Status and message of a rule's only finding, the id cut off; None for no finding."""
    findings = found(rule_id, given)
    assert len(findings) < 2, findings
    if not findings:
        return None
    return findings[0].status, findings[0].message.removeprefix(rule_id)


BOOK = registry()
