"""What would break: a misreading that nobody can put right, a correction that is lost or hidden,
and a place of one photo shown for another."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from certcheck.check import Wish
from certcheck.corrections import Correction
from certcheck.runner import again
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Request
from ocr.reading import FIELD_KEYS
from tests.web.kept import jpeg, keep, kept_id
from tests.web.scene import LOWER, PLACE, report
from tests.web.test_pages import Page, said
from web.corrections import GROUPS


def field(value: Any, box: Any = PLACE) -> dict[str, Any]:
    return {"value": value, "confidence": 0.9, "box": box, "reader": "r"}


FIELDS = {
    "cma_no": field("211620110418"),
    "mass": field("3.1", LOWER),
    "standards": field(["GB/T 16552-2017", "GB/T 16553-2017"], []),
}
CORRECTED = {
    "corrections": [
        {"field": "mass", "read": "3.7", "value": "3.1", "borne_out": False, "box": LOWER},
        {"field": "colour", "read": None, "value": "绿", "borne_out": True, "box": []},
    ],
    "fields": {**FIELDS, "mass": {**FIELDS["mass"], "reader": "hand"}},
}


@pytest.fixture
def made(app: Flask) -> str:
    return kept_id(app, report(fields=FIELDS))


def form(client: FlaskClient, check_id: str) -> dict[str, str]:
    """What a browser sends of the form as it stands."""
    page = Page(client.get(f"/checks/{check_id}/1/correct"))
    values = {one["name"]: one["value"] for one in page.all("input", type="text")}
    areas = re.findall(r'<textarea id="([\w.]+)".*?>(.*?)</textarea>', page.html, re.S)
    return values | dict(areas)


def test_every_field_of_the_contract_can_be_corrected(client: FlaskClient, made: str) -> None:
    values = form(client, made)
    assert {key for keys in GROUPS.values() for key in keys} == set(FIELD_KEYS)
    # The scene's seal, and its code that was not decoded.
    assert set(values) == {*FIELD_KEYS, "seal.1", "seal_kind.1", "code.1"}
    assert values["cma_no"] == "211620110418" and values["approver"] == ""
    assert values["standards"] == "GB/T 16552-2017、GB/T 16553-2017"
    page = Page(client.get(f"/checks/{made}/1/correct"))
    labelled = {one["for"] for one in page.all("label")}
    assert set(FIELD_KEYS) <= labelled
    shown = [one["src"] for one in page.all("img")]
    pictured = ("cma_no", "mass", "seal.1", "seal_kind.1")
    assert shown == [f"/checks/{made}/1/fields/{key}.jpg" for key in pictured]
    assert all(client.get(one).mimetype == "image/jpeg" for one in shown)


def test_a_corrected_value_is_judged_and_the_rest_stays(
    app: Flask, client: FlaskClient, made: str
) -> None:
    sent = client.post(f"/checks/{made}/1/correct", data=form(client, made) | {"mass": "3.7 g"})
    assert sent.status_code == 303
    address = sent.headers["Location"].partition("?")[0]
    assert made not in address
    assert said("web.waiting") in client.get(address).get_data(as_text=True)
    (one,) = Queue(app.extensions["work"]).take(9)
    assert one.wish.corrections == (Correction("mass", "3.7 g"),)


def test_a_seal_and_a_code_are_corrected_where_they_may_have_been_misread(
    app: Flask, client: FlaskClient
) -> None:
    decoded = {"symbology": "QRCode", "text": "https://a.example", "box": PLACE, "reader": "zxing"}
    unread = {"symbology": "QRCode", "text": None, "box": LOWER, "reader": "qr_pattern"}
    check_id = kept_id(app, report(fields=FIELDS, codes=[decoded, unread]))
    values = form(client, check_id)
    assert "code.1" not in values, "its own checksums bear it out"
    values |= {"seal.1": "某某 检测有限公司", "code.2": "https://b.example"}
    assert client.post(f"/checks/{check_id}/1/correct", data=values).status_code == 303
    (one,) = Queue(app.extensions["work"]).take(9)
    wanted = {("seal.1", "某某 检测有限公司"), ("code.2", "https://b.example")}
    assert {(each.key, each.text) for each in one.wish.corrections} == wanted
    wrong = client.post(f"/checks/{check_id}/1/correct", data=values | {"seal.1": "<b>"})
    assert wrong.status_code == 422 and Page(wrong).all("a", href="#seal.1")


def test_what_was_entered_of_a_seal_is_told_and_can_be_taken_back(
    app: Flask, client: FlaskClient
) -> None:
    seal = {
        "name": "某某检测有限公司",
        "kind": "",
        "shape": "round",
        "confidence": 0.5,
        "box": LOWER,
    }
    entered = {"field": "seal", "number": 1, "read": "某某检测", "value": seal["name"],
               "borne_out": True, "box": LOWER}  # fmt: skip
    check_id = kept_id(app, report(fields=FIELDS, seals=[seal], corrections=[entered]))
    page = client.get(f"/checks/{check_id}").get_data(as_text=True)
    told = said("correction.told", field=said("field.seal"), read="某某检测", value=seal["name"])
    assert told in page and said("web.by_hand") in page
    correct = client.get(f"/checks/{check_id}/1/correct").get_data(as_text=True)
    assert said("web.correct.was_read", value="某某检测") in correct
    values = form(client, check_id) | {"seal.1": "某某检测", "mass": "3.7"}
    assert client.post(f"/checks/{check_id}/1/correct", data=values).status_code == 303
    (one,) = Queue(app.extensions["work"]).take(9)
    assert one.wish.corrections == (Correction("mass", "3.7"),)


def test_corrections_add_up_and_can_be_taken_back(app: Flask, client: FlaskClient) -> None:
    work = app.extensions["work"]
    first = kept_id(app, report(**CORRECTED))
    held = (Correction("mass", "3.1"), Correction("colour", "绿"))
    second = again.check_again(work, first, held, "r")
    assert second is not None
    queue = Queue(work)
    (taken,) = queue.take(9)
    queue.finish(taken.id, Done([report(**CORRECTED)]))
    values = form(client, second) | {"mass": "3.7", "approver": "李四"}
    assert client.post(f"/checks/{second}/1/correct", data=values).status_code == 303
    (taken,) = queue.take(9)
    assert set(taken.wish.corrections) == {Correction("approver", "李四"), held[1]}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "correction.nothing"),
        ({"cma_no": ""}, "correction.empty"),
        ({"issue_date": "去年"}, "correction.look_again"),
        ({"cma_no": "21162011041"}, "correction.malformed"),
    ],
)
def test_what_cannot_be_taken_is_told_where_it_stands(
    app: Flask, client: FlaskClient, made: str, changed: dict[str, str], code: str
) -> None:
    sent = client.post(f"/checks/{made}/1/correct", data=form(client, made) | changed)
    assert sent.status_code == 422
    page = Page(sent)
    assert page.all("div", role="alert")
    told = said(code, value=next(iter(changed.values()), ""))
    assert told in page.html
    for key in changed:
        (one,) = [el for tag in ("input", "textarea") for el in page.all(tag, id=key)
                  if el["id"] == key]  # fmt: skip
        assert one["aria-invalid"] == "true" and f"{key}-wrong" in one["aria-describedby"]
        assert page.all("a", href=f"#{key}")
    assert not Queue(app.extensions["work"]).take(9)


def test_a_number_that_is_printed_badly_can_be_entered(
    app: Flask, client: FlaskClient, made: str
) -> None:
    values = form(client, made) | {"cma_no": "21162011041"}
    page = Page(client.post(f"/checks/{made}/1/correct", data=values))
    (tick,) = page.all("input", type="checkbox")
    sent = client.post(f"/checks/{made}/1/correct", data=values | {tick["name"]: tick["value"]})
    assert sent.status_code == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_says_what_was_entered_and_what_was_read(
    app: Flask, client: FlaskClient, lang: str
) -> None:
    html = client.get(f"{keep(app, report(**CORRECTED))}?lang={lang}").get_data(as_text=True)
    mass, colour = said("field.mass", lang), said("field.colour", lang)
    assert said("correction.told", lang, field=mass, read="3.7", value="3.1") in html
    assert said("correction.told_unread", lang, field=colour, value="绿", read="") in html
    assert said("web.correct.not_borne_out", lang) in html
    assert said("web.correct.borne_out", lang) in html
    assert said("web.by_hand", lang) in html


def test_the_history_leads_to_every_check_of_the_photo(
    app: Flask, client: FlaskClient, made: str
) -> None:
    assert said("web.correct.history") not in client.get(f"/checks/{made}").get_data(as_text=True)
    second = again.check_again(app.extensions["work"], made, [Correction("mass", "3.7")], "r")
    page = Page(client.get(f"/checks/{made}"))
    assert said("web.correct.history") in page.html
    assert page.all("a", href=f"/checks/{second}?")


def test_a_photo_that_could_not_be_checked_cannot_be_corrected(
    app: Flask, client: FlaskClient
) -> None:
    error = {"code": "photo.not_a_certificate", "message": {"zh": "不是", "en": "none"},
             "next_step": {"zh": "再拍", "en": "again"}}  # fmt: skip
    answer = client.get(f"{keep(app, report(error=error))}/1/correct")
    assert "不是" in answer.get_data(as_text=True) and not Page(answer).all("input")


def test_a_persons_check_is_corrected_by_nobody_else(app: Flask, client: FlaskClient) -> None:
    work = app.extensions["work"]
    mine = work.accept(io.BytesIO(b"mine"), Request("a.jpg", Wish(), "r", owner="person:me"))
    queue = Queue(work)
    (taken,) = queue.take(9)
    queue.finish(taken.id, Done([report(fields=FIELDS)], {1: jpeg()}))
    assert client.get(f"/checks/{mine}/1/correct").status_code == 403
    assert client.post(f"/checks/{mine}/1/correct", data={"mass": "3.7"}).status_code == 403
    for path in ("", "/1/places/1"):
        page = Page(client.get(f"/checks/{mine}{path}"))
        assert page.html and not page.all("a", href="/correct")


@pytest.mark.parametrize("path", ["correct", "places/1", "places/99", "fields/mass.jpg"])
def test_a_check_that_is_not_there_shows_nothing(client: FlaskClient, path: str) -> None:
    for check_id in ("0" * 40, "x"):
        assert client.get(f"/checks/{check_id}/1/{path}").status_code == 404


@pytest.mark.parametrize("path", ["2/correct", "0/places/1", "1/places/9", "1/places/0",
                                  "1/places/9.jpg", "1/fields/standards.jpg",
                                  "1/fields/approver.jpg", "1/fields/nothing.jpg"])  # fmt: skip
def test_a_place_that_is_not_there_is_not_shown(client: FlaskClient, made: str, path: str) -> None:
    assert client.get(f"/checks/{made}/{path}").status_code == 404


def test_a_finding_leads_to_its_place_enlarged_and_back(client: FlaskClient, made: str) -> None:
    page = Page(client.get(f"/checks/{made}"))
    links = page.all("a", **{"class": "place"})
    assert links
    ids = page.ids()
    for link in links:
        assert link["data-lens"] in ids
        one = client.get(link["href"])
        assert one.status_code == 200
        place = Page(one)
        (picture,) = place.all("img")
        served = client.get(picture["src"])
        assert served.mimetype == "image/jpeg" and b"Exif" not in served.data
        assert Image.open(io.BytesIO(served.data)).format == "JPEG"
        back = [
            a["href"].partition("#")[2] for a in place.all("a", href="#") if "/checks/" in a["href"]
        ]
        assert link["data-lens"] in back and set(back) <= set(ids)
        assert any(one.startswith("s1-item") for one in back)


def test_without_a_picture_a_finding_leads_to_nothing_that_is_not_there(
    app: Flask, client: FlaskClient
) -> None:
    page = Page(client.get(keep(app, report(), pictures=False)))
    assert all(one["href"].startswith("#") for one in page.all("a", **{"class": "place"}))
