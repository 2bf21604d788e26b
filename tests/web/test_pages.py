"""What would break: a page that hides a finding, runs what a photo says, or shows our innards."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import create_engine
from werkzeug.test import TestResponse

from certcheck import ink_book, messages
from certcheck.check import Wish, failed
from certcheck.errors import explain
from certcheck.runner.queue import Queue
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from ocr.errors import DamagedPhotoError
from registry.lookup import Registry
from tests.certcheck.work_store import Clock
from tests.web.conftest import PHOTO, Real
from tests.web.kept import keep
from tests.web.scene import report
from web import create_app

VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """Elements of a page: tag, attributes and the text inside."""

    def __init__(self, answer: TestResponse | str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.html = answer if isinstance(answer, str) else answer.get_data(as_text=True)
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attrs
            for name, attrs in self.elements
            if name == tag and all(value in attrs.get(key, "") for key, value in wanted.items())
        ]

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


def send(client: FlaskClient, data: bytes, name: str, lang: str = "zh") -> TestResponse:
    return client.post(f"/checks?lang={lang}", data={"photo": (io.BytesIO(data), name)})


def unguarded(config: dict[str, object], app: Flask) -> dict[str, object]:
    """Settings of another app on the same work; its forms need no token."""
    return {"WORK": app.extensions["work"], "WTF_CSRF_ENABLED": False, **config}


def said(code: str, lang: str = "zh", **params: object) -> str:
    text = messages.text(code, **params)
    return text.zh if lang == "zh" else text.en


def test_a_photo_leads_to_its_report(real: Real) -> None:
    told = real.report
    assert told["photo"]["sha256"] == hashlib.sha256(real.photo).hexdigest()
    assert told["photo"]["name"] == PHOTO.name
    html = real.html
    assert said(f"verdict.{told['verdict']}") in html
    assert told["lab"]["name"] in html
    assert told["fields"]["certificate_no"]["value"] in html
    for item in told["items"]:
        assert f"{item['item']} {said('item.' + str(item['item']))}" in html
        for finding in item["findings"]:
            assert finding["message"]["zh"] in html
    assert said("report.proves") in html
    assert said("report.demo") in html


def test_every_box_is_drawn_in_pixels_of_the_upright_photo(real: Real) -> None:
    told = real.report
    page = Page(real.html)
    drawn = {attrs["points"] for attrs in page.all("polygon", **{"class": "box"})}
    wanted = {
        " ".join(f"{x:g},{y:g}" for x, y in row["box"])
        for item in told["items"]
        for finding in item["findings"]
        for row in finding["evidence"]
        if row["box"] and (row["read"] or row["expected"])
    }
    assert drawn == wanted != set()
    size = f"0 0 {told['photo']['width']} {told['photo']['height']}"
    assert page.all("svg", viewbox=size)


def test_the_picture_is_made_by_us_and_stays_for_the_next_server(
    real: Real, demo_registry: Registry
) -> None:
    """What a camera adds (place, owner, thumbnail) would go to whoever has the address."""
    work = Work(Settings(real.home / "work"))
    client = create_app({"REGISTRY": demo_registry, "WORK": work}).test_client()
    image = Page(client.get(real.address)).all("img")[0]
    served = client.get(image["src"])
    work.close()
    assert served.mimetype == "image/jpeg" and b"Exif" not in served.data
    assert served.data != real.photo
    pixels = cv2.imdecode(np.frombuffer(served.data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    height, width = pixels.shape[:2]
    photo = real.report["photo"]
    assert width / height == pytest.approx(photo["width"] / photo["height"], rel=0.01)


def test_marks_and_findings_lead_to_each_other(app: Flask, client: FlaskClient) -> None:
    second = report(id="1" * 32)
    page = Page(client.get(keep(app, report(id="2" * 32), second)))
    ids = page.ids()
    assert len(ids) == len(set(ids))
    inner = [a["href"][1:] for a in page.all("a", href="#") if a["href"].startswith("#")]
    assert inner and set(inner) <= set(ids)
    marks = page.all("a", **{"class": "mark"})
    assert len(marks) == 4
    for mark in marks:
        rows = mark["data-rows"].split()
        assert mark["href"] == f"#{rows[0]}"
        backward = [div for div in page.all("div") if div.get("data-mark") == mark["id"]]
        assert {div["id"] for div in backward} == set(rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_photo_says_is_never_markup(app: Flask, client: FlaskClient, lang: str) -> None:
    page = Page(client.get(f"{keep(app, report())}?lang={lang}"))
    scripts = [one["src"] for one in page.all("script")]
    assert scripts and all(one.startswith("/static/") for one in scripts)
    assert "<script>alert" not in page.html
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)


def test_pages_load_nothing_from_elsewhere(app: Flask, client: FlaskClient) -> None:
    for address in ("/", keep(app, report())):
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        page = Page(answer)
        for _, attrs in page.elements:
            assert "style" not in attrs
            for name in ("src", "href", "action"):
                assert not re.match(r"(?i)[a-z]+:|//", attrs.get(name, ""))
    # What others wrote names addresses in words; it is as it came (`test_vendor`).
    static = Path(app.root_path) / "static"
    ours = {one for kind in ("*.js", "*.css", "*.svg") for one in static.rglob(kind)}
    for path in sorted(one for one in ours if static / "vendor" not in one.parents):
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "//" not in re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", text, flags=re.DOTALL), path


def test_the_form_works_without_javascript(client: FlaskClient) -> None:
    page = Page(client.get("/"))
    form = page.all("form")[0]
    assert form["method"] == "post" and form["enctype"] == "multipart/form-data"
    inputs = page.all("input", type="file", name="photo")
    assert sorted("capture" in one for one in inputs) == [False, True]
    labels = {one["for"] for one in page.all("label")}
    assert {one["id"] for one in inputs} == labels
    assert page.all("button", type="submit")


def test_the_file_is_taken_whichever_of_the_two_inputs_holds_it(
    app: Flask, client: FlaskClient
) -> None:
    nothing, something = (io.BytesIO(b""), ""), (io.BytesIO(b"no picture"), "a.txt")
    answer = client.post("/checks", data={"photo": [nothing, something]})
    assert answer.status_code == 303
    (one,) = Queue(app.extensions["work"]).take(9)
    assert app.extensions["work"].blobs.read(one.sha256) == b"no picture"


def test_a_visitors_photo_is_checked_as_one(app: Flask, client: FlaskClient) -> None:
    """What else would keep a stranger's ink (see `Wish.visitor`)."""
    send(client, b"photo", "a.jpg")
    client.post("/api/v1/checks", data={"photo": (io.BytesIO(b"other"), "a.jpg")})
    assert [one.wish.visitor for one in Queue(app.extensions["work"]).take(9)] == [True, True]


