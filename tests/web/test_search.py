"""What would break: an office that does not find what it checked, or a stranger who does."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck.accounts.roles import Role
from certcheck.archive import timeline
from registry.lookup import Registry
from tests.web import tour
from web import search

LANG = "zh"


@pytest.fixture
def inspector(app: Flask) -> FlaskClient:
    """The browser of an inspector who checked a certificate of each plan."""
    tour.filed(app)
    return tour.browser_of(app, tour.someone(app, Role.INSPECTOR))


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def titles(text: str) -> list[str]:
    """Headings of what was found."""
    return re.findall(r'<h2 id="kind-(\w+)"', text)


def test_a_certificate_is_found_by_a_part_of_its_number(inspector: FlaskClient) -> None:
    told = tour.told("expired")
    number = told["fields"]["certificate_no"]["value"]
    text = page(inspector, f"/search?q={number[2:9]}")
    assert titles(text)[0] == "certificate" and number in text
    assert f"<strong>{number}</strong>" in page(inspector, f"/search?q={number}")


def test_all_kinds_are_found_at_once_each_with_its_link(inspector: FlaskClient) -> None:
    told = tour.told("expired")
    lab, name = told["lab"]["lab_id"], told["lab"]["name"]
    text = page(inspector, f"/search?q={quote(name[2:])}")
    assert {"laboratory", "certificate", "signatory"} <= set(titles(text))
    assert f'href="/laboratories/{lab}?lang=zh"' in text
    assert titles(page(inspector, f"/search?q={quote(name)}"))[0] == "laboratory"
    assert titles(page(inspector, f"/search?q={quote(name)}&kind=signatory")) == ["signatory"]


def test_without_a_question_the_latest_checks_are_listed(inspector: FlaskClient) -> None:
    text = page(inspector, "/search")
    assert text.count('<li class="line') == len(tour.PLANS)


def test_lists_are_narrowed_and_turned(
    inspector: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = tour.told("expired")["lab"]["lab_id"]
    narrow = f"/search?kind=certificate&lab={lab}&verdict=inconsistent&item=1"
    assert page(inspector, narrow).count('<li class="line') == 1
    assert "没有找到" in page(inspector, narrow + "&to=2020-01-01")
    assert page(inspector, narrow + "&from=2020-01-01").count('<li class="line') == 1
    monkeypatch.setattr(search, "PAGE", 2)
    first = page(inspector, "/search?kind=certificate&q=示例")
    (rest,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = page(inspector, rest.replace("&amp;", "&"))
    rows = [re.findall(r"/checks/(\w+)", text) for text in (first, second)]
    assert len(rows[0]) == 2 and rows[1] and not set(rows[0]) & set(rows[1])


@pytest.mark.parametrize(
    "asked",
    ["q=%22%20OR%20*", "q='--", "kind=x&before=-1", "before=99999999999999999999", "q=%00",
     "from=yesterday&item=9&verdict=%3Cscript%3E", "lab=%3Cscript%3E", "signatory=a%09b"],
)  # fmt: skip
def test_nothing_that_is_asked_breaks_the_page(inspector: FlaskClient, asked: str) -> None:
    assert "<script>" not in page(inspector, f"/search?{asked}")


@pytest.mark.parametrize("address", ["/search", "/laboratories/yuan"])
def test_only_the_office_looks(app: Flask, address: str) -> None:
    assert app.test_client().get(address).status_code == 302
    for role, status in ((Role.STREAMER, 403), (Role.CHIEF, 200), (Role.KEEPER, 200)):
        assert tour.browser_of(app, tour.someone(app, role)).get(address).status_code in (
            status,
            404,
        )


def test_a_laboratorys_page_tells_rights_faults_and_checks(
    inspector: FlaskClient, demo_registry: Registry
) -> None:
    told = tour.told("expired")
    text = page(inspector, f"/laboratories/{told['lab']['lab_id']}")
    record = demo_registry.lab(told["lab"]["lab_id"])
    assert record is not None
    for right in timeline.rights(record):
        assert right.name in text
    assert "<strong>1</strong> / 10" in text and "style=" not in text
    assert told["fields"]["certificate_no"]["value"] in text


def test_rows_and_page_of_a_laboratory_lead_to_each_other(app: Flask) -> None:
    keeper = tour.browser_of(app, tour.someone(app, Role.KEEPER))
    assert 'href="/laboratories/yuan?' in page(keeper, "/registry/labs/yuan?lang=zh")
    assert 'href="/registry/labs/yuan?' in page(keeper, "/laboratories/yuan?lang=zh")
