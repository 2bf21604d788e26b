"""What would break: a client told wrongly, twice or never; a stranger who makes us ask our own."""

from __future__ import annotations

import http.server
import io
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner, Result

from certcheck.cli import cli
from certcheck.errors import ClientUnknownError, WebhookAddressError
from certcheck.runner.clients import Clients
from certcheck.runner.queue import Done, Queue
from certcheck.runner.settings import FOLDER, WEBHOOKS
from certcheck.runner.work import Work
from certcheck.stock import address, hooks, messenger
from certcheck.stock.batches import Batches
from certcheck.stock.intake import intake
from certcheck.stock.messenger import Messenger
from certcheck.stock.signing import signature
from tests.certcheck import parcels
from tests.certcheck.work_store import Clock, request, settings
from tests.web.scene import report


class Listener:
    """A client's server, that answers as it is told.

    Attributes:
        got: headers and bodies, as they came.
        answers: statuses to answer with; 204 when there are none left.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(listener.answers.pop(0) if listener.answers else 204)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Iterator[Work]:
    made = Work(settings(tmp_path, local_hooks=True), clock)
    Clients(made.engine).add("shop", clock())
    yield made
    made.close()


def client_id(work: Work, name: str = "shop") -> str:
    return next(one.id for one in Clients(work.engine).everyone() if one.name == name)


def batch(work: Work, *names: str, owner: str | None = None) -> str:
    files = [(name, io.BytesIO(parcels.jpeg(at))) for at, name in enumerate(names or ["a.jpg"])]
    asked = request("", owner=owner or client_id(work))
    return Batches(work).accept(intake(files), "晚场", asked)


def answer_all(work: Work) -> None:
    queue = Queue(work)
    for one in queue.take(99):
        queue.finish(one.id, Done([report()]))


def test_a_client_is_told_once_when_a_batch_is_done(work: Work, listener: Listener) -> None:
    told = Messenger(work, Batches(work))
    secret = told.hooks.set("shop", f"http://127.0.0.1:{listener.port}/told?a=1")
    batch_id = batch(work, "a.jpg", "b.jpg")
    batch(work, "c.jpg", owner="somebody else")
    assert told.turn() == 0
    answer_all(work)
    assert [told.turn() for _ in range(3)] == [1, 0, 0]
    ((headers, body),) = listener.got
    assert json.loads(body)["data"] | {"expires_at": ""} == {
        "id": batch_id, "address": f"/api/v1/batches/{batch_id}", "title": "晚场", "total": 2,
        "counts": Batches(work).look(batch_id).counts, "expires_at": "",  # type: ignore[union-attr]
    }  # fmt: skip
    stamp = int(headers["webhook-timestamp"])
    assert stamp == int(work.clock().timestamp())
    assert headers["webhook-signature"] == signature(secret, headers["webhook-id"], stamp, body)
    assert headers["host"] == f"127.0.0.1:{listener.port}"


def test_what_was_not_taken_is_tried_later_and_later_then_given_up(
    work: Work, listener: Listener, clock: Clock
) -> None:
    told = Messenger(work, Batches(work))
    told.hooks.set("shop", f"http://127.0.0.1:{listener.port}/")
    batch(work)
    answer_all(work)
    # A redirect is followed nowhere.
    listener.answers = [500, 302, 404, 503, 429, 400, 500, 500]
    for pause in hooks.PAUSES:
        assert told.turn() == 1
        clock.on(seconds=pause.total_seconds() - 1)
        assert told.turn() == 0
        clock.on(seconds=2)
    assert told.turn() == 1
    clock.on(hours=9)
    assert told.turn() == 0 and len(listener.got) == len(hooks.PAUSES) + 1
    assert len({headers["webhook-id"] for headers, _ in listener.got}) == 1
    assert len({headers["webhook-signature"] for headers, _ in listener.got}) > 1


def test_a_message_outlives_the_server(work: Work, listener: Listener, clock: Clock) -> None:
    first = Messenger(work, Batches(work))
    first.hooks.set("shop", f"http://127.0.0.1:{listener.port}/")
    batch(work)
    answer_all(work)
    listener.answers = [500]
    first.turn()
    again = Work(work.settings, clock)
    clock.on(seconds=6)
    assert Messenger(again, Batches(again)).turn() == 1
    again.close()
    assert len(listener.got) == 2


def test_who_is_told_no_more_is_told_no_more(work: Work, listener: Listener, clock: Clock) -> None:
    told = Messenger(work, Batches(work))
    batch(work, "early.jpg")
    clock.on(seconds=1)
    told.hooks.set("shop", f"http://127.0.0.1:{listener.port}/")
    answer_all(work)
    assert told.turn() == 0, "of batches before it was said"
    batch(work, "a.jpg", "b.jpg", "late.jpg")
    answer_all(work)
    assert told.hooks.note() == 1
    assert told.hooks.end("shop") and not told.hooks.end("shop")
    assert told.turn() == 0
    told.hooks.set("shop", f"http://127.0.0.1:{listener.port}/")
    Clients(work.engine).revoke("shop", clock())
    assert told.turn() == 0 and listener.got == []
    for name in ("shop", "nobody"):
        with pytest.raises(ClientUnknownError):
            told.hooks.set(name, "https://example.com/")
    clock.on(hours=48)
    work.sweep()
    assert told.turn() == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "example.com", "",
        "https://user:word@example.com/", "https://exa mple.com/", "https://例.com/",
        "https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1:8443/",
        "https://169.254.169.254/latest/meta-data", "https://172.16.0.1/", "https://0.0.0.0/",
        "https://100.64.0.1/", "https://224.0.0.1/", "https://[::1]/", "https://[fe80::1]/",
        "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[2002:7f00:1::]/",
        "https://[64:ff9b::7f00:1]/", "https://[::7f00:1]/", "https://[fec0::1]/",
        "https://[64:ff9b:1::a00:1]/", "https://[::ffff:0:7f00:1]/",
        f"https://example.com/{'x' * 500}",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_told_is_refused(url: str) -> None:
    with pytest.raises(WebhookAddressError):
        address.checked(url, local=False)


def test_a_name_that_leads_into_our_network_is_refused_when_it_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, work: Work
) -> None:
    """Also where only one of its addresses does; what was looked at is what is asked."""

    def answers(*ips: str) -> None:
        found = [(0, 0, 0, "", (ip, 443)) for ip in ips]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    answers("93.184.216.34", "2606:2800:220:1::1")
    target = address.resolved("https://hooks.example.com/x?y", local=False)
    assert (target.ip, target.host, target.path) == ("93.184.216.34", "hooks.example.com", "/x?y")
    for ips in (("127.0.0.1",), ("93.184.216.34", "10.0.0.1"), ("::1",), ("169.254.169.254",)):
        answers(*ips)
        with pytest.raises(WebhookAddressError):
            address.resolved("https://hooks.example.com/", local=False)
    answers("10.0.0.1")
    due = hooks.Due("msg_1", "https://hooks.example.com/", "whsec_AAAA", b"{}")
    assert Messenger(work, Batches(work)).send(due) == ("client.webhook_address", False)
    with pytest.raises(WebhookAddressError):
        address.resolved("http://hooks.example.com/", local=True)


def test_a_certificate_has_to_be_of_the_name_that_was_asked_for(
    work: Work, ca: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("hooks.example.com").configure_cert(context)
    listener = Listener(context)
    told = Messenger(work, Batches(work), ca_file)
    found = [(0, 0, 0, "", ("127.0.0.1", listener.port))]
    real = socket.getaddrinfo

    def look(host: str, *rest: Any, **more: Any) -> Any:
        return found if host.endswith("example.com") else real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    try:
        for name, taken in (("hooks", True), ("other", False)):
            url = f"https://{name}.example.com:{listener.port}/"
            answer, came = told.send(hooks.Due("msg_1", url, "whsec_AAAA", b"{}"))
            assert came is taken, answer
        strange = Messenger(work, Batches(work))
        url = f"https://hooks.example.com:{listener.port}/"
        assert not strange.send(hooks.Due("msg_1", url, "whsec_AAAA", b"{}"))[1]
    finally:
        listener.close()
    assert len(listener.got) == 1


def test_a_server_that_stalls_holds_nobody_up(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then would never run into a limit between two bytes."""
    monkeypatch.setattr(messenger, "ATTEMPT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        stop = threading.Event()

        def drip() -> None:
            one, _ = silent.accept()
            with one:
                one.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.05):
                    try:
                        one.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        _, taken = Messenger(work, Batches(work)).send(hooks.Due("msg_1", url, "whsec_AAAA", b"{}"))
        stop.set()
        thread.join()
    assert not taken


