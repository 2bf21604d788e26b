"""Reports from abroad: told as such, never accused, never cleared, and where to ask."""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Mapping, Sequence

import pytest

from certcheck import abroad, messages
from certcheck.case import Case
from certcheck.finding import Status
from certcheck.report import verdict
from certcheck.rules import framework
from ocr.reading import Line, Mark, Reading
from tests.certcheck.scene import BOX, case, code, found, item, one, read

LINES = ("GEMOLOGICAL INSTITUTE OF AMERICA", "NATURAL DIAMOND GRADING REPORT",
         "Shape and Cutting Style Round Brilliant", "Comments: clouds are not shown")  # fmt: skip
FIELDS = {"certificate_no": "6501234567", "mass": "0.202", "issue_date": "2023-06-12",
          "lab_name": LINES[0]}  # fmt: skip


def paper(
    lines: Sequence[str] = LINES,
    fields: Mapping[str, str] | None = None,
    codes: Sequence[str] = (),
) -> Reading:
    values = FIELDS if fields is None else fields
    return Reading(
        page=1, part=1, width=100, height=100, is_certificate=True,
        lines=tuple(Line(text, 0.99, BOX, BOX, "test") for text in lines),
        codes=tuple(code(text) for text in codes),
        fields={key: read(key, value) for key, value in values.items()},
    )  # fmt: skip


def foreign_case(reading: Reading | None = None) -> Case:
    reading = reading or paper()
    base = case(known=False)
    return dc.replace(base, reading=reading, foreign=abroad.recognise(reading))


def told(reading: Reading) -> tuple[str, tuple[str, ...]] | None:
    seen = abroad.recognise(reading)
    return (seen.lab.key, seen.matched_by) if seen else None


def test_told_by_name_by_site_and_by_mark_with_number() -> None:
    plain = {"certificate_no": "6501234567"}
    assert told(paper(LINES[:1], {})) == ("gia", ("lab_name",))
    assert told(paper(("GEMOLOGICAL INSTITUTE 0F AMER1CA",), {})) == ("gia", ("lab_name",))
    assert told(paper(("Gubelin Gem Lab Lucerne",), {})) == ("gubelin", ("lab_name",))
    assert told(paper((), {}, ["https://www.igi.org/verify?r=1"])) == ("igi", ("domain",))
    assert told(paper(("GIA REPORT 6501234567",), plain)) == ("gia", ("certificate_no",))
    assert told(paper(("GIA REPORT",), {"certificate_no": "AB-12345"})) is None
    assert told(paper(("GIANT DIAMOND",), plain)) is None


def test_a_chinese_paper_is_none_from_abroad() -> None:
    assert told(paper(LINES, {**FIELDS, "cma_no": "211620110417"})) is None
    assert told(paper(LINES, {**FIELDS, "lab_name": "示例玉石珠宝检验研究院有限公司"})) is None
    remark = "备注：客户另持有 GEMOLOGICAL INSTITUTE OF AMERICA 的钻石分级报告，编号六五〇一"
    assert told(paper((remark,), {"conclusion": "钻石戒指"})) is None


GRADUATE = "Graduate Gemologist, Gemological Institute of America"
ENGLISH_COPY = ("SAMPLE JADE TESTING CENTER", "Identification: natural jadeite bangle", GRADUATE)


def test_a_chinese_holder_of_a_cma_number_or_mark_is_none_from_abroad() -> None:
    company = "INTERNATIONAL GEMOLOGICAL INSTITUTE (CHINA) CO., LTD."
    given = paper((company, "COLOR F"), {"lab_name": company[:41]})
    assert told(given) == ("igi", ("lab_name",))
    number = read("cma_no", "211620110417", 0.5)
    for seen in (
        {"marks": (Mark("CMA", "", 0.6, BOX),)},
        {"doubted": {"cma_no": number}},
        {"unread": {"cma_no": BOX}},
        {"labels": {"cma_no": BOX}},
    ):
        assert told(dc.replace(given, **seen)) is None  # type: ignore[arg-type]
    assert told(dc.replace(given, marks=(Mark("CNAS", "", 0.99, BOX),))) is not None


def test_a_foreign_site_on_a_chinese_paper_says_nothing() -> None:
    chinese = ("翡翠手镯鉴定证书，送检样品一件", "鉴定师毕业于美国宝石学院 www.gia.edu")
    assert told(paper(chinese, {"website": "www.gia.edu"})) is None
    assert told(paper(chinese, {}, ["https://www.gia.edu/report-check"])) is None


def test_a_laboratory_that_is_only_mentioned_is_not_the_papers() -> None:
    assert told(paper(ENGLISH_COPY, {"certificate_no": "NO2107078"})) is None
    followed = "graded to the standards of the Gemological Institute of America"
    assert told(paper(("ABC GEM LAB REPORT", followed), {})) is None
    # With the laboratory's own site or number it is.
    by_site = told(paper((GRADUATE,), {}, ["https://www.gia.edu/rc?n=1"]))
    assert by_site == ("gia", ("lab_name", "domain"))
    by_number = told(paper((GRADUATE, "GIA REPORT"), {"certificate_no": "6501234567"}))
    assert by_number == ("gia", ("lab_name", "certificate_no"))
    named = told(paper((GRADUATE,), {"lab_name": "GIA GEMOLOGICAL INSTITUTE OF AMERICA"}))
    assert named == ("gia", ("lab_name",))


