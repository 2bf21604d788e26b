"""Servers that a test starts, kills, stops in the middle and starts again, on one home."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import functools
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import requests

from certcheck.runner.settings import FOLDER, QUEUE, RATE, URL, WORKERS, Settings
from tests.faults.cradle import Cradle

ROOT = Path(__file__).parents[2]
# Photos in flight when a fault strikes, at least; see `flight`. 0 for the few of each test.
LEAST = int(os.environ.get("CERTCHECK_IN_FLIGHT", "0"))
# Seconds; a full machine needs some to start a server, and some more for many photos.
LONGEST = 120 + LEAST // 2
_LOOK_S = 0.05
# While this file is there nobody takes what waits; see `serve`.
GATE = "FAULTS_GATE"


def until(met: Callable[[], bool], what: str = "it") -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + LONGEST
    while not met():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(_LOOK_S)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@functools.cache
def cradle() -> Cradle:
    """Where servers come from: one for all tests of a process."""
    return Cradle()


@dc.dataclass
class House:
    """Where servers of one work store live.

    Attributes:
        folder: of the work store.
        registry: address of the registry's database.
        store: address of the work store's database, "" for SQLite in the folder.
        more: of the environment.
        logs: folder of what its servers write, beside the work store where nothing is said.
    """

    folder: Path
    registry: str
    store: str = ""
    more: Mapping[str, str] = dc.field(default_factory=dict)
    logs: Path | None = None
    started: list[Process] = dc.field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """The environment of its servers."""
        return {
            **os.environ, FOLDER: str(self.folder), URL: self.store, WORKERS: "1",
            QUEUE: "5000", RATE: "1000000", "CERTCHECK_DATABASE_URL": self.registry,
            "CERTCHECK_LOG_LEVEL": "error", GATE: str((self.logs or self.folder.parent) / "gate"),
            **self.more,
        }  # fmt: skip

    @property
    def engine(self) -> str:
        """What does the work, and where it is written down."""
        engine = "Celery" if self.settings().celery else "local"
        return f"{engine} on {'PostgreSQL' if self.store else 'SQLite'}"

    def settings(self) -> Settings:
        """As its servers have them."""
        return Settings.from_environment(self.env)

    def web(self) -> Web:
        """A web server with its processes, when it answers."""
        made = Web(self, free_port())
        self.started.append(made)
        made.wait()
        return made

    def worker(self) -> Process:
        """A worker, without models before there is work."""
        return self.command("worker")

    def command(self, *words: str) -> Process:
        """Any command of `certcheck`."""
        made = Process(self, list(words))
        self.started.append(made)
        return made

    def stop(self) -> None:
        """Ends what was started, however it is."""
        for one in self.started:
            one.kill()


class Process:
    """A process of ours, with those that it starts.

    Args:
        house: whose environment it gets.
        command: of `certcheck`.
    """

    def __init__(self, house: House, command: list[str]) -> None:
        logs = house.logs or house.folder.parent
        self.log = logs / f"{house.folder.name}-{len(house.started)}.log"
        self._cradle = cradle()
        self.pid = self._cradle.start(command, house.env, self.log)
        self._status: int | None = None

    @property
    def gone(self) -> bool:
        """Whether it is over."""
        if self._status is None:
            self._status = self._cradle.status(self.pid)
        return self._status is not None

    def kill(self) -> None:
        """As a power cut does it."""
        self.tell(signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """As an administrator does it; returns the exit status."""
        self.tell(signal.SIGTERM)
        return self.ended()

    def tell(self, *signals: int) -> None:
        """Signals, where it is not over."""
        for one in signals:
            if not self.gone:
                os.kill(self.pid, one)

    def ended(self) -> int:
        """Waits until it is over; returns the exit status."""
        until(lambda: self.gone, f"the end of {self.pid}")
        assert self._status is not None
        return self._status

    def readers(self) -> list[int]:
        """The processes that read photos."""
        return [pid for pid in children(self.pid) if b"spawn_main" in command_of(pid)]

    def said(self) -> str:
        """What it wrote to its log."""
        return self.log.read_text("utf-8", "replace")


class Web(Process):
    """A web server with its processes.

    Args:
        house: where it lives.
        port: to listen on.
    """

    def __init__(self, house: House, port: int) -> None:
        super().__init__(house, ["serve", "--port", str(port)])
        self.url = f"http://127.0.0.1:{port}"

    def wait(self) -> None:
        """Until it answers."""
        until(self._answers, "a server")

    def _answers(self) -> bool:
        assert not self.gone, self.said()
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        return False

    def send(self, photo: bytes, token: str = "", timeout: float = 30) -> requests.Response:
        """Sends a photo over the API."""
        headers = {"Idempotency-Key": token} if token else {}
        files = {"photo": ("a.jpg", photo)}
        return requests.post(
            f"{self.url}/api/v1/checks", files=files, headers=headers, timeout=timeout
        )

    def ready(self) -> dict[str, str]:
        """What is not as it should be, by part; each tells what to do."""
        answer = requests.get(f"{self.url}/readyz", timeout=30)
        parts: dict[str, Any] = answer.json()["parts"]
        wrong = {name: one for name, one in parts.items() if one["state"] != "ok"}
        assert all(one["next_step"]["zh"] and one["message"]["en"] for one in wrong.values())
        assert answer.status_code == (503 if any(one["hinders"] for one in wrong.values()) else 200)
        return {name: one["state"] for name, one in wrong.items()}

    def page(self, path: str = "/") -> tuple[int, str]:
        """A page as a browser gets it, which never shows a traceback."""
        answer = requests.get(self.url + path, headers={"Accept": "text/html"}, timeout=60)
        assert "Traceback" not in answer.text and "sqlalchemy" not in answer.text
        return answer.status_code, answer.text


def children(pid: int) -> Iterator[int]:
    """The processes that a process started."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, task.read_text("ascii").split())


def command_of(pid: int) -> bytes:
    """What a process was started with."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
