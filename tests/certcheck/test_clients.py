"""What would break: a key that can be read from the database, or works after it was revoked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from certcheck.cli import cli
from certcheck.errors import ClientKnownError, ClientUnknownError
from certcheck.runner.clients import PREFIX, Clients
from certcheck.runner.settings import FOLDER
from certcheck.runner.work import Work, now
from tests.certcheck.work_store import settings


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    work = Work(settings(tmp_path))
    yield Clients(work.engine)
    work.close()


def test_a_key_names_its_client_until_it_is_revoked(clients: Clients) -> None:
    first, second = clients.add("shop", now()), clients.add("other", now())
    known = {one.name: one.id for one in clients.everyone()}
    assert clients.by_key(first) == known["shop"] != known["other"] == clients.by_key(second)
    for wrong in ("", first[:-1], first + "x", known["shop"]):
        assert clients.by_key(wrong) is None
    clients.revoke("shop", now())
    assert clients.by_key(first) is None and clients.by_key(second) == known["other"]
    assert [one.revoked_at is None for one in clients.everyone()] == [True, False]


def test_a_key_is_kept_nowhere(clients: Clients, tmp_path: Path) -> None:
    key = clients.add("shop", now())
    assert len(key) > len(PREFIX) + 40
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes()


def test_a_name_is_given_once_and_revoked_once(clients: Clients) -> None:
    clients.add("shop", now())
    with pytest.raises(ClientKnownError):
        clients.add("shop", now())
    clients.revoke("shop", now())
    for name in ("shop", "nobody"):
        with pytest.raises(ClientUnknownError):
            clients.revoke(name, now())
    with pytest.raises(ClientKnownError):
        clients.add("shop", now())


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["client", *words], env={FOLDER: str(folder)})


def test_the_command_line_adds_lists_and_revokes(tmp_path: Path) -> None:
    key = call(tmp_path, "add", "shop").stdout.strip()
    assert key.startswith(PREFIX)
    listed = call(tmp_path, "list").stdout
    assert listed.startswith("shop\t") and key not in listed
    told = call(tmp_path, "revoke", "shop")
    assert (told.exit_code, told.stdout) == (0, "") and "shop" in told.stderr
    again = call(tmp_path, "revoke", "shop")
    assert (again.exit_code, again.stdout) == (2, "") and "client list" in again.stderr
    assert call(tmp_path, "add", "a\nb").exit_code == 2
