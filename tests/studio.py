"""Where the pictures of the pages are taken: a server that reads, and a browser that shows."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from certcheck import messages
from certcheck.accounts import demo
from certcheck.accounts.roles import Role
from samples import PHOTOS
from tests.web.browser.chrome import LONG
from tests.web.conftest import Server, upload


@dc.dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are taken.

    Attributes:
        server: that reads.
        browser: that shows.
        held: addresses of checks by the photo's name, so that each is read once.
    """

    server: Server
    browser: Browser
    held: dict[str, str]

    def enter(self, page: Page, role: Role) -> None:
        """Signs the demo's person of a role in."""
        (card,) = (one for one in demo.read(self.server.home / "work") if one.role is role)
        page.goto("/sign-in")
        page.get_by_label(said("account.name")).fill(card.name)
        page.get_by_label(said("account.password_label")).fill(card.password)
        with page.expect_navigation():
            page.get_by_role("button", name=said("account.sign_in")).click()

    def report(self, page: Page, photo: str, part: str = "") -> None:
        """Opens the report of a sample photo; `part` is what to bring into sight."""
        if photo not in self.held:
            with (PHOTOS / photo).open("rb") as file:
                sent = upload(self.server.url, file)
            address = self.server.url + sent.headers["Location"]
            self.held[photo] = address.partition("?")[0]
        page.goto(self.held[photo])
        page.locator("main .verdict").first.wait_for(timeout=LONG)
        if part:
            page.locator(part).first.scroll_into_view_if_needed()


Scene = Callable[[Studio, Page], None]


def said(code: str) -> str:
    """A sentence of the catalogue, in Chinese."""
    return messages.text(code).zh
