"""What would break: a program that trusts the document, or cannot tell what went wrong."""

from __future__ import annotations

import atexit
import dataclasses as dc
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from certcheck import messages
from certcheck.errors import SettingError, explain
from certcheck.runner.clients import Clients
from certcheck.runner.queue import Done, Queue
from certcheck.runner.settings import RATES, Settings
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import at_work, settings
from tests.web.conftest import Real
from tests.web.kept import kept_id
from tests.web.scene import report
from web import create_app, openapi
from web.api import LOOK_AGAIN_S

HERE = "/api/v1/checks"
PROBLEM = "application/problem+json"


def send(client: FlaskClient, data: bytes = b"photo", **more: Any) -> TestResponse:
    name = more.pop("name", "a.jpg")
    query = more.pop("query", "")
    return client.post(f"{HERE}{query}", data={"photo": (io.BytesIO(data), name)}, **more)


def work(app: Flask) -> Work:
    found: Work = app.extensions["work"]
    return found


def same(schema: str, told: Any) -> None:
    """Holds an answer against a schema of the document."""
    document = openapi.document()
    jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    ).validate(told)


def code(answer: TestResponse) -> str:
    assert answer.mimetype == PROBLEM
    told = json.loads(answer.data)
    same("Problem", told)
    assert told["status"] == answer.status_code
    return str(told["code"])


def test_a_photo_is_accepted_and_its_address_told(client: FlaskClient) -> None:
    answer = send(client)
    told = answer.get_json()
    assert answer.status_code == 202
    same("Status", told)
    assert answer.location == told["address"] == f"{HERE}/{told['id']}"
    assert told["status"] == "queued"
    assert client.get(told["address"]).get_json()["id"] == told["id"]
    assert len(told["id"]) * 4 >= 128


def test_a_report_is_the_reports_own_with_the_checks_id(app: Flask, client: FlaskClient) -> None:
    first, second = report(), report(id="1" * 32)
    check_id = kept_id(app, first, second)
    answer = client.get(f"{HERE}/{check_id}")
    told = answer.get_json()
    assert answer.status_code == 200 and told["id"] == check_id
    assert told["report_id"] == first["id"] and told["status"] == "done"
    assert {key: told[key] for key in ("schema", "verdict", "items", "fields", "lab")} == {
        key: first[key] for key in ("schema", "verdict", "items", "fields", "lab")
    }
    assert told["more"] == [second]


def test_a_real_report_is_what_the_document_says(real: Real) -> None:
    same("Done", real.report)
    same("Report", real.report)


def test_who_waits_gets_the_report_of_what_is_done(app: Flask, client: FlaskClient) -> None:
    send(client)
    queue = Queue(work(app))
    for one in queue.take(9):
        queue.finish(one.id, Done([report()]))
    answer = send(client, query="?wait=5")
    assert answer.status_code == 201
    assert answer.location == f"{HERE}/{answer.get_json()['id']}"
    assert answer.get_json()["verdict"] == "inconsistent"
    assert send(client).status_code == 202, "who does not wait is told where to look"


def test_nobody_waits_longer_than_he_said_or_in_the_way_of_others(
    app: Flask, client: FlaskClient
) -> None:
    assert send(client, query="?wait=0.05").status_code == 202
    for _ in range(app.config["WAITERS"]):
        app.extensions["waiters"].acquire()
    # Were it to wait, the test would not end for a minute.
    assert send(client, query="?wait=1e9").status_code == 202
    app.extensions["waiters"].release()


@pytest.mark.parametrize("wait", ["-1", "soon", "nan", "inf", ""])
def test_a_wait_that_is_no_time_is_refused(client: FlaskClient, wait: str) -> None:
    assert code(send(client, query=f"?wait={wait}")) == "api.bad_wait"


def test_the_same_request_is_the_same_check(app: Flask, client: FlaskClient) -> None:
    first = send(client).get_json()["id"]
    assert send(client).get_json()["id"] == first
    assert send(client, b"another").get_json()["id"] != first
    assert work(app).counts()[Status.QUEUED] == 2


