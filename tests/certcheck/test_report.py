"""What would break: programs that read reports, and people who rely on the worst being said."""

import dataclasses as dc
import datetime as dt
import functools
import json
import pickle
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from certcheck import report, report_text
from certcheck.errors import NotACertificateError, explain
from certcheck.finding import Finding, Status
from certcheck.report import PhotoInfo, Report
from certcheck.rules.framework import ItemResult, judge
from ocr.reading import Advice, Line, ReaderFailure
from registry.lookup import Registry, Revision
from tests.certcheck import paper
from tests.certcheck.scene import BOX, HONEST, case, read

SCHEMA = json.loads(
    (Path(report.__file__).parent / "data" / "report.schema.json").read_text(encoding="utf-8")
)
REVISION = Revision("ab" * 32, dt.datetime(2026, 11, 20, 1, 2, 3), demo=True)
PHOTO = PhotoInfo("a.jpg", 1, 1, "cd" * 32, 1550, 1950)
NOW = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)

# The contract's own example (contract, "Report"), its three dots filled and its items 2 to 8,
# which it leaves out, put in.
EXAMPLE: dict[str, Any] = {
    "schema": "certcheck.report/1",
    "id": "…",
    "photo": {
        "name": "a.jpg", "page": 1, "part": 1, "sha256": "…", "width": 1550, "height": 1950,
        "advice": [],
    },
    "checked_at": "2026-11-21T08:00:00Z",
    "registry": {"revision": "…", "imported_at": "2026-11-21T08:00:00Z", "demo": False},
    "verdict": "inconsistent",
    "fields": {
        "certificate_no": {
            "value": "YA202330246633", "confidence": 0.99,
            "box": [[0, 0], [1, 0], [1, 1], [0, 1]], "reader": "rapidocr",
        }
    },
    "codes": [{"symbology": "QRCode", "text": "https://…", "box": []}],
    "seals": [
        {
            "name": "…有限公司", "kind": "检验检测专用章", "shape": "round", "confidence": 0.97,
            "box": [],
        }
    ],
    "lab": {
        "lab_id": "yuan", "name": "…", "matched_by": ["cma_no", "lab_name"], "confidence": 0.99,
    },
    "items": [
        {"item": 1, "status": "inconsistent", "findings": [
            {"rule": "item1.accreditation_expired", "status": "inconsistent",
             "message": {"zh": "…", "en": "…"}, "law": ["…"],
             "evidence": [{"field": "cma_no", "read": "…", "expected": "…", "box": [],
                           "source": "accreditations: yuan/CMA/211601060417"}]}]},
        *({"item": number, "status": "consistent", "findings": []} for number in range(2, 9)),
    ],
    "error": None,
}  # fmt: skip


@functools.cache
def registry() -> Registry:
    return paper.registry()


def validate(value: object) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(value)))


def items(*statuses: Status) -> tuple[ItemResult, ...]:
    """Eight items with the statuses given; the rest as when nothing is known of 6 to 8."""
    rest = [Status.CONSISTENT] * 5 + [Status.NOT_APPLICABLE] * 3
    given = [*statuses, *rest[len(statuses) :]]
    return tuple(ItemResult(number, status, ()) for number, status in enumerate(given, start=1))


def build(**changes: Any) -> Report:
    given = case(HONEST | {"cma_no": "211620110417"}, codes=["https://x.example/", None], paid="5")
    given = dc.replace(given, registry=registry())
    values: dict[str, Any] = {
        "photo": PHOTO, "reading": given.reading, "match": given.match,
        "items": judge(given), "revision": REVISION, "checked_at": NOW,
    }  # fmt: skip
    return report.build(**(values | changes))


def failed() -> Report:
    return build(reading=None, match=None, items=(), problem=explain(NotACertificateError()))


def test_the_schema_itself_is_sound_and_takes_the_contracts_example() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validate(EXAMPLE)


@pytest.mark.parametrize("make", [build, failed, lambda: build(match=None)])
def test_reports_and_error_reports_fit_the_schema(make: Any) -> None:
    validate(make().to_json())


def test_standards_advice_and_failed_readers_fit_the_schema() -> None:
    reading = dc.replace(
        build().reading,  # type: ignore[type-var]
        fields={"standards": dc.replace(read("standards", ""), value=("GB/T 16553-2017",))},
        advice=(Advice("photo.blurred", 3.0, BOX),),
        failures=(ReaderFailure("tesseract", "engine_missing", "no program"),),
    )
    told = build(reading=reading).to_json()
    validate(told)
    assert told["fields"]["standards"]["value"] == ["GB/T 16553-2017"]
    assert told["photo"]["advice"][0]["message"]["zh"]
    assert told["readers_failed"] == [{"reader": "tesseract", "code": "engine_missing"}]


