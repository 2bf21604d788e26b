"""How the work stands, for Prometheus: asked of the work store when somebody looks.

All servers of a work store tell the same here, whoever does the work.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlmodel import Session, col, select

from certcheck.runner.set_aside import CODES
from certcheck.runner.tables import Job, Priority, Status, Worker
from certcheck.runner.work import Work
from registry import store
from registry.errors import RegistryError

log = logging.getLogger(__name__)

# Of the photos that were answered last, for how long they took.
LATELY = dt.timedelta(minutes=10)
_MOST = 2000
_WHOSE = {Priority.PERSON: "person", Priority.PROGRAM: "program"}


class Standing(Collector):
    """Jobs by status and priority, how long the oldest waits, what came of the last ones.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def collect(self) -> Iterator[Metric]:
        """The figures of now; of a database that is away, only that it is."""
        try:
            free = shutil.disk_usage(self._work.settings.folder).free
            yield _one("certcheck_disk_free_bytes", "Room where uploads are kept.", free)
        except OSError as error:
            log.error("no figures of the disk: %s", error)
        found: list[Metric] = []
        try:
            counts = self._work.counts()
            with store.session(self._work.engine) as opened:
                found = [*self._waiting(opened), *self._lately(opened), *_set_aside(opened)]
                found += self._workers(opened)
            jobs = GaugeMetricFamily("certcheck_jobs", "Jobs by status.", labels=("status",))
            for status, count in counts.items():
                jobs.add_metric((str(status),), count)
            found.append(jobs)
        except RegistryError as error:
            log.error("no figures of jobs: %s", error)
        told = "Whether the work store's database answers."
        yield _one("certcheck_database_up", told, int(bool(found)))
        yield from found

    def _waiting(self, opened: Session) -> Iterator[Metric]:
        """How many wait, and since when; a queue that nobody takes from shows here first."""
        count, oldest = func.count(), func.min(col(Job.queued_at))
        rows = opened.exec(
            select(Job.priority, count, oldest)
            .where(Job.status == Status.QUEUED)
            .group_by(col(Job.priority))
        ).all()
        waiting = GaugeMetricFamily(
            "certcheck_queue_length", "Photos that wait, by whose they are.", labels=("priority",)
        )
        age = GaugeMetricFamily(
            "certcheck_queue_oldest_seconds", "Since when the oldest of them waits.",
            labels=("priority",),
        )  # fmt: skip
        told = dict.fromkeys(_WHOSE.values(), (0, 0.0))
        for priority, number, since in rows:
            waits = (self._work.clock() - since).total_seconds()
            told[_WHOSE.get(priority, str(priority))] = (number, max(0.0, waits))
        for whose, (number, waits) in told.items():
            waiting.add_metric((whose,), number)
            age.add_metric((whose,), waits)
        yield from (waiting, age)

    def _workers(self, opened: Session) -> Iterator[Metric]:
        """Workers of their own that gave a sign of life lately, and how many photos they take."""
        since = self._work.clock() - dt.timedelta(seconds=self._work.settings.lease)
        hands = opened.exec(select(Worker.hands).where(col(Worker.seen_at) >= since)).all()
        told = "Workers (`certcheck worker`) that gave a sign of life within the lease."
        yield _one("certcheck_workers", told, len(hands))
        yield _one("certcheck_worker_hands", "Photos that they read at once.", sum(hands))

    def _lately(self, opened: Session) -> Iterator[Metric]:
        """Stages of the photos that were answered in the last minutes, on whatever machine."""
        since = self._work.clock() - LATELY
        rows = opened.exec(
            select(Job.queued_at, Job.started_at, Job.done_at)
            .where(col(Job.done_at) >= since)
            .order_by(col(Job.done_at).desc())
            .limit(_MOST)
        ).all()
        seconds = GaugeMetricFamily(
            "certcheck_recent_seconds",
            "Of the last ten minutes' photos: seconds until taken, and until answered.",
            labels=("stage", "of"),
        )
        stages = {
            "wait": [(b - a).total_seconds() for a, b, _ in rows if b is not None],
            "work": [(c - b).total_seconds() for _, b, c in rows if b is not None and c],
        }
        for stage, took in stages.items():
            for of, value in _spread(took).items():
                seconds.add_metric((stage, of), value)
        yield seconds
        yield from _counted(opened, since)


def _counted(opened: Session, since: dt.datetime) -> Iterator[Metric]:
    """How many were answered, with which errors, and processes that died over them."""
    rows = opened.exec(
        select(Job.error, func.count(), func.sum(Job.deaths))
        .where(col(Job.done_at) >= since)
        .group_by(col(Job.error))
    ).all()
    told = "Photos answered in the last ten minutes."
    yield _one("certcheck_recent_checks", told, sum(count for _, count, _ in rows))
    told = "Processes that died over them."
    yield _one("certcheck_recent_deaths", told, sum(deaths for *_, deaths in rows))
    errors = GaugeMetricFamily(
        "certcheck_recent_errors", "Those that could not be checked, by error code.",
        labels=("error",),
    )  # fmt: skip
    for error, count, _ in rows:
        if error:
            errors.add_metric((error,), count)
    yield errors


def _set_aside(opened: Session) -> Iterator[Metric]:
    wanted = select(func.count()).where(col(Job.error).in_(CODES))
    told = "Photos that were set aside after all tries were used up, as long as they are kept."
    yield _one("certcheck_set_aside", told, opened.exec(wanted).one())


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    ordered = sorted(max(0.0, one) for one in values)
    at = {"median": 0.5, "p95": 0.95, "max": 1.0}
    return {name: ordered[round(share * (len(ordered) - 1))] for name, share in at.items()}


def _one(name: str, told: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, told)
    family.add_metric((), value)
    return family
