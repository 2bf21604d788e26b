"""Who asks: the client that a request's key is of, or an address; and how often he may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from flask_limiter import HeaderNames, Limiter, RateLimitExceeded
from limits.errors import ConfigurationError

from certcheck.accounts import events, people
from certcheck.accounts.events import Event
from certcheck.accounts.tables import LONGEST_NAME
from certcheck.errors import KeyMissingError, KeyUnknownError, SettingError
from certcheck.runner.clients import Clients
from certcheck.runner.settings import RATES
from web import rates, signed_in, uploads

# Who asks over the API without a key, where that is allowed.
ANYBODY = "api"
_SCHEME = "bearer"
# What costs work; looking at a result costs none worth counting.
_LIMITED = ("pages.check", "correcting.correct", "printing.make", "market.create", "api.create")
# Likewise for many at once, and for what asks strangers' servers; each stands for a dozen.
_LIMITED_MANY = ("stock.create", "api.create_batch", "online.ask")
_A_BATCH = 12
# How often a laboratory's site is asked for all who press the button together, a minute.
_LOOK_UPS = 30
# Wrong passwords that are taken. A name can be kept from signing in by others for that time;
# ten are more than its person types. Behind one address there may be a hall of people.
_GUESSES, _GUESSES_OF_ADDRESS = "10 per 15 minutes", "30 per 15 minutes"
# Wrong codes of somebody who has the password: as many as NIST SP 800-63B allows (5.2.2). Three of
# a million count at a time, so that all of these hit one with a chance of 0.03 %.
_CODES = "100 per 30 days"
# Of an answer that says that a password or a code was wrong.
_REFUSED = 403


def client() -> str:
    """The client of this request, `ANYBODY` where it names none.

    Raises:
        KeyMissingError: it names none, and keys are asked for.
        KeyUnknownError: its key is none, or has ended.
    """
    if "client" not in g:
        g.client = _client()
    return str(g.client)


def may_see(asking: str, owner: str | None) -> bool:
    """Whether a client may see a check of somebody's.

    The address of a check made on a page, or without a key, is all that it takes.
    """
    return owner in (None, ANYBODY, asking)


def limit_rates(app: Flask) -> None:
    """Limits how many photos somebody may send in a minute, and how often passwords are guessed.

    Each photo counts, also one that is not accepted; of sign-ins only those that were refused.

    Raises:
        SettingError: they cannot be counted where the setting says.
    """
    work = uploads.work_of(app)
    rate = work.settings.rate
    try:
        limiter = Limiter(
            _who, app=app, **rates.place(work), strategy="moving-window", headers_enabled=True,
            # Retry-After is ours: when to look at a photo, or to send one that was not taken.
            header_name_mapping={HeaderNames.RETRY_AFTER: "X-RateLimit-Retry-After"},
        )  # fmt: skip
    except ConfigurationError as error:  # a library that it takes is not there
        raise SettingError(name=RATES, value="…", wanted=str(error)) from error
    for endpoints, count in ((_LIMITED, rate), (_LIMITED_MANY, max(1, rate // _A_BATCH))):
        for endpoint in endpoints:
            _put(app, endpoint, limiter.limit(f"{count}/minute"))
    lookups = limiter.limit(f"{_LOOK_UPS}/minute", key_func=_laboratories)
    _put(app, "online.ask", lookups)
    for endpoint, whose, most in (
        ("accounts.sign_in", _address, _GUESSES_OF_ADDRESS),
        ("accounts.sign_in", _named, _GUESSES),
        ("accounts.password", _person, _GUESSES),
        ("accounts.sign_ins", _person, _GUESSES),
        ("second.step", _address, _GUESSES_OF_ADDRESS),
        ("second.step", _named, _GUESSES),
        ("second.step", _half, _CODES),
        ("second.key", _person, _GUESSES),
        ("second.codes", _person, _GUESSES),
        ("second.remove", _person, _GUESSES),
    ):
        # Of one count, wherever a password is asked for.
        guesses = limiter.shared_limit(
            most, "guesses", key_func=whose, methods=["POST"],
            deduct_when=lambda response: response.status_code == _REFUSED,
        )  # fmt: skip
        _put(app, endpoint, guesses)


def note_locked(error: RateLimitExceeded) -> str:
    """Writes down that a name, an address or a person is kept from guessing for a while.

    Returns:
        The code of what to tell.
    """
    asked = error.limit.key_func
    if asked in (_named, _half):
        signed_in.people().note_locked(_name())
        return "account.codes_out" if asked is _half else "account.too_many"
    person = signed_in.person()
    by = "person" if person else "address"
    events.tell(Event.LOCKED, person.id if person else None, by=by)
    return "account.too_many"


def _put(app: Flask, endpoint: str, limit: Callable[[Any], Any]) -> None:
    app.view_functions[endpoint] = limit(app.view_functions[endpoint])


def _address() -> str:
    return f"address {request.remote_addr}"


def _named() -> str:
    """By the name that is typed, whether there is such a person or not."""
    return f"name {people.spelled(_name())[:LONGEST_NAME]}"


def _name() -> str:
    """Whose password, or code after it, is typed."""
    half = signed_in.half() if request.endpoint == "second.step" else None
    return half.name if half else request.form.get("name", "")


def _half() -> str:
    """Whoever knows a person's password, as long as it is the same."""
    half = signed_in.half()
    return f"codes {half.id} {signed_in.second_factors().stamp(half.id)}" if half else _address()


def _person() -> str:
    person = signed_in.person()
    return f"person {person.id if person else request.remote_addr}"


def _laboratories() -> str:
    """Whose sites a request would have asked."""
    found = uploads.work().look(str((request.view_args or {}).get("check_id", "")))
    labs = {one["lab"]["lab_id"] for one in (found.reports if found else ()) if one["lab"]}
    return f"laboratory {' '.join(sorted(labs))}"


def _client() -> str:
    clients = Clients(uploads.work().engine)
    scheme, _, key = request.headers.get("Authorization", "").strip().partition(" ")
    if not scheme:
        if uploads.work().settings.api_keys:
            raise KeyMissingError()
        return ANYBODY
    found = clients.by_key(key.strip()) if scheme.lower() == _SCHEME else None
    if found is None:
        raise KeyUnknownError()
    return found


def _who() -> str:
    """Whom a request is counted for: its client or person, else its address."""
    if not signed_in.for_programs():
        return _person() if signed_in.person() else request.remote_addr or ""
    try:
        found = client()
    except (KeyMissingError, KeyUnknownError):
        found = ANYBODY
    return found if found != ANYBODY else request.remote_addr or ""
