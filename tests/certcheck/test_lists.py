"""Lists and figures of a large office go by indexes; nothing here is timed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, event
from sqlmodel import Session

from certcheck import audit
from certcheck.audit import trail
from certcheck.audit.trail import Wanted
from certcheck.desk import asking, differing
from certcheck.desk.differing import Asked as Difference
from certcheck.desk.tables import Kind
from certcheck.figures import checks
from certcheck.figures.model import Asked
from certcheck.inspections import progress
from certcheck.inspections.plans import Goal, Inspections, Plan
from certcheck.runner.history import history
from certcheck.runner.store import migrate
from certcheck.runner.work import Work
from registry import store
from tests.certcheck import desk_rows
from tests.certcheck.desk_rows import MARKETS, Size
from tests.certcheck.work_store import settings
from tests.servers.databases import WorkDatabases

WHO = audit.Who("person", "k1", "keeper")


@pytest.fixture(scope="module", params=store.DATABASES)
def work(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Work]:
    """A store with a few hundred checks of three people, in inspections."""
    url = None
    if request.param != "sqlite":
        databases: WorkDatabases = request.getfixturevalue("work_databases")
        url = databases.own()
    made = Work(settings(tmp_path_factory.mktemp("lists"), url=url))
    with store.session(made.engine) as opened:
        store.write(opened)
        size = Size(400, 30, labs=6, people=3, stalls=4, inspections=6)
        desk_rows.fill(opened.connection(), size)
        for what in ("pack.made", "pack.taken", "packet.sent", "case.open"):
            audit.write(opened, who=WHO, what=what, about=("case", "1"))
        opened.commit()
    yield made
    made.close()


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What a database is asked meanwhile."""
    found: list[tuple[str, Any]] = []

    def take(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        found.append((statement, values))

    event.listen(engine, "before_cursor_execute", take)
    yield found
    event.remove(engine, "before_cursor_execute", take)


def test_figures_of_most_checks_go_through_indexes_alone(work: Work) -> None:
    """No row is looked up and none sorted, whatever they are narrowed by."""
    if work.engine.dialect.name != "sqlite":
        pytest.skip("others choose by what they know of their tables")
    days = dt.date(2024, 1, 1), dt.date(2027, 1, 1)
    with store.session(work.engine) as opened:
        lab = checks.figures(opened, Asked(*days))[1].rows[0].key
        for narrowed in ({}, {"lab": lab}, {"market": MARKETS[0]}):
            with asked_of(work.engine) as statements:
                checks.figures(opened, Asked(*days, **narrowed))
            counted = [one for one in statements if "GROUP BY" in one[0]]
            assert len(counted) == 5
            for statement, values in counted:
                rows = opened.connection().exec_driver_sql(
                    "EXPLAIN QUERY PLAN " + statement, values
                )
                plan = " ".join(str(row[-1]) for row in rows)
                assert "COVERING INDEX" in plan and "TEMP B-TREE" not in plan, (statement, plan)


def test_a_page_of_own_checks_reads_its_own_reports_alone(work: Work) -> None:
    owner = f"person:{desk_rows.account(1).id}"
    with asked_of(work.engine) as statements:
        lines, total = history(work, owner, 2)
    assert total > 100 and len(lines) == 50
    every = [line for page in (1, 2, 3, 4) for line in history(work, owner, page)[0]]
    assert len({line.id for line in every}) == len(every) == total
    assert every[50:100] == lines
    assert [one.created_at for one in every] == sorted(
        (one.created_at for one in every), reverse=True
    )
    paged = [statement for statement, _ in statements if "OFFSET" in statement]
    assert paged and not any("reports" in one for one in paged)


def test_goals_name_what_is_told_apart(work: Work) -> None:
    """A stall or a laboratory counts where a goal names it, and in all goals that do not."""
    plans = Inspections(work.engine, work.clock)
    great = plans.get(desk_rows.inspection_id(0))
    with store.session(work.engine) as opened:
        rows = []
        before = None
        while page := progress.page(opened, great.id, before):
            rows += [(one.market, one.stall, one.lab) for one in page]
            before = page[-1].id
        market, stall, lab = rows[0]
        goals = [Goal("", "", "", 9), Goal(market, stall, "", 9), Goal("", "", lab, 9),
                 Goal(market, "", lab, 9), Goal(market, "?", "", 9)]  # fmt: skip
        plan = great.plan
        made = Plan(plan.title, plan.starts_on, plan.ends_on, tuple(goals))
        planned = type(great)(**{**_fields(great), "plan": made})
        done = [one.done for one in progress.progress(opened, planned).goals]
        assert done == [
            sum(all(not w or w == t for w, t in zip((g.market, g.stall, g.lab), row, strict=True))
                for row in rows)
            for g in goals
        ]  # fmt: skip
        share = sum(min(9, one) for one in done) / 45
        assert progress.shares(opened, [planned]) == {great.id: (len(rows), share)}


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_deeds_are_found_by_their_first_word(work: Work) -> None:
    with store.session(work.engine) as opened:
        assert trail.deeds(opened) == ["case.open", "pack.made", "pack.taken", "packet.sent"]
        rows, more = trail.page(opened, Wanted(what="pack."))
        assert [one.what for one in rows] == ["pack.taken", "pack.made"] and not more
        assert [one.seq for one in rows] == [2, 1]
        later = trail.page(opened, Wanted(what="pack.", before=2))[0]
        assert [one.what for one in later] == ["pack.made"]
        assert trail.page(opened, Wanted(what="none.")) == ([], False)


def test_what_was_on_the_desk_is_found_after_the_step_and_after_its_way_back(
    work: Work, tmp_path: Path
) -> None:
    """Rows of an older program have their words in themselves."""
    url = work.settings.url
    if url is not None:
        # Beside the others: this store goes back and forth.
        url = url.replace("/registry_", "/lists_", 1)
        with work.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = url.partition("/lists_")[2].partition("?")[0]
            connection.exec_driver_sql(f"CREATE DATABASE lists_{name}")
    older = Work(settings(tmp_path / "older", url=url))
    with store.session(older.engine) as opened:
        store.write(opened)
        task = asking.ask(opened, older, WHO, Kind.IMPORT, "a.csv", {}).id
        opened.commit()
    with Session(older.engine) as opened:
        migrate_back(opened, "0020")
        tables = MetaData()
        tables.reflect(opened.connection(), only=["desk_changes"])
        changes = tables.tables["desk_changes"]
        row = {"task_id": task, "kind": "add", "lab_id": "a", "at": "", "table_name": "labs"}
        cells = json.dumps([["name", "", "甲 Lab"], ["uscc", "", "9"]], ensure_ascii=False)
        words = ("labs: a 甲 lab 9", "labs: b")
        rows = [
            {**row, "place": 1, "source": "labs: a", "cells": cells, "words": words[0]},
            {**row, "place": 2, "source": "labs: b", "cells": "[]", "words": words[1]},
        ]
        opened.connection().execute(changes.insert(), rows)
        migrate(opened.connection())
        opened.commit()
    found = differing.page(older, task, Difference(words="甲 LAB", kind="add", lab="a"))
    assert [one.place for one in found.rows] == [1] and (found.total, found.kept) == (1, 2)
    assert differing.page(older, task, Difference(words="labs", after=1)).rows[0].place == 2
    # What stands beside the words is for filters, and found by nobody.
    assert differing.page(older, task, Difference(words="add")).total == 0
    assert differing.page(older, task, Difference(words="labs", table="seals")).total == 0
    with Session(older.engine) as opened:
        migrate_back(opened, "0020")
        held = opened.connection().exec_driver_sql("SELECT words FROM desk_changes ORDER BY place")
        assert tuple(held.scalars()) == words
        migrate(opened.connection())
        opened.commit()
    older.close()


def migrate_back(opened: Session, to: str) -> None:
    """Takes steps back, to one of them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "certcheck.runner:migrations")
    config.attributes["connection"] = opened.connection()
    command.downgrade(config, to)
