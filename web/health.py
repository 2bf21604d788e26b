"""What those who run the server look at: whether it answers, whether it can work, figures."""

from __future__ import annotations

import logging
import os
from time import monotonic
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from certcheck import messages
from certcheck.runner.work import Work
from web import readiness
from web.gauges import Standing
from web.readiness import Readiness, State

log = logging.getLogger(__name__)
health = Blueprint("health", __name__)

# Where it is set, figures of several processes are added up in files of that folder.
_TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
# Seconds; a check takes a few, more when many wait.
_CHECK_BUCKETS = (1, 2, 3, 5, 8, 13, 21, 34, 60, 120, 180)


class Figures:
    """What is counted in this process, and read from the work store when asked.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "certcheck_http_requests", "Requests answered.", ("method", "endpoint", "status"),
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "certcheck_http_seconds", "Seconds a request took.", ("endpoint",),
            registry=self.registry,
        )  # fmt: skip
        self.checks = Counter(
            "certcheck_checks", "Checks that this server's own readers ended, by error code.",
            ("error",),
            registry=self.registry,
        )  # fmt: skip
        self.waited = Histogram(
            "certcheck_check_wait_seconds", "Seconds a photo waited for them.",
            buckets=_CHECK_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.worked = Histogram(
            "certcheck_check_seconds", "Seconds a photo was worked on by them.",
            buckets=_CHECK_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._standing = Standing(work)

    def checked(self, error: str | None, waited: float, worked: float) -> None:
        """Counts a check that ended; see `Service`."""
        self.checks.labels(error or "").inc()
        self.waited.observe(waited)
        self.worked.observe(worked)

    def told(self) -> bytes:
        """All of it, in Prometheus' format; under gunicorn the figures of all web processes."""
        counted = self.registry
        if os.environ.get(_TOGETHER):
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(self._standing)
        return generate_latest(counted) + generate_latest(now)


def count_requests(app: Flask) -> None:
    """Counts every answer of an app."""

    @app.before_request
    def begin() -> None:
        g.begun = monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        figures = cast(Figures, current_app.extensions["figures"])
        # The rule's name, not the address: an address holds a check's id.
        endpoint = request.endpoint or ""
        method = request.method if request.endpoint else ""
        figures.requests.labels(method, endpoint, str(response.status_code)).inc()
        if "begun" in g:
            figures.seconds.labels(endpoint).observe(monotonic() - g.begun)
        return response


@health.get("/healthz")
def healthz() -> Response:
    """Says that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def readyz() -> Response:
    """Says whether checks can be accepted and done, part by part, with what to do."""
    asked = cast(Readiness, current_app.extensions["readiness"])
    parts = asked.look()
    ready = not any(one.hinders for one in parts.values())
    answer = jsonify({"ready": ready, "parts": {name: _said(one) for name, one in parts.items()}})
    answer.status_code = 200 if ready else 503
    return answer


@health.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus."""
    figures = cast(Figures, current_app.extensions["figures"])
    return Response(figures.told(), content_type=CONTENT_TYPE_LATEST)


def _said(one: State) -> dict[str, Any]:
    """A part in both languages; an operator may read either."""
    if one.code == readiness.OK:
        return {"state": readiness.OK}
    step = messages.next_step(one.code)
    return {
        "state": one.code,
        "hinders": one.hinders,
        "message": messages.text(one.code)._asdict(),
        "next_step": step._asdict() if step else None,
    }
