"""Every request's id: from the web server before ours, or made here; in the log and in the answer.

Lines of the log name the endpoint and never the address: who knows an address may see the check.
"""

from __future__ import annotations

import logging
from time import monotonic

from flask import Flask, Response, g, request

from certcheck.accounts.roles import Role
from certcheck.operation import logs
from registry.errors import RegistryError
from web import signed_in

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# Asked again and again by those who watch the server.
_WATCHED = ("health.healthz", "health.readyz", "health.metrics")
# Whoever may not, and whoever guesses.
_REFUSED = (401, 403, 404)


def set_up(app: Flask) -> None:
    """Gives each request its id before anything else looks at it."""

    @app.before_request
    def begin() -> None:
        logs.begin(logs.taken_over(request.headers.get(HEADER)))
        g.bearing_since = monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = logs.current() or ""
        took = monotonic() - g.get("bearing_since", monotonic())
        level = logging.DEBUG if request.endpoint in _WATCHED else logging.INFO
        refused = response.status_code in _REFUSED and request.endpoint is not None
        told = {
            "method": request.method if request.endpoint else "",
            "endpoint": request.endpoint or "",
            "status": response.status_code,
            "ms": round(took * 1000),
        }
        if refused:  # what is another's is answered as if it were not there
            log.warning("refused", extra={"fields": told | {"role": _role()}})
        else:
            log.log(level, "answered", extra={"fields": told})
        return response

    @app.teardown_request
    def over(_: BaseException | None) -> None:
        logs.begin(None)


def _role() -> str:
    """What the one who asked is, "" where that cannot be known; never who he is."""
    if signed_in.for_programs():
        return str(Role.CLIENT)
    try:
        person = signed_in.person()
    except RegistryError:
        return ""
    return str(person.role if person else Role.VISITOR)
