"""Who is signed in: Flask-Login on the work store's sign-ins, and the cookie that holds one.

The cookie is signed, not read by scripts, not sent along by other sites' forms, and renewed at
sign-in. What it holds is a token; whether that is still worth something, the store knows.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, current_app, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect

from certcheck.accounts import browsers
from certcheck.accounts.errors import PersonUnknownError
from certcheck.accounts.passwords import Passwords
from certcheck.accounts.people import People, Person
from certcheck.accounts.second_factor import SecondFactors
from certcheck.accounts.sign_ins import Held, SignIns
from web import secret, uploads

# Whose password was right, in the cookie, and for how many seconds that counts.
_HALF, _HALF_S = "half", 600
# Paths that programs use: with keys, never with cookies.
PROGRAMS = "/api/"
_COOKIE = "certcheck"
# With this beginning a browser takes it only by HTTPS and only from this very host.
_HOST_ONLY = "__Host-"


class SignedIn:
    """A person in a browser, as Flask-Login wants one.

    Attributes:
        person: who.
        token: of the sign-in.
    """

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, person: Person, token: str) -> None:
        self.person, self.token = person, token

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


def set_up(app: Flask) -> None:
    """Gives an app its cookie, its people and the guard of its forms.

    Raises:
        StorageError: the secret cannot be kept.
    """
    work = uploads.work_of(app)
    https = work.settings.https
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secret.of(work.settings)
    app.config.update(
        SESSION_COOKIE_NAME=(_HOST_ONLY if https else "") + _COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        # The guard is asked by `access`, once it is known that programs are not meant.
        WTF_CSRF_CHECK_DEFAULT=False,
        # As long as the browser is open: a form may wait while somebody looks for a photo.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no referrer; the token tells enough.
        WTF_CSRF_SSL_STRICT=False,
    )
    hashes = app.config["PASSWORDS"] or Passwords()
    app.extensions["people"] = People(work.engine, work.clock, hashes)
    app.extensions["second_factors"] = SecondFactors(
        work.engine, work.clock, hashes, app.config["SECRET_KEY"]
    )
    app.extensions["sign_ins"] = SignIns(work.engine, work.clock)
    CSRFProtect(app)
    manager = LoginManager(app, add_context_processor=False)
    # A phone changes its address on the way; the store knows when a sign-in is over.
    manager.session_protection = None
    manager.user_loader(_load)


def people() -> People:
    """Those who may sign in."""
    return cast(People, current_app.extensions["people"])


def second_factors() -> SecondFactors:
    """Who has one, and whether a code is of it."""
    return cast(SecondFactors, current_app.extensions["second_factors"])


def for_programs() -> bool:
    """Whether this request is one of a program."""
    return request.path.startswith(PROGRAMS)


def person() -> Person | None:
    """Who is signed in; None for visitors and programs."""
    one: Any = current_user
    return None if for_programs() or not one.is_authenticated else cast(Person, one.person)


def begin(who: Person) -> None:
    """Signs a person in, with nothing left of what the cookie held before."""
    end()
    browser = browsers.kind(request.headers.get("User-Agent", ""))
    login_user(SignedIn(who, _sign_ins().begin(who, browser)))


def begin_half(who: Person) -> None:
    """Remembers for a while that a person's password was right; he is not signed in by that."""
    end()
    at = int(uploads.work().clock().timestamp())
    session[_HALF] = [who.id, at, second_factors().stamp(who.id)]


def half() -> Person | None:
    """Whose password was right a little while ago and is still the same; None where nobody's."""
    held = session.get(_HALF)
    if held is None or int(uploads.work().clock().timestamp()) - held[1] >= _HALF_S:
        return None
    try:
        found = people().known(held[0])
    except PersonUnknownError:
        return None
    same = found.disabled_at is None and second_factors().stamp(found.id) == held[2]
    return found if same else None


def wants_second_factor(who: Person) -> bool:
    """Whether a person's role has to have a second factor."""
    return who.role in uploads.work().settings.second_factor


def must_enrol() -> bool:
    """Whether somebody is signed in who has to set a second factor up first."""
    who = person()
    if who is None or not wants_second_factor(who):
        return False
    return second_factors().since(who.id) is None


def end() -> None:
    """Signs out."""
    one: Any = current_user
    if one.is_authenticated:
        _sign_ins().end(one.token)
    logout_user()
    session.clear()


def elsewhere() -> list[Held]:
    """Where the person is signed in who asks: here first."""
    one: Any = current_user
    return _sign_ins().of(one.person, one.token)


def end_elsewhere(which: str = "") -> int:
    """Ends one of the person's other sign-ins, or all; returns how many ended."""
    one: Any = current_user
    return _sign_ins().end_others(one.person, one.token, which)


def check_form() -> None:
    """Refuses a form that was not filled in on a page of ours.

    Raises:
        CSRFError: it was not.
    """
    if current_app.config["WTF_CSRF_ENABLED"]:
        guard: CSRFProtect = current_app.extensions["csrf"]
        guard.protect()


def _load(token: str) -> SignedIn | None:
    if for_programs():
        return None
    found = _sign_ins().person(token)
    if found is None or (found.demo and not uploads.registry().revision.demo):
        return None
    return SignedIn(found, token)


def _sign_ins() -> SignIns:
    return cast(SignIns, current_app.extensions["sign_ins"])
