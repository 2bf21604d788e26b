"""What would break: a file that reaches the disk, or a decoder, without having been scanned."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.errors import (
    ScannerAwayError,
    ScannerSmallError,
    SettingError,
    UploadFoundError,
    UploadUnscannedError,
)
from certcheck.operation import logs
from certcheck.runner import scanner as scanners
from certcheck.runner.scanner import Scanner
from certcheck.runner.settings import SCANNER, Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck import parcels
from tests.certcheck.test_logs import as_before  # noqa: F401 - a fixture
from tests.servers import clam
from tests.servers.clam import PART, SIGNATURES, WHOLE, Clam
from tests.servers.script import Script
from tests.web import tour
from tests.web.conftest import PHOTO
from tests.web.staff import quick
from web import create_app, readiness, signed_in
from web.access import TABLE
from web.bearing import HEADER

ID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
VIRUS = "Example.Virus-1"
CLEAN, FOUND = b"stream: OK\0", f"stream: {VIRUS} FOUND\0".encode()
SMALL = b"INSTREAM size limit exceeded. ERROR\0"
# More than the sockets of both sides hold.
LARGE = 2**24

Start = Callable[..., Any]


@pytest.fixture
def script() -> Iterator[Callable[[Callable[[socket.socket], None]], Script]]:
    made: list[Script] = []

    def start(act: Callable[[socket.socket], None]) -> Script:
        made.append(Script(act))
        return made[-1]

    yield start
    for one in made:
        one.stop()


@pytest.fixture
def server(tmp_path: Path, demo_registry: Registry) -> Iterator[Callable[..., Flask]]:
    """Makes the app with an empty work store and a scanner."""
    made: list[Work] = []

    def start(url: str, **settings: Any) -> Flask:
        made.append(Work(Settings(tmp_path / "work", workers=1, scanner=url, **settings)))
        stores = {"REGISTRY": demo_registry, "WORK": made[-1]}
        how = {"WTF_CSRF_ENABLED": False, "PASSWORDS": quick(), "CHECKS": False}
        return create_app({**stores, **how})

    yield start
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clam]:
    """The real one, as docs/operations.md has it set."""
    yield from _clamd(clam.WHOLE_FILES)


@pytest.fixture
def usual_clamd() -> Iterator[Clam]:
    """One with what Debian's own settings say, but for a smaller limit."""
    yield from _clamd({"StreamMaxLength": "1M"})


def _clamd(settings: dict[str, str]) -> Iterator[Clam]:
    binary = clam.program()
    if binary is None:
        pytest.skip("no clamd is installed")
    started = Clam(binary, settings)
    yield started
    started.stop()


def took(line: socket.socket) -> bytes:
    """What came by INSTREAM, as far as it came."""
    with line.makefile("rb") as sent:
        assert sent.read(10) == b"zINSTREAM\0"
        data = b""
        while (length := sent.read(4)) not in (b"", bytes(4)):
            data += sent.read(struct.unpack(">I", length)[0])
    return data


def says(answer: bytes) -> Callable[[socket.socket], None]:
    def act(line: socket.socket) -> None:
        took(line)
        line.sendall(answer)

    return act


def send(browser: FlaskClient, path: str, data: dict[str, Any], **more: Any) -> TestResponse:
    """An answer; the large file that the request was laid down in is let go."""
    answer = browser.post(path, data=data, **more)
    answer.request.environ["wsgi.input"].close()
    return answer


def photo(data: bytes | None = None, name: str = "a.jpg") -> dict[str, Any]:
    return {"photo": (io.BytesIO(PHOTO.read_bytes() if data is None else data), name)}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def empty(app: Flask) -> bool:
    """Whether nothing was stored, and nothing is to be done."""
    work: Work = app.extensions["work"]
    return not list(work.blobs.names()) and not any(work.counts().values())


def test_every_door_is_behind_the_scanner(server: Start, script: Start) -> None:
    """Every address that takes anything, whether its view asks for files or not."""
    asked = script(says(FOUND))
    app = server(asked.url)
    addresses = app.url_map.bind("localhost")
    people = {role: tour.browser_of(app, tour.someone(app, role)) for role in OF_PEOPLE}
    doors = 0
    for rule in app.url_map.iter_rules():
        program = rule.rule.startswith(signed_in.PROGRAMS)
        role = next((one for one in OF_PEOPLE if one in TABLE.get(rule.endpoint, ())), None)
        browser = app.test_client() if program or role is None else people[role]
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            doors += 1
            path = addresses.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method)
            answer = browser.open(path, method=method, data={"anything": (io.BytesIO(b"x"), "a")})
            assert answer.status_code == 422, rule.endpoint
            assert VIRUS not in answer.get_data(as_text=True)
            if program or rule.endpoint == "market.create":
                assert answer.get_json()["code"] == "upload.found"
    assert asked.calls == doors > 40 and empty(app)


