"""What would break: a paper blamed for a laboratory's outage, a cloned number not seen, a stranger
asked.

The laboratories' sites are real servers on this machine, that answer, lie, stall and break.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from click.testing import CliRunner

from certcheck import messages, report, report_text
from certcheck.case import Case
from certcheck.cli import cli
from certcheck.errors import SettingError, SitesFileError
from certcheck.finding import Status
from certcheck.outside.documents import Limits
from certcheck.record.ask import Asker, Mode, mode
from certcheck.record.compare import compare
from certcheck.record.fields import Stated
from certcheck.record.model import Outcome, Reason, Record, Result
from certcheck.record.sites import Absent, Site, Sites, known
from certcheck.report import PhotoInfo, sentence
from certcheck.rules.framework import judge
from registry.lookup import Revision
from registry.models import Domain
from samples import PHOTOS
from tests.benchmarks import records
from tests.certcheck.names import Names
from tests.certcheck.scene import HONEST, Ink, case, found, item, record, sure
from tests.registry.publisher import Publisher, redirect, status

RULE = "item5.record"
SCHEMA = Path(report.__file__).parent / "data" / "report.schema.json"
OWN = "shili-yuan.example"
SITE = f"cx.{OWN}"
NUMBER = HONEST["certificate_no"]
FIELDS = HONEST | {"mass": "54.32", "security_code": "77839765"}
# What the laboratory has of it.
RECORDED = {
    "证书编号": NUMBER, "检验结论": "翡翠手镯", "总质量（g）": "54.320", "折射率": "1.66（点测）",
    "密度": "3.33 g/cm3", "签发日期": "2023年03月21日",
}  # fmt: skip
HTML = {"Content_Type": "text/html; charset=utf-8"}
LISTED = Site(
    OWN, address="", absent=Absent(text=("查无此证",)), complete_from=dt.date(2020, 1, 1)
)  # fmt: skip


def page(recorded: Mapping[str, str] = RECORDED, charset: str = "utf-8") -> bytes:
    rows = "".join(f"<tr><th>{label}</th><td>{text}</td></tr>" for label, text in recorded.items())
    head = f'<html><head><meta charset="{charset}"><title>查询</title></head>'
    return f"{head}<body><h1>证书查询结果</h1><table>{rows}</table></body>".encode(charset)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names(monkeypatch)
    made.lead(SITE, ["127.0.0.1"])
    return made


@pytest.fixture
def server(names: Names) -> Iterator[Publisher]:
    made = Publisher()
    made.publish(f"/q?no={NUMBER}", page(), **HTML)
    yield made
    made.stop()


@dc.dataclass
class Desk:
    """Asks one server about one certificate."""

    server: Publisher

    def url(self, path: str = f"/q?no={NUMBER}", host: str = SITE) -> str:
        return f"http://{host}:{self.server.port}{path}"

    def paper(self, fields: Mapping[str, str] = FIELDS, **named: Any) -> Case:
        return case(fields, **{"codes": [self.url()], **named})

    def ask(self, given: Case | None = None, site: Site | None = None, **named: Any) -> Record:
        sites = Sites([site] if site else [])
        asker = Asker(Mode.LOCAL, sites, **{"limits": Limits(seconds=5.0), **named})
        return asker.ask(given or self.paper())

    def told(self, given: Case, asked: Record) -> list[tuple[Status, str]]:
        """What the rule says; item 5 is no better."""
        given = dc.replace(given, record=asked)
        told = found(RULE, given)
        assert item(5, given).status in {one.status for one in told} | {Status.SUSPECTED}
        for one in told:
            assert sentence(one).zh and sentence(one).en
        return [(one.status, one.message.removeprefix(RULE)) for one in told]


@pytest.fixture
def desk(server: Publisher) -> Desk:
    return Desk(server)


def results(asked: Record) -> dict[str, Result]:
    return {row.key: row.result for row in asked.rows}


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
        ({"证书编号": "PZ23032100203"}, {"certificate_no"}),
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
def test_data_are_read_by_the_words_of_their_keys(desk: Desk, told: dict[str, Any]) -> None:
    kind = {"Content_Type": "application/json"}
    desk.server.publish(f"/q?no={NUMBER}", json.dumps(told), **kind)
    assert desk.ask().outcome is Outcome.AGREES


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
    )  # fmt: skip
    path = f"/api?id={NUMBER}&c=77839765"
    told: dict[str, Any] = {"code": 0, "data": [{"no": NUMBER, "w": 54.32, "r": "翡翠"}]}
    desk.server.publish(path, json.dumps(told))
    assert desk.ask(site=site).outcome is Outcome.AGREES
    desk.server.publish(path, json.dumps({"code": 404}))
    assert desk.ask(site=site).outcome is Outcome.ABSENT
    # What the site asks with was not read, and the QR code is not its own.
    given = desk.paper(HONEST, codes=[])
    assert desk.ask(given, site).reason is Reason.MISSING


def test_the_number_is_asked_as_the_code_spells_it(desk: Desk) -> None:
    site = Site(OWN, address=desk.url("/x?no={certificate_no}"))
    given = desk.paper(FIELDS | {"certificate_no": NUMBER.replace("0", "O")})
    desk.ask(given, site)
    assert desk.server.asked[-1][0] == f"/x?no={NUMBER}"


# No such number -------------------------------------------------------------------------------


def test_no_such_number_is_a_sign_only_by_the_sites_own_word(desk: Desk) -> None:
    desk.server.publish(f"/q?no={NUMBER}", "<p>对不起，查无此证！</p>", **HTML)
    asked = desk.ask(site=LISTED)
    assert asked.outcome is Outcome.ABSENT and asked.tells
    assert desk.told(desk.paper(), asked) == [(Status.SUSPECTED, ".absent")]
    # The same page of a site whose sign is not known.
    asked = desk.ask()
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, Reason.UNCLEAR)


@pytest.mark.parametrize(
    ("changes", "ink"),
    [
        ({"complete_from": None}, sure(FIELDS)),
        ({"complete_from": dt.date(2024, 1, 1)}, sure(FIELDS)),
        ({"days": 5000}, sure(FIELDS)),
        ({}, Ink(again=FIELDS | {"certificate_no": "PZ23032100208"})),
    ],
    ids=["not known since when", "before it", "too new", "read otherwise"],
)
def test_where_the_site_need_not_have_it_or_the_number_may_be_misread_nothing_follows(
    desk: Desk, changes: dict[str, Any], ink: Ink
) -> None:
    desk.server.publish("/q", "<p>查无此证</p>", **HTML)
    given = desk.paper(codes=[desk.url("/q")], witness=ink)
    asked = desk.ask(given, dc.replace(LISTED, **changes))
    assert asked.outcome is Outcome.ABSENT and not asked.tells
    assert desk.told(given, asked) == [(Status.UNVERIFIABLE, ".absent_untold")]


# Never a fault --------------------------------------------------------------------------------

CAPTCHA = "<form><label>证书编号</label><input name=no><input name=yzm><img src=/c.php></form>"
LOGIN = "<form><input name=user><input type=password name=p></form>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CAPTCHA, Reason.CAPTCHA),
        (LOGIN, Reason.CAPTCHA),
        ("<script src='https://static.geetest.com/gt.js'></script>", Reason.CAPTCHA),
        ("<p>系统维护中</p>", Reason.UNCLEAR),
        ("<table><tr><td>证书编号<td>质量</table>", Reason.UNCLEAR),
        ("", Reason.UNCLEAR),
        ("<" * 50_000, Reason.UNCLEAR),
        ("<div>" * 20_000, Reason.UNCLEAR),
        ("{", Reason.UNCLEAR),
    ],
)
def test_a_captcha_or_a_changed_page_is_left_to_the_person(
    desk: Desk, body: str, reason: Reason
) -> None:
    desk.server.publish(f"/q?no={NUMBER}", body, **HTML)
    given = desk.paper()
    asked = desk.ask(given, LISTED)
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, reason)
    assert asked.link == desk.url()
    assert desk.told(given, asked) == [(Status.UNVERIFIABLE, f".not_asked.{reason}")]


@pytest.mark.parametrize("code", [400, 403, 404, 418, 429, 500, 502, 503])
def test_an_outage_is_never_a_fault(desk: Desk, code: int) -> None:
    desk.server.behave(f"/q?no={NUMBER}", status(code))
    given = desk.paper()
    asked = desk.ask(given, LISTED)
    assert asked.reason is Reason.STATUS
    assert desk.told(given, asked) == [(Status.UNVERIFIABLE, ".not_asked.status")]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("silent", Reason.SLOW), ("dripping", Reason.SLOW), ("dripping_head", Reason.SLOW),
        ("endless", Reason.LARGE),
    ],
)  # fmt: skip
def test_a_site_that_stalls_or_overflows_is_never_a_fault(
    desk: Desk, how: str, reason: Reason
) -> None:
    desk.server.behave(f"/q?no={NUMBER}", getattr(desk.server, how))
    slow, large = Limits(seconds=0.5), Limits(seconds=8.0, size=100_000)
    asked = desk.ask(limits=slow if reason is Reason.SLOW else large)
    assert asked.reason is reason
    assert desk.told(desk.paper(), asked) == [(Status.UNVERIFIABLE, f".not_asked.{reason}")]


def test_a_site_that_leads_on_within_its_own_is_followed_and_no_further(
    names: Names, desk: Desk
) -> None:
    names.lead(f"m.{OWN}", ["127.0.0.1"])
    names.lead("other.test", ["127.0.0.1"])
    desk.server.publish("/new", page(), **HTML)
    path = f"/q?no={NUMBER}"
    desk.server.behave(path, redirect(desk.url("/new", f"m.{OWN}")))
    asked = desk.ask()
    assert (asked.outcome, asked.host) == (Outcome.AGREES, f"m.{OWN}")
    count = len(desk.server.asked)
    for elsewhere in ("other.test", f"{OWN}.test", "127.0.0.1", f"{OWN}@other.test"):
        desk.server.behave(path, redirect(desk.url("/new", elsewhere)))
        assert desk.ask().reason in (Reason.LEFT, Reason.FORBIDDEN)
        count += 1
    assert len(desk.server.asked) == count


# Who is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("http://shili-yaun.example/q", Reason.ELSEWHERE),
        (f"http://{OWN}.top/q", Reason.ELSEWHERE),
        (f"http://{OWN}@127.0.0.1:{{port}}/", Reason.ELSEWHERE),
        ("http://127.0.0.1:{port}/", Reason.ELSEWHERE),
        ("http://localhost:{port}/", Reason.ELSEWHERE),
        (f"file://{OWN}/etc/passwd", Reason.NO_ADDRESS),
        (f"ftp://{OWN}/x", Reason.NO_ADDRESS),
        (f"http://user:word@{SITE}:{{port}}/", Reason.FORBIDDEN),
        (f"http://{SITE}:25/", Reason.FORBIDDEN),
        (f"http://inside.{OWN}:{{port}}/", Reason.FORBIDDEN),
        (f"http://nowhere.{OWN}/", Reason.UNKNOWN),
        ("77839765", Reason.NO_ADDRESS),
    ],
)
def test_nobody_is_asked_but_the_laboratorys_registered_hosts(
    names: Names, desk: Desk, code: str, reason: Reason
) -> None:
    names.lead(f"inside.{OWN}", ["10.0.0.1"])
    given = desk.paper(codes=[code.replace("{port}", str(desk.server.port))])
    asked = desk.ask(given)
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, reason)
    assert desk.server.asked == []
    assert desk.told(given, asked)[0][0] is Status.UNVERIFIABLE


def test_an_address_in_chinese_is_asked_as_browsers_do(desk: Desk) -> None:
    desk.server.publish(f"/{quote('证书')}?no={NUMBER}", page(), **HTML)
    given = desk.paper(codes=[desk.url(f"/证书?no={NUMBER}#top")])
    assert desk.ask(given).outcome is Outcome.AGREES


def test_unknown_laboratories_and_those_without_a_site_are_not_asked(desk: Desk) -> None:
    for named, reason in (
        ({"known": False}, Reason.NO_LABORATORY),
        ({"lab": record(domains=())}, Reason.NO_SITE),
    ):
        given = desk.paper(**named)
        assert desk.ask(given).reason is reason
        assert desk.told(given, desk.ask(given)) == [(Status.UNVERIFIABLE, f".not_asked.{reason}")]
    assert desk.server.asked == []


def test_a_site_that_the_laboratory_gave_up_since_is_not_asked(desk: Desk) -> None:
    """Who bought the name would be asked; the code on the old paper is no sign, though."""
    gone = Domain(lab_id="yuan", domain=OWN, dropped_on=dt.date(2025, 1, 1))
    given = desk.paper(lab=record(domains=(gone,)))
    assert desk.ask(given).reason is Reason.NO_SITE and desk.server.asked == []


def test_without_leave_this_machine_is_not_asked_and_nobody_where_it_is_off(
    names: Names, desk: Desk
) -> None:
    asker = Asker(Mode.PUBLIC, Sites([]))
    assert asker.ask(desk.paper()).reason is Reason.FORBIDDEN
    names.asked.clear()
    assert Asker(Mode.OFF, Sites([])).ask(desk.paper()).reason is Reason.OFF
    assert desk.server.asked == [] and names.asked == []


def test_a_site_only_for_persons_is_left_to_them(desk: Desk) -> None:
    person = f"https://www.{OWN}/zscx/"
    asked = desk.ask(desk.paper(codes=[]), Site(OWN, person=person))
    assert (asked.reason, asked.link) == (Reason.PERSON, person)


def test_nothing_is_asked_unless_somebody_asks(desk: Desk) -> None:
    assert found(RULE, desk.paper()) == []
    assert judge(desk.paper())[4].status is Status.CONSISTENT
    assert desk.server.asked == []


# Settings -------------------------------------------------------------------------------------


def test_settings_say_whether_and_how() -> None:
    assert mode({}) is Mode.PUBLIC and mode({"CERTCHECK_ONLINE": "off"}) is Mode.OFF
    with pytest.raises(SettingError):
        mode({"CERTCHECK_ONLINE": "yes"})


def test_the_shipped_sites_can_be_asked() -> None:
    """Of the demo's laboratories and of one that only persons can ask."""
    site = known().of(["shili-feicui.example"])
    assert site is not None and site.question({"certificate_no": "FH-1"}).form == b"zsbh=FH-1"
    (ngtc,) = filter(None, [known().of(["ngtc.com.cn"])])
    assert ngtc.person and not ngtc.address