def test_two_laboratories_on_one_paper_are_nobody() -> None:
    assert told(paper((LINES[0], "INTERNATIONAL GEMOLOGICAL INSTITUTE"), {})) is None


def test_items_one_to_four_accuse_nobody_and_clear_nothing() -> None:
    given = foreign_case()
    results = framework.judge(given)
    assert [one.status for one in results[:4]] == [
        Status.UNVERIFIABLE, Status.NOT_APPLICABLE, Status.NOT_APPLICABLE, Status.NOT_APPLICABLE,
    ]  # fmt: skip
    assert verdict(results) is Status.UNVERIFIABLE
    shown = [len(finding.evidence) for result in results[:4] for finding in result.findings]
    assert shown == [1, 0, 0, 0], "the laboratory's name is shown once, not with every item"
    rules = [finding.rule for result in results[:4] for finding in result.findings]
    assert rules == ["item1.foreign", "item2.foreign", "item3.foreign", "item4.foreign"]
    assert all(one.status not in (Status.INCONSISTENT, Status.SUSPECTED) for one in results)


def test_the_same_paper_of_nobody_known_is_told_so() -> None:
    lines = ("NOBODY'S GEM LABORATORY", *LINES[1:], "Identification Natural Ruby")
    given = foreign_case(paper(lines, {"mass": "0.2"}))
    assert given.foreign is None
    assert one(found("item1.foreign_letters", given)) == (
        Status.UNVERIFIABLE, "item1.foreign_letters",
    )  # fmt: skip
    assert item(1, given).status is Status.UNVERIFIABLE
    assert found("item1.foreign_letters", case()) == []


def test_the_address_is_the_tables_and_a_weak_one_is_called_so() -> None:
    (strong,) = found("item1.foreign", foreign_case())
    step = messages.next_step(strong.message, **strong.params)
    assert step is not None and "www.gia.edu/report-check" in step.zh and "核实" not in step.zh
    weak = foreign_case(paper(("INTERNATIONAL GEMOLOGICAL INSTITUTE",), {}))
    (finding,) = found("item1.foreign", weak)
    assert finding.message == "item1.foreign.weak_site"
    step = messages.next_step(finding.message, **finding.params)
    assert step is not None and "尚未" in step.zh and "not confirmed" in step.en


def test_the_printed_address_is_never_given() -> None:
    fields = {**FIELDS, "website": "www.gia-check.example"}
    result = item(1, foreign_case(paper(LINES, fields)))
    for finding in result.findings:
        step = messages.next_step(finding.message, **finding.params)
        assert "gia-check" not in " ".join((*messages.text(finding.message, **finding.params),
                                            *(step or ())))  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "status", "message"),
    [
        ("https://www.gia.edu/rc?n=1", Status.CONSISTENT, "item5.foreign_site.own"),
        ("https://gia-check.example/1", Status.ADVICE, "item5.foreign_site"),
    ],
)
def test_where_the_code_leads_is_advice_at_most(payload: str, status: Status, message: str) -> None:
    given = foreign_case(paper(codes=[payload]))
    assert one(found("item5.foreign_site", given)) == (status, message)


def test_a_number_of_another_form_is_advice() -> None:
    assert found("item5.foreign_number", foreign_case()) == []
    odd = foreign_case(paper(LINES, {**FIELDS, "certificate_no": "AB-1234"}))
    assert one(found("item5.foreign_number", odd))[0] is Status.ADVICE


def test_not_applicable_says_why_and_nothing_else() -> None:
    for number in (2, 3, 4):
        given = foreign_case()
        rule_id = f"item{number}.foreign"
        assert one(found(rule_id, given)) == (Status.NOT_APPLICABLE, rule_id)
    assert [rule for rule in ("item2.foreign", "item3.foreign", "item4.foreign")
            if found(rule, case())] == []  # fmt: skip


def test_the_encouragements_say_that_the_laboratory_is_abroad_not_that_it_is_unknown() -> None:
    """A reader told in item 1 whose paper it is read in items 7 and 8 that nobody knew."""
    results = framework.judge(foreign_case())
    for number, rule_id in ((7, "item7.foreign"), (8, "item8.foreign")):
        told_of = [(one.status, one.message) for one in results[number - 1].findings]
        assert told_of == [(Status.NOT_APPLICABLE, rule_id)]
        assert "境外机构" in messages.text(rule_id).zh
        assert found(rule_id, case()) == []


def test_the_table_is_sound() -> None:
    keys = [lab.key for lab in abroad.labs()]
    assert len(keys) == len(set(keys)) and {"gia", "igi", "grs", "ssef", "gubelin"} <= set(keys)
    for lab in abroad.labs():
        re.compile(lab.number)
        assert lab.trust in ("S", "S-weak", "GK") and lab.source and lab.hosts and lab.names
        assert any(host in lab.query for host in lab.hosts), lab.key


def test_chinese_names_carry_no_brackets_as_sentences_put_them_in_brackets() -> None:
    assert [one.key for one in abroad.labs() if any(mark in one.zh for mark in "()（）")] == []
