"""What would break: a certificate from the market lost or there twice, whatever happens."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import qrcode
import zxingcpp
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlmodel import col, delete, select

from certcheck import messages
from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from certcheck.accounts.tables import Account, SignIn
from certcheck.market.tables import Circumstances
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Check, Job
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck import parcels
from tests.web.browser import chrome
from tests.web.browser.accessible import assert_accessible
from tests.web.staff import PASSWORD, quick
from tests.web.test_server import listening
from web import create_app

FULL = PHOTOS / "honest-a5.jpg"
# Of the demo registry.
SITE, LABORATORY = "https://cx.shili-yuan.example/q?no=1", "示例玉石珠宝检验研究院有限公司"


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


class Cut:
    """Between server and phone: takes what comes, and breaks the answer off as often as told."""

    def __init__(self, app: Any) -> None:
        self.app, self.cuts, self.posts = app, 0, 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/market/checks":
            return self.app(environ, start)  # type: ignore[no-any-return]
        self.posts += 1
        if not self.cuts:
            return self.app(environ, start)  # type: ignore[no-any-return]
        self.cuts -= 1
        # The server has written it down; the phone hears half of it.
        body = b"".join(self.app(environ, lambda *_: None))
        start("201 CREATED", [("Content-Type", "application/json")])
        return [body[: len(body) // 2]]


@dc.dataclass
class Place:
    """A server that reads nothing, and what it wrote down."""

    app: Flask
    cut: Cut
    url: str

    @property
    def work(self) -> Work:
        found: Work = self.app.extensions["work"]
        return found

    def add(self, name: str, role: Role = Role.INSPECTOR) -> str:
        people: People = self.app.extensions["people"]
        return people.add(name, role, PASSWORD, must_change=False).id

    def sign_out(self, name: str) -> None:
        """Ends somebody's sign-ins, as time does."""
        whose = select(Account.id).where(Account.name == name)
        with store.session(self.work.engine) as opened:
            store.write(opened)
            opened.exec(delete(SignIn).where(col(SignIn.account_id).in_(whose)))
            opened.commit()

    def checks(self) -> dict[str, str]:
        """Keys with their checks."""
        with store.session(self.work.engine) as opened:
            rows = opened.exec(select(Circumstances)).all()
            assert {one.check_id for one in rows} == set(opened.exec(select(Check.id)))
            assert len(opened.exec(select(Job)).all()) == len(rows)
        return {one.key: one.check_id for one in rows}


@pytest.fixture
def place(tmp_path: Path, demo_registry: Registry) -> Iterator[Place]:
    work = Work(Settings(tmp_path / "work", workers=1, most_queued=50))
    app = create_app(
        {"REGISTRY": demo_registry, "WORK": work, "PASSWORDS": quick(), "CHECKS": False}
    )
    cut = Cut(app.wsgi_app)
    app.wsgi_app = cut  # type: ignore[method-assign]
    with listening(app) as url:
        yield Place(app, cut, url)
    work.close()


class Phone:
    """A phone whose browser is closed and opened again, on the same folder."""

    def __init__(self, playwright: Playwright, folder: Path, site: str, *more: str) -> None:
        self.playwright, self.folder, self.site, self.more = playwright, folder, site, more
        self.open()

    def open(self, *, offline: bool = False) -> None:
        phone = chrome.PHONE
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.folder, executable_path=chrome.PROGRAM, args=[*chrome.FLAGS, *self.more],
            base_url=self.site, viewport={"width": phone.width, "height": phone.height},
            has_touch=True, is_mobile=True, locale="zh-CN", reduced_motion="reduce",
        )  # fmt: skip
        expect.set_options(timeout=chrome.SOON)
        self.context.set_default_timeout(chrome.SOON)
        self.context.set_offline(offline)
        self.page: Page = self.context.pages[0]

    def close(self) -> None:
        self.context.close()

    def kill(self) -> None:
        """As a phone short of memory ends its browser: nobody is asked, nothing is saved."""
        mine = f"--user-data-dir={self.folder}".encode()
        with self.context.expect_event("close"):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    words = entry.read_bytes().split(b"\0")
                    if mine in words and not any(one.startswith(b"--type=") for one in words):
                        os.kill(int(entry.parent.name), signal.SIGKILL)

    def sign_in(self, name: str) -> None:
        """On the page that is open, which leads on."""
        self.page.get_by_label(zh("account.name")).fill(name)
        self.page.get_by_label(zh("account.password_label")).fill(PASSWORD)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=zh("account.sign_in")).click()

    def settled(self) -> None:
        """Until the page could be opened without a connection."""
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        self.page.wait_for_function("() => navigator.serviceWorker.controller")
        expect(self.page.locator("#age")).to_contain_text(zh("market.say.demo"))

    def capture(self, number: int, *, back: bool = False) -> None:
        files = {"front": parcels.jpeg(number)} | ({"back": parcels.jpeg(99)} if back else {})
        for side, data in files.items():
            self.page.locator(f"#{side}").set_input_files(
                {"name": f"{side}.jpg", "mimeType": "image/jpeg", "buffer": data}
            )
            expect(self.page.locator("#sides figure")).to_have_count(1 if side == "front" else 2)
        self.page.get_by_label(zh("market.stall")).fill(f"A-{number}")
        self.page.get_by_role("button", name=zh("market.save")).click()
        expect(self.page.locator("#sides figure")).to_have_count(0)

    def expect_queue(self, waiting: int, sent: int) -> None:
        told = zh("market.say.progress", waiting=waiting, sent=sent)
        expect(self.page.locator("#progress")).to_contain_text(told)


