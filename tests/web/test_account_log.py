"""What would break: an account that somebody changed and nobody knows who."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from certcheck import messages
from certcheck.accounts import log
from certcheck.accounts.roles import Role
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import Clock
from tests.web.staff import PASSWORD, Office, office
from tests.web.test_accounts import text


@pytest.fixture
def staff(tmp_path: Path, clock: Clock, demo_registry: Registry) -> Iterator[Office]:
    work = Work(Settings(tmp_path / "work", workers=1, most_queued=200), clock)
    yield office(demo_registry, work)
    work.close()


def said(what: str, name: str, role: Role | None = None) -> str:
    shown = messages.text(f"role.{role}").zh if role else ""
    return messages.text(f"account.log.{what}", name=name, role=shown).zh


def told(admin: FlaskClient) -> str:
    return text(admin.get("/people/log?lang=zh"))


def test_the_administrator_sees_who_changed_what(staff: Office) -> None:
    admin = staff.browser(Role.ADMIN)
    for path, values in (
        ("", {"name": "newcomer", "role": "streamer"}),
        ("/role", {"name": "newcomer", "role": "inspector"}),
        ("/disable", {"name": "newcomer"}),
        ("/enable", {"name": "newcomer"}),
        ("/reset", {"name": "newcomer"}),
    ):
        assert admin.post(f"/people{path}", data=values).status_code == 200
    new = "moss umbrella tenor"
    own = {"old": PASSWORD, "new": new, "again": new}
    assert staff.browser(Role.KEEPER).post("/password", data=own).status_code == 200
    page = told(admin)
    lines = [
        said("changed", "keeper"), said("reset", "newcomer"), said("enabled", "newcomer"),
        said("disabled", "newcomer"), said("role", "newcomer", Role.INSPECTOR),
        said("added", "newcomer", Role.STREAMER), said("added", "admin", Role.ADMIN),
    ]  # fmt: skip
    places = [page.index(line) for line in lines]
    assert places == sorted(places), "the newest first"
    assert page.count(messages.text("account.log_by", name="admin").zh) == 5
    assert messages.text("account.log_server").zh in page
    assert "/people/log" in text(admin.get("/people"))


def test_what_changed_nothing_is_not_noted(staff: Office) -> None:
    before = staff.people.deeds(1)
    staff.people.enable("keeper")
    staff.people.give_role("keeper", Role.KEEPER)
    assert staff.people.deeds(1) == before


def test_a_name_that_is_kept_out_is_noted_once_and_an_address_names_nobody(
    staff: Office,
) -> None:
    browser, admin = staff.app.test_client(), staff.browser(Role.ADMIN)
    for n in range(12):
        guess = {"name": "streamer", "password": "wrong"}
        browser.post("/sign-in", data=guess, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"})
    assert told(admin).count(said("locked", "streamer")) == 1
    for n in range(31):
        guess = {"name": f"name{n}" if n < 30 else "keeper", "password": "wrong"}
        browser.post("/sign-in", data=guess, environ_base={"REMOTE_ADDR": "192.0.2.99"})
    assert said("locked", "keeper") not in told(admin)


def test_lines_go_when_their_time_is_over(staff: Office, clock: Clock) -> None:
    clock.on(days=log.KEPT_FOR.days + 1)
    staff.people.disable("keeper")
    assert [one.what for one in staff.people.deeds(1)[0]] == [log.What.DISABLED]


def test_it_turns_its_pages(staff: Office) -> None:
    for n in range(log.PAGE):
        (staff.people.enable if n % 2 else staff.people.disable)("keeper")
    admin = staff.browser(Role.ADMIN)
    assert 'rel="next"' in told(admin)
    assert said("added", "streamer", Role.STREAMER) in text(admin.get("/people/log?page=2&lang=zh"))
    assert {admin.get(f"/people/log?page={n}").status_code for n in (0, 3, 10**9)} == {404}