def test_what_was_found_is_told_to_the_logs_alone(
    server: Start,
    script: Start,
    as_before: None,  # noqa: F811
) -> None:
    app = server(script(says(FOUND)).url)
    lines = io.StringIO()
    logs.set_up({logs.SETTING: "json"}, lines)
    files = [(io.BytesIO(PHOTO.read_bytes()), name) for name in ("张三.jpg", "b.jpg")]
    headers = {HEADER: ID, "Accept-Language": "zh"}
    sent = send(app.test_client(), "/api/v1/batches", {"files": files}, headers=headers)
    told = sent.get_json()
    assert sent.status_code == 422 and VIRUS not in str(told)
    assert told["code"] == "upload.found" and "张三.jpg" in told["title"] and told["next_step"]
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    (row,) = [one for one in rows if one["message"] == "refused: a virus"]
    assert (row["request"], row["level"], row["signature"]) == (ID, "warning", VIRUS)
    assert row["endpoint"] == "api.create_batch" and "张三" not in lines.getvalue()
    page = tour.browser_of(app, tour.someone(app)).get("/audit").get_data(as_text=True)
    assert VIRUS in page and row["sha256"] in page and row["sha256"] == sha256(PHOTO.read_bytes())
    assert empty(app)


def test_a_clean_file_is_stored_as_it_came(server: Start, script: Start) -> None:
    seen: list[bytes] = []

    def act(line: socket.socket) -> None:
        seen.append(took(line))
        line.sendall(CLEAN)

    app = server(script(act).url, rate=2)
    work, client = app.extensions["work"], app.test_client()
    # Not kept in memory while the form is taken apart.
    large = PHOTO.read_bytes() + bytes(2**18)
    assert send(client, "/checks", photo(large)).status_code == 303
    assert seen == [large] and list(work.blobs.names()) == [sha256(large)]
    # An input that was left empty; and whoever asks too often has nothing scanned.
    assert send(client, "/checks", photo(b"", "")).status_code == 400
    assert send(client, "/checks", photo()).status_code == 429
    assert len(seen) == 1


def drip(line: socket.socket) -> None:
    """A byte now and then."""
    took(line)
    while True:
        line.sendall(b"O")
        time.sleep(0.02)


def hold(line: socket.socket) -> None:
    """Nothing, for as long as the other side wants to wait."""
    took(line)
    line.recv(1)


STRANGE = {
    "hangs up": lambda line: None, "silent": hold, "drips": drip,
    "nothing": says(b""), "cut off": says(CLEAN[:-1]), "more": says(CLEAN + b"stream: OK"),
    "two": says(CLEAN + FOUND), "long": says(b"A" * 2**16 + b"\0"), "bytes": says(b"\xff\xfe\0"),
    "unknown": says(b"UNKNOWN COMMAND\0"), "error": says(b"stream: failed. ERROR\0"),
    "another": says(b"other: OK\0"), "before": lambda line: line.sendall(CLEAN),
}  # fmt: skip


