"""What would break: charts that are not drawn, or that hide what the tables say."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from playwright.sync_api import expect

from certcheck.accounts.roles import Role
from certcheck.runner.work import Work
from registry import store
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import Size
from tests.web import tour
from tests.web.browser.accessible import assert_accessible
from tests.web.browser.chrome import DESK, PHONE
from tests.web.browser.conftest import Enter

FIGURE = "#checks_by_month"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_tables_say_all_and_charts_show_them(
    enter: Enter, still: str, still_app: Flask, *, script: bool
) -> None:
    work: Work = still_app.extensions["work"]
    with store.session(work.engine) as opened:
        if not opened.connection().exec_driver_sql("SELECT count(*) FROM work_archive").scalar():
            opened.rollback()
            store.write(opened)
            desk_rows.fill(opened.connection(), Size(200, 40, labs=5, people=2, stalls=3))
            opened.commit()
    for device in (PHONE, DESK):
        visitor = enter(device, site=still, script=script)
        visitor.become(tour.browser_of(still_app, tour.someone(still_app, Role.CHIEF)))
        page = visitor.page
        page.goto(f"/figures?since=2025-01-01&until={dt.date(2026, 10, 31)}")
        table = page.locator(f"{FIGURE} table")
        if not script:
            expect(table).to_be_visible()
            expect(page.locator("canvas")).to_have_count(0)
            continue
        chart = page.locator(f"{FIGURE} canvas")
        expect(chart).to_be_visible()
        assert chart.evaluate(
            "one => new Uint32Array(one.getContext('2d')"
            ".getImageData(0, 0, one.width, one.height).data.buffer).some(Boolean)"
        ), "something is drawn"
        expect(table).not_to_be_visible()
        page.locator(f"{FIGURE} summary").click()
        expect(table).to_be_visible()
        expect(page.locator(".figure canvas")).to_have_count(page.locator(".figure table").count())
        assert_accessible(page)
