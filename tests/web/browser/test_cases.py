"""What would break: a case that cannot be brought to its end with a phone in one hand."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.cases import running
from certcheck.runner.work import Work
from tests.web.browser import chrome
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.conftest import Enter
from tests.web.kept import kept_id
from tests.web.tour import browser_of, someone, told


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def fold_out(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).tap()


def in_state(page: Page, words: str) -> None:
    expect(page.locator("dl.glance .state")).to_have_text(words)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_whole_life_of_a_case_on_a_phone(
    enter: Enter, still: str, still_app: Flask, *, script: bool
) -> None:
    """Found in a report, looked into, filed by the chief, told, closed, each in its history."""
    # axe waits for promises, which a page without scripts never keeps.
    looked = assert_accessible if script else (lambda page: None)
    report = told("expired") | {"id": f"{int(script):032x}"}
    check_id = kept_id(still_app, report)
    people = {}
    for role in (Role.INSPECTOR, Role.CHIEF):
        one = enter(chrome.PHONE, site=still, script=script)
        one.become(browser_of(still_app, someone(still_app, role)))
        people[role] = one.page
    page, chief = people[Role.INSPECTOR], people[Role.CHIEF]
    page.goto(f"/checks/{check_id}")
    page.get_by_role("link", name=zh("case.from_report")).tap()
    page.get_by_label(zh("case.need.market")).fill("石佛寺")
    page.get_by_label(zh("case.source")).select_option("report")
    if not page.get_by_label(zh("case.need.number")).is_visible():
        fold_out(page, zh("case.somebody_more"))
    work: Work = still_app.extensions["work"]
    day = running.day_of(work.clock()) - dt.timedelta(days=60)
    page.get_by_label(zh("case.need.received_on")).fill(day.isoformat())
    page.get_by_label(zh("case.need.text")).fill("扫码查不到这张证书")
    page.get_by_label(zh("case.who.name")).fill("李四")
    page.get_by_label(zh("case.who.phone")).fill("13800000000")
    looked(page)
    page.get_by_role("button", name=zh("case.do.open")).tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text(report["lab"]["name"])
    in_state(page, zh("case.state.pending"))
    number = re.search(r"/cases/(\d+)", page.url)
    assert number is not None
    # Overdue already, so it stands first on the desk.
    page.get_by_role("link", name=zh("case.link"), exact=True).tap()
    expect(page.locator(".lead").first).to_contain_text(zh("case.number", number=number[1]))
    expect(page.locator(".desk > .notice")).to_contain_text("超期")
    looked(page)
    page.locator(".lead a").first.tap()
    fold_out(page, zh("case.step.take"))
    page.get_by_role("button", name=zh("case.do.take")).tap()
    in_state(page, zh("case.state.checking"))
    fold_out(page, zh("case.ask_for", move=zh("case.step.file")))
    page.locator("#step-file-ask textarea").fill("签发日在资质认定到期以后")
    page.locator("#step-file-ask button").tap()
    expect(page.locator(".asked")).to_contain_text(zh("case.step.file"))

    chief.goto("/cases")
    chief.locator(".lead a", has_text=zh("case.number", number=number[1])).tap()
    expect(chief.locator("#step-file textarea")).to_have_value("签发日在资质认定到期以后")
    looked(chief)
    chief.get_by_role("button", name=zh("case.do.file")).tap()
    in_state(chief, zh("case.state.filed"))
    fold_out(chief, zh("case.step.close"))
    chief.locator("#step-close [name=result]").select_option("penalised")
    chief.locator("#step-close textarea").fill("已处罚")
    chief.get_by_role("button", name=zh("case.do.close"), exact=True).tap()
    expect(chief.get_by_role("alert")).to_contain_text(zh("case.due.tell_reporter"))
    expect(chief.locator("#step-close textarea")).to_have_value("已处罚")

    page.reload()
    fold_out(page, zh("case.step.tell"))
    page.locator("#step-tell [name=event]").select_option("reporter_told")
    page.locator("#step-tell button").tap()
    expect(page.locator(".dues")).to_contain_text("办理")
    chief.goto(f"/cases/{number[1]}")
    fold_out(chief, zh("case.step.close"))
    chief.locator("#step-close [name=result]").select_option("penalised")
    chief.locator("#step-close textarea").fill("已处罚")
    chief.get_by_role("button", name=zh("case.do.close"), exact=True).tap()
    in_state(chief, zh("case.state.closed"))
    history = chief.locator(".log > li strong").all_inner_texts()
    steps = ("close", "tell", "file", "ask", "take", "open")
    assert history == [zh(f"audit.did.case.{one}") for one in steps]
    assert chief.evaluate("document.documentElement.scrollWidth") <= chrome.PHONE.width
