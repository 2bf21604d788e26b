"""What would break: a phone that loses, doubles or mixes up certificates, or a page that leaks."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import ExifTags, Image
from sqlmodel import select
from werkzeug.test import TestResponse

from certcheck import messages
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.cases.tables import CaseFile
from certcheck.market import backs
from certcheck.market.tables import Circumstances
from certcheck.runner.queue import Done, Queue
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Check
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.web import tour
from tests.web.conftest import MAKER
from tests.web.kept import jpeg
from tests.web.staff import Office, office

KEY = "a" * 32
IN = (Role.INSPECTOR, Role.CHIEF, Role.ADMIN)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    made = Work(Settings(tmp_path / "work", workers=1, most_queued=4))
    yield made
    made.close()


@pytest.fixture
def staff(work: Work, demo_registry: Registry) -> Office:
    return office(demo_registry, work)


def told(browser: FlaskClient, **more: Any) -> dict[str, Any]:
    who = browser.get("/market/state").get_json()
    return {
        "key": KEY, "captured_at": "2026-11-22T10:00:00Z", "owner": who["person"],
        "market": "石佛寺", "stall": "A-12", "note": "", "batch": "", "code": "", "place": None,
    } | more  # fmt: skip


def bring(
    browser: FlaskClient, about: dict[str, Any], front: bytes = b"front", back: bytes | None = None,
    **headers: str,
) -> TestResponse:  # fmt: skip
    sides = {"front": front} | ({"back": back} if back is not None else {})
    files = {name: (io.BytesIO(data), f"{name}.jpg") for name, data in sides.items()}
    data = {"told": json.dumps(about), **files}
    return browser.post("/market/checks", data=data, headers=headers)


def count(work: Work) -> tuple[int, int]:
    with store.session(work.engine) as opened:
        return len(opened.exec(select(Check)).all()), len(opened.exec(select(Circumstances)).all())


def test_a_certificate_is_taken_once_however_often_it_comes(staff: Office, work: Work) -> None:
    phone = staff.browser(Role.INSPECTOR)
    about = told(phone, place={"latitude": 33.1, "longitude": 112.9, "accuracy": 10})
    first = bring(phone, about, back=b"back")
    again = bring(phone, about, back=b"back")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json() and count(work) == (1, 1)
    assert phone.get(f"/checks/{first.get_json()['check']}").status_code == 200
    state = phone.get("/market/state").get_json()
    assert (state["markets"], state["stalls"], state["name"]) == (["石佛寺"], ["A-12"], "inspector")
    with store.session(work.engine) as opened:
        row = opened.exec(select(Circumstances)).one()
    assert row.latitude == 33.1 and row.back and work.blobs.read(row.back) == b"back"


def value(page: str, name: str) -> str:
    """What stands in a field of a form."""
    (found,) = re.findall(rf'id="{name}"[^>]* value="([^"]*)"', page)
    return html.unescape(found)


def test_a_case_of_checks_is_of_the_place_where_they_were_photographed(
    staff: Office, work: Work
) -> None:
    phone = staff.browser(Role.INSPECTOR)
    places = (("石佛寺", "A-12"), ("玉城", "3"), ("石佛寺", "B<1"), ("石佛寺", "A-12"))
    checks = []
    for at, (market, stall) in enumerate(places):
        said = told(phone, key=f"{at:032x}", market=market, stall=stall)
        checks.append(bring(phone, said, front=b"%d" % at).get_json()["check"])
    asked = "&".join(f"check={one}" for one in checks)
    form = phone.get(f"/cases/new?{asked}").text
    assert (value(form, "market"), value(form, "stall")) == ("石佛寺", "A-12、B<1")
    alone = phone.get(f"/cases/new?check={checks[1]}").text
    assert (value(alone, "market"), value(alone, "stall")) == ("玉城", "3")
    assert value(phone.get("/cases/new").text, "stall") == ""
    # What is sent counts, and stays where the form comes back.
    sent = {"check": checks[1], "market": "玉城", "stall": "", "title": "甲"}
    back = phone.post("/cases", data={**sent, "check": "none"}).text
    assert (value(back, "market"), value(back, "stall")) == ("玉城", "")
    page = phone.get(phone.post("/cases", data={**sent, "stall": "4 号"}).location).text
    assert "玉城 · 4 号" in page
    with store.session(work.engine) as opened:
        (case,) = opened.exec(select(CaseFile)).all()
    assert (case.market, case.stall) == ("玉城", "4 号")


def photo(side: int = 2000) -> bytes:
    """With what a camera adds, lying on its side."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = MAKER, 6
    made = io.BytesIO()
    Image.new("RGB", (side, side // 2), "white").save(made, "JPEG", exif=exif)
    return made.getvalue()


def test_a_report_tells_those_in_office_where_it_was_taken(
    staff: Office, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = staff.browser(Role.INSPECTOR)
    place = {"latitude": 33.1, "longitude": 112.9, "accuracy": 10}
    said = told(phone, place=place, note="三十元\n一张 <b>", code="https://a.example/1")
    check_id = bring(phone, said, back=photo()).get_json()["check"]
    queue = Queue(work)
    for one in queue.take(9):
        queue.finish(one.id, Done([tour.told("")], {1: jpeg()}))
    seen = {role: staff.browser(role).get(f"/checks/{check_id}").text for role in OF_PEOPLE}
    seen[Role.VISITOR] = staff.app.test_client().get(f"/checks/{check_id}").text
    for role, page in seen.items():
        shown = role in (*IN, Role.KEEPER)
        for text in ("石佛寺 · A-12", "33.1°", "https://a.example/1", "一张 &lt;b&gt;", "back.jpg"):
            assert (text in page) == shown, (role, text)
    answer = phone.get(f"/market/checks/{check_id}/back.jpg")
    assert MAKER.encode() not in answer.data
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert picture.size == (800, 1600) and not picture.getexif()
    assert (
        staff.browser(Role.STREAMER).get(f"/market/checks/{check_id}/back.jpg").status_code == 403
    )
    # That their process may die over them, `test_decoders` shows.
    monkeypatch.setattr(backs, "apart", backs.small)
    for odd in (b"", b"back", photo()[:300]):
        other = bring(phone, said | {"key": f"{len(odd):032x}"}, b"f" + odd, odd)
        address = f"/market/checks/{other.get_json()['check']}/back.jpg"
        assert phone.get(address).status_code == 404


def test_what_cannot_be_taken_says_why_as_json(staff: Office, work: Work) -> None:
    phone = staff.browser(Role.INSPECTOR)
    about = told(phone)
    other = staff.browser(Role.CHIEF).get("/market/state").get_json()["person"]
    wrong: list[tuple[TestResponse, int, str]] = [
        (bring(phone, about | {"owner": other}), 409, "market.other_account"),
        (bring(phone, about | {"key": "x"}), 400, "market.unreadable"),
        (phone.post("/market/checks", data={"told": "["}), 400, "market.unreadable"),
        (phone.post("/market/checks", data={"told": "[]"}), 400, "market.unreadable"),
        (phone.post("/market/checks", data={"told": json.dumps(about)}), 400, "web.no_photo"),
    ]
    for answer, status, code in wrong:
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
        assert answer.get_json()["title"]
    assert count(work) == (0, 0)
    bring(phone, about)
    reused = bring(phone, about, b"another")
    assert (reused.status_code, reused.get_json()["code"]) == (422, "work.token_reused")
    for at in (1, 2, 3):
        bring(phone, about | {"key": f"{at}" * 32}, f"{at}".encode())
    full = bring(phone, about | {"key": "f" * 32}, b"f")
    assert (full.status_code, full.get_json()["code"]) == (503, "work.full")
    assert int(full.headers["Retry-After"]) > 0
    assert bring(phone, about).status_code == 200 and count(work) == (4, 4)


def test_two_photos_may_come_and_no_more_than_two(
    staff: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.market.LIMITS", type("Small", (), {"max_bytes": 100_000}))
    monkeypatch.setattr("web.market._FORM_BYTES", 10_000)
    staff.app.config["MAX_CONTENT_LENGTH"] = 1000
    phone = staff.browser(Role.INSPECTOR)
    about = told(phone)
    assert bring(phone, about, b"f" * 95_000, b"b" * 95_000).status_code == 201
    large = bring(phone, about | {"key": "b" * 32}, b"f" * 250_000)
    assert large.status_code == 413 and large.get_json()["code"] == "photo.too_large"


def test_an_old_page_is_told_that_its_form_is_over(demo_registry: Registry, work: Work) -> None:
    phone = office(demo_registry, work, WTF_CSRF_ENABLED=True).app.test_client()
    page = phone.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    entered = {"name": "inspector", "password": "kettle-orbit-lemon-74", "csrf_token": token[1]}
    assert phone.post("/sign-in", data=entered).status_code == 303
    about = told(phone)
    for old in ("", token[1]):
        answer = bring(phone, about, **{"X-CSRFToken": old})
        assert (answer.status_code, answer.get_json()["code"]) == (400, "account.form_expired")
    csrf = phone.get("/market/state").get_json()["csrf"]
    assert bring(phone, about, **{"X-CSRFToken": csrf}).status_code == 201


def test_who_may_not_gets_nothing(staff: Office) -> None:
    for role in (Role.VISITOR, Role.STREAMER, Role.KEEPER, *IN):
        browser = staff.browser(role)
        wanted = 200 if role in IN else 302 if role is Role.VISITOR else 403
        for path in ("/market/", "/market/state", "/market/registry"):
            assert browser.get(path).status_code == wanted, (role, path)
    assert messages.text("market.link").zh in staff.browser(Role.INSPECTOR).get("/").text
    assert messages.text("market.link").zh not in staff.browser(Role.KEEPER).get("/").text


def test_the_page_that_a_phone_keeps_holds_nothing_of_anybody(staff: Office) -> None:
    pages = {role: staff.browser(role).get("/market/?lang=zh") for role in IN}
    assert len({answer.text for answer in pages.values()}) == 1
    page = pages[Role.INSPECTOR]
    assert "csrf" not in page.text and "inspector" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "wasm" not in policy and "unsafe" not in policy and "worker-src 'self'" in policy
    assert page.headers["Permissions-Policy"].startswith("camera=(self), geolocation=(self)")
    other = staff.browser(Role.INSPECTOR).get("/history")
    assert other.headers["Permissions-Policy"].startswith("camera=(), geolocation=()")


def test_only_the_reader_of_codes_may_run_what_is_compiled(staff: Office) -> None:
    browser = staff.app.test_client()
    scan, worker = (browser.get(f"/market/{name}.js") for name in ("scan", "worker"))
    assert "script-src 'self' 'wasm-unsafe-eval';" in scan.headers["Content-Security-Policy"]
    assert "wasm" not in worker.headers["Content-Security-Policy"]
    assert browser.get("/market/store.js").status_code == 404
    with browser.get("/static/vendor/zxing-wasm/zxing_reader.wasm") as wasm:
        assert wasm.mimetype == "application/wasm"


def test_everything_the_page_is_made_of_is_kept_for_when_there_is_no_connection(
    staff: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff.browser(Role.INSPECTOR)
    worker = browser.get("/market/worker.js").text
    head = re.match(r'const VERSION = "(\w+)", SHELL = (\[.*\]);\n', worker)
    assert head
    shell = json.loads(head[2])
    for address in shell:
        with browser.get(address) as answer:
            assert answer.status_code == 200, address
    for lang in ("zh", "en"):
        page = browser.get(f"/market/?lang={lang}").text
        assert f"/market/?lang={lang}" in shell
        assert set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)) <= {
            *shell, "/static/market/icon-192.png",
        }  # fmt: skip
    scan = browser.get("/market/scan.js").text
    assert set(re.findall(r'"(/static/[^"]+\.js)"', scan)) <= set(shell)
    # Another sentence is another version.
    monkeypatch.setattr("web.market._words", lambda: "{}")
    assert head[1] not in browser.get("/market/worker.js").text


def test_the_list_is_sent_whole_once_and_by_its_name_afterwards(
    staff: Office, demo_registry: Registry
) -> None:
    phone = staff.browser(Role.INSPECTOR)
    answer = phone.get("/market/registry", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    held = json.loads(gzip.decompress(answer.data))
    assert held == phone.get("/market/registry").get_json()
    assert held["revision"] == demo_registry.revision.revision and held["demo"] is True
    assert held["total"] == held["listed"] == len(held["labs"])
    tag = answer.headers["ETag"]
    same = phone.get("/market/registry", headers={"If-None-Match": tag})
    assert same.status_code == 304 and not same.data
    some = phone.get("/market/registry?authorities=16", headers={"If-None-Match": tag})
    assert some.status_code == 200
    assert 0 < len(some.get_json()["labs"]) < len(held["labs"])
    assert phone.get("/market/registry?authorities=99").status_code == 404


def test_a_phone_can_put_it_on_its_home_screen(staff: Office) -> None:
    browser: FlaskClient = staff.app.test_client()
    told_zh = browser.get("/market/manifest.webmanifest?lang=zh").get_json(force=True)
    assert told_zh["name"] == messages.text("market.app_name").zh
    assert told_zh["display"] == "standalone" and told_zh["start_url"] == "./?lang=zh"
    app: Flask = staff.app
    for icon in told_zh["icons"]:
        file = Path(app.root_path) / icon["src"].removeprefix("../")
        data = file.read_bytes()
        size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        assert icon["sizes"] == f"{size[0]}x{size[1]}"
