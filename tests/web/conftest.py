from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from PIL import ExifTags, Image

from certcheck import messages
from certcheck.accounts import demo
from certcheck.accounts.demo import Card
from certcheck.accounts.roles import Role
from certcheck.operation import logs
from certcheck.runner.clients import Clients
from certcheck.runner.settings import FOLDER, WORKERS, Settings
from certcheck.runner.store import open_store
from certcheck.runner.work import Work, now
from certcheck_client import Client
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck.work_store import LONGEST, Clock, until
from tests.web import curls
from tests.web.staff import quick
from web import create_app

ROOT = Path(__file__).parents[2]
PHOTO = PHOTOS / "item1-expired.jpg"
MAKER = "Maker of Cameras"


@pytest.fixture(autouse=True)
def strict_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(messages.STRICT, "1")


@pytest.fixture
def app(tmp_path: Path, clock: Clock, demo_registry: Registry) -> Iterator[Flask]:
    """The app with an empty work store; nobody does what it accepts.

    Its forms are taken without the token of a page of ours; `test_access` asks for it.
    """
    work = Work(Settings(tmp_path / "work", workers=1, most_queued=50), clock)
    told = {"REGISTRY": demo_registry, "WORK": work, "WTF_CSRF_ENABLED": False}
    yield create_app(told | {"PASSWORDS": quick()})
    work.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """`certcheck serve` in a process of its own.

    Args:
        home: of its data, the demo registry among them.
        workers: processes that read.

    Attributes:
        home: likewise.
        env: the environment, for other commands that work on the same data.
        url: its address, without a slash at the end.
        log: file of what it tells, the address first.
    """

    def __init__(self, home: Path, workers: int = 1, log: str = "text") -> None:
        self.home = home
        self.env = {
            **os.environ, "XDG_DATA_HOME": str(home), FOLDER: str(home / "work"),
            WORKERS: str(workers), "CERTCHECK_DATABASE_URL": "", logs.SETTING: log,
        }  # fmt: skip
        # A file: a pipe that nobody empties would stop the server when it is full.
        self.log = home / f"{secrets.token_hex(4)}.log"
        with self.log.open("wb") as told:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "certcheck.cli", "serve", "--port", str(_free_port())],
                cwd=ROOT,
                env=self.env,
                stderr=told,
            )
        until(lambda: "\n" in self.log.read_text("utf-8") or self._process.poll() is not None)
        self.url = self.log.read_text("utf-8").partition("\n")[0].rstrip("/")
        if not self.url.startswith("http://"):
            raise AssertionError(self.log.read_text("utf-8"))

    def kill(self) -> None:
        """As a power cut does it."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> int:
        """As an administrator does it; returns the exit status."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=LONGEST)
        return self._process.returncode


def placed(photo: bytes) -> bytes:
    """A JPEG as a phone writes it: with the place, and who made the camera."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = MAKER
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (33.0, 0.0, 18.5)
    segment = exif.tobytes()
    return photo[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + photo[2:]


def upload(url: str, photo: IO[bytes] | bytes, timeout: float = 30) -> requests.Response:
    """Sends a photo as a browser does: with the cookie and the token of the page's form."""
    browser = requests.Session()
    page = browser.get(f"{url}/", timeout=timeout).text
    answer = browser.post(
        f"{url}/checks",
        data={"csrf_token": token(page)},
        files={"photo": (PHOTO.name, photo) if isinstance(photo, bytes) else photo},
        allow_redirects=False,
        timeout=timeout,
    )
    browser.close()
    return answer


def sign_in(url: str, name: str, password: str) -> requests.Session:
    """A browser in which somebody is signed in."""
    browser = requests.Session()
    page = browser.get(f"{url}/sign-in", timeout=30).text
    told = {"name": name, "password": password, "csrf_token": token(page)}
    browser.post(f"{url}/sign-in", data=told, timeout=30).raise_for_status()
    return browser


def token(page: str) -> str:
    """What a form of a page has to send along."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


class Real:
    """A sample photo really checked by a server that was killed in the middle of it.

    Attributes:
        home: the servers' data.
        photo: as it was sent, with the place in it.
        address: of the check, as the form was answered.
        killed_at: status of the check when the first server was killed.
        state: as the script of the waiting page got it last.
        waiting: the page while the photo was read.
        html: the page with the result, of the second server.
        report: as the API has it.
        seen: by a person of each role who signed in with what the server made: the status of his
            own list; and of a program with its key, of the check.
        curls: the curl commands of the documents, as that server answered them.
        example: what the documents' Python printed, likewise.
        asked: the same photo, as our client got it.
        batch: it and a file that is no photo, likewise.
        exit_status: of the second server, told to stop.
        log: files of what both servers told, a line an object but for the first lines.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        server = Server(home, log="json")
        self.log = [server.log]
        self.photo = placed(PHOTO.read_bytes())
        sent = upload(server.url, self.photo)
        assert sent.status_code == 303
        self.address = sent.headers["Location"].partition("?")[0]
        until(self._meets(server, lambda status: status != "queued"))
        self.killed_at = self.state["status"]
        self.waiting = requests.get(server.url + self.address, timeout=30).text
        server.kill()
        server = Server(home, log="json")
        self.log.append(server.log)
        until(self._meets(server, lambda status: status == "done"))
        self.html = requests.get(server.url + self.address, timeout=30).text
        self.report: dict[str, Any] = requests.get(
            f"{server.url}/api/v1{self.address}", timeout=30
        ).json()
        self.seen = {card.role: self._look(server, card) for card in demo.read(home / "work")}
        key = Clients(open_store(home / "work")).add("program", now())
        self.curls = curls.run(server.url, key)
        self.example = curls.example(server.url, key)
        with Client(server.url, key) as client:
            self.asked = client.check(PHOTO, LONGEST)
            sent_many = client.batch([PHOTO, ("b.txt", b"text")], title="both")
            self.batch = client.wait_batch(sent_many.id, LONGEST)
        self.exit_status = server.stop()

    def _look(self, server: Server, card: Card) -> int:
        if card.role is Role.CLIENT:
            headers = {"Authorization": f"Bearer {card.password}"}
            address = f"{server.url}/api/v1{self.address}"
            return requests.get(address, headers=headers, timeout=30).status_code
        with sign_in(server.url, card.name, card.password) as browser:
            answer = browser.get(f"{server.url}/history", allow_redirects=False, timeout=30)
            return answer.status_code

    def _meets(self, server: Server, wanted: Callable[[str], bool]) -> Callable[[], bool]:
        def look() -> bool:
            self.state = requests.get(f"{server.url}{self.address}/state", timeout=30).json()
            time.sleep(0.1)
            return wanted(self.state["status"])

        return look


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    """One photo read for all tests of the web."""
    return Real(tmp_path_factory.mktemp("home"))
