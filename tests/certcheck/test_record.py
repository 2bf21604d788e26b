"""What would break: a paper blamed for a laboratory's outage, a cloned number not seen, a stranger
asked.

The laboratories' sites are real servers on this machine, that answer, lie, stall and break.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from certcheck import messages
from certcheck.finding import Status
from certcheck.record import values
from certcheck.record.compare import compare
from certcheck.record.fields import Stated
from certcheck.record.model import Outcome, Reason, Result
from certcheck.record.sites import Absent, Site
from certcheck.report import sentence
from tests.certcheck.lookups import (
    FIELDS,
    HTML,
    KNOWN,
    NUMBER,
    OWN,
    RECORDED,
    RULE,
    SITE,
    Desk,
    page,
    results,
)
from tests.certcheck.scene import HONEST, Ink, case, found, item

# What a record says --------------------------------------------------------------------------


def test_a_record_that_says_the_same_agrees_and_is_kept_for_evidence(desk: Desk) -> None:
    asked = desk.ask()
    assert asked.outcome is Outcome.AGREES and asked.answer is not None
    assert set(results(asked).values()) == {Result.AGREES} and len(asked.rows) == 6
    assert asked.answer.data == page()
    assert asked.to_json()["answer"]["sha256"] == hashlib.sha256(page()).hexdigest()
    assert (asked.host, asked.to_json()["asked_at"][-1]) == (SITE, "Z")
    assert desk.told(desk.paper(), asked) == [(Status.CONSISTENT, ".agrees")]


@pytest.mark.parametrize("charset", ["gbk", "gb2312", "gb18030", "utf-8"])
@pytest.mark.parametrize("says", ["head", "page", "nobody"])
def test_pages_in_the_characters_of_chinese_sites_are_read(
    desk: Desk, charset: str, says: str
) -> None:
    told = f"text/html; charset={charset}" if says == "head" else "text/html"
    body = page(charset=charset)
    if says == "nobody":
        body = body.replace(f'<meta charset="{charset}">'.encode(), b"")
    desk.server.publish(f"/q?no={NUMBER}", body, Content_Type=told)
    assert desk.ask().outcome is Outcome.AGREES


@pytest.mark.parametrize(
    ("changed", "differing"),
    [
        ({"总质量（g）": "30.32"}, {"mass"}),
        ({"检验结论": "石英岩玉手镯"}, {"conclusion"}),
        ({"检验结论": "翡翠（处理）手镯"}, {"conclusion"}),
        ({"密度": "2.65", "折射率": "1.54"}, {"density", "refractive_index"}),
        ({"检验结论": "合成翡翠"}, {"conclusion"}),
    ],
)
def test_a_record_of_another_piece_is_a_sign_and_says_in_what(
    desk: Desk, changed: dict[str, str], differing: set[str]
) -> None:
    desk.server.publish(f"/q?no={NUMBER}", page(RECORDED | changed), **HTML)
    asked = desk.ask()
    assert asked.outcome is Outcome.DIFFERS
    assert {key for key, result in results(asked).items() if result is Result.DIFFERS} == differing
    given = dc.replace(desk.paper(), record=asked)
    (finding,) = found(RULE, given)
    assert (finding.status, finding.message) == (Status.SUSPECTED, f"{RULE}.differs")
    assert {one.field for one in finding.evidence} == differing
    for one in finding.evidence:
        assert one.source == f"record: {SITE}" and one.read != one.expected
    said = sentence(finding)
    for key in differing:
        assert messages.text(f"field.{key}").zh in said.zh
        assert messages.text(f"field.{key}").en in said.en
    assert item(5, given).status is Status.SUSPECTED


def test_a_print_that_was_misread_is_not_held_against_the_paper(desk: Desk) -> None:
    """The picture is asked again before anything is said."""
    fields = FIELDS | {"mass": "84.32"}
    ink = Ink(says=["54.320"], differs=True, again=fields)
    asked = desk.ask(desk.paper(fields, witness=ink))
    assert results(asked)["mass"] is Result.AGREES
    doubtful = desk.paper(fields, witness=Ink(again=fields | {"mass": "54.32"}))
    asked = desk.ask(doubtful)
    assert results(asked)["mass"] is Result.UNSURE and asked.outcome is Outcome.UNSURE
    assert desk.told(doubtful, asked) == [(Status.UNVERIFIABLE, ".unsure")]


# In what two may honestly differ --------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "printed", "recorded", "result"),
    [
        ("mass", "54.3", Stated("54.32", "54.32g", "质量"), Result.AGREES),
        ("mass", "54.32", Stated("54.320", "", ""), Result.AGREES),
        ("mass", "0.31", Stated("0.312", "1.56ct", "质量"), Result.AGREES),
        ("mass", "54.32", Stated("54.23", "", ""), Result.DIFFERS),
        ("mass", "未检", Stated("54.23", "", ""), Result.NOT_COMPARED),
        ("density", "3.33", Stated("3.330", "", ""), Result.AGREES),
        ("refractive_index", "1.66(点测)", Stated("1.66", "1.66", ""), Result.AGREES),
        ("refractive_index", "1.762~1.770", Stated("1.762-1.770", "", ""), Result.AGREES),
        ("refractive_index", "1.762~1.770", Stated("1.544", "", ""), Result.DIFFERS),
        ("conclusion", "翡翠手镯", Stated("翡翠", "", ""), Result.AGREES),
        ("conclusion", "翡翠(A货)手镯", Stated("翡翠手镯", "", ""), Result.AGREES),
        ("conclusion", "软玉手镯", Stated("和田玉", "", ""), Result.AGREES),
        ("conclusion", "翡翠手镯", Stated("玉手镯", "", ""), Result.NOT_COMPARED),
        ("conclusion", "红宝石", Stated("合成红宝石", "", ""), Result.DIFFERS),
        ("conclusion", "翡翠", Stated("翡翠(漂白、充填处理)", "", ""), Result.DIFFERS),
        ("conclusion", "某某石", Stated("另一石", "", ""), Result.NOT_COMPARED),
        ("shape", "圆形手镯", Stated("手镯", "", ""), Result.AGREES),
        ("shape", "手镯", Stated("圆环", "", ""), Result.NOT_COMPARED),
        ("issue_date", "2023-03-21", Stated("2023-03-20", "", "检测日期"), Result.NOT_COMPARED),
        ("issue_date", "2023-03-21", Stated("2021-03-20", "", "检测日期"), Result.DIFFERS),
        ("issue_date", "2023-03-21", Stated("2023-03-20", "", ""), Result.DIFFERS),
        ("certificate_no", NUMBER, Stated("PZ-230321-00202", "", ""), Result.AGREES),
    ],
)
def test_fields_are_compared_as_what_they_are(
    key: str, printed: str, recorded: Stated, result: Result
) -> None:
    (row,) = compare(case({key: printed}), {key: (recorded,)})
    assert row.result is result


@pytest.mark.parametrize(
    ("key", "printed", "label", "recorded", "result"),
    [
        # A bare figure may be carats.
        ("mass", "0.104g", "weight", "0.52", Result.AGREES),
        ("mass", "0.104g", "质量(g)", "0.52", Result.DIFFERS),
        ("mass", "0.104g", "weight", "0.50", Result.DIFFERS),
        ("mass", "1.25kg", "总质量", "1254 g", Result.AGREES),
        ("mass", "1.25kg", "总质量", "1.31kg", Result.DIFFERS),
        ("mass", "1234.5g", "总质量", "1,234.5g", Result.AGREES),
        ("mass", "1234g", "总质量", "1,234g", None),
        ("mass", "0.104g", "质量", "52分", Result.AGREES),
        ("mass", "5.4g", "质量", "1.44钱", None),
        ("mass", "3.05g", "质量", "3050毫克", Result.AGREES),
        ("mass", "0.52ct", "质量", "0.50-0.54ct", Result.NOT_COMPARED),
        ("density", "3.33", "密度", "3.32～3.34g/cm3", Result.AGREES),
        ("density", "3.33", "密度", "2.64-2.66", Result.DIFFERS),
        ("density", "3.33", "密度", "３．３３", Result.AGREES),
        # An instant of Greenwich's time is another day in China.
        ("issue_date", "2023-03-21", "签发日期", "2023-03-20T16:00:00.000+0000", Result.AGREES),
        ("issue_date", "2023-03-21", "", "2023-03-20T16:00:00Z", Result.AGREES),
        ("issue_date", "2023-03-21", "", "2023-03-20 16:00:00", Result.NOT_COMPARED),
        ("issue_date", "2023-03-21", "", "1679328000000", Result.AGREES),
        ("issue_date", "2023-03-21", "", "/Date(1679328000000+0800)/", Result.AGREES),
        ("issue_date", "2023-03-21", "", "1579328000", Result.DIFFERS),
        ("issue_date", "2023-03-21", "", "二〇二三年三月二十一日", Result.AGREES),
        # The page's own day, and days of nothing.
        ("issue_date", "2023-03-21", "日期", "2026-11-20", Result.NOT_COMPARED),
        ("issue_date", "2023-03-21", "日期", "2019-05-01", Result.NOT_COMPARED),
        ("certificate_no", NUMBER, "编号", f"NGTC-{NUMBER}", Result.NOT_COMPARED),
        ("conclusion", "红宝石", "", "紅寶石", Result.AGREES),
        ("conclusion", "红宝石", "", "合成紅寶石", Result.DIFFERS),
        ("conclusion", "玉髓", "", "玛瑙", Result.NOT_COMPARED),
        ("conclusion", "玉髓", "", "玛瑙（染色处理）", Result.DIFFERS),
        ("conclusion", "石英岩玉", "", "玛瑙", Result.DIFFERS),
        ("conclusion", "石英岩玉", "", "黄龙玉", Result.NOT_COMPARED),
        ("conclusion", "托帕石", "", "黄玉", Result.NOT_COMPARED),
        ("conclusion", "托帕石", "", "和田玉", Result.DIFFERS),
    ],
)
def test_what_databases_write_is_read_as_they_mean_it(
    key: str, printed: str, label: str, recorded: str, result: Result | None
) -> None:
    """Every one of these stood for another value, and an honest paper would have been suspected."""
    value = values.parse(key, "", printed)
    assert value is not None
    on_paper = case({key: value})
    field = dc.replace(on_paper.reading.fields[key], raw=printed)
    on_paper = dc.replace(on_paper, reading=dc.replace(on_paper.reading, fields={key: field}))
    there = values.parse(key, label, recorded)
    stated = {key: (Stated(there, recorded, label),)} if there else {}
    assert [row.result for row in compare(on_paper, stated)] == ([result] if result else [])


def test_of_two_values_one_that_agrees_is_enough_and_two_others_accuse_nobody() -> None:
    one, other, third = (Stated(text, text, "") for text in ("54.32", "3.1", "2.9"))
    for stated, result in (((one, other), Result.AGREES), ((other, third), Result.NOT_COMPARED)):
        (row,) = compare(case({"mass": "54.32"}), {"mass": stated})
        assert row.result is result


def test_the_echo_of_the_number_alone_is_no_record(desk: Desk) -> None:
    desk.server.publish(f"/q?no={NUMBER}", page({"证书编号": NUMBER}), **HTML)
    asked = desk.ask()
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, Reason.UNCLEAR)


# How pages say it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><th>证书编号</th><th>检测结果</th><th>总质量</th></tr>"
        f"<tr><td>{NUMBER}</td><td>翡翠手镯</td><td>54.32g</td></tr></table>",
        f"<dl><dt>Certificate No.：</dt><dd>{NUMBER}</dd><dt>总质量</dt><dd>54.32 克</dd></dl>",
        f"<p>证书编号：{NUMBER}</p><p><b>总质量</b>： 54.32 g</p>",
        f"<ul><li><span>证书编号</span><span>{NUMBER}</span></li>"
        "<li><span>颜色</span><span></span></li><li><span>质量</span><span>54.32g</span></li></ul>",
        f"<label>证书编号</label><input readonly value='{NUMBER}'><label>质量</label>"
        "<input readonly value='54.32g'>",
        f"<table><tr><td>证书编号 Certificate No.</td><td>{NUMBER}</td><td>质量<br>(ct)</td>"
        "<td>271.6</td></tr></table>",
        f"<p>證書編號：{NUMBER}</p><p>總質量：54.32g</p>",
        f"<script>document.write('质量：1g')</script><p hidden>质量：2g</p>"
        f"<p style='display: none'>质量：3g</p><p>证书编号：{NUMBER}<p>质量：54.32g",
    ],
    ids=["columns", "list", "colons", "spans", "inputs", "carats", "traditional", "hidden"],
)
def test_labels_tell_what_is_what_however_a_page_is_built(desk: Desk, body: str) -> None:
    desk.server.publish(f"/q?no={NUMBER}", body, **HTML)
    asked = desk.ask()
    assert results(asked).get("mass") is Result.AGREES, asked
    assert asked.outcome is Outcome.AGREES


@pytest.mark.parametrize(
    "told",
    [
        {"code": 0, "data": {"certificateNo": NUMBER, "totalMass": "54.32g"}},
        {"证书编号": NUMBER, "检验结论": "翡翠手镯"},
        [{"证书编号": NUMBER, "质量（ct）": "271.6"}],
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=utf-8"])
def test_data_are_read_by_the_words_of_their_keys(
    desk: Desk, told: dict[str, Any], kind: str
) -> None:
    desk.server.publish(f"/q?no={NUMBER}", json.dumps(told), Content_Type=kind)
    assert desk.ask().outcome is Outcome.AGREES


def test_data_with_other_keys_are_not_understood_and_say_nothing(desk: Desk) -> None:
    site = Site(
        OWN, address=desk.url("/api?id={certificate_no}"), answer="json",
        fields={"certificate_no": "data.no", "mass": "data.weight"},
        absent=Absent(path="code", equals="404"),
    )  # fmt: skip
    for told in ({"result": {"bh": NUMBER, "zl": "9.9"}}, {"data": NUMBER}, [], 7, None):
        desk.server.publish(f"/api?id={NUMBER}", json.dumps(told))
        assert desk.ask(site=site).reason is Reason.UNCLEAR
    # As a framework says that the address is none of its own.
    desk.server.publish(f"/api?id={NUMBER}", json.dumps({"status": 404, "error": "Not Found"}))
    assert desk.ask(site=site).reason is Reason.UNCLEAR


def test_a_site_may_be_listed_with_its_form_its_characters_and_its_places(desk: Desk) -> None:
    site = Site(
        OWN, address=desk.url("/zscx.asp"), form={"zsbh": "{certificate_no}", "lx": "证书"},
        encoding="gb18030", fields={"certificate_no": "//td[@id='a']", "mass": "//td[@id='b']"},
    )  # fmt: skip
    body = f"<table><tr><td id=a>{NUMBER}<td>查询<td id=b>54.32克</table><p>质量：1g".encode("gbk")
    desk.server.publish("/zscx.asp", body, Content_Type="text/html; charset=gb2312")
    assert desk.ask(site=site).outcome is Outcome.AGREES
    assert desk.server.posted == [f"zsbh={NUMBER}&lx={quote('证书', encoding='gbk')}".encode()]


def test_a_site_may_be_listed_with_the_places_of_its_data(desk: Desk) -> None:
    site = Site(
        OWN, address=desk.url("/api?id={certificate_no}&c={security_code}"), answer="json",
        fields={"certificate_no": "data.0.no", "mass": "data.0.w", "conclusion": "data.0.r"},
        absent=Absent(path="code", equals="404"), complete_from=dt.date(2020, 1, 1),
        control={"certificate_no": KNOWN, "security_code": "1"},
    )  # fmt: skip
    there = {"code": 0, "data": [{"no": KNOWN, "w": 1.5, "r": "翡翠"}]}
    desk.server.publish(f"/api?id={KNOWN}&c=1", json.dumps(there))
    path = f"/api?id={NUMBER}&c=77839765"
    told: dict[str, Any] = {"code": 0, "data": [{"no": NUMBER, "w": 54.32, "r": "翡翠"}]}
    desk.server.publish(path, json.dumps(told))
    assert desk.ask(site=site).outcome is Outcome.AGREES
    desk.server.publish(path, json.dumps({"code": 404}))
    absent = desk.ask(site=site)
    assert absent.outcome is Outcome.ABSENT and absent.tells
    # A security code that was misread is answered in the same way.
    for again in ({}, {"security_code": "77839766"}):
        doubtful = desk.paper(witness=Ink(again={"certificate_no": NUMBER} | again))
        absent = desk.ask(doubtful, site)
        assert absent.outcome is Outcome.ABSENT and not absent.tells
    # What the site asks with was not read, and the QR code is not its own.
    given = desk.paper(HONEST, codes=[])
    assert desk.ask(given, site).reason is Reason.MISSING


def test_the_number_is_asked_as_the_code_spells_it(desk: Desk) -> None:
    site = Site(OWN, address=desk.url("/x?no={certificate_no}"))
    given = desk.paper(FIELDS | {"certificate_no": NUMBER.replace("0", "O")})
    desk.ask(given, site)
    assert desk.server.asked[-1][0] == f"/x?no={NUMBER}"
