"""What those who run the server look at: whether it answers, whether it can work, figures."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from time import monotonic
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from certcheck.errors import CertcheckError
from certcheck.runner import store as work_store
from certcheck.runner.service import Service
from certcheck.runner.work import Work
from registry.errors import RegistryError
from web import uploads

log = logging.getLogger(__name__)
health = Blueprint("health", __name__)

# Bytes; below, a few more photos would fill the disk.
LEAST_FREE = 256 * 2**20
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
            "certcheck_checks", "Checks that ended, by error code.", ("error",),
            registry=self.registry,
        )  # fmt: skip
        self.waited = Histogram(
            "certcheck_check_wait_seconds", "Seconds a photo waited for its turn.",
            buckets=_CHECK_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.worked = Histogram(
            "certcheck_check_seconds", "Seconds a photo was worked on.",
            buckets=_CHECK_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.registry.register(_Jobs(work))

    def checked(self, error: str | None, waited: float, worked: float) -> None:
        """Counts a check that ended; see `Service`."""
        self.checks.labels(error or "").inc()
        self.waited.observe(waited)
        self.worked.observe(worked)


class _Jobs(Collector):
    """Jobs by status, asked of the store."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("certcheck_jobs", "Jobs by status.", labels=("status",))
        try:
            for status, count in self._work.counts().items():
                family.add_metric((str(status),), count)
        except RegistryError as error:
            log.error("no figures of jobs: %s", error)
        yield family


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
    """Says whether checks can be accepted and done, part by part."""
    parts = {name: _tried(probe) for name, probe in _PROBES.items()}
    ready = all(told == "ok" for told in parts.values())
    answer = jsonify({"ready": ready, "parts": parts})
    answer.status_code = 200 if ready else 503
    return answer


@health.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus."""
    figures = cast(Figures, current_app.extensions["figures"])
    return Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_LATEST)


def _tried(probe: Callable[[], str]) -> str:
    """`ok`, or the code of what is wrong; never an address or a path."""
    try:
        return probe()
    except (CertcheckError, RegistryError) as error:
        log.error("not ready: %s %s", error, error.details)
        return error.code
    except OSError as error:
        log.error("not ready: %s", error)
        return "work.storage"


def _registry() -> str:
    return "ok" if uploads.registry().revision.revision else "empty"


def _store() -> str:
    work_store.reachable(uploads.work().engine)
    return "ok"


def _disk() -> str:
    free = shutil.disk_usage(uploads.work().settings.folder).free
    return "ok" if free >= LEAST_FREE else "work.storage"


def _checks() -> str:
    """Whether somebody takes the jobs; another process may, then this one cannot say."""
    service: Service | None = current_app.extensions.get("service")
    return "ok" if service is None or service.alive else "stopped"


_PROBES: dict[str, Callable[[], str]] = {
    "registry": _registry,
    "store": _store,
    "disk": _disk,
    "checks": _checks,
}
