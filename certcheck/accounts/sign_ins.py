"""Where people are signed in. What a browser holds is a random token; its SHA-256 is kept.

A sign-in ends when its person signs out, is kept out or changes the password, after some time
without a request, and at the latest after a day's work. Its person sees where else it goes on, and
can end that.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, delete, func
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
# Digits of a token's digest that name its sign-in among one person's.
_ID_DIGITS = 16


@dc.dataclass(frozen=True, slots=True)
class Held:
    """A sign-in that goes on.

    Attributes:
        id: names it among its person's; of no use to sign in with.
        browser: see `browsers.kind`.
        created_at: since when.
        seen_at: when it last asked for something, to the minute.
        here: whether it is the one that asks.
    """

    id: str
    browser: str
    created_at: dt.datetime
    seen_at: dt.datetime
    here: bool


class SignIns:
    """The sign-ins of a work store.

    Args:
        engine: its database.
        clock: tells the time.
    """

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = engine, clock

    def begin(self, person: Person, browser: str = "") -> str:
        """Signs a person in; returns the token, which is not kept.

        Args:
            person: who.
            browser: of what kind his is; see `browsers.kind`.

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
                    browser=browser or None,
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
        if _over(sign_in, moment) or account.disabled_at is not None:
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

    def of(self, person: Person, token: str) -> list[Held]:
        """Where a person is signed in: here first, then by when it was last used.

        Args:
            person: who.
            token: of the sign-in that asks.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment, here = self._clock(), _digest(token)
        wanted = select(SignIn).where(SignIn.account_id == person.id)
        with store.session(self._engine) as opened:
            rows = [one for one in opened.exec(wanted).all() if not _over(one, moment)]
        rows.sort(key=lambda one: (one.token_sha256 == here, one.seen_at), reverse=True)
        return [
            Held(
                one.token_sha256[:_ID_DIGITS], one.browser or "", one.created_at, one.seen_at,
                one.token_sha256 == here,
            )
            for one in rows
        ]  # fmt: skip

    def end_others(self, person: Person, token: str, which: str = "") -> int:
        """Ends a person's sign-ins but the one that asks; returns how many ended.

        Args:
            person: whose.
            token: of the sign-in that asks.
            which: id of the only one that is meant; "" for all.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        meant = [
            col(SignIn.account_id) == person.id,
            col(SignIn.token_sha256) != _digest(token),
        ]
        if which:
            meant.append(func.substr(SignIn.token_sha256, 1, _ID_DIGITS) == which)
        with store.session(self._engine) as opened:
            store.write(opened)
            ended = opened.exec(delete(SignIn).where(*meant)).rowcount
            opened.commit()
        return int(ended)

    def _saw(self, sign_in: SignIn, moment: dt.datetime) -> None:
        with store.session(self._engine) as opened:
            store.write(opened)
            row = opened.get(SignIn, sign_in.token_sha256)
            if row is not None:  # it may have ended meanwhile
                row.seen_at = moment
                opened.add(row)
                opened.commit()


def _over(sign_in: SignIn, moment: dt.datetime) -> bool:
    return moment >= sign_in.created_at + ABSOLUTE or moment >= sign_in.seen_at + IDLE


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
