"""What would break: a password that is enough where it should not be, or a code tried for ever."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from certcheck.accounts.errors import BusyError
from certcheck.accounts.passwords import Passwords
from certcheck.accounts.roles import Role
from certcheck.operation import logs
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.test_logs import as_before  # noqa: F401 - a fixture
from tests.certcheck.test_second_factor import code
from tests.certcheck.work_store import Clock
from tests.web.staff import PASSWORD, Office, office
from tests.web.test_accounts import inside, said, text, try_in
from web import clients

STEP = dt.timedelta(seconds=30)
NEW = "moss umbrella tenor"


@pytest.fixture
def staff(
    tmp_path: Path, clock: Clock, demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    monkeypatch.setattr(clients, "_CODES", clients._CODES.replace("100", "12"))
    wanted = frozenset({Role.INSPECTOR})
    work = Work(Settings(tmp_path / "work", workers=1, second_factor=wanted), clock)
    yield office(demo_registry, work)
    work.close()


def enrol(browser: FlaskClient, clock: Clock) -> tuple[str, list[str]]:
    """Sets one up as a person does; returns the key, and the recovery codes as they are shown."""
    page = text(browser.post("/second-factor/key", data={"password": PASSWORD}))
    secret = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page)
    assert secret is not None and 'class="qr"' in page and "otpauth://totp/" in page
    key = secret[1].replace(" ", "")
    again = text(browser.post("/second-factor/confirm", data={"code": "x"}))
    assert said("account.code_wrong") in again and secret[1] not in again
    told = {"code": code(key, clock.now.timestamp())}
    page = text(browser.post("/second-factor/confirm", data=told))
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert said("account.factor_on") in page and len(codes) == 10
    assert codes[0] not in text(browser.get("/second-factor"))
    clock.now += STEP
    return key, codes


def half(staff: Office, name: str = "streamer") -> FlaskClient:
    """A browser in which the password was right."""
    browser = staff.app.test_client()
    answer = try_in(browser, name, PASSWORD)
    assert answer.location.startswith("/sign-in/code") and not inside(browser)
    return browser


def types(browser: FlaskClient, typed: str, follow: str = "") -> TestResponse:
    return browser.post("/sign-in/code", data={"code": typed, "next": follow})


def test_the_password_alone_opens_nothing_any_more(
    staff: Office,
    clock: Clock,
    as_before: None,  # noqa: F811
) -> None:
    here, other = staff.enter("streamer"), staff.enter("streamer")
    assert here.post("/second-factor/key", data={"password": "wrong"}).status_code == 403
    key, codes = enrol(here, clock)
    assert inside(here) and not inside(other)
    lines = io.StringIO()
    logs.set_up({logs.SETTING: "json"}, lines)
    browser = half(staff)
    assert types(browser, "000000").status_code == 403 and not inside(browser)
    assert types(browser, code(key, clock.now.timestamp()), "/privacy").location == "/privacy"
    assert inside(browser)
    thief = half(staff)
    assert types(thief, code(key, clock.now.timestamp())).status_code == 403 and not inside(thief)
    assert types(half(staff), codes[0], "//a.example").location.startswith("/history")
    assert types(thief, codes[0]).status_code == 403
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    (person,) = {one["account"] for one in told if "account" in one}
    wrong, right = "second factor wrong", "signed in"
    assert [(one["message"], one.get("second")) for one in told if "account" in one] == [
        (wrong, None), (right, "code"), (wrong, None), (right, "recovery"), (wrong, None),
    ]  # fmt: skip
    assert person and codes[0] not in lines.getvalue()


def test_the_half_way_is_soon_over_and_no_way_in(staff: Office, clock: Clock) -> None:
    key, codes = enrol(staff.enter("streamer"), clock)
    late, changed, out = half(staff), half(staff), half(staff)
    for address in ("/history", "/second-factor", "/sign-ins"):
        assert late.get(address).location.startswith("/sign-in"), address
    assert "/sign-in/code" not in late.get("/history").location
    staff.people.disable("streamer")
    assert types(out, codes[0]).location.startswith("/sign-in?")
    staff.people.enable("streamer")
    staff.people.reset_password("streamer", NEW, must_change=False)
    assert types(changed, codes[0]).location.startswith("/sign-in?")
    fresh = staff.app.test_client()
    try_in(fresh, "streamer", NEW)
    clock.now += dt.timedelta(minutes=10)
    assert types(fresh, code(key, clock.now.timestamp())).location.startswith("/sign-in?")
    assert types(staff.app.test_client(), codes[0]).location.startswith("/sign-in?")


def test_codes_and_passwords_are_guessed_at_ten_times_together(staff: Office, clock: Clock) -> None:
    here = staff.enter("streamer")
    key, codes = enrol(here, clock)
    browser = half(staff)
    for at in range(5):
        assert try_in(staff.app.test_client(), "streamer", "wrong").status_code == 403
        assert types(browser, f"00000{at}").status_code == 403
    assert types(browser, codes[0]).status_code == 429
    assert try_in(staff.app.test_client(), "streamer", PASSWORD).status_code == 429
    assert "streamer" in [one.name for one in staff.people.deeds(1)[0] if one.what == "locked"]
    # Who is signed in has a count of his own, for both of his.
    both = {"password": PASSWORD, "code": "000000"}
    for _ in range(5):
        assert here.post("/second-factor/remove", data=both).status_code == 403
        assert here.post("/second-factor/codes", data={"password": "x"}).status_code == 403
    both["code"] = code(key, clock.now.timestamp())
    assert here.post("/second-factor/remove", data=both).status_code == 429


def test_whoever_knows_the_password_does_not_go_on_guessing_codes(
    staff: Office, clock: Clock
) -> None:
    """Ten in each quarter of an hour would find one in some months."""
    _, codes = enrol(staff.enter("streamer"), clock)
    for count in (10, 2):
        browser = half(staff)
        assert [types(browser, "000000").status_code for _ in range(count)] == [403] * count
        clock.now += dt.timedelta(minutes=16)
    for _ in range(2):
        late = types(half(staff), codes[0])
        assert late.status_code == 429 and said("account.codes_out") in text(late)
        clock.now += dt.timedelta(days=1)
    assert "streamer" in [one.name for one in staff.people.deeds(1)[0] if one.what == "locked"]
    staff.people.reset_password("streamer", NEW, must_change=False)
    fresh = staff.app.test_client()
    try_in(fresh, "streamer", NEW)
    assert types(fresh, codes[0]).status_code == 303


def test_who_comes_while_many_sign_in_is_told_when_to_come_again(
    staff: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = staff.enter("streamer")
    _, codes = enrol(here, clock)
    browser = half(staff)

    def busy(*_: object) -> bool:
        raise BusyError()

    monkeypatch.setattr(Passwords, "right", busy)
    told = [types(browser, codes[0]), here.post("/second-factor/key", data={"password": "x"})]
    assert [one.status_code for one in told] == [503, 503]
    assert all(int(one.headers["Retry-After"]) > 0 for one in told)


def test_a_role_that_has_to_have_one_comes_no_further_without(staff: Office, clock: Clock) -> None:
    staff.people.reset_password("inspector", NEW)
    browser = staff.enter("inspector", NEW)
    assert browser.get("/second-factor").location.startswith("/password"), "first things first"
    change = {"old": NEW, "new": PASSWORD, "again": PASSWORD}
    assert browser.post("/password", data=change).status_code == 200
    for address in ("/history", "/", "/cases", "/market/"):
        assert browser.get(address).location.startswith("/second-factor"), address
    assert browser.post("/checks").location.startswith("/second-factor")
    assert said("account.factor_wanted") in text(browser.get("/second-factor"))
    key, _ = enrol(browser, clock)
    assert inside(browser)
    # Taken away it has to be set up again, before anything else.
    both = {"password": PASSWORD, "code": code(key, clock.now.timestamp())}
    assert said("account.factor_off") in text(browser.post("/second-factor/remove", data=both))
    assert browser.get("/history").location.startswith("/second-factor")
    assert inside(staff.enter("streamer"))


def test_the_administrator_takes_anothers_away_and_not_his_own(staff: Office, clock: Clock) -> None:
    theirs, admin = staff.enter("streamer"), staff.enter("admin")
    enrol(theirs, clock)
    key, codes = enrol(admin, clock)
    page = text(admin.get("/people"))
    assert page.count(said("account.do_factor")) == 2, "one button, with a label of its own"

    def take(name: str) -> TestResponse:
        return admin.post("/people/second-factor", data={"name": name})

    assert take("Admin ").status_code == 409 and inside(admin)
    assert said("account.factor_taken", name="streamer") in text(take("streamer"))
    assert not inside(theirs) and inside(staff.enter("streamer"))
    assert take("streamer").status_code == 409 and take("nobody").status_code == 404
    log = text(admin.get("/people/log?lang=zh"))
    off, on = (said(f"account.log.factor_{one}", name="streamer") for one in ("off", "on"))
    assert 0 < log.index(off) < log.index(on)
    both = {"password": PASSWORD, "code": code(key, clock.now.timestamp())}
    new = re.findall(
        r"<li><code>([^<]+)</code>", text(admin.post("/second-factor/codes", data=both))
    )
    assert len(new) == 10 and types(half(staff, "admin"), codes[1]).status_code == 403
    assert types(half(staff, "admin"), new[1]).status_code == 303
