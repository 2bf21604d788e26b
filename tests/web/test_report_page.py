"""What would break: a long report in which one is lost, a picture without a way back, a deletion
that takes more than it says, or a reading that seems to contradict what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck.corrections import Correction
from certcheck.runner import again
from tests.attack.hostile import LINKS
from tests.attack.markup import sound
from tests.web import tour
from tests.web.kept import keep, kept_id
from tests.web.scene import PLACE, evidence, finding, report
from tests.web.test_pages import Page, said


def test_a_long_report_leads_to_its_parts_and_back_to_its_top(
    app: Flask, client: FlaskClient
) -> None:
    page = Page(client.get(keep(app, report(), report(id="1" * 32))))
    ids = page.ids()
    targets = [one["href"][1:] for one in page.all("a", href="#") if one["href"].startswith("#")]
    for wanted in ("photo-1", "items-1", "limits-1", "items-2", "keeping", "main"):
        assert wanted in targets and wanted in ids
    assert set(targets) <= set(ids)


def test_without_a_picture_nothing_leads_to_one(app: Flask, client: FlaskClient) -> None:
    page = Page(client.get(keep(app, report(), pictures=False)))
    assert not page.all("a", href="#photo-1") and not page.all("a", href="/pages/")


def test_the_large_picture_stands_on_a_page_with_a_way_back(
    app: Flask, client: FlaskClient
) -> None:
    address = keep(app, report())
    (link,) = Page(client.get(f"{address}?lang=zh")).all("a", href=f"{address}/pages/1?")
    large = client.get(link["href"])
    assert large.mimetype == "text/html"
    page = Page(large)
    (picture,) = page.all("img")
    assert client.get(picture["src"]).mimetype == "image/jpeg"
    assert len(page.all("a", href=f"{address}?lang=zh")) == 2
    for missing in (f"{address}/pages/2", f"{address}/pages/2/detail.jpg", "/checks/x/pages/1"):
        assert client.get(missing).status_code == 404


def test_a_deletion_says_beforehand_what_goes_with_it(app: Flask, client: FlaskClient) -> None:
    first = kept_id(app, report())
    told = said("web.delete_steps", count=2)
    assert told not in client.get(f"/checks/{first}").get_data(as_text=True)
    again.check_again(app.extensions["work"], first, [Correction("mass", "3.7")], "r")
    page = client.get(f"/checks/{first}").get_data(as_text=True)
    assert told in page and said("web.delete_all", count=2) in page


@pytest.mark.parametrize(
    ("status", "row", "told"),
    [
        ("consistent", evidence("seal", PLACE, "不例检测站", "示例检测站"), True),
        ("consistent", evidence("seal", PLACE, "示例检测站", "示例 检测站"), False),
        ("consistent", evidence("conclusion", PLACE, "翡翠手镯", "珠宝玉石"), False),
        ("consistent", evidence("seal", PLACE, "", "示例检测站"), False),
        ("inconsistent", evidence("seal", PLACE, "不例检测站", "示例检测站"), False),
    ],
)
def test_a_slip_beside_agreement_is_explained(
    app: Flask,
    client: FlaskClient,
    status: str,
    row: Any,
    told: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    items = [{"item": n, "status": "consistent", "findings": []} for n in range(1, 9)]
    items[2] = {"item": 3, "status": status, "findings": [finding(status, row)]}
    html = client.get(keep(app, report(items=items))).get_data(as_text=True)
    assert (said("web.slip") in html) is told


PLAIN = "https://cx.shili-yuan.example/q?no=%E4%B8%80&t=1#a"


@pytest.mark.parametrize(
    "address",
    [PLAIN, "http://shili-yuan.example:8080", *LINKS],
)
def test_only_what_plainly_is_an_address_of_the_web_is_made_a_link(
    app: Flask, client: FlaskClient, address: str
) -> None:
    """A code, or a site that was asked, could make the page lead its reader anywhere."""
    told = report(record=tour.RECORD | {"link": address})
    html = client.get(keep(app, told)).get_data(as_text=True)
    sound(html, LINKS)
    links = [one["href"] for one in Page(client.get(keep(app, told))).all("a", href="")]
    assert (address in links) == (address not in LINKS)
