"""What would break: a paper blamed for an outage, a stranger asked, evidence not kept."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from click.testing import CliRunner

from certcheck import ahead, messages, report, report_text
from certcheck.case import Case
from certcheck.cli import cli
from certcheck.errors import SettingError, SitesFileError
from certcheck.finding import Status
from certcheck.outside.documents import Limits
from certcheck.record.ask import Asker, Mode, mode
from certcheck.record.model import Outcome, Reason, Record
from certcheck.record.sites import Site, Sites, known
from certcheck.report import PhotoInfo, Report
from certcheck.rules.framework import judge
from registry.lookup import Revision
from registry.models import Domain
from samples import PHOTOS
from tests.benchmarks import records
from tests.certcheck.lookups import (
    HTML,
    NUMBER,
    OWN,
    RECORDED,
    RULE,
    SCHEMA,
    SITE,
    Desk,
    page,
)
from tests.certcheck.scene import found, record
from tests.registry.publisher import redirect, status
from web.view import what_next

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
    asked = desk.ask(given, desk.listed())
    assert (asked.outcome, asked.reason) == (Outcome.NOT_ASKED, reason)
    assert asked.link == desk.url()
    assert desk.told(given, asked) == [(Status.UNVERIFIABLE, f".not_asked.{reason}")]


@pytest.mark.parametrize("code", [400, 403, 404, 418, 429, 500, 502, 503])
def test_an_outage_is_never_a_fault(desk: Desk, code: int) -> None:
    desk.server.behave(f"/q?no={NUMBER}", status(code))
    given = desk.paper()
    asked = desk.ask(given, desk.listed())
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


def test_a_site_that_leads_on_within_its_own_is_followed_and_no_further(desk: Desk) -> None:
    desk.names.lead(f"m.{OWN}", ["127.0.0.1"])
    desk.names.lead("other.test", ["127.0.0.1"])
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
    desk: Desk, code: str, reason: Reason
) -> None:
    desk.names.lead(f"inside.{OWN}", ["10.0.0.1"])
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


def test_without_leave_this_machine_is_not_asked_and_nobody_where_it_is_off(desk: Desk) -> None:
    asker = Asker(Mode.PUBLIC, Sites([]))
    assert asker.ask(desk.paper()).reason is Reason.FORBIDDEN
    desk.names.asked.clear()
    assert Asker(Mode.OFF, Sites([])).ask(desk.paper()).reason is Reason.OFF
    assert desk.server.asked == [] and desk.names.asked == []


def test_a_site_only_for_persons_is_left_to_them(desk: Desk) -> None:
    person = f"https://www.{OWN}/zscx/"
    asked = desk.ask(desk.paper(codes=[]), Site(OWN, person=person))
    assert (asked.reason, asked.link) == (Reason.PERSON, person)


def test_nothing_is_asked_unless_somebody_asks(desk: Desk) -> None:
    assert found("item5.record", desk.paper()) == []
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
        "[[site]]\ndomain = 'a.cn'\ncomplete_from = 2020-01-01",
        "[[site]]\ndomain = 'a.cn'\n[site.control]\nno = '1'",
        "[[site]]\ndomain = 'a.cn'\n[site.control]\naddress = 'http://a.cn.b.top/1'",
        "[[site",
    ],
)
def test_a_file_of_sites_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SitesFileError):
        Asker.from_environment({"CERTCHECK_ONLINE_SITES": str(path)})


def test_the_command_line_asks_shows_and_keeps(
    desk: Desk, tmp_path: Path, read_once: ahead.Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "read_print", read_once)
    photo = PHOTOS / "honest-table.png"
    truth = json.loads(photo.with_suffix(".json").read_text("utf-8"))["fields"]
    domain, number = "wanxi-zhongxin.example", truth["certificate_no"]
    desk.names.lead(f"www.{domain}", ["127.0.0.1"])
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


def reported(given: Case, asked: Record) -> Report:
    return report.build(
        photo=PhotoInfo("a.jpg", 1, 1, "ab" * 32, 100, 100), reading=given.reading,
        match=given.match, items=judge(dc.replace(given, record=asked)),
        revision=Revision("ef" * 32, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), demo=True),
        checked_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC), record=asked,
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_the_report_in_text_shows_both_sides(desk: Desk, lang: str) -> None:
    desk.server.publish(f"/q?no={NUMBER}", page(RECORDED | {"总质量（g）": "30.32"}), **HTML)
    given = desk.paper()
    asked = desk.ask(given)
    made = reported(given, asked)
    text = report_text.render(made, lang)
    assert asked.answer is not None
    for told in (SITE, asked.answer.sha256, "54.32", "30.32", desk.url(), " UTC"):
        assert told in text
    offline = dc.replace(made, record=None)
    assert offline.id != made.id and offline.to_json()["record"] is None
    quiet = report_text.render(dc.replace(offline, items=judge(given)), lang)
    assert asked.answer.sha256 not in quiet and "30.32" not in quiet


def test_where_only_the_record_is_open_nobody_is_sent_to_photograph_again(desk: Desk) -> None:
    desk.server.behave(f"/q?no={NUMBER}", status(503))
    given = desk.paper()
    asked = desk.ask(given)
    more = reported(given, asked)
    made = dc.replace(more, items=tuple(one for one in more.items if one.item == 5))
    assert made.verdict is Status.UNVERIFIABLE and asked.outcome is Outcome.NOT_ASKED
    assert report_text.next_steps(made) == [messages.text("next.record")]
    assert what_next(made.to_json()) == "next.record"
    # With more open than that, it is what comes first.
    assert what_next(more.to_json()) == "next.unverifiable"
    assert report_text.next_steps(more) == [messages.text("next.unverifiable")]


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
