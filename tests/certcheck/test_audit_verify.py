"""What would break: a log changed behind the program's back, and `audit verify` finds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from certcheck import audit
from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from certcheck.audit import heads
from certcheck.audit.verify import verify
from certcheck.cli import cli
from certcheck.corrections import Correction
from certcheck.runner import again, prints
from certcheck.runner.clients import Clients
from certcheck.runner.prints import Name, Sheet
from certcheck.runner.queue import Done, Queue
from certcheck.runner.store import open_store
from certcheck.runner.tables import Job
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.work_store import REVISION, Clock, send, settings
from tests.web.staff import quick

OFF = {
    "sqlite": "DROP TRIGGER work_audit_no_update; DROP TRIGGER work_audit_no_delete",
    "postgresql": "DROP TRIGGER work_audit_no_change ON work_audit",
}


@pytest.fixture
def log(work_url: str | None, tmp_path: Path) -> Iterator[Engine]:
    """A log of five rows."""
    engine = open_store(tmp_path, work_url)
    for at in range(5):
        write(engine, at)
    yield engine
    engine.dispose()


def write(engine: Engine, at: int) -> None:
    with store.session(engine) as opened:
        store.write(opened)
        audit.write(
            opened, who=audit.SERVER, what="case.moved", about=("case", "1"), detail={"n": at}
        )
        opened.commit()


def change(engine: Engine, *statements: str) -> None:
    """As somebody does it who runs the database."""
    with engine.begin() as connection:
        for one in (*OFF[engine.dialect.name].split("; "), *statements):
            connection.execute(text(one))


def asked(engine: Engine, folder: Path, *more: str) -> Result:
    url = engine.url.render_as_string(hide_password=False)
    where = str(folder) if engine.dialect.name == "sqlite" else url
    return CliRunner().invoke(cli, ["audit", "verify", "--work", where, *more])


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE work_audit SET detail = '{\"n\": 7}' WHERE seq = 3",
            "Row 3 is not what",
        ),
        ("UPDATE work_audit SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 5", "Row 5 is not"),
        ("DELETE FROM work_audit WHERE seq = 2", "Row 2 is missing."),
        ("UPDATE work_audit SET seq = 0 WHERE seq = 1", "Row 1 is missing."),
    ],
)
def test_the_row_that_somebody_changed_is_named(
    log: Engine, tmp_path: Path, statement: str, told: str
) -> None:
    change(log, statement)
    found = asked(log, tmp_path)
    assert found.exit_code == 1 and told in found.output


def test_a_log_that_was_cut_short_is_known_by_its_heads(
    log: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTCHECK_WORK", str(tmp_path))
    whole = asked(log, tmp_path)
    assert whole.exit_code == 0 and "5 rows" in whole.output
    end = whole.output.strip().rsplit(" ", 1)[1]
    with store.session(log) as opened:
        heads.keep(tmp_path, opened, dt.datetime.now(dt.UTC))
    change(log, "DELETE FROM work_audit WHERE seq > 3")
    for found in (asked(log, tmp_path), asked(log, tmp_path, "--head", end)):
        assert found.exit_code == 1
        assert "From row 4 on the log is missing: it was known to reach row 5" in found.output
    (tmp_path / heads.FILE).unlink()
    assert "From row 4" in asked(log, tmp_path, "--head", end).output
    # What remains possible: nobody kept a head, and the guards were put back.
    assert "no longer refuses" in asked(log, tmp_path).output


def test_guards_that_are_gone_are_told(log: Engine, tmp_path: Path) -> None:
    before = verify(log, tmp_path)
    assert before.difference is None and before.last.seq == 5
    change(log)
    found = asked(log, tmp_path)
    assert found.exit_code == 1 and "no longer refuses" in found.output
    # Trying it changed nothing.
    assert verify(log, tmp_path).last == before.last


def test_heads_are_kept_an_hour_each_and_never_over_one_that_differs(
    log: Engine, tmp_path: Path
) -> None:
    clock = Clock()
    clock.now = dt.datetime(2026, 11, 22, 13, 5, tzinfo=dt.UTC)
    folder = tmp_path / "heads"
    folder.mkdir()

    def kept() -> list[int]:
        with store.session(log) as opened:
            heads.keep(folder, opened, clock())
        return [one.seq for one in heads.known(folder)]

    assert (kept(), kept()) == ([5], [5])
    clock.on(minutes=30)
    write(log, 6)
    assert kept() == [6]
    clock.on(minutes=30)
    assert kept() == [6]
    write(log, 7)
    assert kept() == [6, 7]
    change(log, "UPDATE work_audit SET digest = previous WHERE seq = 7")
    write(log, 8)
    assert kept() == [6, 7]
    assert asked(log, folder).exit_code == 1 if log.dialect.name != "sqlite" else True


def test_where_there_is_no_log_the_next_step_is_told(tmp_path: Path) -> None:
    found = CliRunner().invoke(cli, ["audit", "verify", "--work", str(tmp_path / "none")])
    assert found.exit_code == 3 and "CERTCHECK_WORK" in found.output
    assert not (tmp_path / "none").exists()


def test_what_is_done_to_checks_and_accounts_is_written_down(tmp_path: Path) -> None:
    work = Work(settings(tmp_path), Clock())
    people = People(work.engine, work.clock, quick())
    head = people.add("head", Role.ADMIN, "longer than any other 7")
    people.add("chen", Role.INSPECTOR, "longer than any other 7", by="head")
    Clients(work.engine).add("shop", work.clock())
    one = send(work, b"photo")
    queue = Queue(work)
    queue.finish(queue.take(1)[0].id, Done([{"id": "r", "verdict": "consistent", "error": None}]))
    two = again.check_again(work, one, [Correction("mass", "3.7")], REVISION.revision)
    three = again.look_up(work, one, REVISION.revision, audit.person(head))
    prints.ask(work, Name(one, "report", "zh"), Sheet("<p>", {}))
    work.forget(one)
    with store.session(work.engine) as opened:
        rows = [audit.Entry(**row) for row in audit.rows(opened)]
        job = opened.get(Job, 1)
    work.close()
    assert job is None
    assert [(row.what, row.who_kind, row.who_name) for row in rows] == [
        ("account.added", "command", ""), ("account.added", "person", "head"),
        ("client.added", "command", ""), ("check.accepted", "visitor", ""),
        ("check.done", "server", ""), ("check.corrected", "visitor", ""),
        ("record.asked", "person", "head"), ("report.printed", "visitor", ""),
        ("check.deleted", "visitor", ""),
    ]  # fmt: skip
    about = [row.about_id for row in rows[3:]]
    assert about == [one, one, two, three, one, one]
    assert rows[4].told["ids"] == ["r"] and rows[4].told["verdicts"] == ["consistent"]
    assert all(audit.told(row.what).zh != row.what for row in rows), "each is told in words"
    assert "a.jpg" not in str(rows), "a file's name may name its owner"
