"""What would break: a backup that lacks something, or cannot be put back when it counts."""

from __future__ import annotations

import contextlib
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from certcheck import ink_book
from certcheck.audit import COMMAND
from certcheck.audit.verify import verify
from certcheck.backup import container, databases
from certcheck.cli import cli
from certcheck.evidence import wanted
from certcheck.runner import asked
from certcheck.runner.lock import held
from certcheck.runner.queue import Done, Queue
from certcheck.runner.settings import FOLDER, URL, Settings
from certcheck.runner.work import Work
from certcheck.seen import store as seen
from registry import store
from registry.lookup import Registry
from tests.certcheck.work_store import send
from tests.registry.server import Server
from tests.web.scene import report
from web import create_app

# Columns of the length of a digest that name no stored file, beside all sorts of ids.
_NO_FILES = {
    "work_jobs": "key revision error claim",
    "work_checks": "owner root",
    "work_clients": "key_sha256",
    "work_sign_ins": "token_sha256",
    "work_batches": "digest owner",
    "work_batch_items": "error",
    "work_prints": "page_sha256 error",
    "work_requests": "key",
    "work_circumstances": "owner key batch",
    "work_inspection_draws": "seed",
    "work_case_things": "ref",
    "work_case_complaints": "number",
    "work_audit": "what previous digest",
    "work_audit_days": "digest",
    "work_search": "digest",
    "work_search_state": "revision",
    "work_archive": "root owner batch inspection",
    "work_packs": "key digest error",
    "desk_tasks": "revision source_sha256 digest",
    "desk_findings": "key",
}


class Deployment:
    """A server's data, by the environment."""

    def __init__(self, home: Path, server: Server | None) -> None:
        self.home = home
        home.mkdir()
        both = server.url(server.create()) if server else ""
        self.env = {
            FOLDER: str(home / "work"), URL: both,
            store.URL_VARIABLE: both or f"sqlite:///{home / 'registry.sqlite'}",
            seen.SETTING: both or str(home / "seen.sqlite"), ink_book.SETTING: ink_book.OFF,
        }  # fmt: skip

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(cli, list(words), env=self.env)

    @contextlib.contextmanager
    def work(self) -> Iterator[Work]:
        made = Work(Settings.from_environment(self.env))
        try:
            yield made
        finally:
            made.close()

    def registry(self) -> Engine:
        return store.open_registry(self.env[store.URL_VARIABLE])

    def answers(self, *addresses: str) -> list[Any]:
        """What the app says, but for what differs from one request to the next."""
        engine = self.registry()
        with self.work() as work:
            app = create_app({"REGISTRY": Registry(engine), "WORK": work, "CHECKS": False})
            client = app.test_client()
            told = [(one.status_code, one.get_json()) for one in map(client.get, addresses)]
        engine.dispose()
        return told


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Server | None:
    return request.getfixturevalue("server") if request.param == "postgresql" else None


@pytest.fixture
def whole(server: Server | None, tmp_path: Path) -> Iterator[Deployment]:
    made = Deployment(tmp_path / "one", server)
    engine = made.registry()
    store.fill_with_demo(engine)
    engine.dispose()
    yield made


def answered(work: Work, photo: bytes) -> str:
    """A check that is done, with its picture."""
    check_id = send(work, photo)
    queue = Queue(work)
    (taken,) = queue.take(1)
    queue.finish(taken.id, Done([report()], {1: b"jpeg of " + photo}))
    return check_id


def test_what_is_restored_answers_the_same_though_the_app_worked_meanwhile(
    whole: Deployment, server: Server | None, tmp_path: Path
) -> None:
    out = tmp_path / "all.backup"
    begun, stop = threading.Event(), threading.Event()
    with whole.work() as work:
        first = answered(work, b"photo")

        def go_on() -> None:
            for number in range(10_000):
                send(work, b"photo %d" % number)
                begun.set()
                if stop.is_set():
                    return

        busy = threading.Thread(target=go_on)
        busy.start()
        begun.wait()
        told = whole.run("backup", "--out", str(out))
        stop.set()
        busy.join()
    assert told.exit_code == 0, told.output
    assert out.stat().st_mode & 0o077 == 0
    addresses = f"/api/v1/checks/{first}", "/readyz", "/api/v1/registry"
    before = whole.answers(*addresses)
    assert [status for status, _ in before[:2]] == [200, 200]
    other = Deployment(tmp_path / "two", server)
    assert other.run("restore", str(out)).exit_code == 0
    assert not (other.home / "work" / "cookies.key").exists()
    assert other.answers(*addresses) == before
    assert other.run("blobs", "verify").exit_code == 0
    with other.work() as work:
        found = verify(work.engine, work.settings.folder)
        assert found.difference is None and found.heads >= 1
        assert work.counts()["queued"] >= 1
        # What goes on after it, goes on.
        answered(work, b"more")


