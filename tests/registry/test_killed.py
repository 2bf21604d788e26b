"""An import whose process dies leaves the registry as it was."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import Session

from registry import store
from registry.lookup import Registry
from tests.registry.lists import content, kept, load, write

DAY = dt.date(2024, 5, 1)
# So many laboratories are more than SQLite holds back before it writes into the file.
MANY = 8_000
# A process that never comes so far fails the test rather than keep it for ever.
PATIENCE = 120


def _labs(count: int, word: str) -> Iterator[str]:
    return (f"L{n},示例{word}{n}检测有限公司,,示例路{n}号,示例{n}" for n in range(count))


@contextmanager
def _opened(url: str) -> Iterator[Session]:
    engine = store.open_registry(url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def _kill_in_the_middle(file: Path, folder: Path) -> None:
    """Starts `registry import`, and kills it when a part of it stands in the file."""
    before = file.stat().st_size
    order = ["registry", "import", str(folder), "--list-date", "2024-06-01"]
    process = subprocess.Popen(
        [sys.executable, "-m", "certcheck.cli", *order, "--database", f"sqlite:///{file}"],
        cwd=Path(store.__file__).parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE
        while file.stat().st_size <= before:
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
    _kill_in_the_middle(file, folder)
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