def test_a_photo_has_a_page_of_its_own_while_it_waits(app: Flask, client: FlaskClient) -> None:
    send(client, b"first", "a.jpg")
    answer = send(client, b"photo", "a.jpg")
    assert answer.status_code == 303
    page = Page(client.get(answer.location))
    assert said("web.ahead", count=1) in page.html
    assert said("web.come_back") in page.html
    assert page.all("meta", content="3")[0]["http-equiv"] == "refresh"
    (section,) = page.all("section", **{"class": "waiting"})
    assert client.get(section["data-state"]).get_json() == {"status": "queued", "ahead": 1}


def test_while_it_is_read_the_page_says_so(real: Real) -> None:
    assert said("web.reading") in real.waiting and said("web.waiting") in real.waiting


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_photo_that_cannot_be_opened_is_told_with_the_next_step(
    app: Flask, client: FlaskClient, lang: str
) -> None:
    problem = explain(DamagedPhotoError())
    revision = app.config["REGISTRY"].revision
    lost = failed("a.jpg", "0" * 64, revision, Wish(), problem).to_json()
    html = client.get(f"{keep(app, lost, pictures=False)}?lang={lang}").get_data(as_text=True)
    step = messages.next_step(DamagedPhotoError.code)
    assert step is not None
    assert said(DamagedPhotoError.code, lang) in html
    assert (step.zh if lang == "zh" else step.en) in html


def test_a_form_without_a_photo_is_told(client: FlaskClient) -> None:
    answer = client.post("/checks", data={})
    assert answer.status_code == 400
    assert said("web.no_photo") in answer.get_data(as_text=True)


