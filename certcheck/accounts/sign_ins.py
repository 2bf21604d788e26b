"""Where people are signed in. What a browser holds is a random token; its SHA-256 is kept.

A sign-in ends when its person signs out, is kept out or changes the password, after some time
without a request, and at the latest after a day's work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, delete
from sqlmodel import col, select

from certcheck.accounts.people import Person, of_row
from certcheck.accounts.tables import Account, SignIn
from registry import store

# Long enough for a pause in a live show; a shop's computer is not left open overnight.
IDLE = dt.timedelta(hours=2)
ABSOLUTE = dt.timedelta(hours=12)
# Written down so often, that not every page costs a write.
_SEEN_EVERY = dt.timedelta(minutes=1)
_TOKEN_BYTES = 32


class SignIns:
    """The sign-ins of a work store.

    Args:
        engine: its database.
        clock: tells the time.
    """

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = engine, clock

    def begin(self, person: Person) -> str:
        """Signs a person in; returns the token, which is not kept.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        moment = self._clock()
        with store.session(self._engine) as opened:
            store.write(opened)
            opened.exec(delete(SignIn).where(col(SignIn.created_at) <= moment - ABSOLUTE))
            opened.add(
                SignIn(
                    token_sha256=_digest(token),
                    account_id=person.id,
                    created_at=moment,
                    seen_at=moment,
                )  # fmt: skip
            )
            opened.commit()
        return token

    def person(self, token: str) -> Person | None:
        """Who is signed in with a token; None where nobody is any more.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._clock()
        wanted = select(Account, SignIn).join(SignIn).where(SignIn.token_sha256 == _digest(token))
        with store.session(self._engine) as opened:
            found = opened.exec(wanted).first()
        if found is None:
            return None
        account, sign_in = found
        over = moment >= sign_in.created_at + ABSOLUTE or moment >= sign_in.seen_at + IDLE
        if over or account.disabled_at is not None:
            return None
        if moment >= sign_in.seen_at + _SEEN_EVERY:
            self._saw(sign_in, moment)
        return of_row(account)

    def end(self, token: str) -> None:
        """Signs out.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            store.write(opened)
            opened.exec(delete(SignIn).where(col(SignIn.token_sha256) == _digest(token)))
            opened.commit()

    def _saw(self, sign_in: SignIn, moment: dt.datetime) -> None:
        with store.session(self._engine) as opened:
            store.write(opened)
            row = opened.get(SignIn, sign_in.token_sha256)
            if row is not None:  # it may have ended meanwhile
                row.seen_at = moment
                opened.add(row)
                opened.commit()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
