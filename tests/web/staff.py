"""People of every role, signed in through the page, with passwords that are quick to hash."""

from __future__ import annotations

import dataclasses as dc
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from certcheck.accounts.passwords import Passwords
from certcheck.accounts.people import People
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.runner.work import Work
from registry.lookup import Registry
from web import create_app

PASSWORD = "kettle-orbit-lemon-74"


def quick() -> Passwords:
    """Argon2 as it is, at its smallest."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dc.dataclass
class Office:
    """An app with a person of each role; a person is called as his role is."""

    app: Flask

    @property
    def people(self) -> People:
        found: People = self.app.extensions["people"]
        return found

    def enter(self, name: str, password: str = PASSWORD) -> FlaskClient:
        """A browser in which a person is signed in."""
        browser = self.app.test_client()
        answer = browser.post("/sign-in", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return browser

    def browser(self, role: Role) -> FlaskClient:
        """A browser of somebody of a role; a client's is a visitor's."""
        return self.enter(str(role)) if role in OF_PEOPLE else self.app.test_client()


def office(registry: Registry, work: Work, **config: Any) -> Office:
    """An app with a person of each role; its forms need no token unless told so."""
    settings = {"REGISTRY": registry, "WORK": work, "WTF_CSRF_ENABLED": False, "PASSWORDS": quick()}
    made = Office(create_app(settings | config))
    for role in OF_PEOPLE:
        made.people.add(str(role), role, PASSWORD, must_change=False)
    return made