def test_ten_certificates_without_a_connection_and_a_closed_browser_are_ten_checks(
    playwright: Playwright, place: Place, tmp_path: Path
) -> None:
    place.add("li")
    place.add("wang")
    phone = Phone(playwright, tmp_path / "phone", place.url)
    phone.page.goto("/market/")
    phone.sign_in("li")
    phone.settled()
    phone.context.set_offline(True)
    for number in range(4):
        phone.capture(number, back=number == 0)
    phone.expect_queue(4, 0)
    # The connection comes back and breaks again in the middle of answers.
    place.cut.cuts = 2
    phone.context.set_offline(False)
    phone.expect_queue(0, 4)
    assert place.cut.cuts == 0 and place.cut.posts == 6 and len(place.checks()) == 4
    phone.context.set_offline(True)
    phone.page.reload()
    for number in range(4, 10):
        phone.capture(number)
    # The eleventh was not finished: its photo is there when the page is.
    phone.page.locator("#front").set_input_files(FULL)
    expect(phone.page.locator("#sides figure")).to_have_count(1)
    # A browser that was killed keeps its cookie, and may send on by itself as soon as it is there.
    place.sign_out("li")
    phone.kill()

    phone.open(offline=True)
    phone.page.goto("/market/")
    phone.expect_queue(6, 4)
    expect(phone.page.locator("#sides figure")).to_have_count(1)
    phone.page.get_by_role("button", name=zh("market.say.retake")).click()
    expect(phone.page.locator("#sides figure")).to_have_count(0)
    # Looked up without a connection; which is no check, and says so.
    phone.page.locator("#query").fill("211620110417")
    expect(phone.page.locator("#results")).to_contain_text(LABORATORY)
    # Nobody is signed in any more. Somebody else's does not send them, nor show them.
    phone.context.set_offline(False)
    expect(phone.page.locator("#account")).to_contain_text(zh("market.say.sign_in"))
    phone.page.get_by_role("link", name=zh("market.say.sign_in")).click()
    phone.sign_in("wang")
    phone.expect_queue(0, 0)
    expect(phone.page.locator("#others")).to_have_text(zh("market.say.others", count=6))
    assert phone.page.locator("#queue li").count() == 0 and len(place.checks()) == 4
    phone.page.goto("/history")
    phone.page.get_by_role("button", name=zh("account.sign_out")).click()
    phone.page.goto("/market/")
    expect(phone.page.locator("#account")).to_contain_text(zh("market.say.nobody"))
    place.cut.cuts = 1
    phone.page.get_by_role("link", name=zh("market.say.sign_in")).click()
    phone.sign_in("li")
    phone.expect_queue(0, 10)
    phone.page.get_by_role("button", name=zh("market.send_now")).click()
    place.sign_out("li")
    phone.kill()
    phone.open()
    phone.page.goto("/market/")
    phone.page.get_by_role("link", name=zh("market.say.sign_in")).click()
    phone.sign_in("li")
    phone.expect_queue(0, 10)
    phone.close()
    found = place.checks()
    assert len(found) == len(set(found.values())) == 10
    # Nothing was sent but what was there, and the three that were cut off.
    assert place.cut.posts == 13


