"""Who keeps the registry, at a desk: what would break is an import nobody saw, a page that waits
for ever, an edit that cannot be found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck.keeping import Keeping, packed
from tests.certcheck.work_store import at_work
from tests.web import tour
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK
from tests.web.browser.conftest import Enter
from tests.web.browser.test_people import sign_in
from tests.web.staff import quick
from tests.web.test_server import listening
from web import create_app

LAB = "示例新登记玉石检测有限公司"
TABLES = {
    "labs": (f"fresh,{LAB},,,",),
    "signatories": ("fresh,沈一,全部,2024-01-01,,", "fresh,沈二,翡翠,2024-01-01,,"),
}


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def carry_out(page: Page) -> None:
    """Looks at the difference and has it carried out."""
    page.get_by_role("button", name=zh("desk.task.apply")).click()
    expect(page.get_by_text(zh("desk.task.done"), exact=True)).to_be_visible()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A server with an empty registry, whose desk's work is done; a keeper may sign in."""
    work = Work(Settings(tmp_path / "work", workers=1))
    engine = store.open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    app = create_app({"REGISTRY": Registry(engine), "WORK": work, "PASSWORDS": quick()})
    tour.someone(app, Role.KEEPER)
    with at_work(work, Keeping(work, engine).work_on), listening(app) as address:
        yield address
    engine.dispose()
    work.close()


def test_lists_come_are_seen_edited_and_taken_back(enter: Enter, site: str) -> None:
    page = enter(DESK, site=site).page
    page.goto("/registry")
    sign_in(page, f"the-{Role.KEEPER}")
    page.get_by_role("link", name=zh("desk.import.title")).click()
    data = {"name": "新增.zip", "mimeType": "application/zip", "buffer": packed(**TABLES)}
    page.locator("#files").set_input_files(data)  # type: ignore[arg-type]
    page.locator("#list_date").fill("2026-11-20")
    page.get_by_role("button", name=zh("desk.import.send")).click()
    expect(page.locator("tr.add", has_text="沈二")).to_be_visible()
    assert_accessible(page)
    carry_out(page)
    brought = page.url
    page.goto("/registry/labs/fresh")
    row = page.locator("tr", has_text="沈二")
    assert_accessible(page)
    row.get_by_role("link", name=zh("desk.lab.end")).click()
    page.locator("#last").fill("2026-10-31")
    page.locator("#reason").fill("已离职")
    page.locator("#source").fill("机构来函")
    page.get_by_role("button", name=zh("desk.edit.send")).click()
    expect(page.locator("ins", has_text="2026-10-31")).to_be_visible()
    carry_out(page)
    page.get_by_role("link", name=zh("desk.to_lab")).click()
    page.get_by_role("link", name=zh("desk.lab.history")).click()
    expect(page.get_by_text("已离职")).to_be_visible()
    # An import on which an edit rests is not taken back before it.
    page.goto(brought)
    page.get_by_role("button", name=zh("desk.task.undo")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/registry/imports")
    for _ in "ab":  # the edit, then what it rests on
        undo = page.locator("li.line").filter(has_not_text=zh("desk.log.undone", number="")[:2])
        undo.filter(has_not_text=zh("desk.log.undo", number="")[:4]).get_by_role(
            "button"
        ).first.click()
        carry_out(page)
        page.goto("/registry/imports")
    page.goto("/registry/labs?q=" + LAB)
    expect(page.get_by_text(zh("desk.labs.none"))).to_be_visible()
