"""An import whose process dies leaves the registry as it was."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlmodel import Session

from registry import store
from registry.lookup import Registry
from tests.registry.lists import content, kept, load, write
from tests.registry.server import Server

DAY = dt.date(2024, 5, 1)
# So many laboratories are more than SQLite holds back before it writes into the file.
MANY = 8_000
# So many take long enough to be caught in the middle on a server.
SOME = 2_000
# A process that never comes so far fails the test rather than keep it for ever.
PATIENCE = 600


def _labs(count: int, word: str) -> Iterator[str]:
    return (f"L{n},示例{word}{n}检测有限公司,,示例路{n}号,示例{n}" for n in range(count))


@contextmanager
def _opened(url: str) -> Iterator[Session]:
    engine = store.open_registry(url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def _kill_in_the_middle(url: str, size: Callable[[], int], folder: Path) -> None:
    """Starts `registry import`, and kills it when a part of it stands on the disk."""
    before = size()
    order = ["registry", "import", str(folder), "--list-date", "2024-06-01"]
    process = subprocess.Popen(
        [sys.executable, "-m", "certcheck.cli", *order, "--database", url],
        cwd=Path(store.__file__).parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE
        while size() <= before:
            assert process.poll() is None, "it ended before it wrote"
            assert time.monotonic() < until
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL


def test_a_killed_import_changes_nothing(tmp_path: Path) -> None:
    """Half a list would be judged by: laboratories of it unknown, or without their rights."""
    file = tmp_path / "registry.sqlite"
    url = f"sqlite:///{file}"
    with _opened(url) as session:
        load(session, tmp_path / "first", DAY, labs=_labs(200, "旧"))
        whole = kept(session)
        engine = session.get_bind()
        revision = Registry(engine).revision  # type: ignore[arg-type]
    before = file.read_bytes()

    folder = write(tmp_path / "second", labs=_labs(MANY, "新"))
    _kill_in_the_middle(url, lambda: file.stat().st_size, folder)
    # It was in the middle: a part stands in the file, and what undoes it beside.
    assert file.read_bytes() != before
    assert (tmp_path / "registry.sqlite-journal").stat().st_size > 0

    with _opened(url) as session:
        engine = session.get_bind()
        assert Registry(engine).revision == revision  # type: ignore[arg-type]
        assert kept(session) == whole
    assert file.read_bytes() == before

    with _opened(url) as session, _opened(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        load(other, tmp_path / "first", DAY, labs=_labs(200, "旧"))
        for each in (session, other):
            load(each, folder, dt.date(2024, 6, 1), labs=_labs(MANY, "新"))
        assert content(session) == content(other)
        assert len(content(session)["labs"]) == MANY


def test_a_killed_import_changes_nothing_on_a_server(server: Server, tmp_path: Path) -> None:
    """What the dead process had written would count, or keep the next one out."""
    url = server.url(server.create())
    with _opened(url) as session:
        load(session, tmp_path / "first", DAY, labs=_labs(20, "旧"))
        whole = content(session)
    folder = write(tmp_path / "second", labs=_labs(SOME, "新"))

    with psycopg.connect(url, autocommit=True) as watch:

        def size() -> int:
            [[found]] = watch.execute("SELECT pg_relation_size('labs')").fetchall()
            return int(found)

        before = size()
        _kill_in_the_middle(url, size, folder)
        assert size() > before  # it was in the middle

    with _opened(url) as session:
        assert content(session) == whole
        session.commit()
        load(session, folder, dt.date(2024, 6, 1), labs=_labs(SOME, "新"))
        assert len(content(session)["labs"]) == SOME
