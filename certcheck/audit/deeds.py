"""Who did something: as little of him as the log needs."""

from __future__ import annotations

import dataclasses as dc
from typing import TYPE_CHECKING

from sqlmodel import Session

from certcheck.accounts.roles import Role
from certcheck.accounts.tables import Account

if TYPE_CHECKING:
    from certcheck.accounts.people import Person

# Owners of checks who are people; others are ids of clients (`runner.tables.Check`).
_PERSONS = "person:"


@dc.dataclass(frozen=True, slots=True)
class Who:
    """Who did something.

    Attributes:
        kind: `person`, `client` (a program with a key), `visitor`, `command` (the command
            line) or `server` (nobody: it was time for it).
        id: of the account or the client; "" for the others.
        name: of a person in office, as it was; "" for everybody else.
    """

    kind: str
    id: str = ""
    name: str = ""


VISITOR = Who("visitor")
COMMAND = Who("command")
SERVER = Who("server")


def person(somebody: Person | None) -> Who:
    """Who is signed in; a visitor where nobody is.

    Who sells is known by the account's id alone: the log keeps what it has, and a name goes with
    an account only where somebody acts for an office.
    """
    if somebody is None:
        return VISITOR
    return _account(somebody.id, somebody.name, somebody.role)


def of_owner(opened: Session, owner: str | None) -> Who:
    """Whose a check or a batch is."""
    if owner is None:
        return VISITOR
    if not owner.startswith(_PERSONS):
        return Who("client", owner)
    name = owner.removeprefix(_PERSONS)
    found = opened.get(Account, name)
    return _account(found.id, found.name, found.role) if found else Who("person", name)


def _account(account_id: str, name: str, role: str) -> Who:
    return Who("person", account_id, "" if role == Role.STREAMER else name)
