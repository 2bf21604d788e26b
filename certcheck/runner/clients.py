"""Programs that may use the API, each with a key of its own.

Of a key only its SHA-256 is kept: a key is random and long, so that nothing slower is needed.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import secrets

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.errors import ClientKnownError, ClientUnknownError
from certcheck.runner.tables import Client
from registry import store

# Told by its beginning, so that a key that was published by mistake can be searched for.
PREFIX = "certcheck_"
_KEY_BYTES = 32
_ID_BYTES = 8


@dc.dataclass(frozen=True, slots=True)
class Known:
    """A client.

    Attributes:
        id: names it in the work store.
        name: given by whoever added it.
        created_at: when that was.
        revoked_at: when its key ended, or None.
    """

    id: str
    name: str
    created_at: dt.datetime
    revoked_at: dt.datetime | None


class Clients:
    """The clients of a work store.

    Args:
        engine: its database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, now: dt.datetime) -> str:
        """Adds a client; returns its key, which is not kept and cannot be shown again.

        Raises:
            ClientKnownError: there is one of that name, or was.
            DatabaseUnreachableError: the database does not answer.
        """
        key = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
        made = Client(
            id=secrets.token_hex(_ID_BYTES), name=name, key_sha256=_digest(key), created_at=now
        )
        try:
            with store.session(self._engine) as opened:
                store.write(opened)
                opened.add(made)
                _told(opened, made.id, "client.added")
                opened.commit()
        except IntegrityError:
            raise ClientKnownError(name=name) from None
        return key

    def revoke(self, name: str, now: dt.datetime) -> None:
        """Ends a client's key; its checks stay until their time is over.

        Raises:
            ClientUnknownError: there is none of that name, or its key has ended.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            store.write(opened)
            wanted = select(Client).where(Client.name == name, col(Client.revoked_at).is_(None))
            found = opened.exec(wanted).first()
            if found is None:
                raise ClientUnknownError(name=name)
            found.revoked_at = now
            opened.add(found)
            _told(opened, found.id, "client.revoked")
            opened.commit()

    def everyone(self) -> list[Known]:
        """All clients by name, those whose key has ended too.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            rows = opened.exec(select(Client).order_by(col(Client.name))).all()
        return [Known(one.id, one.name, one.created_at, one.revoked_at) for one in rows]

    def by_key(self, key: str) -> str | None:
        """The id of the client that holds a key; None for a key that is none, or has ended.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = select(Client.id).where(
            Client.key_sha256 == _digest(key), col(Client.revoked_at).is_(None)
        )
        with store.session(self._engine) as opened:
            return opened.exec(wanted).first()


def _told(opened: Session, client_id: str, what: str) -> None:
    audit.write(opened, who=audit.COMMAND, what=what, about=("client", client_id))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
