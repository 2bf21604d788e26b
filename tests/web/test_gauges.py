"""What would break: a queue that nobody takes from, and whoever watches the server sees nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from certcheck.runner.queue import Queue
from certcheck.runner.tables import Priority
from certcheck.runner.work import Work
from tests.certcheck.work_store import Clock, request, send
from tests.web.kept import kept_id
from tests.web.scene import report
from tests.web.test_health import figures


@pytest.fixture
def work(app: Flask) -> Work:
    found: Work = app.extensions["work"]
    return found


def test_the_queue_shows_by_priority_with_its_oldest(
    work: Work, client: FlaskClient, clock: Clock
) -> None:
    send(work, b"a")
    clock.on(seconds=90)
    send(work, b"b")
    send(work, b"c", request(priority=Priority.PROGRAM))
    clock.on(seconds=30)
    told = figures(client)
    assert told["certcheck_queue_length", "person"] == 2
    assert told["certcheck_queue_oldest_seconds", "person"] == 120
    assert told["certcheck_queue_oldest_seconds", "program"] == 30
    assert told[("certcheck_database_up",)] == 1 and told[("certcheck_disk_free_bytes",)] > 0
    Queue(work).take(3)
    told = figures(client)
    assert told["certcheck_queue_length", "person"] == 0
    assert told["certcheck_queue_oldest_seconds", "person"] == 0


def test_stages_deaths_and_photos_set_aside_show(
    app: Flask, work: Work, client: FlaskClient, clock: Clock
) -> None:
    kept_id(app, report())
    with work.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE work_jobs SET deaths = 2, error = 'check.set_aside', started_at = queued_at"
            )
        )
    told = figures(client)
    assert told["certcheck_recent_seconds", "max", "work"] >= 0
    assert told["certcheck_recent_seconds", "median", "wait"] >= 0
    assert told[("certcheck_recent_checks",)] == 1 and told[("certcheck_recent_deaths",)] == 2
    assert told["certcheck_recent_errors", "check.set_aside"] == 1
    clock.on(minutes=11)
    told = figures(client)
    assert told[("certcheck_recent_checks",)] == 0 and told[("certcheck_set_aside",)] == 1
    assert ("certcheck_recent_errors", "check.set_aside") not in told


def test_a_database_that_is_away_shows_as_such(work: Work, client: FlaskClient) -> None:
    with work.engine.begin() as connection:
        connection.execute(text("ALTER TABLE work_jobs RENAME TO elsewhere"))
    told = figures(client)
    assert told[("certcheck_database_up",)] == 0
    assert ("certcheck_queue_length", "person") not in told
