"""What would break: a page that weak eyes, a keyboard or a screen reader cannot use."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Error, Page, expect

from certcheck import messages
from tests.web import tour
from tests.web.browser.accessible import assert_accessible, bring
from tests.web.browser.chrome import DESK, PHONE, Device, Visitor
from tests.web.browser.conftest import Enter

# CSS pixels. WCAG 2.2, success criterion 1.4.10: a desk's window at four times its size.
NARROWEST = 320
FITS = "width => document.documentElement.scrollWidth <= width"
SETTLED_MS = 5_000
# CSS pixels; the pages' text is at 18.
SMALLEST = 15
SMALL_PRINT = """smallest => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode()); ) {
    const one = text.parentElement;
    if (!text.data.trim() || one.closest("svg, script, noscript")) continue;
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < smallest) found.push(size + " " + text.data.trim().slice(0, 40));
  }
  return found;
}"""
# Presses of the tabulator on one page; long reports have more places than tell anything new.
MOST_TABS = 25
# Writes down what has the focus: its place in the page's order, how it is called and marked.
WATCH = """() => {
  const all = [...document.querySelectorAll("*")];
  const ring = (e) => {
    const style = getComputedStyle(e);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  window.held = [];
  document.addEventListener("focusin", ({ target: one }) => {
    // The file dialogue's own input lies unseen on its label; a place on the photo is an outline.
    const box = one.querySelector(".box");
    const stroke = box ? parseFloat(getComputedStyle(box).strokeWidth) >= 4 : false;
    const labels = [...(one.labels || [])];
    window.held.push({
      html: one.outerHTML.slice(0, 200),
      at: all.indexOf(one),
      marked: stroke || [one, ...labels].some(ring),
    });
  });
}"""


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


Stops = list[tuple[FlaskClient, tour.Stop]]


@pytest.fixture(scope="module")
def stops(still_app: Flask) -> Stops:
    return list(tour.walk(still_app))


@pytest.fixture
def go(enter: Enter, still: str, stops: Stops) -> Callable[..., Iterator[tuple[Page, tour.Stop]]]:
    """Comes by every page, in the browser of somebody who may: `go(DESK, dark=True)`.

    By the first of each kind, as a second one takes as long; `every` names kinds of which by all.
    """

    def along(
        device: Device, lang: str = "", *, every: Collection[str] = (), **more: Any
    ) -> Iterator[tuple[Page, tour.Stop]]:
        pages: dict[int, Page] = {}
        seen: set[str] = set()
        for client, stop in stops:
            if stop.endpoint in seen and stop.endpoint not in every:
                continue
            seen.add(stop.endpoint)
            if id(client) not in pages:
                visitor = enter(device, site=still, **more)
                visitor.become(client)
                bring(visitor.context)
                pages[id(client)] = visitor.page
            page = pages[id(client)]
            mark = "&" if "?" in stop.address else "?"
            page.goto(stop.address + (f"{mark}lang={lang}" if lang else ""))
            yield page, stop

    return along


Go = Callable[..., Iterator[tuple[Page, tour.Stop]]]


def steps(page: Page) -> list[dict[str, Any]]:
    """Goes through a page by the tabulator, once round at most.

    The parts of a date are stops of one control, which comes into the focus once.
    """
    page.evaluate(WATCH)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
    found: list[dict[str, Any]] = page.evaluate("held")
    # At its end the focus leaves the page and begins again.
    again = (at for at, one in enumerate(found) if at and one["at"] <= found[0]["at"])
    return found[: next(again, None)]


def test_pages_on_a_phone(go: Go) -> None:
    """In Chinese, by day: said what they are, without a grave fault, no wider than the window.

    Reports of every kind.
    """
    for page, stop in go(PHONE, "zh", every=["pages.report"]):
        assert_says_what_it_is(page, stop)
        assert_accessible(page)
        assert_fits(page, stop, PHONE)


def test_pages_on_a_desk(go: Go) -> None:
    """In English, by night, gone through by the keyboard."""
    for page, stop in go(DESK, "en", dark=True, locale="en"):
        assert_focus_is_seen(page, stop)
        assert_accessible(page)
        assert_fits(page, stop, DESK)


def test_axe_would_tell(enter: Enter, still: str) -> None:
    """Else a page without a fault would only show that nobody looked."""
    page = enter(site=still).page
    page.goto("/")
    page.evaluate("document.querySelector('label').remove()")
    with pytest.raises(AssertionError, match="critical label"):
        assert_accessible(page)


def assert_fits(page: Page, stop: tour.Stop, device: Device) -> None:
    """A page that moves sideways under the thumb is hard to read."""
    for width in (device.width, NARROWEST):
        page.set_viewport_size({"width": width, "height": DESK.height})
        # A chart is drawn anew a moment after the window has its size.
        with contextlib.suppress(Error):
            page.wait_for_function(FITS, arg=width, timeout=SETTLED_MS)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (stop.address, wide)
    page.set_viewport_size({"width": device.width, "height": device.height})


def assert_focus_is_seen(page: Page, stop: tour.Stop) -> None:
    """The focus goes down the page, and where it is, is marked."""
    found = steps(page)
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


def assert_says_what_it_is(page: Page, stop: tour.Stop) -> None:
    """Its language, one heading of the first rank, landmarks, a title; in print large enough."""
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    assert page.get_by_role("heading", level=1).count() >= 1, stop
    assert page.title(), stop
    assert page.evaluate(SMALL_PRINT, SMALLEST) == [], stop


def test_what_a_screen_reader_says_of_a_report(enter: Enter, still: str, stops: Stops) -> None:
    """The verdict and every status in words, each place by its items: nothing by colour alone."""
    page = enter(PHONE, site=still).page
    # The second of `tour.PLANS`, after a report that is still waited for.
    address = [one.address for _, one in stops if one.endpoint == "pages.report"][2]
    page.goto(address)
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
