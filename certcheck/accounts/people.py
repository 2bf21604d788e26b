"""The people of a work store: added, given roles, let in, kept out."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import secrets
import unicodedata
from collections.abc import Callable

from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.accounts import events, log, passwords
from certcheck.accounts.errors import (
    BadNameError,
    LastAdminError,
    PasswordSameError,
    PasswordWrongError,
    PersonKnownError,
    PersonUnknownError,
    SignInError,
)
from certcheck.accounts.events import Event
from certcheck.accounts.log import What
from certcheck.accounts.passwords import Passwords
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.accounts.tables import LONGEST_NAME, Account, SignIn
from registry import store

_ID_BYTES = 8


@dc.dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in; see `tables.Account`.

    Attributes:
        id: names the person in the work store.
        name: to sign in with.
        role: what the person is.
        must_change: whether the password has to be changed first.
        demo: only for the demo registry.
        created_at: when the person was added.
        disabled_at: since when the person is kept out, or None.
        last_sign_in_at: or None.
    """

    id: str
    name: str
    role: Role
    must_change: bool
    demo: bool
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    last_sign_in_at: dt.datetime | None


class People:
    """The people of a work store.

    Every change is written down (`log`) with who made it: `by` is his name, "" the command line's.

    Args:
        engine: its database.
        clock: tells the time.
        secret: makes and compares hashes.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], dt.datetime], secret: Passwords | None = None
    ) -> None:
        self._engine, self._clock = engine, clock
        self._secret = secret or Passwords()

    def add(
        self,
        name: str,
        role: Role,
        password: str,
        *,
        must_change: bool = True,
        demo: bool = False,
        by: str = "",
    ) -> Person:
        """Adds a person.

        Args:
            name: to sign in with.
            role: one of `OF_PEOPLE`.
            password: see `passwords.examine`.
            must_change: whether somebody else knows the password.
            demo: whether the person is only for the demo registry.
            by: who adds the person.

        Raises:
            BadNameError: it cannot be a name.
            PersonKnownError: there is one of that name, or was.
            CertcheckError: the password is too weak.
            DatabaseUnreachableError: the database does not answer.
        """
        shown = spelled(name)
        if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
            raise BadNameError(most=LONGEST_NAME)
        passwords.examine(password, shown)
        made = Account(
            id=secrets.token_hex(_ID_BYTES), name=shown, role=_given(role),
            password=self._secret.hash(password), must_change=must_change, demo=demo,
            created_at=self._clock(),
        )  # fmt: skip
        try:
            with store.session(self._engine) as opened:
                store.write(opened)
                opened.add(made)
                self._note(opened, made, What.ADDED, by, role)
                opened.commit()
        except IntegrityError:
            raise PersonKnownError(name=shown) from None
        return of_row(made)

    def everyone(self) -> list[Person]:
        """All people by name, those who are kept out too.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            rows = opened.exec(select(Account).order_by(col(Account.name))).all()
        return [of_row(one) for one in rows]

    def known(self, person_id: str) -> Person:
        """A person by id, as he is now.

        Raises:
            PersonUnknownError: there is nobody of that id.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            found = opened.get(Account, person_id)
        if found is None:
            raise PersonUnknownError(name=person_id)
        return of_row(found)

    def let_in(self, name: str, password: str) -> Person:
        """Who signs in; a wrong name takes as long to refuse as a wrong password.

        Raises:
            SignInError: name and password do not belong together, or the person is kept out.
            BusyError: too many sign in at once.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            found = named(opened, name)
        right = self._secret.right(found.password if found else None, password)
        if found is None or not right or found.disabled_at is not None:
            _refused(found, right=right)
            raise SignInError()
        anew = self._secret.hash(password) if self._secret.outdated(found.password) else None
        with store.session(self._engine) as opened:
            store.write(opened)
            row = opened.get_one(Account, found.id)
            # It may have been changed while the hash was worked out.
            if row.disabled_at is not None or row.password != found.password:
                raise SignInError()
            row.password = anew or row.password
            row.last_sign_in_at = self._clock()
            opened.add(row)
            opened.commit()
        return of_row(row)

    def ask_password(self, person: Person, password: str) -> None:
        """Makes sure that it is the person who asks, before what only he may do.

        Raises:
            PasswordWrongError: the password is another.
            BusyError: too many sign in at once.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            known = opened.get_one(Account, person.id).password
        if not self._secret.right(known, password):
            events.tell(Event.PASSWORD_WRONG, person.id)
            raise PasswordWrongError()

    def change_password(self, person: Person, old: str, new: str) -> None:
        """A person's own change; ends all sign-ins.

        Raises:
            PasswordWrongError: the old one is wrong.
            PasswordSameError: the new one is the old one.
            CertcheckError: the new one is too weak.
            DatabaseUnreachableError: the database does not answer.
        """
        self.ask_password(person, old)
        if passwords.composed(old) == passwords.composed(new):
            raise PasswordSameError()
        self._set_password(person.name, new, What.CHANGED, person.name, must_change=False)

    def reset_password(
        self, name: str, password: str, *, must_change: bool = True, by: str = ""
    ) -> None:
        """A change by somebody who may; ends all sign-ins of the person.

        Raises:
            PersonUnknownError: there is nobody of that name.
            CertcheckError: the password is too weak.
            DatabaseUnreachableError: the database does not answer.
        """
        self._set_password(name, password, What.RESET, by, must_change=must_change)

    def disable(self, name: str, *, by: str = "") -> None:
        """Keeps a person out, at once.

        Raises:
            PersonUnknownError: there is nobody of that name.
            LastAdminError: nobody would be left who can give roles.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = _row(opened, name)
            _keep_an_admin(opened, row)
            if row.disabled_at is None:
                row.disabled_at = self._clock()
                self._note(opened, row, What.DISABLED, by)
            _end(opened, row)
            opened.commit()

    def enable(self, name: str, *, by: str = "") -> None:
        """Lets a person in again.

        Raises:
            PersonUnknownError: there is nobody of that name.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = _row(opened, name)
            if row.disabled_at is not None:
                row.disabled_at = None
                self._note(opened, row, What.ENABLED, by)
            opened.add(row)
            opened.commit()

    def give_role(self, name: str, role: Role, *, by: str = "") -> None:
        """Makes a person something else, from the next page on.

        Raises:
            PersonUnknownError: there is nobody of that name.
            LastAdminError: nobody would be left who can give roles.
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            row = _row(opened, name)
            if role is not Role.ADMIN:
                _keep_an_admin(opened, row)
            if row.role != role:
                row.role = _given(role)
                self._note(opened, row, What.ROLE, by, role)
            opened.add(row)
            opened.commit()

    def note_locked(self, name: str) -> None:
        """Writes down that too many wrong passwords keep a name out for a while.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            store.write(opened)
            found = named(opened, name)
            events.tell(Event.LOCKED, found.id if found else None, by="name")
            if found is not None and not log.noted_lately(opened, found.name, self._clock()):
                self._note(opened, found, What.LOCKED, "")
                opened.commit()

    def deeds(self, page: int) -> tuple[list[log.Deed], int]:
        """A page of what was done to accounts; see `log.page`.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._engine) as opened:
            return log.page(opened, page)

    def _note(
        self, opened: Session, row: Account, what: What, by: str, role: Role | None = None
    ) -> None:
        note(opened, self._clock(), row, what, by, role)

    def _set_password(
        self, name: str, password: str, what: What, by: str, *, must_change: bool
    ) -> None:
        passwords.examine(password, spelled(name))
        anew = self._secret.hash(password)
        with store.session(self._engine) as opened:
            row = _row(opened, name)
            row.password, row.must_change = anew, must_change
            self._note(opened, row, what, by)
            _end(opened, row)
            opened.commit()


