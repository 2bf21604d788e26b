"""What would break: somebody sent to the address on the paper, or left without what to do next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck import complaint
from registry.lookup import Registry
from tests.web import tour
from tests.web.kept import keep, kept_id
from tests.web.scene import report
from tests.web.test_pages import Page, said

PRINTED = "printed-on-the-paper.example"


def of_demo_lab(registry: Registry, **changes: Any) -> dict[str, Any]:
    """A report of a laboratory of the demo registry; its paper prints an address of its own."""
    record = registry.lab("yuan")
    assert record is not None
    lab = {"lab_id": "yuan", "name": record.name, "matched_by": [], "confidence": 1, "demo": True}
    fields = {
        "website": {"value": PRINTED, "confidence": 1, "box": [], "reader": "r"},
        "certificate_no": {"value": "YA 2023/1", "confidence": 1, "box": [], "reader": "r"},
    }
    return report(lab=lab, fields=fields, **changes)


def test_the_registered_address_is_given_and_never_the_printed_one(
    app: Flask, client: FlaskClient, demo_registry: Registry
) -> None:
    contacts = demo_registry.contacts("yuan", dt.date(2026, 11, 21))
    assert contacts is not None and contacts.sites and contacts.addresses
    page = Page(client.get(f"{keep(app, of_demo_lab(demo_registry))}/1/next"))
    for one in (*contacts.sites, *contacts.phones, *contacts.addresses):
        assert one in page.html
    assert PRINTED not in page.html
    assert not page.all("a", href=contacts.sites[0]), "to be typed, not followed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lab": None}, "web.steps.no_lab"),
        ({}, "web.steps.no_contact"),
    ],
)
def test_where_nothing_is_registered_the_page_says_where_to_look(
    app: Flask, client: FlaskClient, changes: dict[str, Any], code: str
) -> None:
    answer = client.get(f"{keep(app, report(**changes))}/1/next")
    assert said(code) in answer.get_data(as_text=True)


@pytest.mark.parametrize("verdict", ["inconsistent", "suspected", "unverifiable", "consistent"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_leads_to_a_letter_that_fits_it(
    app: Flask, client: FlaskClient, lang: str, verdict: str
) -> None:
    told = report(verdict=verdict)
    address = f"{keep(app, told)}"
    complains = verdict in ("inconsistent", "suspected")
    link = said(f"web.steps.link_{'complaint' if complains else 'inquiry'}", lang)
    page = Page(client.get(f"{address}?lang={lang}"))
    assert link in page.html and page.all("a", href="/1/next?")
    html = client.get(f"{address}/1/next?lang={lang}").get_data(as_text=True)
    assert (said("web.steps.deadlines", lang) in html) == complains
    assert said("web.steps.rights", lang) in html
    assert complaint.letter(told).title.zh in html
    assert (said("web.steps.translation", "en") in html) == (lang == "en")


def test_the_letter_can_be_taken_away_as_a_file(
    app: Flask, client: FlaskClient, demo_registry: Registry
) -> None:
    told = of_demo_lab(demo_registry)
    answer = client.get(f"{keep(app, told)}/1/letter.txt")
    assert answer.mimetype == "text/plain"
    name = answer.headers["Content-Disposition"]
    assert 'filename="complaint-YA-2023-1.txt"' in name
    assert answer.data.decode("utf-8-sig") == complaint.letter(told).text.zh
    assert answer.data.startswith(b"\xef\xbb\xbf"), "old editors tell the encoding by it"


def test_demo_results_say_that_the_letter_is_of_no_use(
    app: Flask, client: FlaskClient, demo_registry: Registry
) -> None:
    html = client.get(f"{keep(app, of_demo_lab(demo_registry))}/1/next").get_data(as_text=True)
    assert said("web.steps.demo") in html
    plain = client.get(f"{keep(app, report(), report())}/1/next").get_data(as_text=True)
    assert said("web.steps.demo") not in plain


def test_scripts_alone_show_what_only_they_can_do(app: Flask, client: FlaskClient) -> None:
    page = Page(client.get(f"{keep(app, report())}/1/next"))
    buttons = page.all("button", type="button")
    assert buttons and all("hidden" in one for one in buttons)
    # Without them there is a PDF to print, and the text as a file.
    assert page.all("form", action="/paper/letter-1") and page.all("a", href="/1/letter.txt")


def test_a_paper_of_the_demo_registry_has_its_letter(app: Flask, client: FlaskClient) -> None:
    """Of real findings, with all that they hold."""
    for told in tour.reports():
        check_id = kept_id(app, told)
        for path in ("next", "letter.txt"):
            assert client.get(f"/checks/{check_id}/1/{path}").status_code == 200
    for path in ("next", "letter.txt"):
        assert client.get(f"/checks/{'0' * 40}/1/{path}").status_code == 404
