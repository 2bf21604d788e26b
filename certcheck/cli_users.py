"""`certcheck user`: people who may sign in on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.terminal import echo_lines, echo_text, told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sqlalchemy import Engine

    from certcheck.accounts.people import People

_ROLES = click.Choice([str(role) for role in OF_PEOPLE])
_ASK = click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")


@click.group()
def user() -> None:
    """People who may sign in on the pages, each with a role.

    A password that is made here is printed this once and has to be changed at the first sign-in.
    """


@user.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, required=True)
@_ASK
@told
def add(name: str, role: str, ask: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Add a person."""
    made = _password(ask=ask)
    _people().add(name, Role(role), made, must_change=not ask)
    if not ask:
        echo_lines([made])


@user.command("list")
@told
def everyone() -> None:
    """List the people: name, role, last sign-in, since when disabled."""
    from certcheck.report import utc

    for one in _people().everyone():
        seen = utc(one.last_sign_in_at) if one.last_sign_in_at else ""
        ended = utc(one.disabled_at) if one.disabled_at else ""
        echo_lines(["\t".join((one.name, str(one.role), seen, ended))])


@user.command("passwd")
@click.argument("name")
@_ASK
@told
def passwd(name: str, ask: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Give a person another password; ends all sign-ins of the person."""
    made = _password(ask=ask)
    _people().reset_password(name, made, must_change=not ask)
    if not ask:
        echo_lines([made])


@user.command("disable")
@click.argument("name")
@told
def disable(name: str) -> None:
    """Keep a person out, at once; the checks stay until their time is over."""
    _people().disable(name)
    _tell("account.disabled", name)


@user.command("enable")
@click.argument("name")
@told
def enable(name: str) -> None:
    """Let a disabled person in again."""
    _people().enable(name)
    _tell("account.enabled", name)


@user.command("role")
@click.argument("name")
@click.argument("role", type=_ROLES)
@told
def give_role(name: str, role: str) -> None:
    """Make a person something else."""
    _people().give_role(name, Role(role))
    _tell("account.role_given", name)


@user.command("drop-second-factor")
@click.argument("name")
@told
def drop_second_factor(name: str) -> None:
    """Take a person's second factor away, who lost phone and recovery codes; ends all sign-ins."""
    from certcheck.accounts.passwords import Passwords
    from certcheck.accounts.second_factor import SecondFactors

    SecondFactors(*_store(), Passwords(), None).remove(name)
    _tell("account.factor_taken", name)


def _tell(code: str, name: str) -> None:
    from certcheck import messages

    echo_text(messages.text(code, name=name))


def _password(*, ask: bool) -> str:
    from certcheck.accounts.passwords import made

    if not ask:
        return made()
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _people() -> People:
    from certcheck.accounts.people import People

    return People(*_store())


def _store() -> tuple[Engine, Callable[[], dt.datetime]]:
    from certcheck.runner.settings import Settings
    from certcheck.runner.store import open_store
    from certcheck.runner.work import now

    settings = Settings.from_environment()
    return open_store(settings.folder, settings.url), now
