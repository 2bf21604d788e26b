"""What would break: a program that trusts our client, or types what the documents say."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from importlib.resources import files

import pytest
import requests
from flask import Flask

from certcheck.runner.clients import Clients
from certcheck.runner.work import Work
from certcheck.stock.signing import signature
from certcheck_client import (
    AnswerError,
    Client,
    LateError,
    ProblemError,
    SignatureError,
    UnreachableError,
    read_webhook,
)
from tests.certcheck import parcels
from tests.web import curls
from tests.web.conftest import Real
from tests.web.test_server import listening

PHOTO = ("a.jpg", parcels.jpeg(60))


def test_every_curl_command_of_the_documents_does_what_it_says(real: Real) -> None:
    if real.curls is None:
        pytest.skip("there is no curl")
    assert len(real.curls) == len(curls.commands()) >= 8
    for one in real.curls:
        assert one.status in (200, 201, 202, 204), one
        assert (one.status == 204) == ("-X DELETE" in one.command)
    reports = [one for one in real.curls if "wait=60" in one.command]
    assert {one.told["verdict"] for one in reports} == {"inconsistent"}


def test_the_documents_python_prints_what_it_promises(real: Real) -> None:
    assert real.example == [
        "inconsistent", "honest-card consistent", "README photo.unknown_format",
    ]  # fmt: skip


def test_a_webhook_is_told_by_what_the_documents_say_without_our_client() -> None:
    (recipe,) = (one for one in curls.snippets() if "hmac" in one)
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"title": "晚场"}'.encode()
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": "1700000000",
        "Webhook-Signature": f"v1,AAAA {signature(secret, 'msg_1', 1700000000, body)}",
    }
    for told, good in ((body, True), (body + b" ", False)):
        names = {"secret": secret, "headers": headers, "body": told}
        exec(recipe, names)  # noqa: S102 - of our own documents
        assert names["good"] is good


def test_a_photo_and_a_batch_are_really_checked_for_a_program(real: Real) -> None:
    assert real.asked.done and real.asked.verdict == "inconsistent"
    assert [one["schema"] for one in real.asked.reports] == ["certcheck.report/1"]
    photo, text = real.batch.items
    assert (photo.verdict, photo.error, text.verdict) == ("inconsistent", None, None)
    assert (text.status, text.error) == ("refused", "photo.unknown_format")
    assert real.batch.counts["inconsistent"] == real.batch.counts["refused"] == 1


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with listening(app) as found:
        yield found


def test_what_the_server_refuses_is_an_exception_with_its_code(app: Flask, url: str) -> None:
    with Client(url) as client, pytest.raises(ProblemError) as caught:
        client.show("0" * 40)
    assert (caught.value.status, caught.value.code) == (404, "web.gone")
    assert caught.value.title and caught.value.next_step
    with Client(url, key="certcheck_none") as client, pytest.raises(ProblemError) as caught:
        client.batch([PHOTO])
    assert caught.value.code == "api.key_unknown"
    with pytest.raises(AnswerError):
        Client(f"{url}/privacy#").show("1")
    with pytest.raises(UnreachableError):
        Client("http://127.0.0.1:1").show("1")


def test_a_request_that_is_sent_again_is_the_same(app: Flask, url: str) -> None:
    work: Work = app.extensions["work"]
    key = Clients(work.engine).add("shop", work.clock())
    with Client(url, key) as client:
        first = client.send(PHOTO, token="1")
        assert client.send(PHOTO, token="1").id == first.id
        assert client.send(PHOTO, token="2").id != first.id != client.send(PHOTO).id
        with pytest.raises(LateError) as caught:
            client.wait(first.id, timeout=0)
        assert caught.value.id == first.id
        batch = client.batch([PHOTO], title="晚场", token="3")
        assert client.batch([PHOTO], title="晚场", token="3").id == batch.id
        assert client.show_batch(batch.id).json["title"] == "晚场"
        client.delete_batch(batch.id)
        client.delete(first.id)
        with pytest.raises(ProblemError):
            client.show_batch(batch.id)


def test_a_full_server_is_asked_again_with_the_whole_file(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time the file was read to its end."""
    seen: list[int] = []
    real = requests.Session.request

    def full_once(self: requests.Session, *words: object, **more: object) -> requests.Response:
        answer = real(self, *words, **more)  # type: ignore[arg-type]
        seen.append(int(answer.request.headers["Content-Length"]))
        if len(seen) == 1:
            answer.status_code = 503
            answer.headers["Retry-After"] = "0"
            answer.headers["Content-Type"] = "application/problem+json"
            answer._content = json.dumps(
                {"code": "work.full", "title": "", "next_step": ""}
            ).encode()
        return answer

    monkeypatch.setattr(requests.Session, "request", full_once)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with Client(url) as client:
        assert client.send(PHOTO).id
    assert len(seen) == 2 and seen[0] == seen[1]
    seen.clear()
    with Client(url, patience=-1) as client, pytest.raises(ProblemError) as caught:
        client.send(PHOTO)
    assert (caught.value.code, len(seen)) == ("work.full", 1)


def test_a_webhook_is_believed_only_with_the_servers_signature() -> None:
    secret, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        json.dumps(
            {
                "type": "batch.done",
                "data": {"id": "1", "title": "晚场", "counts": {"consistent": 2}},
            }
        ).encode(),
    )
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": "1700000000",
        "Webhook-Signature": f"v1,AAAA {signature(secret, 'msg_1', 1700000000, body)}",
    }
    told = read_webhook(secret, headers, body, now=1700000010)
    assert (told.message_id, told.batch_id, told.counts) == ("msg_1", "1", {"consistent": 2})
    other = "whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    for changed in (
        (other, headers, body, 1700000010),
        (secret, headers, body.replace(b"2", b"3"), 1700000010),
        (secret, headers | {"Webhook-Id": "msg_2"}, body, 1700000010),
        (secret, headers | {"Webhook-Timestamp": "1700000001"}, body, 1700000010),
        (secret, headers, body, 1700000000 + 301),
        (secret, headers, body, 1700000000 - 301),
        (secret, {}, body, 1700000010),
        ("whsec_no base64", headers, body, 1700000010),
    ):
        with pytest.raises(SignatureError):
            read_webhook(*changed)


def test_the_client_is_typed_and_stands_alone() -> None:
    folder = files("certcheck_client")
    assert (folder / "py.typed").is_file()
    for path in folder.iterdir():
        if path.name.endswith(".py"):
            assert "from certcheck." not in path.read_text("utf-8")
