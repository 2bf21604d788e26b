"""What would break: a sign-in that is guessed, stolen or outlived, or a page that shows more."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.accounts.sign_ins import ABSOLUTE, IDLE
from certcheck.errors import StorageError
from certcheck.runner.clients import Clients
from certcheck.runner.history import PAGE
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work, now
from registry import store
from registry.lookup import Registry
from tests.certcheck.work_store import Clock, request, send
from tests.web.kept import keep
from tests.web.scene import report
from tests.web.staff import PASSWORD, Office, office
from web import create_app, secret

NEW = "moss umbrella tenor"
COOKIE = "certcheck"


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Iterator[Work]:
    made = Work(Settings(tmp_path / "work", workers=1, most_queued=200), clock)
    yield made
    made.close()


@pytest.fixture
def staff(work: Work, demo_registry: Registry) -> Office:
    return office(demo_registry, work)


def said(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def try_in(browser: FlaskClient, name: str, password: str, address: str = "") -> TestResponse:
    return browser.post(
        "/sign-in", data={"name": name, "password": password},
        environ_base={"REMOTE_ADDR": address or "192.0.2.1"},
    )  # fmt: skip


def inside(browser: FlaskClient) -> bool:
    return browser.get("/history").status_code == 200


def text(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_a_wrong_name_and_a_wrong_password_are_told_alike(staff: Office) -> None:
    staff.people.disable("keeper")
    pages = {
        re.sub(r'name="csrf_token".*?>|value="(nobody|streamer|keeper)"', "", text(answer))
        for answer in (
            try_in(staff.app.test_client(), "nobody", PASSWORD),
            try_in(staff.app.test_client(), "streamer", "wrong"),
            try_in(staff.app.test_client(), "keeper", PASSWORD),
        )
        if answer.status_code == 403
    }
    assert len(pages) == 1 and said("account.refused") in pages.pop()


def test_a_name_is_not_guessed_at_from_many_places(staff: Office) -> None:
    browser = staff.app.test_client()
    codes = [
        try_in(browser, "Streamer ", f"wrong{n}", f"192.0.2.{n}").status_code for n in range(11)
    ]
    assert codes == [403] * 10 + [429]
    late = try_in(browser, "streamer", PASSWORD, "192.0.2.99")
    assert late.status_code == 429 and int(late.headers["Retry-After"]) <= 900
    assert said("account.too_many") in text(late)
    assert try_in(browser, "keeper", PASSWORD, "192.0.2.99").status_code == 303


def test_an_address_does_not_guess_at_many_names(staff: Office) -> None:
    browser = staff.app.test_client()
    codes = [try_in(browser, f"name{n}", "wrong").status_code for n in range(31)]
    assert codes == [403] * 30 + [429]
    assert try_in(browser, "keeper", PASSWORD, "192.0.2.2").status_code == 303


def test_a_guess_that_asks_for_the_head_of_a_page_tells_nothing(staff: Office) -> None:
    """HEAD is no POST: neither counted nor asked for the form's token."""
    browser = staff.app.test_client()
    for password in (PASSWORD, "wrong"):
        answer = browser.head("/sign-in", data={"name": "streamer", "password": password})
        assert (answer.status_code, answer.location) == (200, None)
    assert not inside(browser)
    browser = staff.enter("streamer")
    browser.head("/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert inside(staff.enter("streamer"))


def test_who_knows_his_password_may_sign_in_as_often_as_he_likes(staff: Office) -> None:
    for _ in range(12):
        assert try_in(staff.app.test_client(), "streamer", PASSWORD).status_code == 303


def test_the_cookie_is_another_one_after_sign_in_and_worth_nothing_after_sign_out(
    work: Work, demo_registry: Registry
) -> None:
    staff = office(demo_registry, work)
    browser = staff.app.test_client()
    with browser.session_transaction() as held:
        held["csrf_token"] = "planted"
    assert try_in(browser, "streamer", PASSWORD).status_code == 303
    with browser.session_transaction() as held:
        assert held.get("csrf_token") != "planted"
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    assert cookie.expires is None
    thief = staff.app.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert inside(thief)
    assert browser.post("/sign-out").location.startswith("/")
    assert not inside(browser) and not inside(thief)


def test_signing_in_again_ends_what_was_before(staff: Office) -> None:
    browser = staff.enter("streamer")
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert try_in(browser, "keeper", PASSWORD).status_code == 303
    old = staff.app.test_client()
    old.set_cookie(COOKIE, cookie.value)
    assert inside(browser) and not inside(old)


def test_a_cookie_that_somebody_made_is_nobodys(staff: Office, work: Work) -> None:
    cookie = staff.enter("admin").get_cookie(COOKIE)
    assert cookie is not None
    forged = staff.app.test_client()
    forged.set_cookie(COOKIE, cookie.value[:-2] + "xx")
    assert not inside(forged)
    elsewhere = create_app(
        {"REGISTRY": staff.app.config["REGISTRY"], "WORK": work, "SECRET_KEY": "other" * 8}
    ).test_client()
    elsewhere.set_cookie(COOKIE, cookie.value)
    assert not inside(elsewhere)


def test_a_sign_in_is_over_in_time(staff: Office, clock: Clock) -> None:
    idle = staff.enter("streamer")
    clock.now += IDLE
    assert not inside(idle)
    busy, end = staff.enter("streamer"), clock.now + ABSOLUTE
    while clock.now + IDLE / 2 < end:
        clock.now += IDLE / 2
        assert inside(busy)
    clock.now = end
    assert not inside(busy)


def test_a_password_is_changed_by_who_knows_it_and_others_are_out(staff: Office) -> None:
    browser, other = staff.enter("streamer"), staff.enter("streamer")

    def change(old: str, new: str, again: str) -> TestResponse:
        return browser.post("/password", data={"old": old, "new": new, "again": again})

    for old, new, again, code, status in (
        ("wrong", NEW, NEW, "account.password_wrong", 403),
        (PASSWORD, NEW, NEW + "x", "account.password_differs", 422),
        (PASSWORD, PASSWORD, PASSWORD, "account.password_same", 422),
        (PASSWORD, "streamer1234", "streamer1234", "account.password_common", 422),
    ):
        answer = change(old, new, again)
        assert (answer.status_code, said(code) in text(answer)) == (status, True), code
    assert said("account.password_changed") in text(change(PASSWORD, NEW, NEW))
    assert inside(browser) and not inside(other)
    assert try_in(staff.app.test_client(), "streamer", PASSWORD).status_code == 403
    for _ in range(9):
        change("wrong", NEW, NEW)
    assert change("wrong", NEW, NEW).status_code == 429


def test_ones_own_sign_ins_are_listed_and_ended_with_the_password(
    staff: Office, clock: Clock
) -> None:
    phone = staff.app.test_client()
    agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Firefox/140.0 <b>"
    told = {"name": "streamer", "password": PASSWORD}
    phone.post("/sign-in", data=told, headers={"User-Agent": agent})
    clock.now += dt.timedelta(minutes=10)
    shop, here, keeper = staff.enter("streamer"), staff.enter("streamer"), staff.enter("keeper")

    def listed(page: str) -> list[str]:
        return re.findall(r'id="which-([0-9a-f]{16})"', page)

    page = text(here.get("/sign-ins"))
    assert page.count('class="card"') == 3 and "Firefox · Android" in page and "Pixel" not in page
    assert page.index(said("account.sign_in_here")) < page.index("Firefox")
    assert len(listed(page)) == 2 and "192.0.2" not in page and "127.0.0.1" not in page
    oldest = listed(page)[-1]

    def end(which: str, password: str = PASSWORD, browser: FlaskClient = here) -> TestResponse:
        return browser.post("/sign-ins", data={"which": which, "password": password})

    assert end(oldest, "wrong").status_code == 403 and inside(phone)
    # Another's is not ended by its name; one's own present one is not ended at all.
    assert said("account.ended_none") in text(end(oldest, browser=keeper)) and inside(phone)
    assert said("account.ended") in text(end(oldest))
    assert not inside(phone) and inside(shop) and inside(here)
    last = text(end(""))
    assert not inside(shop) and inside(here) and inside(keeper)
    assert said("account.end_nothing") in last and listed(last) == []
    clock.now += IDLE
    assert text(staff.enter("streamer").get("/sign-ins")).count('class="card"') == 1
    keeper = staff.enter("keeper")
    for _ in range(9):
        end("", "wrong", keeper)
    assert end("", "wrong", keeper).status_code == 403 and end("", "", keeper).status_code == 429
    # Of one count with the other page that asks for the password.
    assert keeper.post("/password", data={"old": PASSWORD}).status_code == 429


def test_a_password_that_another_made_is_changed_before_anything_else(staff: Office) -> None:
    page = text(staff.enter("admin").post("/people", data={"name": "Li", "role": "streamer"}))
    made = re.search(r"<code>([^<]+)</code>", page)
    assert made is not None
    browser = staff.enter("li", made[1])
    for address in ("/history", "/"):
        assert browser.get(address).location.startswith("/password"), address
    assert browser.post("/checks").location.startswith("/password")
    assert said("account.must_change") in text(browser.get("/password"))
    told = {"old": made[1], "new": NEW, "again": NEW}
    assert browser.post("/password", data=told).status_code == 200
    assert inside(browser)


def test_the_administrators_page_does_what_it_says(staff: Office) -> None:
    admin, streamer = staff.enter("admin"), staff.enter("streamer")

    def does(action: str, **told: str) -> TestResponse:
        return admin.post(f"/people{action}", data={"name": "streamer", **told})

    assert does("/role", role="inspector").status_code == 200
    assert said("role.inspector") in text(streamer.get("/history"))
    assert does("/disable").status_code == 200 and not inside(streamer)
    assert said("account.is_disabled") in text(admin.get("/people"))
    assert does("/enable").status_code == 200
    streamer = staff.enter("streamer")
    page = text(does("/reset"))
    made = re.search(r"<code>([^<]+)</code>", page)
    assert made and not inside(streamer) and made[1] not in text(admin.get("/people"))
    assert does("", role="keeper").status_code == 409
    for name, action, status in (
        ("nobody", "/disable", 404), ("admin", "/disable", 409), ("", "", 422),
        ("x", "/reset", 404), ("x", "/enable", 404),
    ):  # fmt: skip
        assert does(action, name=name, role="keeper").status_code == status, (name, action)
    for role in ("visitor", "client", "", "czar"):
        assert does("/role", role=role).status_code == 400
    assert does("/role", name="admin", role="keeper").status_code == 409


def test_people_of_the_demo_are_out_where_the_registry_is_another(
    staff: Office, tmp_path: Path
) -> None:
    staff.people.add("示例主播", Role.STREAMER, PASSWORD, must_change=False, demo=True)
    browser = staff.enter("示例主播")
    assert inside(browser)
    empty = store.open_registry(f"sqlite:///{tmp_path / 'real.sqlite'}")
    staff.app.config["REGISTRY"] = Registry(empty)
    assert not Registry(empty).revision.demo
    assert not inside(browser)
    assert try_in(staff.app.test_client(), "示例主播", PASSWORD).status_code == 403
    assert inside(staff.enter("streamer"))


def test_ones_own_checks_are_listed_and_nobody_elses(staff: Office, clock: Clock) -> None:
    browser = staff.enter("streamer")
    assert said("account.history_empty") in text(browser.get("/history"))
    sent = browser.post("/checks", data={"photo": (io.BytesIO(b"mine"), "mine.jpg")})
    check_id = sent.location.split("/")[2].partition("?")[0]
    staff.enter("keeper").post("/checks", data={"photo": (io.BytesIO(b"his"), "his.jpg")})
    staff.app.test_client().post("/checks", data={"photo": (io.BytesIO(b"any"), "any.jpg")})
    page = text(browser.get("/history"))
    assert check_id in page and "mine.jpg" in page
    assert "his.jpg" not in page and "any.jpg" not in page
    clock.on(hours=25)
    assert "mine.jpg" not in text(staff.enter("streamer").get("/history"))


def test_the_list_tells_verdict_laboratory_and_number(staff: Office, work: Work) -> None:
    person = next(one for one in staff.people.everyone() if one.name == "streamer")
    owner = f"person:{person.id}"
    fields = {"certificate_no": {"value": "NY-77", "confidence": 1, "box": [], "reader": "r"}}
    keep(staff.app, report(fields=fields), report(id="1" * 32), owner=owner)
    error = {"code": "x", "message": {"zh": "出事", "en": "a"}, "next_step": None}
    keep(staff.app, report(error=error, photo=report()["photo"] | {"name": "b"}), owner=owner)
    answer = staff.enter("streamer").get("/history")
    page = text(answer)
    for told in (
        said("verdict.inconsistent"), "某机构", "NY-77", said("verdict.error"),
        said("account.history_more", count=1),
    ):  # fmt: skip
        assert told in page, told
    assert "<script>" not in answer.get_data(as_text=True)


def test_the_list_turns_its_pages_newest_first(staff: Office, work: Work, clock: Clock) -> None:
    person = next(one for one in staff.people.everyone() if one.name == "streamer")
    for number in range(PAGE + 1):
        clock.now += dt.timedelta(seconds=1)
        send(work, b"%d" % number, request(f"n{number}.jpg", owner=f"person:{person.id}"))
    browser = staff.enter("streamer")
    names = [
        re.findall(r">(n\d+\.jpg)<", text(browser.get(f"/history?page={page}"))) for page in (1, 2)
    ]
    assert names == [[f"n{number}.jpg" for number in range(PAGE, 0, -1)], ["n0.jpg"]]
    for wrong in ("0", "3", "-1", "9" * 30):
        assert browser.get(f"/history?page={wrong}").status_code == 404, wrong


def test_a_persons_check_is_seen_by_its_address_and_deleted_by_him_alone(
    staff: Office, work: Work
) -> None:
    person = next(one for one in staff.people.everyone() if one.name == "streamer")
    address = keep(staff.app, report(), owner=f"person:{person.id}")
    key = Clients(work.engine).add("shop", now())
    program = {"Authorization": f"Bearer {key}"}
    visitor = staff.app.test_client()
    for other in (visitor, staff.enter("admin")):
        page = text(other.get(address))
        assert said("verdict.inconsistent") in page and said("account.not_yours") in page
        assert said("web.delete") not in page
        refused = other.post(f"{address}/delete")
        code = "account.ask_admin" if other is not visitor else "account.if_yours"
        assert refused.status_code == 403 and said(code) in text(refused)
        for method in ("GET", "DELETE"):
            assert other.open(f"/api/v1{address}", method=method).status_code == 404
            assert (
                other.open(f"/api/v1{address}", method=method, headers=program).status_code == 404
            )
    owner = staff.enter("streamer")
    assert said("web.delete") in text(owner.get(address))
    assert owner.post(f"{address}/delete").status_code == 200
    assert owner.get(address).status_code == 404


def test_a_visitors_check_may_be_deleted_by_whoever_has_its_address(staff: Office) -> None:
    address = keep(staff.app, report())
    assert staff.enter("keeper").post(f"{address}/delete").status_code == 200


def test_the_secret_is_made_once_for_the_servers_user(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    first = secret.of(Settings(folder))
    assert len(first) >= 64 and secret.of(Settings(folder)) == first
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert secret.of(Settings(folder, secret="s" * 32)) == "s" * 32
    assert secret.of(Settings(tmp_path / "other")) != first
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        secret.of(Settings(tmp_path / "file" / "work"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_kept_of_people_stands_on_the_page_of_it(staff: Office, lang: str) -> None:
    page = text(staff.app.test_client().get(f"/privacy?lang={lang}"))
    for code in ("cookie", "people", "yours", "address"):
        told = messages.text(f"account.privacy_{code}", cookie=COOKIE)
        assert (told.zh if lang == "zh" else told.en) in page
