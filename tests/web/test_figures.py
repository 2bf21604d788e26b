"""What would break: figures shown to who may not see them, of other days than asked for, or a
table that lacks what its chart shows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator

import pytest

from certcheck.accounts.roles import Role
from certcheck.figures import counting
from certcheck.figures.model import Asked
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import Size
from tests.certcheck.work_store import Clock, settings
from tests.web.staff import Office, office
from web.figures import SHOWN

TODAY = dt.date(2026, 11, 22)
DAYS = "since=2025-03-01&until=2025-08-31"


@pytest.fixture(scope="module")
def staff(demo_registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    clock = Clock()
    clock.now = dt.datetime(2026, 11, 21, 16, tzinfo=dt.UTC)  # the 22nd in China
    work = Work(settings(tmp_path_factory.mktemp("figures")), clock)
    with store.session(work.engine) as opened:
        store.write(opened)
        desk_rows.fill(opened.connection(), Size(300, 60, labs=60, people=3, stalls=5))
        opened.commit()
    yield office(demo_registry, work)
    work.close()


def test_the_page_shows_what_was_counted(staff: Office) -> None:
    page = staff.browser(Role.CHIEF).get(f"/figures?{DAYS}").text
    work: Work = staff.app.extensions["work"]
    with store.session(work.engine) as opened:
        asked = Asked(dt.date(2025, 3, 1), dt.date(2025, 8, 31))
        figures = counting.figures(opened, asked, TODAY)
    for figure in figures:
        section = page.partition(f'id="{figure.name}"')[2].partition("</section>")[0]
        shown = [int(one) for one in re.findall(r'data-n="(\d+)"', section)]
        rows = figure.rows[:SHOWN]
        assert shown == [row.counts[one] for row in rows for one in figure.measures], figure.name
    assert f"前 {SHOWN} 行" in page, "there are more laboratories than the page has room for"
    assert "2025年" in page or 'value="2025-03-01"' in page


def test_tables_are_whole_and_narrowed_as_the_page_is(staff: Office) -> None:
    chief = staff.browser(Role.CHIEF)

    def table(name: str, more: str = DAYS) -> list[list[str]]:
        answer = chief.get(f"/figures/{name}.csv?{more}")
        assert (
            answer.content_type == "text/csv; charset=utf-8" and answer.data[:3] == b"\xef\xbb\xbf"
        )
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    rows = table("checks")
    assert {row[1][:7] for row in rows[1:]} == {f"2025-0{month}" for month in range(3, 9)}
    by_lab = table("checks_by_lab")
    assert sum(int(row[1]) for row in by_lab[1:]) == len(rows) - 1 and len(by_lab) > SHOWN + 1
    market = desk_rows.MARKETS[0]
    narrowed = table("checks", f"{DAYS}&market={market}")
    assert {row[2] for row in narrowed[1:]} == {market}
    assert len(table("cases", "since=2020-01-01&until=2026-12-31")) == 61
    english = chief.get(f"/figures/cases_by_state.csv?{DAYS}&lang=en").text
    assert "Closed in time" in english
    assert chief.get("/figures/nothing.csv").status_code == 404


@pytest.mark.parametrize(
    "asked", ["since=x&until=y", "since=2026-12-01&until=2026-01-01", "since=0001-01-01", "lab=%00"]
)
def test_days_that_are_none_are_those_of_the_last_year(staff: Office, asked: str) -> None:
    answer = staff.browser(Role.INSPECTOR).get(f"/figures?{asked}")
    assert answer.status_code == 200 and 'value="2' in answer.text


def test_who_may_see_figures(staff: Office) -> None:
    for role in (Role.STREAMER, Role.KEEPER):
        assert staff.browser(role).get("/figures").status_code == 403
        assert staff.browser(role).get("/figures/checks.csv").status_code == 403
    assert staff.browser(Role.VISITOR).get("/figures/checks.csv").status_code == 302
    assert staff.browser(Role.ADMIN).get("/figures").status_code == 200
