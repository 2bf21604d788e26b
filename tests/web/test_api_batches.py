"""What would break: a program that sends many photos and cannot tell what became of each."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from certcheck.runner.clients import Clients
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Work
from tests.certcheck import parcels
from tests.web.scene import report
from tests.web.test_api import bearer, code, keys, same

__all__ = ["keys"]
HERE = "/api/v1/batches"
PHOTO = parcels.jpeg(50)


def send(client: FlaskClient, *files: tuple[str, bytes], **more: Any) -> TestResponse:
    data = {"files": [(io.BytesIO(one), name) for name, one in files]} | more.pop("data", {})
    return client.post(HERE, data=data, **more)


def test_a_batch_is_accepted_and_told_item_by_item(app: Flask, client: FlaskClient) -> None:
    answer = send(client, ("a.jpg", PHOTO), ("b.txt", b"text"), data={"title": "晚场"})
    told = answer.get_json()
    same("Batch", told)
    assert answer.status_code == 202 and answer.headers["Retry-After"]
    assert answer.location == told["address"] == f"{HERE}/{told['id']}"
    assert (told["status"], told["title"], told["total"]) == ("queued", "晚场", 2)
    assert [one["status"] for one in told["items"]] == ["queued", "refused"]
    assert told["items"][1]["error"]["code"] == "photo.unknown_format"
    work: Work = app.extensions["work"]
    queue = Queue(work)
    (one,) = queue.take(9)
    assert client.get(told["address"]).get_json()["status"] == "running"
    queue.finish(one.id, Done([report()]))
    answer = client.get(told["address"])
    told = answer.get_json()
    same("Batch", told)
    assert "Retry-After" not in answer.headers and told["status"] == "done"
    assert told["items"][0]["verdict"] == "inconsistent" and told["counts"]["inconsistent"] == 1
    check = client.get(told["items"][0]["address"]).get_json()
    assert check["verdict"] == "inconsistent" and check["photo"]["name"] == "a.jpg"


def test_a_deleted_batch_is_gone_with_its_checks(client: FlaskClient) -> None:
    told = send(client, ("a.jpg", PHOTO)).get_json()
    assert client.delete(told["address"]).status_code == 204
    assert code(client.get(told["address"])) == "stock.gone"
    assert code(client.delete(told["address"])) == "stock.gone"
    assert code(client.get(told["items"][0]["address"])) == "web.gone"


def test_an_idempotency_key_names_a_batch(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "7"}
    first = send(client, ("a.jpg", PHOTO), headers=headers).get_json()["id"]
    assert send(client, ("a.jpg", PHOTO), headers=headers).get_json()["id"] == first
    assert send(client, ("a.jpg", PHOTO)).get_json()["id"] != first
    other = send(client, ("b.jpg", PHOTO), headers=headers)
    assert (other.status_code, code(other)) == (422, "work.token_reused")
    assert code(send(client, ("a.jpg", PHOTO), headers={"Idempotency-Key": ""})) == "api.bad_token"


@pytest.mark.parametrize(
    ("files", "status", "wanted"),
    [
        ((), 400, "stock.no_files"),
        ((("a.zip", parcels.archive({}).getvalue()),), 422, "stock.nothing"),
        (
            (("a.zip", parcels.archive({f"{n}.jpg": PHOTO for n in range(201)}).getvalue()),),
            413,
            "stock.too_many",
        ),
    ],
    ids=["none", "empty", "too many"],
)
def test_a_wrong_batch_is_a_problem(
    client: FlaskClient, files: Any, status: int, wanted: str
) -> None:
    answer = send(client, *files)
    assert (answer.status_code, code(answer)) == (status, wanted)


def test_a_client_sees_its_own_batches_and_no_others(keys: tuple[FlaskClient, str, str]) -> None:
    client, first, second = keys
    assert code(send(client, ("a.jpg", PHOTO))) == "api.key_missing"
    mine = send(client, ("a.jpg", PHOTO), headers=bearer(first)).get_json()["address"]
    for method in ("GET", "DELETE"):
        assert code(client.open(mine, method=method, headers=bearer(second))) == "stock.gone"
    assert client.get(mine, headers=bearer(first)).status_code == 200


def test_batches_of_a_flood_are_refused_with_the_time(app: Flask, client: FlaskClient) -> None:
    key = Clients(app.extensions["work"].engine).add("shop", app.extensions["work"].clock())
    answers = [send(client, ("a.jpg", PHOTO), headers=bearer(key)) for _ in range(11)]
    assert [one.status_code for one in answers] == [202] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
