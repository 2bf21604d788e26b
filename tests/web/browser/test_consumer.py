"""What would break: somebody with a certificate and a phone who does not get to the report."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from certcheck import messages
from tests.certcheck.paper_tools import needs_pango, pages, pictures
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK, LONG, PHONE, Device, Visitor
from tests.web.browser.conftest import PHOTO, Enter
from tests.web.conftest import Server, upload


def said(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def send(page: Page) -> None:
    """Chooses a photo on the first page and sends it, as a person does."""
    page.goto("/")
    page.get_by_label(said("web.file")).set_input_files(PHOTO)
    page.get_by_role("button", name=said("web.go")).click()


def in_sight(page: Page, selector: str) -> bool:
    """Whether an element stands in the window, not only in the page."""
    box = page.locator(selector).bounding_box()
    window = page.viewport_size
    assert box and window
    return box["y"] + box["height"] > 0 and box["y"] < window["height"]


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    """Of a photo that is read once for the tests that only look."""
    with PHOTO.open("rb") as photo:
        sent = upload(server.url, photo)
    return server.url + sent.headers["Location"]


@pytest.fixture
def report(enter: Enter, address: str, device: Device) -> Visitor:
    """Its report, on each device."""
    visitor = enter(device)
    visitor.page.goto(address)
    visitor.page.locator(".sheet").wait_for(timeout=LONG)
    return visitor


@pytest.mark.parametrize(
    ("device", "script"), [(PHONE, False), (DESK, True)], ids=["phone without script", "desk"]
)
def test_from_the_photo_to_the_report_and_away(
    enter: Enter, device: Device, *, script: bool
) -> None:
    """The whole path: choose, wait, verdict, finding to place, place to finding, delete."""
    visitor = enter(device, script=script)
    page = visitor.page
    send(page)
    page.locator(".sheet").wait_for(timeout=LONG)
    expect(page.get_by_role("heading", level=1)).to_have_text(said("verdict.inconsistent"))

    place = page.locator(".item.inconsistent .place").first
    target = f"#{place.get_attribute('data-lens')}"
    place.click()
    enlarged = page.locator(".cut img").first
    expect(enlarged).to_be_visible()
    expect(enlarged).not_to_have_js_property("naturalWidth", 0)
    page.get_by_role("link", name=said("web.place.whole")).click()
    assert in_sight(page, target)
    visitor.point(target)
    (row,) = page.locator(".evidence:target").all()
    assert row.is_visible() and in_sight(page, f"#{row.get_attribute('id')}")
    assert f"#{row.get_attribute('data-mark')}" == target

    gone = page.url.partition("#")[0]
    page.get_by_role("button", name=said("web.delete")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said("web.deleted"))
    answer = page.goto(gone)
    assert answer is not None and answer.status == 404


def test_a_wrong_reading_is_put_right_and_checked_again(enter: Enter, address: str) -> None:
    """What cannot be is told beside its field; the report then says what was entered by hand.

    Without scripts; none is of the page's own.
    """
    page = enter(PHONE, script=False).page
    page.goto(address)
    page.locator(".sheet").wait_for(timeout=LONG)
    page.get_by_role("link", name=said("web.correct.link")).click()
    day = page.get_by_label(said("field.issue_date"), exact=True)
    was = day.input_value()
    day.fill("2023-13-41")
    page.get_by_role("button", name=said("web.correct.go")).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(day).to_have_attribute("aria-invalid", "true")
    day.fill(was)
    page.get_by_label(said("field.colour"), exact=True).fill("墨绿色")
    page.get_by_role("button", name=said("web.correct.go")).click()
    page.locator(".sheet").wait_for(timeout=LONG)
    expect(page.get_by_role("heading", name=said("web.correct.told"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("墨绿色")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_letter_is_there_to_copy(enter: Enter, address: str, *, script: bool) -> None:
    """By a button where scripts run, else by hand; the registered address is there to type."""
    visitor = enter(PHONE, script=script)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    page.goto(address)
    page.locator(".sheet").wait_for(timeout=LONG)
    page.get_by_role("link", name=said("web.steps.link_complaint")).click()
    letter = page.locator("#letter")
    expect(letter).to_contain_text("NYB38846766")
    expect(page.locator(".typed").first).to_have_text("nanyang-shili.example")
    copy = page.get_by_role("button", name=said("web.steps.copy"))
    if not script:
        expect(copy).to_be_hidden()
        return
    copy.click()
    expect(page.locator(".said")).to_have_text(said("web.steps.copied"))
    assert page.evaluate("navigator.clipboard.readText()") == letter.inner_text()


@needs_pango
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_report_and_letter_are_taken_along_as_a_pdf(
    enter: Enter, address: str, *, script: bool
) -> None:
    """The button, the page that waits, the file: of the report, and without scripts the letter."""
    page = enter(PHONE, script=script).page
    page.goto(address)
    page.locator(".sheet").wait_for(timeout=LONG)
    wanted = said("verdict.inconsistent")
    if not script:
        page.get_by_role("link", name=said("web.steps.link_complaint")).click()
        wanted = said("complaint.facts")
    page.get_by_role("button", name=said("web.print.pdf")).click()
    link = page.get_by_role(
        "link", name=re.compile(said("paper.open", kilobytes="").split("（")[0])
    )
    link.wait_for(timeout=LONG)
    with page.expect_download() as begun:
        link.click()
    made = begun.value.path().read_bytes()
    assert wanted in "".join(pages(made)).replace("\r\n", "")
    assert sum(pictures(made)) == (1 if script else 0)
    page.get_by_role("link", name=said("web.steps.back")).click()
    expect(page.locator(".sheet")).to_be_visible()


def test_the_report_has_its_verdict_first_and_its_photo_opens_large(report: Visitor) -> None:
    page = report.page
    verdict = page.locator(".verdict").first.bounding_box()
    assert verdict and verdict["y"] + verdict["height"] <= report.device.height
    assert_accessible(page)
    page.get_by_role("link", name=said("web.photo_open")).click()
    expect(page.locator(".large img")).not_to_have_js_property("naturalWidth", 0)
    assert_accessible(page)
    page.get_by_role("link", name=said("web.steps.back")).first.click()
    page.get_by_role("link", name=said("web.jump.keep")).click()
    assert in_sight(page, "#keeping button[data-print]")


def test_a_photo_is_asked_for_shown_and_kept_without_a_connection(enter: Enter, still: str) -> None:
    visitor = enter(PHONE, site=still)
    page = visitor.page
    page.goto("/")
    page.get_by_role("button", name=said("web.go")).click()
    expect(page.get_by_role("alert")).to_contain_text(said("web.no_photo"))
    page.get_by_label(said("web.file")).set_input_files(PHOTO)
    expect(page.locator(".chosen img")).to_be_visible()
    visitor.context.set_offline(True)
    page.get_by_role("button", name=said("web.go")).click()
    expect(page.get_by_role("alert")).to_have_text(said("web.no_connection"))
    expect(page.locator(".chosen")).to_contain_text(PHOTO.name)


def test_who_waits_is_told_when_the_connection_is_gone(enter: Enter, still: str) -> None:
    """Where nobody reads: a photo that was read before has its report at once."""
    page = enter(PHONE, site=still).page
    page.route("**/state", lambda route: route.abort())
    send(page)
    expect(page.get_by_role("status")).to_have_text(said("web.offline"))
    assert_accessible(page)
