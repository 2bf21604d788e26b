"""What would break: a page that weak eyes, a keyboard or a screen reader cannot use."""

from __future__ import annotations

import dataclasses as dc
import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certcheck import messages
from tests.web import tour
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK, PHONE, Device, Visitor
from tests.web.browser.conftest import Enter

# WCAG 2.2, success criterion 1.4.10: so narrow is a desk's window at four times its size.
NARROW = dc.replace(PHONE, name="narrow", width=320)
# Presses of the tabulator on one page; long reports have more places than tell anything new.
MOST_TABS = 40
# What has the focus: where it stands in the page's order, how it is called and how it is marked.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ring = (e) => {
    const style = getComputedStyle(e);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  // The file dialogue's own input lies unseen on its label; a place on the photo is an outline.
  const box = one.querySelector(".box");
  const stroke = box ? parseFloat(getComputedStyle(box).strokeWidth) >= 4 : false;
  const labels = [...(one.labels || [])];
  return {
    html: one.outerHTML.slice(0, 200),
    at: [...document.querySelectorAll("*")].indexOf(one),
    marked: stroke || [one, ...labels].some(ring),
  };
}"""


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


@pytest.fixture(scope="module")
def stops(still_app: Flask) -> list[tour.Stop]:
    return tour.stops(still_app)


def reports(stops: list[tour.Stop]) -> list[str]:
    return [one.address for one in stops if one.endpoint == "pages.report"]


def walk(page: Page) -> list[dict[str, Any]]:
    """Goes through a page by the tabulator."""
    found: list[dict[str, Any]] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        one = page.evaluate(FOCUSED)
        if one is None or (found and one["at"] <= found[0]["at"]):
            break
        found.append(one)
    return found


@pytest.mark.parametrize(
    ("device", "dark", "locale"), [(PHONE, False, "zh-CN"), (DESK, True, "en")]
)
def test_axe_finds_no_grave_fault(
    enter: Enter, still: str, stops: list[tour.Stop], device: Device, *, dark: bool, locale: str
) -> None:
    page = enter(device, site=still, dark=dark, locale=locale).page
    for stop in stops:
        page.goto(stop.address)
        assert_accessible(page)


@pytest.mark.parametrize(("dark", "locale"), [(True, "zh-CN"), (False, "en")])
def test_text_stands_out_in_the_other_scheme_too(
    enter: Enter, still: str, stops: list[tour.Stop], *, dark: bool, locale: str
) -> None:
    page = enter(PHONE, site=still, dark=dark, locale=locale).page
    for stop in stops:
        page.goto(stop.address)
        assert_accessible(page, "color-contrast")


def test_axe_would_tell(enter: Enter, still: str) -> None:
    """Else a page without a fault would only show that nobody looked."""
    page = enter(site=still).page
    page.goto("/")
    page.evaluate("document.querySelector('label').remove()")
    with pytest.raises(AssertionError, match="critical label"):
        assert_accessible(page)


@pytest.mark.parametrize("device", [NARROW, PHONE, DESK], ids=lambda one: one.name)
def test_nothing_is_wider_than_the_window(
    enter: Enter, still: str, stops: list[tour.Stop], device: Device
) -> None:
    """A page that moves sideways under the thumb is hard to read."""
    page = enter(device, site=still).page
    for lang in ("zh", "en"):
        for stop in stops:
            page.goto(f"{stop.address}?lang={lang}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= device.width, (stop.address, wide)


def test_the_focus_goes_down_the_page_and_is_seen(
    enter: Enter, still: str, stops: list[tour.Stop]
) -> None:
    page = enter(DESK, site=still).page
    for stop in stops:
        page.goto(stop.address)
        found = walk(page)
        assert len(found) > 2, stop
        order = [one["at"] for one in found]
        assert order == sorted(set(order)), stop
        assert [one["html"] for one in found if not one["marked"]] == [], stop


def test_the_first_of_the_focus_skips_what_every_page_begins_with(enter: Enter, still: str) -> None:
    page = enter(DESK, site=still).page
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=zh("web.skip"))).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label(zh("web.file"))).to_be_focused()


def test_every_page_says_what_it_is(enter: Enter, still: str, stops: list[tour.Stop]) -> None:
    """Its language, one heading of the first rank, landmarks, and a title of its own."""
    page = enter(DESK, site=still).page
    for stop in stops:
        page.goto(stop.address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        for role in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(role)).to_have_count(1)
        assert page.get_by_role("heading", level=1).count() >= 1, stop
        assert page.title(), stop


def test_what_a_screen_reader_says_of_a_report(
    enter: Enter, still: str, stops: list[tour.Stop]
) -> None:
    """The verdict and every status in words, each place by its items: nothing by colour alone."""
    page = enter(PHONE, site=still).page
    page.goto(reports(stops)[2])
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("verdict.inconsistent"))
    items = page.get_by_role("heading", level=3)
    for number in range(1, 9):
        expect(items.nth(number - 1)).to_contain_text(f"{number} {zh(f'item.{number}')}")
    expect(items.first).to_contain_text(zh("status.inconsistent"))
    marks = page.locator("svg a.mark")
    assert marks.count() > 0
    for mark in marks.all():
        name = str(mark.get_attribute("aria-label"))
        assert re.search(r"\d", name) and any(zh(f"item.{n}") in name for n in range(1, 9)), name


def test_who_asked_for_no_motion_gets_none(enter: Enter, still: str) -> None:
    visitor: Visitor = enter(PHONE, site=still)
    visitor.page.goto("/")
    smooth = "getComputedStyle(document.documentElement).scrollBehavior"
    assert visitor.page.evaluate(smooth) == "auto"
