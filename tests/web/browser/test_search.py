"""What would break: an inspector with a phone who does not get from a word to what was checked."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.cases import opening
from certcheck.cases.opening import Wish
from certcheck.runner.work import Work
from tests.web import tour
from tests.web.browser import chrome
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.conftest import Enter
from tests.web.kept import kept_id


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def fits(page: Page) -> None:
    """The page is as wide as the phone, and everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth") <= chrome.PHONE.width
    assert_accessible(page)


def test_from_a_word_to_a_laboratory_its_rights_and_what_was_checked(
    enter: Enter, still: str, still_app: Flask
) -> None:
    work: Work = still_app.extensions["work"]
    inspector = tour.someone(still_app, Role.INSPECTOR)
    tour.filed(still_app)
    report = tour.told("expired")
    lab, number = report["lab"]["name"], report["fields"]["certificate_no"]["value"]
    check_id = kept_id(still_app, report | {"id": "c" * 32}, owner=f"person:{inspector.id}")
    case_id = opening.open_case(work, inspector, Wish("没有资质还出证书", [check_id], stall="C9"))
    visitor = enter(chrome.PHONE, site=still)
    visitor.become(tour.browser_of(still_app, inspector))
    page = visitor.page
    page.goto("/search")
    expect(page.get_by_role("heading", name=zh("search.latest"))).to_be_visible()
    expect(page.locator(".group .line")).to_have_count(len(tour.PLANS) + 1)
    fits(page)

    # A piece of a name finds all kinds; who presses Enter needs no button.
    page.get_by_role("searchbox").fill(f"{lab[2:6]}")
    page.get_by_role("searchbox").press("Enter")
    kinds = page.locator(".group h2")
    expect(kinds.first).to_be_visible()
    assert {zh(f"search.kind.{one}") for one in ("laboratory", "certificate", "case")} <= {
        one.strip() for one in kinds.all_inner_texts()
    }
    fits(page)
    page.locator(".group", has=page.locator("#kind-laboratory")).get_by_role("link", name=lab).tap()

    expect(page.get_by_role("heading", level=1)).to_have_text(lab)
    # The same number twice is one certificate.
    expect(page.locator(".threshold .count")).to_have_text("1 / 10")
    picture = page.locator(".rights svg")
    expect(picture).to_be_visible()
    box, today = picture.bounding_box(), page.locator(".rights .today").bounding_box()
    assert box is not None and today is not None and box["width"] <= chrome.PHONE.width
    bars = page.locator(".rights .term")
    assert bars.count() >= 2
    for one in (one.bounding_box() for one in bars.all()):
        assert one is not None and one["width"] >= 1
        assert box["x"] - 1 <= one["x"] and one["x"] + one["width"] <= box["x"] + box["width"] + 1
    # What has run out ends before today's line.
    ended = [one.bounding_box() for one in page.locator(".rights .term.accreditation").all()]
    assert any(one and one["x"] + one["width"] < today["x"] for one in ended)
    page.locator(".laboratory details.all summary").tap()
    expect(page.locator(".laboratory details.all tbody tr").first).to_be_visible()
    expect(page.locator(".laboratory .lines").last).to_contain_text("没有资质还出证书")
    fits(page)

    # Its certificates, narrowed, and the narrowing taken away.
    page.get_by_role("link", name=zh("lab.all_checks")).tap()
    expect(page.locator(".chips li")).to_contain_text(lab)
    expect(page.locator(".group .line")).to_have_count(2)
    page.locator("details.narrow summary").tap()
    page.get_by_label(zh("search.verdict")).select_option("consistent")
    page.locator("details.narrow button").tap()
    expect(page.get_by_text(zh("search.none"))).to_be_visible()
    expect(page.get_by_label(zh("search.verdict"))).to_have_value("consistent")
    fits(page)
    page.get_by_label(zh("search.verdict")).select_option("")
    page.get_by_label(zh("search.from")).fill("2020-01-01")
    page.locator("details.narrow button").tap()
    expect(page.locator(".group .line")).to_have_count(2)
    page.get_by_role("link", name=zh("search.chip.drop", words=lab)).tap()
    expect(page.locator(".chips")).to_have_count(0)

    # By the middle of a number, and a case by the stall.
    page.get_by_role("searchbox").fill(number[2:9])
    page.locator(".box button").tap()
    page.locator(".group .line a").first.tap()
    expect(page.locator("main .verdict").first).to_be_visible()
    page.goto("/search?q=c9")
    page.get_by_role("link", name=zh("case.number", number=case_id)).tap()
    expect(page.locator("dl.glance")).to_contain_text("C9")
