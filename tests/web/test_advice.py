"""What would break: advice on a photo that nobody can picture."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck import messages
from tests.web.kept import keep
from tests.web.scene import report
from tests.web.test_pages import said
from web import view

CODES = sorted(
    code
    for code, one in messages.catalogue().items()
    if one.file == "advice.toml" and code.startswith("photo.")
)


def advised(*codes: str) -> dict[str, Any]:
    """A report whose photo has these faults."""
    told = []
    for code in codes:
        text = messages.text(code, part="右上角", fields="签发日期")
        told.append({"code": code, "message": text._asdict()})
    plain = report()
    return plain | {"verdict": "unverifiable", "photo": {**plain["photo"], "advice": told}}


@pytest.mark.parametrize("code", CODES)
def test_every_advice_has_its_drawing(code: str) -> None:
    kind = view.drawn(code)
    assert kind is not None, code
    assert f"web.draw.{kind}" in messages.catalogue()


def test_advice_is_told_and_drawn_beside_how_to_do_better(app: Flask, client: FlaskClient) -> None:
    told = advised("photo.glare", "photo.glare_part", "photo.dark")
    html = client.get(keep(app, told)).get_data(as_text=True)
    for one in told["photo"]["advice"]:
        assert one["message"]["zh"] in html
    for kind, times in (("glare", 1), ("dark", 1), ("right", 1), ("cut", 0)):
        assert html.count(f"</span> {said(f'web.draw.{kind}')}</figcaption>") == times, kind


def test_a_photo_of_something_else_is_drawn_too(app: Flask, client: FlaskClient) -> None:
    error = {"code": "photo.not_a_certificate", "message": {"zh": "不是", "en": "none"},
             "next_step": {"zh": "再拍", "en": "again"}}  # fmt: skip
    for pictures in (True, False):
        told = report(error=error) | {"photo": {**report()["photo"], "name": f"{pictures}.jpg"}}
        html = client.get(keep(app, told, pictures=pictures)).get_data(as_text=True)
        assert said("web.draw.other") in html and said("web.draw.right") in html


def test_a_good_photo_gets_no_advice(app: Flask, client: FlaskClient) -> None:
    html = client.get(keep(app, report())).get_data(as_text=True)
    assert said("web.draw.title") not in html


def test_the_first_page_shows_what_to_avoid(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    for kind in ("right", *view.SHOWN_BEFORE):
        assert html.count(said(f"web.draw.{kind}")) == 1
