"""What would break: a server taken for sound that can do nothing, or the other way round."""

from __future__ import annotations

import shutil

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from certcheck.runner.service import Service
from registry.lookup import Registry
from tests.web.kept import kept_id
from tests.web.scene import report
from web import create_app, health


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


def test_ready_says_part_by_part_what_is_wrong(
    app: Flask, client: FlaskClient, demo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = client.get("/readyz")
    sound = dict.fromkeys(("registry", "store", "disk", "checks"), "ok")
    assert (ready.status_code, ready.get_json()) == (200, {"ready": True, "parts": sound})
    work = app.extensions["work"]
    monkeypatch.setattr(health, "LEAST_FREE", 2**80)
    app.extensions["service"] = Service(work, app.config["REGISTRY"], demo_url)
    told = client.get("/readyz")
    assert told.status_code == 503
    assert told.get_json()["parts"] == {**sound, "disk": "work.storage", "checks": "stopped"}
    shutil.rmtree(work.settings.folder)
    work.engine.dispose()
    told = client.get("/readyz")
    assert told.get_json()["parts"]["store"] == "registry.database_unreachable"
    assert str(work.settings.folder) not in told.get_data(as_text=True)


def test_a_registry_out_of_reach_makes_it_unready(app: Flask) -> None:
    from registry import store

    lost = store.make_engine(store.parse_url("sqlite:////no-such-folder/r.sqlite"))
    told = create_app({"REGISTRY": Registry(lost), "WORK": app.extensions["work"]})
    answer = told.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["parts"]["registry"] == "registry.database_unreachable"


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
