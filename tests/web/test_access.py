"""What would break: an endpoint reached by who may not, or a form sent by another site."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from certcheck import messages
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.runner.clients import Clients
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work, now
from registry.lookup import Registry
from tests.web.conftest import MAKER, Real, token
from tests.web.staff import PASSWORD, Office, office
from web import access, create_app

ARRIVED = "arrived"
ON_PAGES = (Role.VISITOR, *OF_PEOPLE)
# What nobody but these may ever do, whatever the table says.
ALONE = {
    "people.index": {Role.ADMIN},
    "people.add": {Role.ADMIN},
    "people.reset": {Role.ADMIN},
    "history.index": set(OF_PEOPLE),
    "observations.add": {Role.INSPECTOR, Role.CHIEF, Role.KEEPER, Role.ADMIN},
    "api.create": {Role.CLIENT},
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    made = Work(Settings(tmp_path / "work", workers=1, api_keys=True))
    yield made
    made.close()


@pytest.fixture
def staff(work: Work, demo_registry: Registry) -> Office:
    return office(demo_registry, work)


def routes(app: Flask, **values: str) -> list[tuple[Rule, str, str]]:
    """Every rule with each of its methods and an address that it fits."""
    found = []
    for rule in app.url_map.iter_rules():
        named: dict[str, str | int] = {
            name: values.get(name) or (1 if f"int:{name}" in rule.rule else "x")
            for name in rule.arguments
        }
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, named)
        found += [(rule, method, address) for method in sorted(rule.methods or ())]
    return found


def bare(app: Flask) -> None:
    """Only the gate is left: whoever comes through is told so."""
    for endpoint in app.view_functions:
        if endpoint != "static":
            app.view_functions[endpoint] = lambda **_: ARRIVED


def arrived(answer: TestResponse) -> bool:
    return answer.get_data(as_text=True) == ARRIVED


def test_the_table_names_every_endpoint_and_no_other(staff: Office) -> None:
    assert set(access.TABLE) == set(staff.app.view_functions)
    for endpoint, roles in ALONE.items():
        assert access.TABLE[endpoint] == roles
    for endpoint, _ in access.MENU:
        assert endpoint in access.TABLE


@pytest.mark.parametrize("role", ON_PAGES)
def test_every_page_lets_in_those_of_the_table_alone(staff: Office, role: Role) -> None:
    browser = staff.browser(role)
    bare(staff.app)
    for rule, method, address in routes(staff.app):
        if rule.endpoint == "static" or method in ("HEAD", "OPTIONS") or "/api/" in rule.rule:
            continue
        answer = browser.open(address, method=method)
        if role in access.TABLE[rule.endpoint]:
            assert arrived(answer), (rule, method)
        elif role is Role.VISITOR:
            assert answer.status_code == 302 and answer.location.startswith("/sign-in"), rule
        else:
            assert answer.status_code == 403 and not arrived(answer), (rule, method)


@pytest.mark.parametrize("role", [*ON_PAGES, Role.CLIENT])
def test_the_api_asks_for_a_key_and_for_nothing_else(staff: Office, work: Work, role: Role) -> None:
    """A person signed in as whatever is nobody there; a key opens no page."""
    browser = staff.browser(role)
    key = Clients(work.engine).add("shop", now())
    headers = {"Authorization": f"Bearer {key}"} if role is Role.CLIENT else {}
    bare(staff.app)
    for rule, method, address in routes(staff.app):
        if method in ("HEAD", "OPTIONS"):
            continue
        allowed = access.TABLE[rule.endpoint]
        answer = browser.open(address, method=method, headers=headers)
        if "/api/" in rule.rule:
            open_to = allowed == access.EVERYBODY or role is Role.CLIENT and role in allowed
            assert answer.status_code == (200 if open_to else 401), (rule, method)
        elif role is Role.CLIENT and rule.endpoint != "static":
            assert arrived(answer) == (Role.VISITOR in allowed), (rule, method)


def test_nothing_that_is_served_holds_what_a_camera_added(
    real: Real, demo_registry: Registry
) -> None:
    """The photo as it came is served by no address at all, also not to its owner."""
    assert MAKER.encode() in real.photo
    store = Work(Settings(real.home / "work"))
    app = create_app({"REGISTRY": demo_registry, "WORK": store})
    browser, seen = app.test_client(), []
    known = {"check_id": real.address.rpartition("/")[2], "key": "certificate_no"}
    for rule, method, address in routes(app, **known):
        if method == "GET" and "check_id" in rule.arguments:
            answer = browser.get(address)
            seen += [rule.endpoint] if answer.status_code == 200 else []
            assert MAKER.encode() not in answer.data and b"Exif" not in answer.data, address
            assert answer.data != real.photo
    store.close()
    wanted = {"pages.report", "pages.picture", "places.picture", "places.field", "api.show"}
    assert wanted <= set(seen)


def test_an_endpoint_that_is_not_in_the_table_is_refused(staff: Office) -> None:
    staff.app.add_url_rule("/new", "new", lambda: ARRIVED)
    for role in ON_PAGES:
        assert staff.browser(role).get("/new").status_code == 403


def test_no_form_is_taken_that_no_page_of_ours_made(demo_registry: Registry, work: Work) -> None:
    """Another site could send it in the name of whoever is signed in."""
    staff = office(demo_registry, work, WTF_CSRF_ENABLED=True)
    entered = [(role, *signed_in(staff, role)) for role in (Role.ADMIN, Role.CHIEF)]
    posts = [
        (rule, address) for rule, method, address in routes(staff.app)
        if method not in ("GET", "HEAD", "OPTIONS") and "/api/" not in rule.rule
    ]  # fmt: skip
    assert {"pages.check", "pages.delete", "accounts.sign_out", "people.add"} <= {
        rule.endpoint for rule, _ in posts
    }
    bare(staff.app)
    for rule, address in posts:
        # What the administrator only looks at, the chief does.
        browser, before, own = next(
            held for role, *held in entered if role in access.TABLE[rule.endpoint]
        )
        for sent in ({}, {"csrf_token": "x"}, {"csrf_token": before}):
            answer = browser.post(address, data=sent)
            assert answer.status_code == 400, rule
            assert messages.text("account.form_expired").zh in answer.get_data(as_text=True)
        assert arrived(browser.post(address, data={"csrf_token": own})), rule


def signed_in(staff: Office, role: Role) -> tuple[FlaskClient, str, str]:
    """A browser with somebody of a role; a form's token from before he signed in, and his own."""
    browser = staff.app.test_client()
    before = token(browser.get("/sign-in").get_data(as_text=True))
    told = {"name": str(role), "password": PASSWORD, "csrf_token": before}
    assert browser.post("/sign-in", data=told).status_code == 303
    own = token(browser.get("/password").get_data(as_text=True))
    assert own != before
    return browser, before, own


