"""People and a program for trying the app out: one of each role, for the demo registry only.

Made at the first start of a server whose registry is the demo one, with passwords that nobody
chose; these are kept in a file that only the server's user may read. A server that starts with
any other registry deletes the file and ends the program's key; the people are kept out by
`web.signed_in` from the moment that the registry is another.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import os
from pathlib import Path

from certcheck.accounts import passwords
from certcheck.accounts.people import People
from certcheck.accounts.roles import Role
from certcheck.errors import ClientUnknownError, StorageError
from certcheck.runner.clients import Clients
from certcheck.runner.work import Work

FILE = "demo-people.txt"
# All that is invented is called 示例 (example), as in the demo registry.
NAMES = {
    "示例主播": Role.STREAMER,
    "示例检查员": Role.INSPECTOR,
    "示例负责人": Role.CHIEF,
    "示例登记员": Role.KEEPER,
    "示例管理员": Role.ADMIN,
}
PROGRAM = "示例程序"


@dc.dataclass(frozen=True, slots=True)
class Card:
    """What one signs in with.

    Attributes:
        role: the person's.
        name: to sign in with.
        password: as it was made, since then the person may have changed it; of a program its key.
    """

    role: Role
    name: str
    password: str


def path_in(folder: Path) -> Path:
    """Where the passwords stand."""
    return folder / FILE


def prepare(people: People, work: Work, *, demo: bool) -> list[Card]:
    """Makes those that are not there yet; returns what all of them come in with.

    Args:
        people: of the work store.
        work: the store.
        demo: whether the registry is the demo one.

    Raises:
        StorageError: the file cannot be written.
        DatabaseUnreachableError: the database does not answer.
    """
    folder, clients = work.settings.folder, Clients(work.engine)
    if not demo:
        path_in(folder).unlink(missing_ok=True)
        with contextlib.suppress(ClientUnknownError):
            clients.revoke(PROGRAM, work.clock())
        return []
    cards, people_known = read(folder), {one.name for one in people.everyone()}
    made = [
        Card(role, name, passwords.made())
        for name, role in NAMES.items() if name not in people_known
    ]  # fmt: skip
    # The file first: a person whose password nobody knows would be of no use.
    if made:
        cards += made
        _write(folder, cards)
    for card in made:
        people.add(card.name, card.role, card.password, must_change=False, demo=True)
    if PROGRAM not in {one.name for one in clients.everyone()}:
        cards.append(Card(Role.CLIENT, PROGRAM, clients.add(PROGRAM, work.clock())))
        _write(folder, cards)
    return cards


def read(folder: Path) -> list[Card]:
    """What the file holds; nothing where there is none."""
    try:
        lines = path_in(folder).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    rows = (line.split("\t") for line in lines)
    return [Card(Role(role), name, password) for role, name, password in rows]


def _write(folder: Path, cards: list[Card]) -> None:
    path = path_in(folder)
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.writelines(f"{one.role}\t{one.name}\t{one.password}\n" for one in cards)
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error
