"""A second factor: codes that an app on a phone shows (TOTP, RFC 6238), and ten for its loss.

A code counts once: the step of time that it was of is kept, and so is which recovery code was
used. Recovery codes are kept as hashes, numbered, so that one comparison finds one out.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, Engine, Update, and_, delete, func, update
from sqlmodel import Session, col, select

from certcheck.accounts import events
from certcheck.accounts.errors import (
    CodeWrongError,
    FactorKnownError,
    FactorUnknownError,
    PersonUnknownError,
    SealBrokenError,
)
from certcheck.accounts.events import Event
from certcheck.accounts.log import What
from certcheck.accounts.passwords import CLEAR, Passwords
from certcheck.accounts.people import Person, named, note
from certcheck.accounts.sealing import Sealer
from certcheck.accounts.tables import Account, RecoveryCode, SecondFactor, SignIn
from registry import store

# Whose codes an app says they are.
ISSUER = "certcheck"
RECOVERY_CODES = 10
LONGEST_CODE = 40
# Seconds that a code is shown; the one before and the one after count too, for who types slowly
# and for clocks that differ (RFC 6238, 5.2 and 6).
_STEP_S, _AROUND = 30, (0, -1, 1)
_DIGITS = 6
# Of a recovery code after its number: 59 bits.
_GROUPS, _GROUP = 3, 4
_USE = "second factor"


@dc.dataclass(frozen=True, slots=True)
class Key:
    """What an app is given, once.

    Attributes:
        text: the secret in base 32, in groups of four.
        address: the same as apps read it from a QR code or a link (`otpauth://`).
    """

    text: str
    address: str


class SecondFactors:
    """The second factors of a work store.

    Args:
        engine: its database.
        clock: tells the time.
        hashes: makes and compares hashes of recovery codes.
        secret: what signs cookies; None where no key is made or compared.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], dt.datetime],
        hashes: Passwords,
        secret: str | None,
    ) -> None:
        self._engine, self._clock, self._hashes = engine, clock, hashes
        self._sealer = Sealer(secret or "", _USE)

    def since(self, person_id: str) -> dt.datetime | None:
        """Since when a person has one; None where he has none, or did not confirm it.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = opened.get(SecondFactor, person_id)
        return row.confirmed_at if row else None

    def owners(self) -> set[str]:
        """Ids of all who have one.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = select(SecondFactor.account_id).where(col(SecondFactor.confirmed_at).is_not(None))
        with store.session(self._engine) as opened:
            return set(opened.exec(wanted).all())

    def left(self, person_id: str) -> int:
        """Recovery codes that a person has not used yet.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = select(func.count()).select_from(RecoveryCode).where(_unused(person_id))
        with store.session(self._engine) as opened:
            return opened.exec(wanted).one()

    def stamp(self, person_id: str) -> str:
        """Another one after each change of a person's password; tells nothing of it.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            account = opened.get_one(Account, person_id)
        return hashlib.sha256(account.password.encode()).hexdigest()

    def begin(self, person: Person) -> Key:
        """A new key for a person, of no use until it is confirmed; it is not shown again.

        Raises:
            FactorKnownError: there is one, to be taken away first.
            DatabaseUnreachableError: the database does not answer.
        """
        import pyotp

        made = pyotp.random_base32()
        with store.session(self._engine) as opened:
            store.write(opened)
            row = opened.get(SecondFactor, person.id)
            if row is not None and row.confirmed_at is not None:
                raise FactorKnownError()
            row = row or SecondFactor(account_id=person.id, secret="")
            row.secret, row.last_step = self._sealer.seal(made, person.id), None
            opened.add(row)
            opened.commit()
        address = pyotp.TOTP(made).provisioning_uri(name=person.name, issuer_name=ISSUER)
        return Key(" ".join(made[at : at + _GROUP] for at in range(0, len(made), _GROUP)), address)

    def confirm(self, person: Person, typed: str) -> list[str]:
        """Makes the key count that was begun with; returns the recovery codes.

        All sign-ins of the person end.

        Raises:
            CodeWrongError: it is no code of that key now.
            FactorUnknownError: none was begun with.
            FactorKnownError: it counts already.
            BusyError: too many sign in at once.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = opened.get(SecondFactor, person.id)
        if row is None:
            raise FactorUnknownError()
        if row.confirmed_at is not None:
            raise FactorKnownError()
        step = self._step(row, typed)
        if step is None:
            raise CodeWrongError()
        made, hashes = self._made()
        with store.session(self._engine) as opened:
            store.write(opened)
            counts = update(SecondFactor).where(
                col(SecondFactor.account_id) == person.id,
                col(SecondFactor.secret) == row.secret,
                col(SecondFactor.confirmed_at).is_(None),
            )
            done = opened.exec(counts.values(confirmed_at=self._clock(), last_step=step))
            if not done.rowcount:  # another browser of the person's was first
                raise FactorKnownError()
            _put(opened, person.id, hashes)
            account = opened.get_one(Account, person.id)
            note(opened, self._clock(), account, What.FACTOR_ON, person.name)
            opened.exec(delete(SignIn).where(col(SignIn.account_id) == person.id))
            opened.commit()
        return made

    def ask(self, person: Person, typed: str) -> str:
        """Makes sure that a person has the phone, or a recovery code; uses up what was typed.

        Returns:
            What it was: `code` or `recovery`.

        Raises:
            CodeWrongError: it is none, was used before, or the person has no second factor.
            SealBrokenError: the key cannot be read; recovery codes count all the same.
            BusyError: too many sign in at once.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = opened.get(SecondFactor, person.id)
        if row is not None and row.confirmed_at is not None:
            word = _bare(typed)
            if _is_code(word) and self._use_step(row, word):
                return "code"
            if not _is_code(word) and self._use_recovery(person.id, word):
                return "recovery"
        events.tell(Event.CODE_WRONG, person.id)
        raise CodeWrongError()

    def renew(self, person: Person) -> list[str]:
        """Ten new recovery codes; the old ones count no more.

        Raises:
            BusyError: too many sign in at once.
            DatabaseUnreachableError: the database does not answer.
        """
        made, hashes = self._made()
        with store.session(self._engine) as opened:
            store.write(opened)
            _put(opened, person.id, hashes)
            account = opened.get_one(Account, person.id)
            note(opened, self._clock(), account, What.FACTOR_CODES, person.name)
            opened.commit()
        return made

    def remove(self, name: str, *, by: str = "") -> None:
        """Takes a person's second factor away; ends all sign-ins of the person.

        Raises:
            PersonUnknownError: there is nobody of that name.
            FactorUnknownError: the person has none.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            store.write(opened)
            account = named(opened, name)
            if account is None:
                raise PersonUnknownError(name=name)
            row = opened.get(SecondFactor, account.id)
            if row is None or row.confirmed_at is None:
                raise FactorUnknownError()
            opened.delete(row)
            _put(opened, account.id, [])
            opened.exec(delete(SignIn).where(col(SignIn.account_id) == account.id))
            note(opened, self._clock(), account, What.FACTOR_OFF, by)
            opened.commit()

    def _made(self) -> tuple[list[str], list[str]]:
        """Recovery codes as they are shown, and their hashes."""
        words = [_word() for _ in range(RECOVERY_CODES)]
        shown = [
            f"{number}-" + "-".join(_grouped(word)) for number, word in enumerate(words, start=1)
        ]
        return shown, [self._hashes.hash(word) for word in words]

    def _step(self, row: SecondFactor, typed: str) -> int | None:
        """The step of time that a code is of; None where it is none of those that count now."""
        import pyotp
        from pyotp.utils import strings_equal

        word = _bare(typed)
        made = pyotp.TOTP(self._sealer.opened(row.secret, row.account_id))
        now = int(self._clock().timestamp()) // _STEP_S
        steps = (now + away for away in _AROUND)
        return next((one for one in steps if strings_equal(made.generate_otp(one), word)), None)

    def _use_step(self, row: SecondFactor, word: str) -> bool:
        try:
            step = self._step(row, word)
        except SealBrokenError:
            events.tell(Event.KEY_UNREADABLE, row.account_id)
            raise
        if step is None:
            return False
        # In one statement: of two who send the same code at once, one is let in.
        used = update(SecondFactor).where(
            col(SecondFactor.account_id) == row.account_id,
            col(SecondFactor.secret) == row.secret,
            col(SecondFactor.last_step) < step,
        )
        return self._one(used.values(last_step=step))

    def _use_recovery(self, person_id: str, word: str) -> bool:
        number, code = word[: -_GROUPS * _GROUP], word[-_GROUPS * _GROUP :]
        numbered = number.isascii() and number.isdigit() and len(number) < len("999")
        unused = [_unused(person_id), col(RecoveryCode.number) == (int(number) if numbered else 0)]
        with store.session(self._engine) as opened:
            row = opened.exec(select(RecoveryCode).where(*unused)).first()
        if not self._hashes.right(row.code if row else None, code) or row is None:
            return False
        same = [*unused, col(RecoveryCode.code) == row.code]
        return self._one(update(RecoveryCode).where(*same).values(used_at=self._clock()))

    def _one(self, change: Update) -> bool:
        """Whether a change was made that can be made once."""
        with store.session(self._engine) as opened:
            store.write(opened)
            done = opened.exec(change)
            opened.commit()
        return bool(done.rowcount == 1)


def _unused(person_id: str) -> ColumnElement[bool]:
    return and_(col(RecoveryCode.account_id) == person_id, col(RecoveryCode.used_at).is_(None))


def _put(opened: Session, person_id: str, hashes: list[str]) -> None:
    """Gives a person these recovery codes instead of those there were."""
    opened.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == person_id))
    for number, code in enumerate(hashes, start=1):
        opened.add(RecoveryCode(account_id=person_id, number=number, code=code))


def _bare(typed: str) -> str:
    """What was typed without spaces and hyphens, of any width."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST_CODE]).casefold()
    return "".join(one for one in plain if one.isalnum())


def _is_code(word: str) -> bool:
    return len(word) == _DIGITS and word.isascii() and word.isdigit()


def _word() -> str:
    return "".join(secrets.choice(CLEAR) for _ in range(_GROUPS * _GROUP))


def _grouped(word: str) -> Iterator[str]:
    return (word[at : at + _GROUP] for at in range(0, len(word), _GROUP))
