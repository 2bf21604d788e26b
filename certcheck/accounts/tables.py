"""People and where they are signed in, as tables of the work store."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field

from certcheck.accounts import browsers
from certcheck.runner.tables import Utc, WorkModel

LONGEST_NAME = 60


class Account(WorkModel, table=True):
    """A person who may sign in.

    Attributes:
        name: in one spelling; see `people.spelled`.
        role: see `Role`.
        password: its Argon2 hash with salt and parameters.
        must_change: whether somebody else knows the password, as he made it.
        demo: made for trying the app out; of no use where the registry is a real one.
        disabled_at: since when the person may not sign in, or None.
    """

    __tablename__ = "work_accounts"

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=LONGEST_NAME, unique=True)
    role: str = Field(max_length=16)
    password: str = Field(max_length=255)
    must_change: bool
    demo: bool = False
    created_at: dt.datetime = Field(sa_type=Utc)
    disabled_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    last_sign_in_at: dt.datetime | None = Field(default=None, sa_type=Utc)


class SignIn(WorkModel, table=True):
    """A browser in which a person is signed in.

    Attributes:
        token_sha256: of what the browser holds, which is not kept.
        seen_at: when it last asked for something, to the minute.
        browser: its kind in our words; see `browsers`.
    """

    __tablename__ = "work_sign_ins"

    token_sha256: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="work_accounts.id", index=True, max_length=16)
    created_at: dt.datetime = Field(sa_type=Utc, index=True)
    seen_at: dt.datetime = Field(sa_type=Utc)
    browser: str | None = Field(default=None, max_length=browsers.LONGEST)


class AccountDeed(WorkModel, table=True):
    """Something done to an account; see `log`.

    Attributes:
        by: name of who did it, "" for the command line.
        name: whose account, in its one spelling.
        what: see `log.What`.
        role: that was given, or None.
    """

    __tablename__ = "work_account_log"

    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = Field(sa_type=Utc, index=True)
    by: str = Field(max_length=LONGEST_NAME)
    name: str = Field(max_length=LONGEST_NAME)
    what: str = Field(max_length=16)
    role: str | None = Field(default=None, max_length=16)


class SecondFactor(WorkModel, table=True):
    """A person's key for codes of an app; see `second_factor`.

    Attributes:
        secret: sealed; see `sealing`.
        confirmed_at: since when it counts, None until a code of it was typed.
        last_step: of time, whose code was used last; None before.
    """

    __tablename__ = "work_second_factors"

    account_id: str = Field(primary_key=True, foreign_key="work_accounts.id", max_length=16)
    secret: str = Field(max_length=255)
    confirmed_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    last_step: int | None = None


class RecoveryCode(WorkModel, table=True):
    """A code for when the phone is lost.

    Attributes:
        number: from 1; the code begins with it.
        code: Argon2 hash of the rest.
        used_at: when it was used, or None.
    """

    __tablename__ = "work_recovery_codes"

    account_id: str = Field(primary_key=True, foreign_key="work_accounts.id", max_length=16)
    number: int = Field(primary_key=True)
    code: str = Field(max_length=255)
    used_at: dt.datetime | None = Field(default=None, sa_type=Utc)


class FactorDeed(WorkModel, table=True):
    """Something done to a second factor, like `AccountDeed`.

    It stands apart because programs before step 0024 know no such deeds and read all of those.
    """

    __tablename__ = "work_factor_log"

    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = Field(sa_type=Utc, index=True)
    by: str = Field(max_length=LONGEST_NAME)
    name: str = Field(max_length=LONGEST_NAME)
    what: str = Field(max_length=16)