def note(
    opened: Session, at: dt.datetime, row: Account, what: What, by: str, role: Role | None = None
) -> None:
    """Writes down what is done to an account, in the transaction that does it.

    Args:
        opened: the transaction.
        at: when.
        row: whose account.
        what: is done.
        by: name of who does it, "" for the command line's.
        role: that is given, if one is.
    """
    log.note(opened, log.Deed(at, by, row.name, what, str(role or "")))
    audit.write(
        opened, who=_who(opened, by, what), what=f"account.{what}", about=("account", row.id),
        detail={"role": str(role)} if role else {},
    )  # fmt: skip


def spelled(name: str) -> str:
    """A name in its one spelling: full width, letter case and spaces around it do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def of_row(row: Account) -> Person:
    """A person as the rest of the program knows one."""
    return Person(
        row.id, row.name, Role(row.role), row.must_change, row.demo, row.created_at,
        row.disabled_at, row.last_sign_in_at,
    )  # fmt: skip


def _who(opened: Session, by: str, what: What) -> audit.Who:
    """Who changes an account: named, or nobody, which is the command line or the server."""
    found = named(opened, by) if by else None
    if found is not None:
        return audit.person(of_row(found))
    return audit.SERVER if what is What.LOCKED else audit.COMMAND


def _refused(found: Account | None, *, right: bool) -> None:
    why = "unknown" if found is None else "disabled" if right else "password"
    events.tell(Event.SIGN_IN_REFUSED, found.id if found else None, why=why)


def _given(role: Role) -> str:
    if role not in OF_PEOPLE:
        raise ValueError(f"{role} is no role of a person")
    return str(role)


def named(opened: Session, name: str) -> Account | None:
    """The account of a name as it is typed; None where there is none."""
    wanted = spelled(name)
    if not wanted.isprintable():  # nobody's, and PostgreSQL takes no zero characters
        return None
    return opened.exec(select(Account).where(Account.name == wanted)).first()


def _row(opened: Session, name: str) -> Account:
    """A person's row, to be changed in a transaction that begins here."""
    store.write(opened)
    found = named(opened, name)
    if found is None:
        raise PersonUnknownError(name=name)
    return found


def _end(opened: Session, row: Account) -> None:
    opened.add(row)
    opened.exec(delete(SignIn).where(col(SignIn.account_id) == row.id))


def _keep_an_admin(opened: Session, leaving: Account) -> None:
    if leaving.role != Role.ADMIN or leaving.disabled_at is not None:
        return
    # Held until the end, all of them: else two could put each other out at the same moment.
    admins = (
        select(Account.id)
        .where(Account.role == Role.ADMIN, col(Account.disabled_at).is_(None))
        .order_by(Account.id)
        .with_for_update()
    )
    if not leaving.demo:  # those of the demo cannot sign in where the registry is a real one
        admins = admins.where(col(Account.demo).is_(False))
    if set(opened.exec(admins).all()) <= {leaving.id}:
        raise LastAdminError()