def test_the_page_says_what_the_server_refuses_and_what_the_phone_cannot_keep(
    playwright: Playwright, place: Place, tmp_path: Path
) -> None:
    place.add("li")
    phone = Phone(playwright, tmp_path / "phone", place.url)
    page = phone.page
    page.goto("/market/")
    phone.sign_in("li")
    phone.settled()
    assert_accessible(page)
    answers = [
        {"status": 429, "headers": {"Retry-After": "1"}, "json": {}},
        {"status": 507, "headers": {"Retry-After": "1"}, "json": {"title": "盘满了"}},
        {"status": 415, "json": {"title": "读不了", "next_step": "重拍"}},
    ]
    # A worker of the page's would be asked first.
    page.route("**/market/checks*", lambda route: route.fulfill(**answers.pop(0)))
    phone.capture(1)
    expect(page.locator("#account")).to_contain_text(zh("market.say.busy", time="")[:5])
    expect(page.locator("#queue [data-state=refused]")).to_contain_text("读不了 重拍")
    assert not answers and place.checks() == {}
    page.unroute("**/market/checks*")
    page.get_by_role("button", name=zh("market.say.again")).click()
    phone.expect_queue(0, 1)
    assert len(place.checks()) == 1
    # No room: nobody is let believe that a photo was kept.
    page.evaluate("() => { navigator.storage.estimate = async () => ({quota: 9e6, usage: 4e6}); }")
    page.locator("#front").set_input_files(FULL)
    expect(page.locator("#trouble")).to_contain_text(zh("market.say.little_room", megabytes=4))
    page.evaluate(
        """() => {
          market.store.put = async () => { throw new DOMException("", "QuotaExceededError"); };
        }"""
    )
    page.locator("#back").set_input_files(FULL)
    expect(page.locator("#trouble")).to_have_text(zh("market.say.not_kept"))
    phone.close()


def film(path: Path, *frames: Any) -> Path:
    """What a camera sees, as a film that Chromium plays for one: raw, 4:2:0."""
    height, width = frames[0].shape[:2]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420jpeg\n".encode())
        for one in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(one, cv2.COLOR_BGR2YUV_I420).tobytes())
    return path


def coded(text: str) -> Any:
    """A paper with a code on it, on a desk."""
    desk = np.full((720, 1280, 3), (60, 75, 90), np.uint8)
    desk[60:660, 140:1140] = 190
    made = qrcode.QRCode(box_size=1, border=4)
    made.add_data(text)
    dots = ~np.array(made.get_matrix()) * np.uint8(190)
    code = cv2.resize(dots, (360, 360), interpolation=cv2.INTER_NEAREST)
    desk[160:520, 220:580] = code[..., None]
    for line in range(8):
        cv2.putText(desk, "CERTIFICATE 0123456789", (640, 150 + 60 * line), 0, 0.9, (30, 30, 30), 2)
    return desk


def test_codes_are_read_in_the_camera_and_looked_up_and_a_photo_is_taken(
    playwright: Playwright, place: Place, tmp_path: Path
) -> None:
    place.add("li")
    seen = film(tmp_path / "seen.y4m", *[coded(SITE)] * 3, *[coded("https://evil.example/2")] * 3)
    phone = Phone(
        playwright, tmp_path / "phone", place.url, "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={seen}",
    )  # fmt: skip
    faults: list[str] = []
    phone.context.on("console", lambda told: faults.append(told.text))
    page = phone.page
    page.goto("/market/")
    phone.sign_in("li")
    phone.settled()
    page.get_by_label(zh("market.continuous")).check()
    page.get_by_role("button", name=zh("market.open_camera")).click()
    codes = page.locator("#codes > li")
    expect(codes).to_have_count(2)
    expect(page.locator("#codes")).to_contain_text(LABORATORY)
    expect(page.locator("#codes")).to_contain_text(
        zh("market.say.site_unknown", host="evil.example")
    )
    expect(page.locator("#hint")).to_have_text(zh("market.say.advice.good"))
    page.get_by_role("button", name=zh("market.take_front"), exact=True).click()
    expect(page.locator("#sides figure")).to_have_count(1)
    page.get_by_role("button", name=zh("market.close_camera")).click()
    bound = page.locator("#bound").inner_text()
    page.get_by_role("button", name=zh("market.save")).click()
    phone.expect_queue(0, 1)
    with store.session(place.work.engine) as opened:
        row = opened.exec(select(Circumstances)).one()
        photo = place.work.blobs.read(opened.exec(select(Job.sha256)).one())
    assert row.code and row.code in bound
    taken = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert taken is not None and taken.shape == (720, 1280, 3)
    # The film goes on while the button is pressed.
    shown = {SITE, "https://evil.example/2"}
    assert row.code in shown and zxingcpp.read_barcodes(taken)[0].text in shown
    # What was chosen is remembered; each code stood in the list once.
    expect(codes).to_have_count(2)
    page.reload()
    expect(page.get_by_label(zh("market.continuous"))).to_be_checked()
    assert faults == []
    phone.close()
