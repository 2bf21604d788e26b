"""Pictures of the pages of an office that has a year of checks and cases behind it."""

from __future__ import annotations

import csv
import datetime as dt

from playwright.sync_api import Page
from sqlalchemy import text

from certcheck.accounts.roles import Role
from certcheck.audit import Who
from certcheck.inspections.plans import Goal, Inspections, Plan, State
from certcheck.runner.store import open_store
from certcheck.runner.work import now
from registry import store
from registry.days import today
from samples import PHOTOS
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import MARKETS, Size
from tests.studio import Studio, said
from tests.web.browser.chrome import LONG

# Behind whatever other pictures leave in the store.
_FIRST = 100_000
_CHECKS, _CASES = 3000, 500


def _office(studio: Studio) -> str:
    """Makes that year, once, with a batch of inspections; returns the address of that."""
    if "office" in studio.held:
        return studio.held["office"]
    engine = open_store(studio.server.home / "work")
    plans = Inspections(engine, now)
    who = Who("person", "0" * 16, "王检0")
    goals = (
        Goal(MARKETS[0], "", "", 40), Goal(MARKETS[1], "", "", 40), Goal("", "12号", "", 4),
    )  # fmt: skip
    day = today()
    one = plans.plan(Plan("石佛寺秋季抽查", day - dt.timedelta(days=60), day, goals), by=who)
    plans.move(one.id, one.version, State.UNDER_WAY, by=who)
    with store.session(engine) as opened:
        store.write(opened)
        size = Size(_CHECKS, _CASES, labs=24, people=6, stalls=60, first=_FIRST)
        desk_rows.fill(opened.connection(), size, known=_known())
        lately = text("UPDATE work_archive SET inspection = :id WHERE id > :after")
        opened.connection().execute(lately, {"id": one.id, "after": _FIRST + _CHECKS - 120})
        opened.commit()
    engine.dispose()
    studio.held["office"] = f"/inspections/{one.id}"
    return studio.held["office"]


def _known() -> list[tuple[str, str]]:
    """Laboratories of the demo registry."""
    with (PHOTOS.parent / "registry" / "labs.csv").open(encoding="utf-8", newline="") as file:
        return [(row["lab_id"], row["name"]) for row in csv.DictReader(file)]


def inspection(studio: Studio, page: Page) -> None:
    address = _office(studio)
    studio.enter(page, Role.CHIEF)
    page.goto(address)


def figures(studio: Studio, page: Page) -> None:
    _office(studio)
    studio.enter(page, Role.CHIEF)
    page.goto("/figures")
    page.locator("#checks_by_item canvas").wait_for(timeout=LONG)


def search(studio: Studio, page: Page) -> None:
    _office(studio)
    studio.enter(page, Role.INSPECTOR)
    page.goto("/search?q=手镯 12号")
    page.locator(".group .line").first.wait_for()


def laboratory(studio: Studio, page: Page) -> None:
    _office(studio)
    studio.enter(page, Role.INSPECTOR)
    page.goto("/laboratories/yuan")


def findings(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.KEEPER)
    page.goto("/registry/findings")
    if not page.locator(".line").count():
        page.get_by_role("button", name=said("desk.findings.examine")).click()
        while not page.locator(".line").count():
            page.wait_for_timeout(1000)
            page.reload()


def registry_desk(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.KEEPER)
    page.goto("/registry")
