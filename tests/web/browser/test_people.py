"""What would break: a person who cannot sign in, is not told why, or sees what is not for him."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK, PHONE, Device
from tests.web.browser.conftest import PHOTO, Enter
from tests.web.staff import PASSWORD

NEW = "harbour-saddle-plum-58"


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


@pytest.fixture
def streamer(still_app: Flask, request: pytest.FixtureRequest) -> str:
    """Somebody who may sign in; each test has its own."""
    people: People = still_app.extensions["people"]
    return people.add(
        f"主播 {request.node.name}"[:60], Role.STREAMER, PASSWORD, must_change=False
    ).name


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """As a person does it, by keyboard."""
    page.get_by_label(zh("account.name")).fill(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("device", "script"), [(PHONE, False), (DESK, True)], ids=["phone without script", "desk"]
)
def test_in_and_to_ones_own_checks_and_out(
    enter: Enter, still: str, streamer: str, device: Device, *, script: bool
) -> None:
    """Who asks for a page of his own signs in first and is led there; then out again."""
    page = enter(device, site=still, script=script).page
    page.goto("/history")
    expect(page.get_by_text(zh("account.first"))).to_be_visible()
    sign_in(page, streamer)
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("account.history"))
    expect(page.get_by_text(zh("account.history_empty"))).to_be_visible()
    page.goto("/")
    page.get_by_label(zh("web.file")).set_input_files(PHOTO)
    page.get_by_role("button", name=zh("web.go")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("web.waiting"))
    page.get_by_role("link", name=zh("account.history")).click()
    expect(page.get_by_text(PHOTO.name)).to_be_visible()
    page.get_by_role("button", name=zh("account.sign_out")).click()
    page.goto("/history")
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("account.sign_in"))


def test_a_wrong_password_is_told_and_the_name_stays(
    enter: Enter, still: str, streamer: str
) -> None:
    page = enter(site=still).page
    page.goto("/sign-in")
    sign_in(page, streamer, "wrong-horse-battery-11")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(zh("account.name"))).to_have_value(streamer)
    assert_accessible(page)


def test_who_may_not_is_told_who_he_is_and_whom_to_ask(
    enter: Enter, still: str, streamer: str
) -> None:
    page = enter(DESK, site=still).page
    page.goto("/sign-in")
    sign_in(page, streamer)
    answer = page.goto("/people")
    assert answer is not None and answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("account.forbidden"))
    expect(page.locator("main")).to_contain_text(streamer)
    expect(page.locator("main")).to_contain_text(zh("account.ask_admin"))


def test_a_new_password_ends_the_other_browser(enter: Enter, still: str, streamer: str) -> None:
    here, there = enter(site=still).page, enter(DESK, site=still).page
    for page in (here, there):
        page.goto("/sign-in")
        sign_in(page, streamer)
        expect(page.get_by_role("heading", level=1)).to_have_text(zh("account.history"))
    here.goto("/password")
    here.get_by_label(zh("account.password_old"), exact=True).fill(PASSWORD)
    here.get_by_label(zh("account.password_new"), exact=True).fill(NEW)
    here.get_by_label(zh("account.password_again"), exact=True).fill(NEW)
    here.get_by_role("button", name=zh("account.password_change")).click()
    expect(here.get_by_text(zh("account.password_changed"))).to_be_visible()
    there.goto("/history")
    expect(there.get_by_role("heading", level=1)).to_have_text(zh("account.sign_in"))


def test_an_administrator_lets_somebody_in(enter: Enter, still: str, still_app: Flask) -> None:
    """The made password is shown once; who has it has to choose his own."""
    people: People = still_app.extensions["people"]
    admin = people.add("管事的", Role.ADMIN, PASSWORD, must_change=False)
    page = enter(DESK, site=still).page
    page.goto("/people")
    sign_in(page, admin.name)
    form = page.locator("form.add")
    form.get_by_label(zh("account.name")).fill("新来的")
    form.get_by_label(zh("account.role")).select_option("inspector")
    form.get_by_role("button", name=zh("account.add")).click()
    made = page.locator(".made code").inner_text()
    assert_accessible(page)
    theirs = enter(site=still).page
    theirs.goto("/sign-in")
    sign_in(theirs, "新来的", made)
    expect(theirs.get_by_role("heading", level=1)).to_have_text(zh("account.password"))