def test_an_idempotency_key_names_a_request(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = send(client, headers=headers)
    assert send(client, headers=headers).get_json()["id"] == first.get_json()["id"]
    assert send(client).get_json()["id"] != first.get_json()["id"]
    other = send(client, b"another", headers=headers)
    assert (other.status_code, code(other)) == (422, "work.token_reused")
    for bad in ("", "x" * 256, "ключ"):
        refused = send(client, headers={"Idempotency-Key": bad.encode().decode("latin-1")})
        assert (refused.status_code, code(refused)) == (400, "api.bad_token")


@pytest.mark.parametrize(("lang", "said"), [("zh", "zh-CN"), ("en", "en")])
def test_a_problem_speaks_the_language_asked_for(client: FlaskClient, lang: str, said: str) -> None:
    answer = client.post(HERE, data={}, headers={"Accept-Language": lang})
    told = json.loads(answer.data)
    assert (answer.status_code, code(answer)) == (400, "web.no_photo")
    text, step = messages.text("web.no_photo"), messages.next_step("web.no_photo")
    assert step is not None
    assert told["title"] == getattr(text, lang) and told["next_step"] == getattr(step, lang)
    assert answer.headers["Content-Language"] == said
    meaning = client.get(told["type"])
    same("ProblemText", meaning.get_json())
    assert meaning.get_json()["message"] == {"zh": text.zh, "en": text.en}


@pytest.mark.parametrize(
    ("method", "address", "status", "wanted"),
    [
        ("GET", "/nowhere", 404, "api.not_found"),
        ("PUT", "/checks", 405, "api.refused"),
        ("GET", f"/checks/{'0' * 40}", 404, "web.gone"),
        ("DELETE", f"/checks/{'0' * 40}", 404, "web.gone"),
        ("GET", "/problems/no.such", 404, "api.not_found"),
        ("GET", "/problems/report.title", 404, "api.not_found"),
    ],
)
def test_a_wrong_request_is_a_problem(
    client: FlaskClient, method: str, address: str, status: int, wanted: str
) -> None:
    answer = client.open(f"/api/v1{address}", method=method)
    assert (answer.status_code, code(answer)) == (status, wanted)


def test_too_large_a_photo_is_a_problem(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert code(send(app.test_client(), b"x" * 2000)) == "photo.too_large"


def test_a_full_queue_says_when_to_come_again(client: FlaskClient) -> None:
    for number in range(50):
        taken = send(client, b"%d" % number)
        assert (taken.status_code, taken.headers["Retry-After"]) == (202, str(LOOK_AGAIN_S))
    answer = send(client, b"one more")
    assert (answer.status_code, code(answer)) == (503, "work.full")
    # The same as its sentence, and not when the minute of the count of requests is over.
    later = answer.headers["Retry-After"]
    assert f" {later} " in answer.get_json()["next_step"]


def test_what_is_deleted_is_gone(app: Flask, client: FlaskClient) -> None:
    address = f"{HERE}/{kept_id(app, report())}"
    assert client.delete(address).status_code == 204
    assert code(client.get(address)) == "web.gone"
    assert code(client.delete(address)) == "web.gone"


@pytest.fixture
def keys(app: Flask, demo_registry: Registry) -> Iterator[tuple[FlaskClient, str, str]]:
    """An app that asks for keys, and those of two clients."""
    asks = dc.replace(work(app).settings, api_keys=True)
    closed = Work(asks, work(app).clock)
    clients = Clients(closed.engine)
    first, second = (clients.add(name, closed.clock()) for name in ("shop", "other"))
    client = create_app({"REGISTRY": demo_registry, "WORK": closed}).test_client()
    yield client, first, second
    closed.close()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_where_keys_are_asked_for_nobody_gets_in_without(
    keys: tuple[FlaskClient, str, str],
) -> None:
    client, first, _ = keys
    address = send(client, headers=bearer(first)).get_json()["address"]
    for headers, wanted in (
        ({}, "api.key_missing"),
        (bearer("certcheck_guess"), "api.key_unknown"),
        ({"Authorization": f"Basic {first}"}, "api.key_unknown"),
    ):
        for answer in (
            send(client, headers=headers),
            client.get(address, headers=headers),
            client.delete(address, headers=headers),
        ):
            assert (answer.status_code, code(answer)) == (401, wanted)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/api/v1/openapi.json").status_code == 200


def test_a_client_sees_its_own_checks_and_no_others(keys: tuple[FlaskClient, str, str]) -> None:
    """Also the same photo under the same key is another check for another client."""
    client, first, second = keys
    token = {"Idempotency-Key": "1"}
    mine = send(client, headers=bearer(first) | token).get_json()["address"]
    theirs = send(client, headers=bearer(second) | token).get_json()["address"]
    assert mine != theirs
    assert client.get(mine, headers=bearer(first)).status_code == 200
    for answer in (
        client.get(mine, headers=bearer(second)),
        client.delete(mine, headers=bearer(second)),
    ):
        assert code(answer) == "web.gone"
    assert client.delete(mine, headers=bearer(first)).status_code == 204


def test_a_key_that_was_revoked_opens_nothing(
    app: Flask, keys: tuple[FlaskClient, str, str]
) -> None:
    client, first, second = keys
    Clients(work(app).engine).revoke("shop", work(app).clock())
    assert code(send(client, headers=bearer(first))) == "api.key_unknown"
    assert send(client, headers=bearer(second)).status_code == 202


def test_a_flood_is_refused_with_the_time_to_come_again(
    app: Flask, demo_registry: Registry
) -> None:
    """Each client and each address for itself; looking is not counted."""
    few = Work(dc.replace(work(app).settings, rate=2), work(app).clock)
    key = Clients(few.engine).add("shop", few.clock())
    client = create_app({"REGISTRY": demo_registry, "WORK": few}).test_client()
    for _ in range(2):
        address = send(client).get_json()["address"]
    answer = send(client)
    assert (answer.status_code, code(answer)) == (429, "api.too_many")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get(address).status_code == 200
    assert send(client, headers=bearer(key)).status_code == 202
    assert send(client, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 202
    few.close()


def test_two_servers_of_one_work_store_count_a_flood_together(
    app: Flask, demo_registry: Registry
) -> None:
    few = Work(dc.replace(work(app).settings, rate=2), work(app).clock)
    both = [create_app({"REGISTRY": demo_registry, "WORK": few}).test_client() for _ in range(2)]
    statuses = [send(both[at % 2]).status_code for at in range(3)]
    assert statuses == [202, 202, 429]
    few.close()


def test_requests_are_counted_where_the_setting_says(app: Flask, demo_registry: Registry) -> None:
    """In this process alone; or on a server that takes a library that is not here: told at once."""
    alone = Work(dc.replace(work(app).settings, rate=1, rates="memory://"), work(app).clock)
    both = [create_app({"REGISTRY": demo_registry, "WORK": alone}).test_client() for _ in range(2)]
    assert [send(one).status_code for one in both] == [202, 202]
    alone.close()
    assert Settings.from_environment({RATES: "redis://cache:6379"}).rates == "redis://cache:6379"
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({RATES: "ftp://user:password@cache"})
    assert "password" not in explain(caught.value).message.zh


def test_the_app_by_itself_checks_too(demo_url: str, tmp_path: Path) -> None:
    """Under another WSGI server nobody starts the processes for it."""
    store = Work(settings(tmp_path))
    app = create_app({"DATABASE_URL": demo_url, "WORK": store})
    answer = send(app.test_client(), b"no picture", query="?wait=60")
    app.extensions["service"].stop()
    atexit.unregister(app.extensions["service"].stop)
    store.close()
    assert answer.status_code == 201
    assert answer.get_json()["error"]["code"] == "photo.unknown_format"


def answer(store: Work) -> None:
    """Answers whatever was accepted."""
    queue = Queue(store)
    while taken := queue.take(9):
        for one in taken:
            queue.finish(one.id, Done([report()]))


def test_the_document_is_true(app: Flask, client: FlaskClient) -> None:
    """Requests made from it, good and bad; no answer is other than it says."""
    import schemathesis  # a second of each worker's time
    from schemathesis import GenerationMode

    # Requests made for each of its operations: as it says, and as it does not.
    modes = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 5}
    document = client.get("/api/v1/openapi.json").get_json()
    check_id = kept_id(app, report())
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    # Two requests of one key and different photos: the second is refused, and rightly.
    accepted = schema.config.checks.positive_data_acceptance.expected_statuses
    schema.config.checks.positive_data_acceptance.expected_statuses = [*accepted, "422"]
    # A form of too many parts is refused before anybody looks for a photo in it.
    refused = schema.config.checks.negative_data_rejection.expected_statuses
    schema.config.checks.negative_data_rejection.expected_statuses = [*refused, "413"]
    seen, store = set(), work(app)
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.add((operation.path, operation.method))
        for mode, examples in modes.items():

            @hypothesis.settings(
                max_examples=examples, deadline=None, database=None, derandomize=True,
                suppress_health_check=list(hypothesis.HealthCheck),
            )  # fmt: skip
            @hypothesis.given(case=operation.as_strategy(mode))
            def holds(case: Any) -> None:
                case.call_and_validate()

            with at_work(store, lambda: answer(store)):  # somebody may wait for a report
                holds()
    assert seen == {
        (path, method)
        for path, entry in document["paths"].items()
        for method in entry
        if method in ("get", "post", "delete")
    } - {("/api/v1/openapi.json", "get")}
    get = schema["/api/v1/checks/{id}"]["GET"]
    get.Case(path_parameters={"id": check_id}).call_and_validate()


def test_every_address_of_the_api_stands_in_the_document(app: Flask) -> None:
    rules = {
        (re.sub("<[a-z]+_id>", "{id}", rule.rule).replace("<code>", "{code}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    written = {
        (path, method)
        for path, entry in openapi.document()["paths"].items()
        for method in entry
        if method != "parameters"
    }
    assert rules == written