def _broken() -> list[tuple[str, Any]]:
    def without(*path: Any) -> Any:
        def change(value: Any) -> None:
            for step in path[:-1]:
                value = value[step]
            del value[path[-1]]

        return change

    def put(new: Any, *path: Any) -> Any:
        def change(value: Any) -> None:
            for step in path[:-1]:
                value = value[step]
            value[path[-1]] = new

        return change

    return [
        *((key, without(key)) for key in EXAMPLE),
        ("item missing", without("items", 7)),
        ("items out of order", put(3, "items", 1, "item")),
        ("unknown status", put("guilty", "items", 0, "status")),
        ("unknown verdict", put("advice", "verdict")),
        ("a fault in item 7", put("suspected", "items", 6, "status")),
        ("item 5 inconsistent", put("inconsistent", "items", 4, "status")),
        ("unknown field", put({}, "fields", "price")),
        ("padded value", put(" x", "fields", "certificate_no", "value")),
        ("three corners", put([[0, 0], [1, 0], [1, 1]], "fields", "certificate_no", "box")),
        ("one language", without("items", 0, "findings", 0, "message", "en")),
        ("no source", without("items", 0, "findings", 0, "evidence", 0, "source")),
        ("square seal", put("square", "seals", 0, "shape")),
        ("local time", put("2026-11-21T08:00:00+08:00", "checked_at")),
        ("confidence in percent", put(99, "lab", "confidence")),
    ]


@pytest.mark.parametrize(("name", "change"), [pytest.param(*one, id=one[0]) for one in _broken()])
def test_the_schema_refuses_what_breaks_the_contract(name: str, change: Any) -> None:
    broken = json.loads(json.dumps(EXAMPLE))
    change(broken)
    with pytest.raises(jsonschema.ValidationError):
        validate(broken)


def test_what_was_read_is_reported_when_the_check_failed() -> None:
    told = build(items=(), problem=explain(NotACertificateError())).to_json()
    validate(told)
    assert told["fields"]["certificate_no"]["value"] == HONEST["certificate_no"]
    assert [one["item"] for one in told["items"]] == list(range(1, 9))
    assert told["verdict"] == "unverifiable"
    assert told["error"]["code"] == "photo.not_a_certificate"


def test_an_unreadable_code_is_reported_as_found() -> None:
    codes = build().to_json()["codes"]
    assert [one["status"] for one in codes] == ["decoded", "unreadable"]
    assert codes[1]["text"] is None


S = Status


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (items(), S.CONSISTENT),
        (items(S.CONSISTENT, S.UNVERIFIABLE), S.UNVERIFIABLE),
        (items(S.UNVERIFIABLE, S.SUSPECTED), S.SUSPECTED),
        (items(S.SUSPECTED, S.CONSISTENT, S.INCONSISTENT), S.INCONSISTENT),
        (items(*[S.CONSISTENT] * 5, S.SUSPECTED), S.SUSPECTED),
        (items(*[S.CONSISTENT] * 6, S.ADVICE, S.ADVICE), S.CONSISTENT),
        (items(*[S.CONSISTENT] * 6, S.UNVERIFIABLE, S.UNVERIFIABLE), S.CONSISTENT),
        (items(S.ADVICE, *[S.NOT_APPLICABLE] * 4), S.UNVERIFIABLE),
    ],
)
def test_the_verdict_is_the_worst_of_the_items_that_count(
    given: tuple[ItemResult, ...], verdict: Status
) -> None:
    assert report.verdict(given) is verdict


def test_the_same_check_has_the_same_id_and_another_has_not() -> None:
    first = build()
    assert (
        build(checked_at=NOW + dt.timedelta(days=1), photo=dc.replace(PHOTO, name="b")).id
        == first.id
    )
    others = [
        build(photo=dc.replace(PHOTO, sha256="ee" * 32)),
        build(photo=dc.replace(PHOTO, page=2)),
        build(photo=dc.replace(PHOTO, part=2)),
        build(revision=dc.replace(REVISION, revision="cd" * 32)),
        build(settings="2020-01-01||"),
    ]
    assert len({first.id, *(one.id for one in others)}) == len(others) + 1


def test_an_empty_registry_is_said_to_be_empty() -> None:
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    empty = build(revision=Revision("ab", never, demo=False), match=None)
    validate(empty.to_json())
    assert "登记数据是空的" in report_text.render(empty)