def test_a_file_over_the_limit_is_refused_before_it_is_read(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = send(app.test_client(), b"x" * 2000, "a.jpg")
    assert answer.status_code == 413
    assert said("photo.too_large") in answer.get_data(as_text=True)


def test_a_mistake_of_ours_shows_no_innards(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    broken = create_app(unguarded({"REGISTRY": "no registry"}, app))
    answer = send(broken.test_client(), b"", "a.jpg")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert said("check.crashed") in html
    assert "Traceback" not in html and "attribute" not in html
    assert "AttributeError" in caplog.text


def test_a_registry_that_does_not_answer_is_told_without_its_address(app: Flask) -> None:
    lost = Registry(create_engine("sqlite:////no-such-folder/r.sqlite"))
    broken = create_app(unguarded({"REGISTRY": lost}, app))
    answer = send(broken.test_client(), b"photo", "a.jpg")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert said("web.unavailable") in html and "no-such-folder" not in html


def test_a_full_queue_is_told_with_the_time_to_come_again(app: Flask, client: FlaskClient) -> None:
    for number in range(50):
        send(client, b"%d" % number, "a.jpg")
    answer = send(client, b"one more", "a.jpg")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert said("work.full") in answer.get_data(as_text=True)


def test_a_disk_that_takes_nothing_is_told_without_its_path(
    app: Flask, client: FlaskClient
) -> None:
    folder = app.extensions["work"].blobs.folder
    shutil.rmtree(folder)
    folder.write_bytes(b"")
    answer = send(client, b"photo", "a.jpg")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert said("work.storage") in html and str(folder) not in html


def test_a_check_can_be_deleted_from_its_page(app: Flask, client: FlaskClient) -> None:
    address = keep(app, report())
    (form,) = Page(client.get(address)).all("form", action="/delete")
    assert form["method"] == "post"
    assert said("web.deleted") in client.post(form["action"]).get_data(as_text=True)
    for gone in (address, f"{address}/pages/1.jpg", f"{address}/state"):
        assert client.get(gone).status_code == 404
    assert client.post(form["action"]).status_code == 404


def test_a_result_goes_when_its_time_is_over(app: Flask, client: FlaskClient, clock: Clock) -> None:
    address = keep(app, report())
    clock.on(hours=23)
    assert said("web.kept", hours=1) in client.get(address).get_data(as_text=True)
    clock.on(hours=1)
    answer = client.get(address)
    assert answer.status_code == 404 and said("web.gone") in answer.get_data(as_text=True)
    assert client.get(f"{address}/pages/1.jpg").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_kept_and_how_long_stands_on_a_page(
    client: FlaskClient, lang: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first page and every other lead there; ink is told of only where it is kept."""
    link = Page(client.get(f"/?lang={lang}")).all("a", href="/privacy")[0]
    told = client.get(link["href"]).get_data(as_text=True)
    assert said("web.privacy.hours", lang, hours=24) in told
    assert said("web.privacy.ink", lang) not in told
    monkeypatch.setenv(ink_book.SETTING, str(tmp_path / "ink.sqlite"))
    assert said("web.privacy.ink", lang) in client.get(link["href"]).get_data(as_text=True)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/checks", 405),
        ("GET", f"/checks/{'f' * 32}", 404),
        ("GET", f"/checks/{'f' * 32}/pages/1.jpg", 404),
        ("GET", f"/checks/{'f' * 32}/state", 404),
        ("POST", f"/checks/{'f' * 32}/delete", 404),
    ],
)
def test_a_wrong_address_is_a_page_with_a_way_back(
    client: FlaskClient, method: str, address: str, status: int
) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == status
    assert Page(answer).all("a", **{"class": "button"})[0]["href"].startswith("/?lang=")


def test_language_is_chinese_unless_asked_otherwise(client: FlaskClient) -> None:
    def tongue(address: str, accept: str = "") -> str:
        answer = client.get(address, headers={"Accept-Language": accept})
        assert "Accept-Language" in answer.headers["Vary"]
        return Page(answer).all("html")[0]["lang"]

    assert tongue("/") == "zh-CN"
    assert tongue("/", "fr") == "zh-CN"
    assert tongue("/", "en-GB,en;q=0.9") == "en"
    assert tongue("/?lang=zh", "en") == "zh-CN"
    assert tongue("/?lang=en", "zh") == "en"
    assert tongue("/?lang=xx", "en") == "en"


def test_the_other_language_is_one_link_away(app: Flask, client: FlaskClient) -> None:
    address = keep(app, report())
    link = Page(client.get(f"{address}?lang=zh")).all("a", **{"class": "tongue"})[0]
    assert link["href"] == f"{address}?lang=en"
    assert said("verdict.inconsistent", "en") in Page(client.get(link["href"])).html


def test_a_certificate_is_kept_by_no_cache_on_the_way(app: Flask, client: FlaskClient) -> None:
    address = keep(app, report())
    for one in (address, f"{address}/pages/1.jpg"):
        assert client.get(one).headers["Cache-Control"] == "no-store"


def test_a_report_with_an_error_tells_it_and_what_was_read(app: Flask, client: FlaskClient) -> None:
    error = {
        "code": "x",
        "message": {"zh": "出了事", "en": "a"},
        "next_step": {"zh": "做", "en": "b"},
    }
    page = Page(client.get(keep(app, report(error=error))))
    assert "出了事" in page.html and said("verdict.error") in page.html
    assert said("verdict.inconsistent") not in page.html
    assert "GB/T 1-2000" in page.html
    assert said("web.code_unreadable") in page.html
