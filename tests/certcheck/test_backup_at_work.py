"""What would break: a database replaced under servers and workers of other machines."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from certcheck.backup import at_work
from certcheck.backup.errors import AtWorkError
from certcheck.runner.engines.workers import Workers
from certcheck.runner.lock import sole
from certcheck.runner.work import Work
from tests.certcheck.work_store import settings
from tests.registry.server import Server


def test_who_is_at_work_on_another_machine_is_seen(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url(server.create())
    here = settings(tmp_path, url=url)

    def found() -> str:
        try:
            with at_work.nobody(here):
                return ""
        except AtWorkError as error:
            return str(error.details["name"])

    monkeypatch.setattr(at_work, "_ENDING_S", 0.0)
    assert found() == "", "nothing is there yet"
    # By its connection, as a server that only takes photos.
    work = Work(settings(tmp_path / "other", url=url))
    assert work.counts() and found() == "local"
    # One that was closed may not have ended yet.
    monkeypatch.setattr(at_work, "_ENDING_S", 60.0)
    with monkeypatch.context() as patch:
        pause = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: work.close())
        patch.setattr(at_work, "time", pause)
        assert found() == ""
    # By the locks and by a sign of life, also where its connections are not named as ours are.
    work = Work(settings(tmp_path / "other", url=f"{url}&application_name=else"))
    for name in ("service", "keeper"):
        with sole(work, name) as ours:
            assert ours() and found() == f"{name}.lock"
    Workers(work).beat("a", 1)
    assert found() == Workers(work).all()[0].name
    Workers(work).leave("a")
    assert found() == ""
    with at_work.nobody(here), sole(work, "keeper") as ours:
        assert not ours(), "whoever starts meanwhile waits"
    work.close()