@pytest.mark.parametrize("how", STRANGE)
def test_only_a_plain_answer_to_all_of_it_lets_a_file_through(
    how: str, script: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = STRANGE[how]
    data = bytes(LARGE if how in ("hangs up", "before") else 9)
    monkeypatch.setattr(scanners, "_BYTES_A_SECOND", 2**40)
    monkeypatch.setattr(scanners, "PATIENCE_S", 0.3 if act in (drip, hold) else 30)
    with pytest.raises(ScannerAwayError):
        Scanner(script(act).url).look(io.BytesIO(data))


def test_who_says_nothing_does_not_seem_ready(script: Start) -> None:
    with pytest.raises(ScannerAwayError):
        Scanner(script(STRANGE["nothing"]).url).takes(1)


def test_other_answers_are_what_they_are(script: Start) -> None:
    for answer, error in (
        (FOUND, UploadFoundError), (SMALL, ScannerSmallError),
        (b"stream: Heuristics.Limits.Exceeded.MaxFiles FOUND\0", UploadUnscannedError),
    ):  # fmt: skip
        with pytest.raises(error):
            Scanner(script(says(answer)).url).look(io.BytesIO(b"x"))


def test_without_its_scanner_a_server_takes_no_file(server: Start, script: Start) -> None:
    gone = script(says(CLEAN))
    gone.stop()
    app = server(gone.url)
    client = app.test_client()
    for path in ("/checks", "/api/v1/checks"):
        sent = send(client, path, photo())
        assert sent.status_code == 503 and int(sent.headers["Retry-After"]) > 0
    assert sent.get_json()["code"] == "upload.scanner_away" and empty(app)
    assert client.get("/").status_code == 200
    ready = client.get("/readyz")
    part = ready.get_json()["parts"]["scanner"]
    assert (ready.status_code, part["state"]) == (503, "ready.scanner_away")
    assert "CERTCHECK_SCANNER" in part["next_step"]["en"] and part["next_step"]["zh"]


def test_a_scanner_that_hangs_takes_no_more_than_its_share(
    script: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of the server are left for pages."""
    monkeypatch.setattr(scanners, "AT_ONCE", 1)
    monkeypatch.setattr(scanners, "TURN_S", 0.01)
    come, go = threading.Event(), threading.Event()

    def act(line: socket.socket) -> None:
        took(line)
        come.set()
        go.wait(30)
        line.sendall(CLEAN)

    scanner = Scanner(script(act).url)
    first = threading.Thread(target=scanner.look, args=(io.BytesIO(b"x"),))
    first.start()
    assert come.wait(30)
    with pytest.raises(ScannerAwayError) as told:
        scanner.look(io.BytesIO(b"y"))
    go.set()
    first.join()
    assert told.value.details == {"reason": "busy"}
    scanner.look(io.BytesIO(b"z"))


@pytest.mark.parametrize(
    "url",
    [
        "tcp://", "tcp://host:0x", "tcp://host:70000", "tcp://host/path", "tcp://user@host",
        "unix://", "unix:///", "unix://host/path", "unix:relative", "http://host", "/run/a.ctl",
        "tcp://host?x",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_told_at_the_start(url: str) -> None:
    with pytest.raises(SettingError) as told:
        Settings.from_environment({SCANNER: url})
    assert told.value.details["name"] == SCANNER


def test_addresses_of_a_scanner() -> None:
    for url in ("tcp://host", "tcp://[::1]:3310", "unix:///run/clamav/clamd.ctl"):
        assert Settings.from_environment({SCANNER: url}).scanner == url
    assert Settings.from_environment({}).scanner is None


def test_clamd_finds_what_comes_by_any_way(server: Start, clamd: Clam) -> None:
    app = server(clamd.url)
    client, inspector = app.test_client(), tour.browser_of(app, tour.someone(app, Role.INSPECTOR))
    hidden = PHOTO.read_bytes() + PART
    packed = parcels.archive({"a.jpg": PHOTO.read_bytes(), "b.jpg": hidden}).getvalue()
    for path, name, files in (
        ("/checks", "photo", [WHOLE]), ("/api/v1/checks", "photo", [hidden]),
        ("/api/v1/batches", "files", [PHOTO.read_bytes(), packed]),
    ):  # fmt: skip
        data = {name: [(io.BytesIO(one), f"{at}.jpg") for at, one in enumerate(files)]}
        assert send(client, path, data).status_code == 422
    brought = {"front": (io.BytesIO(PHOTO.read_bytes()), "a"), "back": (io.BytesIO(WHOLE), "b")}
    assert send(inspector, "/market/checks", brought).get_json()["code"] == "upload.found"
    assert empty(app)
    trail = tour.browser_of(app, tour.someone(app)).get("/audit").get_data(as_text=True)
    assert all(one in trail for one in SIGNATURES)
    assert send(client, "/checks", photo()).status_code == 303
    assert client.get("/readyz").get_json()["parts"]["scanner"] == {"state": "ok"}


def test_clamd_that_takes_less_or_says_less_is_told(
    server: Start, usual_clamd: Clam, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = server(usual_clamd.url)
    client = app.test_client()
    assert _state(client) == "ready.scanner_small"
    sent = send(client, "/api/v1/checks", photo(PHOTO.read_bytes() + bytes(2**20)))
    assert (sent.status_code, sent.get_json()["code"]) == (503, "upload.scanner_small")
    assert empty(app)
    monkeypatch.setattr(readiness, "LARGEST", 2**19)
    assert _state(client) == "ready.scanner_lenient"


def _state(client: FlaskClient) -> str:
    parts = client.get("/readyz").get_json()["parts"]
    return str(parts["scanner"]["state"])
