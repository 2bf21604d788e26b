"""What would break: a request refused while the web is replaced, or figures of one process only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from certcheck.operation import logs
from certcheck.runner.settings import FOLDER
from tests.certcheck.work_store import LONGEST, until
from tests.web.conftest import ROOT

PROCESSES = 2


class Gunicorn:
    """As the unit file starts it, but that no models are loaded: nobody sends a photo."""

    def __init__(self, home: Path, database: str) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{one.getsockname()[1]}"
        (home / "figures").mkdir()
        self.log = home / "log"
        env = {
            **os.environ, FOLDER: str(home / "work"), "CERTCHECK_DATABASE_URL": database,
            "CERTCHECK_WORKERS": "1", logs.SETTING: "json", "GUNICORN_BIND": address,
            "WEB_CONCURRENCY": str(PROCESSES), "PROMETHEUS_MULTIPROC_DIR": str(home / "figures"),
        }  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py",
                 "tests.web.unprepared:made()"],
                cwd=ROOT, env=env, stderr=log,
            )  # fmt: skip
        self.url = f"http://{address}"
        until(lambda: self.children() == PROCESSES and self.answers())

    def children(self) -> int:
        return self.log.read_text("utf-8").count("Booting worker")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        try:
            return requests.get(f"{self.url}/healthz", timeout=LONGEST).ok
        except requests.ConnectionError:
            return False

    def asked(self) -> float:
        """Requests for /healthz that all processes have counted."""
        text = requests.get(f"{self.url}/metrics", timeout=LONGEST).text
        return sum(
            one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
            if one.name == "certcheck_http_requests_total"
            and one.labels["endpoint"] == "health.healthz"
        )


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, demo_url: str) -> Iterator[Gunicorn]:
    made = Gunicorn(tmp_path_factory.mktemp("gunicorn"), demo_url)
    yield made
    made.process.terminate()
    assert made.process.wait(LONGEST) == 0
    assert "Traceback" not in made.log.read_text("utf-8")


def test_figures_are_those_of_all_processes(web: Gunicorn) -> None:
    before = web.asked()
    for _ in range(20):
        requests.get(f"{web.url}/healthz", timeout=LONGEST).raise_for_status()
    assert web.asked() == before + 20
    parts = requests.get(f"{web.url}/readyz", timeout=LONGEST).json()["parts"]
    assert {one["state"] for one in parts.values()} == {"ok"}


def test_the_first_process_loads_nothing_that_a_reload_would_keep(web: Gunicorn) -> None:
    """Else the next version would come with a restart alone, and its pages without its program."""
    maps = Path(f"/proc/{web.process.pid}/maps").read_text("utf-8")
    assert "/sqlalchemy/" not in maps and "/numpy/" not in maps


def test_nothing_is_refused_while_the_processes_are_replaced(web: Gunicorn) -> None:
    codes: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            codes.append(requests.get(f"{web.url}/", timeout=LONGEST).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        web.process.send_signal(signal.SIGHUP)
        until(lambda: web.children() == 2 * PROCESSES)
        until(lambda: web.log.read_text("utf-8").count("Worker exiting") >= PROCESSES)
        after = len(codes)
        until(lambda: len(codes) > after + 5)
    finally:
        stop.set()
        asking.join()
    assert set(codes) == {200}