def test_who_is_led_to_sign_in_comes_back(staff: Office) -> None:
    browser = staff.app.test_client()
    led = browser.get("/history?page=1&lang=en")
    page = browser.get(led.location).get_data(as_text=True)
    assert messages.text("account.first").en in page
    follow = "/history?page=1&amp;lang=en"
    assert f'name="next" value="{follow}"' in page
    told = {"name": "streamer", "password": PASSWORD, "next": follow.replace("&amp;", "&")}
    assert browser.post("/sign-in", data=told).location == told["next"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", " //evil.example", "javascript:alert(1)", "evil.example", "///evil",
        "http:evil", "/%09/x\n//evil", "//[", "http://[::1",
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere_by_a_link_to_the_sign_in_page(
    staff: Office, elsewhere: str
) -> None:
    browser = staff.app.test_client()
    page = browser.get("/sign-in", query_string={"next": elsewhere}).get_data(as_text=True)
    assert 'name="next" value=""' in page
    told = {"name": "streamer", "password": PASSWORD, "next": elsewhere}
    assert browser.post("/sign-in", data=told).location.startswith("/history")


def test_who_may_not_is_told_what_he_is_and_whom_to_ask(staff: Office) -> None:
    page = staff.enter("keeper").get("/people?lang=en").get_data(as_text=True)
    for code in ("account.forbidden", "account.ask_admin", "role.keeper"):
        assert messages.text(code).en in page


def test_the_menu_shows_what_one_may_do(staff: Office) -> None:
    pages = {role: staff.browser(role).get("/").get_data(as_text=True) for role in ON_PAGES}
    assert 'href="/sign-in' in pages[Role.VISITOR] and 'href="/history' not in pages[Role.VISITOR]
    assert {role for role, page in pages.items() if 'href="/people' in page} == {Role.ADMIN}
    assert {role for role, page in pages.items() if 'href="/history' in page} == set(OF_PEOPLE)


def test_the_work_store_away_is_told_to_those_who_are_signed_in(
    staff: Office, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff.enter("streamer")
    database = next(work.settings.folder.glob("*.sqlite"))
    for path in work.settings.folder.glob("*.sqlite*"):
        path.unlink()
    database.mkdir()
    work.engine.dispose()
    answer = browser.get("/history")
    assert answer.status_code == 503
    assert messages.text("web.unavailable").zh in answer.get_data(as_text=True)


def test_behind_https_the_cookie_goes_no_other_way(demo_registry: Registry, work: Work) -> None:
    safe = Work(dc.replace(work.settings, https=True))
    for one, secure in ((work, False), (safe, True)):
        answer = create_app({"REGISTRY": demo_registry, "WORK": one}).test_client().get("/")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
        assert ("Secure" in cookie) == cookie.startswith("__Host-") == secure
        assert ("Strict-Transport-Security" in answer.headers) == secure
    safe.close()