def test_nothing_is_replaced_unless_that_is_asked_for(whole: Deployment, tmp_path: Path) -> None:
    out = tmp_path / "all.backup"
    with whole.work() as work:
        kept = answered(work, b"photo")
    assert whole.run("backup", "--out", str(out)).exit_code == 0
    with whole.work() as work:
        later = answered(work, b"of after the backup")
        work.sweep()
        heads = (work.settings.folder / "audit-heads.txt").read_bytes()
        told = whole.run("restore", str(out))
        assert told.exit_code == 2 and "add --force" in told.stderr
        assert work.look(later) is not None
        # A server that does the work itself, and a worker.
        for name in ("service.lock", "keeper.lock"):
            with held(work.settings.folder / name) as mine:
                assert mine
                told = whole.run("restore", str(out), "--force")
            assert told.exit_code == 2 and "Stop the server" in told.stderr and name in told.stderr
            assert work.look(later) is not None
    assert whole.run("restore", str(out), "--force").exit_code == 0
    with whole.work() as work:
        assert work.look(kept) is not None and work.look(later) is None
        # What was known of the log's end stays known.
        (aside,) = work.settings.folder.glob("audit-heads-before-*.txt")
        assert aside.read_bytes() == heads
    listed = whole.run("audit", "list").stdout.splitlines()[-1].split("\t")
    assert listed[3:5] == ["work.restored", "work:backup"]


def test_a_changed_byte_is_named_and_nothing_is_touched(tmp_path: Path) -> None:
    whole = Deployment(tmp_path / "one", None)
    out, other = tmp_path / "all.backup", Deployment(tmp_path / "two", None)
    with whole.work() as work:
        answered(work, b"the only photo")
    digest = whole.run("backup", "--out", str(out)).stdout.strip()
    told = other.run("restore", str(out), "--check")
    assert told.exit_code == 0 and told.stdout.strip() == digest
    data = out.read_bytes()
    with tarfile.open(out) as tar:
        names = tar.getnames()
    for one in (b"the only photo", b"SQLite format 3", b'"schema":"certcheck.backup'):
        at = data.index(one)
        out.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        told = other.run("restore", str(out))
        assert told.exit_code == 3 and "is not what was made" in told.stderr
        assert [name for name in [*names, container.MANIFEST] if name in told.stderr]
    out.write_bytes(data[: len(data) // 2])
    assert other.run("restore", str(out)).exit_code == 3
    out.write_bytes(b"PK\3\4")
    assert other.run("restore", str(out)).exit_code == 3
    assert list((tmp_path / "two").iterdir()) == []


def test_no_column_that_names_stored_files_is_forgotten(tmp_path: Path) -> None:
    """Else they are in no backup, and the next sweep deletes them."""
    with Deployment(tmp_path / "one", None).work() as work:
        tables = inspect(work.engine)
        found = {
            (table, str(column["name"]))
            for table in tables.get_table_names()
            for column in tables.get_columns(table)
            if getattr(column["type"], "length", None) == 64 and not column["name"].endswith("id")
        }
    others = {(table, one) for table, names in _NO_FILES.items() for one in names.split()}
    columns: tuple[Any, ...] = asked.FILES
    files = {(one.table.name, one.name) for one in columns}
    assert found - others == files and others <= found


def test_an_original_that_was_changed_or_is_gone_is_told(tmp_path: Path) -> None:
    whole = Deployment(tmp_path / "one", None)
    with whole.work() as work:
        check = answered(work, b"first")
        answered(work, b"second")
        wanted.ask(work, [check], "zh", COMMAND)
        pack, (made, size) = wanted.take(work), work.blobs.put(io.BytesIO(b"a pack"))
        assert pack is not None and wanted.finish(work, pack, "0" * 64, made, size)
        assert whole.run("blobs", "verify").exit_code == 0
        places = [work.blobs.where(made), *sorted(work.blobs.folder.glob("*/*"))]
        first, second = list(dict.fromkeys(places))[:2]
    first.write_bytes(b"changed")
    second.unlink()
    told = whole.run("blobs", "verify")
    assert told.exit_code == 1 and told.stdout.split() == sorted([first.name, second.name])
    assert "5 stored files were read" in told.stderr
    out = tmp_path / "all.backup"
    told = whole.run("backup", "--out", str(out))
    assert told.exit_code == 1 and first.name in told.stdout
    # The rest is worth having.
    assert whole.run("restore", str(out), "--check").exit_code == 0


def test_a_backup_of_one_kind_of_database_is_not_put_into_another(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole = Deployment(tmp_path / "one", None)
    with whole.work():
        pass
    out = tmp_path / "all.backup"
    assert whole.run("backup", "--out", str(out)).exit_code == 0
    other = Deployment(tmp_path / "two", None)
    told = CliRunner().invoke(
        cli, ["restore", str(out)], env={**other.env, URL: "postgresql://user@nowhere/db"}
    )
    assert told.exit_code == 2 and "here postgresql is configured" in told.stderr


def test_a_password_goes_to_postgresqls_programs_but_not_into_their_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, seen = tmp_path / "pg_dump", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD" "$@" > {seen}\n')
    program.chmod(0o755)
    monkeypatch.setattr(databases, "_program", lambda _: program)
    url = store.parse_url("postgresql://me:s%40cret@there:5433/db?sslmode=require")
    databases.copy(databases.Place((databases.WORK,), url), tmp_path / "out")
    password, *words = seen.read_text().split()
    assert password == "s@cret"
    assert "--dbname=postgresql://me@there:5433/db?sslmode=require" in words
