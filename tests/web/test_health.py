"""What would break: a server taken for sound that can do nothing, or the other way round."""

from __future__ import annotations

import io
import os
import shutil
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from certcheck.runner.rates import Rates
from certcheck.runner.service import LOCK, Service
from registry import store
from registry.errors import DatabaseUnreachableError
from registry.lookup import Registry
from tests.certcheck.work_store import send
from tests.web.kept import kept_id
from tests.web.scene import report
from web import create_app, readiness
from web.readiness import Readiness


def figures(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Samples by name and labels' values."""
    text = client.get("/metrics").get_data(as_text=True)
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").data == b"ok\n"


def states(client: FlaskClient) -> dict[str, str]:
    """How /readyz says that each part stands; one that is not well tells what to do."""
    parts = client.get("/readyz").get_json()["parts"]
    assert all(
        one["state"] == "ok" or (one["message"]["zh"] and one["next_step"]["en"])
        for one in parts.values()
    )
    return {name: one["state"] for name, one in parts.items()}


SOUND = dict.fromkeys(("registry", "store", "disk", "checks", "queue", "clock", "log"), "ok")


def test_ready_says_part_by_part_what_is_wrong(
    app: Flask, client: FlaskClient, demo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").status_code == 200 and states(client) == SOUND
    work = app.extensions["work"]
    monkeypatch.setattr(readiness, "LEAST_FREE", 2**80)
    app.extensions["service"] = Service(work, app.config["REGISTRY"], demo_url)
    assert client.get("/readyz").status_code == 503
    assert states(client) == {**SOUND, "disk": "ready.disk_full", "checks": "ready.stopped"}
    shutil.rmtree(work.settings.folder)
    work.engine.dispose()
    assert states(client)["store"] == "ready.store_away"
    assert states(client)["disk"] == "ready.disk_away"
    assert str(work.settings.folder) not in client.get("/readyz").get_data(as_text=True)


def test_what_hinders_nobody_leaves_it_ready(app: Flask, client: FlaskClient) -> None:
    """A full queue passes: pages that show results must not go with it."""
    for number in range(app.extensions["work"].settings.most_queued):
        send(app.extensions["work"], b"%d" % number)
    assert client.get("/readyz").status_code == 200
    assert states(client) == {**SOUND, "queue": "ready.full"}


def test_who_gives_no_sign_of_life_is_missed(app: Flask, client: FlaskClient) -> None:
    """A server that is stopped holds the lock all the same, so that no other takes over."""
    lock = app.extensions["work"].settings.folder / LOCK
    lock.touch()
    send(app.extensions["work"], b"photo")
    assert states(client) == SOUND
    os.utime(lock, (0, 0))
    assert states(client) == {**SOUND, "checks": "ready.stalled"}


def test_a_part_that_hangs_is_told_and_not_asked_again() -> None:
    """Else each question would leave a thread behind."""
    gate, asked = threading.Event(), []

    def hang() -> str:
        asked.append(1)
        gate.wait(60)
        return "ok"

    parts = Readiness({"disk": hang, "store": lambda: "ok"}, 0.05)
    told = [{name: one.code for name, one in parts.look().items()} for _ in range(3)]
    assert told == [{"disk": "ready.silent", "store": "ok"}] * 3 and len(asked) == 1
    gate.set()


def test_a_registry_out_of_reach_makes_it_unready(app: Flask) -> None:
    from registry import store

    lost = store.make_engine(store.parse_url("sqlite:////no-such-folder/r.sqlite"))
    told = create_app({"REGISTRY": Registry(lost), "WORK": app.extensions["work"]})
    assert told.test_client().get("/readyz").status_code == 503
    assert states(told.test_client())["registry"] == "ready.registry_away"


def test_figures_count_requests_jobs_and_checks(app: Flask, client: FlaskClient) -> None:
    check_id = kept_id(app, report())
    client.get(f"/checks/{check_id}")
    client.get("/nowhere/at/all")
    app.extensions["figures"].checked("check.timeout", 0.5, 180.0)
    app.extensions["figures"].checked(None, 0.5, 3.0)
    told = figures(client)
    assert told["certcheck_http_requests_total", "pages.report", "GET", "200"] == 1
    assert told["certcheck_jobs", "done"] == 1 and told["certcheck_jobs", "queued"] == 0
    assert told["certcheck_checks_total", "check.timeout"] == 1
    assert told["certcheck_checks_total", ""] == 1
    assert told[("certcheck_check_seconds_sum",)] == 183
    # An address names a check, and whoever reads figures may not see checks.
    assert not [key for key in told if check_id in key or "/nowhere/at/all" in key]


def test_a_database_that_fails_after_the_answer_was_made_is_told_all_the_same(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who counts requests looks once more when the answer is there."""

    def away(*_: object) -> None:
        raise DatabaseUnreachableError(database="", reason="")

    monkeypatch.setattr(Rates, "window", away)
    photo = {"photo": (io.BytesIO(b"photo"), "a.jpg")}
    answer = client.post("/api/v1/checks", data=photo)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "web.unavailable")
    assert answer.headers["Retry-After"]


def test_an_empty_registry_is_told_and_photos_are_taken_all_the_same(
    app: Flask, tmp_path: Path
) -> None:
    engine = store.open_registry(f"sqlite:///{tmp_path}/empty.sqlite")
    told = create_app(
        {"REGISTRY": Registry(engine), "WORK": app.extensions["work"], "CHECKS": False}
    ).test_client()
    assert told.get("/readyz").status_code == 200
    assert states(told) == {**SOUND, "registry": "ready.registry_empty"}
    engine.dispose()
