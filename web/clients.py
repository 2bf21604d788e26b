"""Who asks: the client that a request's key is of, or an address; and how often he may."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter

from certcheck.errors import KeyMissingError, KeyUnknownError
from certcheck.runner.clients import Clients
from web import uploads

# Who asks over the API without a key, where that is allowed.
ANYBODY = "api"
_SCHEME = "bearer"
# What costs work; looking at a result costs none worth counting.
_LIMITED = ("pages.check", "api.create")


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
    """Limits how many photos a client, or an address, may send in a minute.

    Counted in this process; each photo, also one that is not accepted.
    """
    limiter = Limiter(
        _who, app=app, storage_uri="memory://", strategy="moving-window", headers_enabled=True
    )
    rate = f"{uploads.work_of(app).settings.rate}/minute"
    for endpoint in _LIMITED:
        limited: Any = limiter.limit(rate)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited


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
    """Whom a request is counted for: its client, else its address."""
    try:
        found = client() if request.blueprint == "api" else ANYBODY
    except (KeyMissingError, KeyUnknownError):
        found = ANYBODY
    return found if found != ANYBODY else request.remote_addr or ""
