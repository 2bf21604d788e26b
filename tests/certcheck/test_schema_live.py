"""What would break: an upgrade, or the way back from it, that stops the desk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import Engine

from certcheck.cli import cli
from certcheck.errors import SchemaUnknownError
from certcheck.runner.settings import FOLDER, URL, Settings
from certcheck.runner.store import migrate, open_store, step_of, stepped
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import send
from tests.registry.server import Server
from web import create_app

# Steps are looked at from here on; the promise of docs/operations.md begins with 0021, which took
# a column away.
SINCE = "0017"
TOOK_AWAY = {"0021"}
NEWER = "9999"


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    url = ""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        url = server.url(server.create())
    return {FOLDER: str(tmp_path / "work"), URL: url}


@pytest.fixture
def engine(environment: dict[str, str]) -> Iterator[Engine]:
    settings = Settings.from_environment(environment)
    made = open_store(settings.folder, settings.url)
    yield made
    made.dispose()


def run(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(cli, ["work", *words], env=environment)


def of_a_newer_program(connection: Connection) -> None:
    """A step that this program does not know, as steps are: it only adds."""
    connection.execute(text("ALTER TABLE work_jobs ADD COLUMN later VARCHAR(9)"))
    connection.execute(text("ALTER TABLE work_checks ADD COLUMN more INTEGER DEFAULT 1 NOT NULL"))
    connection.execute(text("CREATE TABLE work_later (id INTEGER PRIMARY KEY)"))
    connection.execute(text(f"UPDATE work_schema SET version_num = '{NEWER}'"))


def and_back(connection: Connection) -> None:
    connection.execute(text("DROP TABLE work_later"))
    connection.execute(text("ALTER TABLE work_jobs DROP COLUMN later"))
    connection.execute(text("ALTER TABLE work_checks DROP COLUMN more"))
    connection.execute(text(f"UPDATE work_schema SET version_num = '{HEAD}'"))


def head() -> str:
    steps = Path(__file__).parents[2] / "certcheck" / "runner" / "migrations" / "versions"
    return max(path.name[1:5] for path in steps.glob("v*.py"))


HEAD = head()


class Desk:
    """Somebody who asks all the time."""

    def __init__(self, app: Flask, work: Work) -> None:
        self.codes: list[int] = []
        self._app, self._work, self._stop = app, work, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Desk:
        self._thread.start()
        self.more()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def more(self) -> None:
        """Waits for some answers that were asked for after now."""
        wanted = len(self.codes) + 4
        while len(self.codes) < wanted and self._thread.is_alive():
            self._stop.wait(0.01)

    def _ask(self) -> None:
        client = self._app.test_client()
        number = 0
        while not self._stop.is_set():
            number += 1
            check_id = send(self._work, b"photo %d" % number)
            self.codes.append(client.get(f"/checks/{check_id}").status_code)


def test_the_app_goes_on_while_a_newer_program_upgrades_and_is_taken_back(
    environment: dict[str, str], engine: Engine, demo_registry: Registry
) -> None:
    work = Work(Settings.from_environment({**environment, "CERTCHECK_QUEUE": "100000"}))
    app = create_app({"REGISTRY": demo_registry, "WORK": work, "CHECKS": False})
    try:
        with Desk(app, work) as desk:
            for step in (of_a_newer_program, and_back) * 2:
                stepped(engine, step)
                desk.more()
                # This program, started again, now that it is the older one.
                again = Work(work.settings)
                assert again.counts()["queued"] >= len(desk.codes) - 1
                again.close()
            assert len(desk.codes) > 16 and set(desk.codes) == {200}
    finally:
        work.close()


def test_steps_go_forward_and_back_by_command(environment: dict[str, str], engine: Engine) -> None:
    told = run(environment, "status")
    assert (told.exit_code, told.stdout.strip()) == (0, HEAD)
    assert run(environment, "downgrade", "--to", SINCE).stdout.strip() == SINCE
    assert run(environment, "upgrade").stdout.strip() == HEAD
    told = run(environment, "downgrade", "--to", "0000x")
    assert told.exit_code == 2 and "is not known" in told.stderr
    with engine.begin() as connection:
        of_a_newer_program(connection)
    told = run(environment, "downgrade", "--to", SINCE)
    assert told.exit_code == 2 and NEWER in told.stderr
    assert run(environment, "upgrade").stdout.strip() == NEWER


def test_a_step_only_adds(engine: Engine) -> None:
    """What an older program reads is still there, and what it does not write may be left out."""
    with engine.begin() as connection:
        migrate(connection, SINCE)
        before = columns(connection)
        for number in range(int(SINCE) + 1, int(HEAD) + 1):
            migrate(connection, f"{number:04}")
            assert step_of(connection) == f"{number:04}"
            after = columns(connection)
            if f"{number:04}" in TOOK_AWAY:
                before = after
            for name, was in before.items():
                one = after.get(name)
                assert one is not None and (one["null"] or not was["null"]), name
            tables = {table for table, _ in before}
            for (table, name), one in after.items():
                if (table, name) not in before and table in tables:
                    assert one["null"] or one["default"], (table, name)
            before = after
    with engine.begin() as connection, pytest.raises(SchemaUnknownError):
        migrate(connection, NEWER)


def columns(connection: Connection) -> dict[tuple[str, str], dict[str, bool]]:
    looked = inspect(connection)
    return {
        (table, one["name"]): {"null": one["nullable"], "default": one["default"] is not None}
        for table in looked.get_table_names()
        if table.startswith(("work_", "desk_"))
        for one in looked.get_columns(table)
    }
