"""What would break: a seller who cannot get from many photos to what viewers may see."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Work
from tests.certcheck import parcels
from tests.web import tour
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK, PHONE, Device
from tests.web.browser.conftest import Enter

TOLD = ("", "expired", "unknown_lab_uncovered")


def zh(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """An archive of three photos and a text, and a spreadsheet that names two of them."""
    folder = tmp_path_factory.mktemp("parcel")
    packed = folder / "货.zip"
    photos = {f"图/{at}.jpg": parcels.jpeg(100 + at) for at in range(3)}
    packed.write_bytes(parcels.archive(photos | {"说明.txt": b"text"}).getvalue())
    sheet = folder / "清单.xlsx"
    sheet.write_bytes(
        parcels.book([["名称", "照片"], ["手镯", "0.jpg"], ["吊坠", "1.jpg"]], {}).getvalue()
    )
    return [packed, sheet]


def answer(app: Flask, most: int) -> None:
    """Some of what waits is read."""
    work: Work = app.extensions["work"]
    queue = Queue(work)
    for at, one in enumerate(queue.take(most)):
        queue.finish(one.id, Done([tour.told(TOLD[at % len(TOLD)])]))


def rows(page: Page) -> list[str]:
    return [one.strip() for one in page.locator("tbody th").all_inner_texts()]


@pytest.mark.parametrize(
    ("device", "script"), [(PHONE, True), (DESK, False)], ids=["phone", "desk without script"]
)
def test_from_many_photos_to_what_viewers_see(
    still_app: Flask, still: str, enter: Enter, parcel: list[Path], tmp_path: Path,
    device: Device, *, script: bool,
) -> None:  # fmt: skip
    answer(still_app, 99)
    seller = enter(device, site=still, script=script)
    seller.become(tour.browser_of(still_app, tour.someone(still_app, Role.STREAMER)))
    page = seller.page
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name=zh("stock.page.link")).click()
    page.get_by_label(zh("stock.page.name")).fill("晚场")
    page.get_by_label(zh("stock.page.files")).set_input_files(parcel)
    page.get_by_role("button", name=zh("stock.page.go")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("晚场")
    assert sorted(rows(page)) == sorted(["手镯", "吊坠", "图/2", "说明"])
    expect(page.get_by_role("status")).to_have_text(zh("stock.page.progress", total=4, done=1))

    answer(still_app, 99)
    if not script:
        page.reload()
    expect(page.get_by_role("status")).to_have_text(zh("stock.page.finished", total=4))
    assert len(set(rows(page))) == 4
    # axe is a script itself.
    if script:
        assert_accessible(page)
    page.get_by_role("link", name=zh("stock.page.sort.number")).click()
    assert rows(page) == ["手镯", "吊坠", "图/2", "说明"]
    with page.expect_download() as caught:
        page.get_by_role("link", name=zh("stock.page.excel")).click()
    caught.value.save_as(tmp_path / "table.xlsx")
    table = openpyxl.load_workbook(tmp_path / "table.xlsx").worksheets[0]
    assert [cell.value for cell in table["B"][1:]] == ["手镯", "吊坠", "图/2", "说明"]
    page.get_by_role("link", name=zh("stock.page.report_of", name="手镯")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()

    page.get_by_role("link", name=zh("stock.page.to_precheck")).click()
    page.get_by_label(re.compile("吊坠")).uncheck()
    page.get_by_label(zh("precheck.hours")).select_option("2")
    page.get_by_role("button", name=zh("precheck.create")).click()
    code = page.locator("p.code").inner_text()
    if script:
        assert_accessible(page)

    viewer = enter(device, site=still, script=script).page
    viewer.goto("/p")
    viewer.get_by_label(zh("precheck.code")).fill(code.lower())
    viewer.get_by_role("button", name=zh("precheck.open")).click()
    expect(viewer.get_by_text(zh("precheck.proves"))).to_be_visible()
    # What needs a look stands above.
    assert rows(viewer) == ["图/2", "手镯"]
    expect(viewer.get_by_text(zh("precheck.chosen", total=4, shown=2))).to_be_visible()
    if script:
        assert_accessible(viewer)

    page.get_by_role("button", name=zh("precheck.end")).click()
    viewer.reload()
    expect(viewer.get_by_role("heading", level=1)).to_have_text(zh("precheck.gone"))
    page.get_by_role("link", name=zh("precheck.back")).click()
    page.get_by_role("button", name=zh("stock.page.delete")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(zh("stock.deleted"))


def test_a_refused_upload_says_why_on_the_form(
    still_app: Flask, still: str, enter: Enter, tmp_path: Path
) -> None:
    """With the script the page stays, with what was chosen."""
    empty = tmp_path / "空.zip"
    empty.write_bytes(parcels.archive({}).getvalue())
    seller = enter(DESK, site=still)
    seller.become(tour.browser_of(still_app, tour.someone(still_app, Role.STREAMER)))
    page = seller.page
    page.goto("/batches")
    page.get_by_label(zh("stock.page.files")).set_input_files(empty)
    page.get_by_role("button", name=zh("stock.page.go")).click()
    expect(page.get_by_role("alert")).to_contain_text(zh("stock.nothing"))
    expect(page.get_by_role("button", name=zh("stock.page.go"))).to_be_enabled()
    page.context.set_offline(True)
    page.get_by_role("button", name=zh("stock.page.go")).click()
    expect(page.get_by_role("alert")).to_contain_text(zh("stock.page.upload_failed"))