def call(folder: Path, *words: str, mode: str = "public") -> Result:
    return CliRunner().invoke(cli, ["client", *words], env={FOLDER: str(folder), WEBHOOKS: mode})


def test_the_command_line_sets_and_ends_it_and_shows_the_secret_once(tmp_path: Path) -> None:
    call(tmp_path, "add", "shop")
    made = call(tmp_path, "webhook", "shop", "https://shop.example/told")
    assert made.stdout.startswith("whsec_") and "shop.example" in made.stderr
    secret = made.stdout.strip()
    assert secret not in call(tmp_path, "list").output
    assert call(tmp_path, "webhook", "shop", "--off").exit_code == 0
    for words in (("shop", "http://127.0.0.1/"), ("shop",), ("none", "https://shop.example/")):
        assert call(tmp_path, "webhook", *words).exit_code == 2
    assert call(tmp_path, "webhook", "shop", "http://127.0.0.1/", mode="local").exit_code == 0


def test_addresses_of_the_internet_are_global() -> None:
    assert ipaddress.ip_address("93.184.216.34").is_global
    assert address.checked("https://93.184.216.34/", local=False).host == "93.184.216.34"
    for newer in ("[2606:2800:220:1::1]", "[64:ff9b::5db8:d822]", "[2002:5db8:d822::]"):
        assert address.checked(f"https://{newer}/", local=False).host == newer
    assert address.checked("http://[::1]:8000/", local=True).host == "[::1]"