def test_items_that_are_not_all_eight_are_refused() -> None:
    with pytest.raises(ValueError, match="not all eight"):
        build(items=items()[:7])


def test_law_is_told_as_of_the_day_judged_on() -> None:
    def laws(day: dt.date) -> list[str]:
        finding = Finding("item1.x", S.SUSPECTED, "item5.no_signs", law=("163.34", "plan.3.4.1"))
        one = (ItemResult(1, S.SUSPECTED, (finding,)), *items()[1:])
        told: list[str] = build(items=one, judged_on=day).to_json()["items"][0]["findings"][0][
            "law"
        ]
        return told

    assert laws(dt.date(2019, 1, 1)) == [
        "《检验检测机构资质认定管理办法》第四十一条（须核对现行文本）"
    ]
    assert len(laws(dt.date(2024, 1, 1))) == 2


def test_reports_go_between_processes_without_their_lines() -> None:
    line = Line("检验结论", 0.9, BOX, BOX, "rapidocr")
    whole = build(reading=dc.replace(case().reading, lines=(line,)))
    assert whole.reading is not None
    assert whole.reading.lines == ()
    assert pickle.loads(pickle.dumps(whole)).to_json() == whole.to_json()


# ---------------------------------------------------------------- for a person


@pytest.mark.parametrize("lang", report_text.LANGUAGES)
@pytest.mark.parametrize("make", [build, failed])
def test_the_text_fits_the_terminal_and_says_the_verdict_first(make: Any, lang: str) -> None:
    lines = report_text.render(make(), lang).splitlines()
    assert max(map(report_text.columns, lines)) <= report_text.WIDTH + 2
    told = report_text.verdict_text(make())
    assert lines[3].startswith((told.en if lang == "en" else told.zh)[:20])


def test_the_text_names_all_eight_items_and_what_it_does_not_prove() -> None:
    text = report_text.render(build())
    for number in range(1, 9):
        assert f"\n{number} " in text
    assert "不能证明" in text
    assert "演示登记数据" in text
    assert "读到 5" in text
    assert "第八条" in text


def test_no_report_says_genuine_or_fake() -> None:
    for lang in report_text.LANGUAGES:
        for one in (build(), failed()):
            text = report_text.render(one, lang) + json.dumps(one.to_json(), ensure_ascii=False)
            for word in ("真品", "假证", "真伪", "虚假", "genuine", "fake"):
                assert word not in text


def test_nobody_is_told_that_a_laboratory_is_wholly_sure() -> None:
    """Weighing rounds to 1.0; a photo proves nothing to 100 %."""
    real = build()
    assert real.lab is not None
    text = report_text.render(dc.replace(real, lab=dc.replace(real.lab, confidence=1.0)))
    assert "把握 99%" in text and "100%" not in text


def test_real_laboratories_carry_no_demo_note() -> None:
    real = build()
    assert real.lab is not None
    lab = dc.replace(real.lab, name="某某检测中心")
    text = report_text.render(dc.replace(real, lab=lab))
    assert "演示登记数据" not in text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三四五", ["一二", "三四", "五"]),
        ("一二，三", ["一二，", "三"]),
        ("一（二三）四", ["一", "（二", "三）", "四"]),
        ("ab cde f", ["ab", "cde f"]),
        ("", []),
    ],
)
def test_lines_break_where_chinese_may(text: str, lines: list[str]) -> None:
    assert report_text.wrap(text, 5) == lines


def test_a_paragraph_hangs_under_its_mark() -> None:
    assert report_text.wrap("一二三四", 6, "· ") == ["· 一二", "  三四"]


def test_the_summary_names_the_items_that_do_not_agree() -> None:
    row = report_text.summary_row(build())
    assert row.photo == "a.jpg"
    assert row.laboratory == "示例玉石珠宝检验研究院有限公司"
    assert "6 出证费用" in row.why
    assert "7 " not in row.why
    assert all(reason[0].isdigit() for reason in row.why.split("\n")), "one item a line"
    failure = report_text.summary_row(failed())
    assert failure.why


def test_a_law_of_which_no_articles_are_known_is_named_once() -> None:
    finding = Finding("item1.x", Status.SUSPECTED, "item5.no_signs", law=("163.13", "163.20"))
    old = [text.zh for text in report.law_texts(finding, dt.date(2020, 9, 25))]
    assert old == ["《检验检测机构资质认定管理办法》"]
    assert len(report.law_texts(finding, dt.date(2023, 1, 1))) == 2
