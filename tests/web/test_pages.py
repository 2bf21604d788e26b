"""What would break: a page that hides a finding, runs what a photo says, or shows our innards."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import create_engine
from werkzeug.test import TestResponse

from certcheck import messages
from certcheck.check import Wish, check_bytes
from certcheck.report import Report
from registry.lookup import Registry
from tests.web.scene import report
from web import create_app, pages
from web.cache import Result, Results

PHOTOS = Path(__file__).parents[2] / "samples" / "photos"
PHOTO = PHOTOS / "item1-expired.jpg"
VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """Elements of a page: tag, attributes and the text inside."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.html = answer.get_data(as_text=True)
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


def test_a_visitors_photo_is_checked_as_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What else would keep a stranger's ink (see `Wish.visitor`)."""
    wishes = []

    def noted(data: bytes, name: str, registry: Registry, wish: Wish) -> list[Report]:
        wishes.append(wish)
        return check_bytes(data, name, registry, wish)

    monkeypatch.setattr(pages, "check_bytes", noted)
    send(client, b"no picture", "a.jpg")
    assert [one.visitor for one in wishes] == [True]


def keep(app: Flask, *reports: dict[str, Any]) -> str:
    """Puts reports where the page looks for them; returns their address."""
    _, jpeg = cv2.imencode(".jpg", np.full((40, 40, 3), 200, np.uint8))
    result = Result(reports, {1: bytes(jpeg)})
    app.extensions["results"].put(result)
    return f"/checks/{result.id}"


def said(code: str, lang: str = "zh") -> str:
    text = messages.text(code)
    return text.zh if lang == "zh" else text.en


@pytest.fixture(scope="module")
def sent(app: Flask) -> Iterator[tuple[TestResponse, Result]]:
    """A sample photo really checked, once for all tests of this file."""
    answer = send(app.test_client(), PHOTO.read_bytes(), PHOTO.name)
    results: Results = app.extensions["results"]
    found = results.get(answer.location.split("/checks/")[1].split("?")[0])
    assert found is not None
    yield answer, found


def test_a_photo_leads_to_its_report(
    client: FlaskClient, sent: tuple[TestResponse, Result]
) -> None:
    answer, result = sent
    assert answer.status_code == 303
    told = result.reports[0]
    assert told["photo"]["sha256"] == hashlib.sha256(PHOTO.read_bytes()).hexdigest()
    html = Page(client.get(answer.location)).html
    assert said(f"verdict.{told['verdict']}") in html
    assert told["lab"]["name"] in html
    assert told["fields"]["certificate_no"]["value"] in html
    for item in told["items"]:
        assert f"{item['item']} {said('item.' + str(item['item']))}" in html
        for finding in item["findings"]:
            assert finding["message"]["zh"] in html
    assert said("report.proves") in html
    assert said("report.demo") in html


def test_every_box_is_drawn_in_pixels_of_the_upright_photo(
    client: FlaskClient, sent: tuple[TestResponse, Result]
) -> None:
    answer, result = sent
    told = result.reports[0]
    page = Page(client.get(answer.location))
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


def test_the_picture_is_the_upright_one(
    client: FlaskClient, sent: tuple[TestResponse, Result]
) -> None:
    answer, result = sent
    image = Page(client.get(answer.location)).all("img")[0]
    served = client.get(image["src"])
    assert served.mimetype == "image/jpeg"
    pixels = cv2.imdecode(np.frombuffer(served.data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    height, width = pixels.shape[:2]
    photo = result.reports[0]["photo"]
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
    assert [one["src"] for one in page.all("script")] == ["/static/page.js"]
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
    for path in (Path(app.root_path) / "static").iterdir():
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


def test_the_file_is_taken_whichever_of_the_two_inputs_holds_it(client: FlaskClient) -> None:
    nothing, something = (io.BytesIO(b""), ""), (io.BytesIO(b"no picture"), "a.txt")
    answer = client.post("/checks", data={"photo": [nothing, something]})
    assert answer.status_code == messages.http_status("photo.unknown_format")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.jpg", "photo.empty"),
        (b"not a picture", "a.jpg", "photo.unknown_format"),
        (PHOTO.read_bytes()[:900], "a.jpg", "photo.damaged"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_input_is_told_with_the_next_step(
    client: FlaskClient, data: bytes, name: str, code: str, lang: str
) -> None:
    answer = send(client, data, name, lang)
    html = answer.get_data(as_text=True)
    assert answer.status_code == messages.http_status(code)
    step = messages.next_step(code)
    assert step is not None
    assert said(code, lang) in html
    assert (step.zh if lang == "zh" else step.en) in html


def test_a_form_without_a_photo_is_told(client: FlaskClient) -> None:
    answer = client.post("/checks", data={})
    assert answer.status_code == 400
    assert said("web.no_photo") in answer.get_data(as_text=True)


def test_a_file_over_the_limit_is_refused_before_it_is_read(app: Flask) -> None:
    small = create_app({"REGISTRY": app.config["REGISTRY"], "MAX_CONTENT_LENGTH": 1000})
    answer = send(small.test_client(), b"x" * 2000, "a.jpg")
    assert answer.status_code == 413
    assert said("photo.too_large") in answer.get_data(as_text=True)


def test_a_mistake_of_ours_shows_no_innards(caplog: pytest.LogCaptureFixture) -> None:
    broken = create_app({"REGISTRY": Registry(create_engine("sqlite://"))})
    answer = send(broken.test_client(), b"", "a.jpg")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert said("check.crashed") in html
    assert "Traceback" not in html and "sqlite" not in html.lower()
    assert "no such table" in caplog.text


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/checks", 405),
        ("GET", f"/checks/{'f' * 32}", 404),
        ("GET", f"/checks/{'f' * 32}/pages/1.jpg", 404),
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


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").data == b"ok\n"


def test_the_oldest_result_is_dropped_first() -> None:
    results = Results(2)
    for one in "abac":
        results.put(Result(({"id": one},), {}))
    assert results.get("b") is None
    assert results.get("a") is not None and results.get("c") is not None
