"""Every request's id: from the web server before ours, or made here; in the log and in the answer.

Lines of the log name the endpoint and never the address: who knows an address may see the check.
"""

from __future__ import annotations

import logging
from time import monotonic

from flask import Flask, Response, g, request

from certcheck.operation import logs

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# Asked again and again by those who watch the server.
_WATCHED = ("health.healthz", "health.readyz", "health.metrics")


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
        told = {
            "method": request.method if request.endpoint else "",
            "endpoint": request.endpoint or "",
            "status": response.status_code,
            "ms": round(took * 1000),
        }
        log.log(level, "answered", extra={"fields": told})
        return response

    @app.teardown_request
    def over(_: BaseException | None) -> None:
        logs.begin(None)