@pytest.mark.parametrize(
    "text",
    [
        "[[site]]\ndomain = 'a.cn'\naddress = 'http://b.cn/{certificate_no}'",
        "[[site]]\ndomain = 'a.cn'\naddress = 'file://a.cn/x'",
        "[[site]]\ndomain = 'a.cn'\nperson = 'https://a.cn.b.top/'",
        "[[site]]\ndomain = 'a.cn'\naddress = 'http://a.cn/{name}'",
        "[[site]]\ndomain = 'a.cn'\naddres = 'http://a.cn/'",
        "[[site]]\ndomain = 'a.cn'\n[site.fields]\nmass = '//td['",
        "[[site]]\ndomain = 'a.cn'\n[site.fields]\nweight = '//td'",
        "[[site]]\ndomain = 'a.cn'\n[site.absent]\npath = 'a'",
        "[[site]]\ndomain = 'a.cn'\nencoding = 'klingon'",
        "[[site]]\naddress = 'http://a.cn/'",
        "[[site",
    ],
)
def test_a_file_of_sites_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SitesFileError):
        Asker.from_environment({"CERTCHECK_ONLINE_SITES": str(path)})


def test_the_command_line_asks_shows_and_keeps(
    names: Names, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = PHOTOS / "honest-table.png"
    truth = json.loads(photo.with_suffix(".json").read_text("utf-8"))["fields"]
    domain, number = "wanxi-zhongxin.example", truth["certificate_no"]
    names.lead(f"www.{domain}", ["127.0.0.1"])
    sites = tmp_path / "sites.toml"
    sites.write_text(
        f"[[site]]\ndomain = '{domain}'\n"
        f"address = '{desk.url('/q?no={certificate_no}', f'www.{domain}')}'\n"
    )
    body = page({"证书编号": number, "质量": f"{truth['mass']} g"})
    desk.server.publish(f"/q?no={number}", body, **HTML)
    settings = {
        "CERTCHECK_ONLINE": "local", "CERTCHECK_ONLINE_SITES": str(sites),
        "CERTCHECK_RECORDS": str(tmp_path / "kept"),
    }  # fmt: skip
    result = CliRunner().invoke(cli, ["check", str(photo), "--json", "--online"], env=settings)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    jsonschema.validate(told, json.loads(SCHEMA.read_text("utf-8")))
    sha256 = hashlib.sha256(body).hexdigest()
    assert (told["record"]["outcome"], told["record"]["answer"]["sha256"]) == ("agrees", sha256)
    (kept,) = (path for path in (tmp_path / "kept").glob("*/*") if path.name == sha256)
    assert kept.read_bytes() == body and str(kept) in result.stderr
    assert "online" in told["settings"]
    assert any(one["rule"] == RULE for one in told["items"][4]["findings"])
    # A setting that cannot be meant is told before anything is read.
    wrong = CliRunner().invoke(
        cli, ["check", str(photo), "--online"], env={"CERTCHECK_ONLINE": "yes"}
    )
    assert wrong.exit_code == 2 and "CERTCHECK_ONLINE" in wrong.stderr


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_the_report_in_text_shows_both_sides(desk: Desk, lang: str) -> None:
    desk.server.publish(f"/q?no={NUMBER}", page(RECORDED | {"总质量（g）": "30.32"}), **HTML)
    given = desk.paper()
    asked = desk.ask(given)
    made = report.build(
        photo=PhotoInfo("a.jpg", 1, 1, "ab" * 32, 100, 100), reading=given.reading,
        match=given.match, items=judge(dc.replace(given, record=asked)),
        revision=Revision("ef" * 32, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), demo=True),
        checked_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC), record=asked,
    )  # fmt: skip
    text = report_text.render(made, lang)
    assert asked.answer is not None
    for told in (SITE, asked.answer.sha256, "54.32", "30.32", desk.url()):
        assert told in text
    offline = dc.replace(made, record=None)
    assert offline.id != made.id and offline.to_json()["record"] is None
    quiet = report_text.render(dc.replace(offline, items=judge(given)), lang)
    assert asked.answer.sha256 not in quiet and "30.32" not in quiet


def test_honest_records_agree_and_those_of_other_pieces_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of generated certificates, in many layouts and ways to write a value."""
    bench = records.Bench(monkeypatch)
    try:
        result = bench.measure(12)
    finally:
        bench.stop()
    assert set(result.honest) == {Outcome.AGREES}
    assert set(result.cloned) == set(result.edited) == {Outcome.DIFFERS}
