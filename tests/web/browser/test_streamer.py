"""What would break: somebody with a table full of pieces who does not get them checked in time."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts import demo
from certcheck.accounts.roles import Role
from samples import PHOTOS
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import LONG, PHONE
from tests.web.browser.conftest import Enter
from tests.web.conftest import Server

FILES = [PHOTOS / "honest-a5.jpg", PHOTOS / "item1-expired.jpg"]


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def sign_in(page: Page, server: Server) -> None:
    """As the demo's streamer, with the password that the server told."""
    (card,) = (one for one in demo.read(server.home / "work") if one.role is Role.STREAMER)
    page.goto("/sign-in")
    page.get_by_label(zh("account.name")).fill(card.name)
    page.get_by_label(zh("account.password_label")).fill(card.password)
    with page.expect_navigation():
        page.get_by_role("button", name=zh("account.sign_in")).click()


def send(page: Page, notes: Path) -> None:
    """Two photos and something that is none, under a name."""
    page.goto("/batches")
    page.get_by_label(zh("stock.page.name")).fill("晚场")
    page.get_by_label(zh("stock.page.files")).set_input_files([*FILES, notes])
    page.get_by_role("button", name=zh("stock.page.go")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("晚场")


def table(page: Page) -> list[str]:
    """The results, in the order of the table."""
    return [" ".join(one.split()) for one in page.locator(".stock .word").all_inner_texts()]


def test_from_many_photos_to_the_viewers_and_away(
    enter: Enter, server: Server, tmp_path: Path
) -> None:
    """Sign in, send, see the worst first, take the table along, show a part of it, end, delete.

    With photos that are really read; `test_stock` has the rest, without scripts too.
    """
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture", "utf-8")
    seller = enter(PHONE)
    page = seller.page
    sign_in(page, server)
    send(page, notes)
    expect(page.locator("p.told")).to_have_text(zh("stock.page.finished", total=3), timeout=LONG)
    # Worst first; what could not be taken has its reason and does not hold up the rest.
    states = table(page)
    assert states[0] == zh("stock.state.inconsistent")
    assert set(states[1:]) == {zh("stock.state.consistent"), zh("stock.state.refused")}
    assert_accessible(page)
    page.get_by_role("link", name=zh("stock.page.sort.number")).click()
    assert table(page)[1] == zh("stock.state.inconsistent")

    with page.expect_download() as download:
        page.get_by_role("link", name=zh("stock.page.excel")).click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert book.worksheets[0].max_row >= 4
    book.close()

    batch = page.url
    page.get_by_role("link", name=zh("stock.page.to_precheck")).click()
    page.get_by_role("button", name=zh("precheck.create")).click()
    code = page.locator("p.code").inner_text()
    viewer = enter(PHONE)
    viewer.page.goto("/p")
    viewer.page.get_by_label(zh("precheck.code")).fill(code)
    viewer.page.get_by_role("button", name=zh("precheck.open")).click()
    expect(viewer.page.get_by_text(zh("precheck.proves"))).to_be_visible()
    shown = viewer.page.locator(".stock tbody").inner_text()
    assert zh("stock.state.inconsistent") in shown and zh("stock.state.consistent") in shown
    assert_accessible(viewer.page)

    page.get_by_role("button", name=zh("precheck.end")).click()
    expect(page.get_by_text(zh("precheck.ended"))).to_be_visible()
    viewer.page.reload()
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text(zh("precheck.gone"))

    page.goto(batch)
    page.get_by_role("button", name=zh("stock.page.delete")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("stock.deleted"))
    answer = page.goto(batch)
    assert answer is not None and answer.status == 404
