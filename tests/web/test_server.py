"""What would break: an accepted photo lost with the server, or a server that cannot be stopped."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask, request

from certcheck import messages
from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.runner.settings import FOLDER
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.web.conftest import ROOT, Real
from web import create_app, server

FORM = "multipart/form-data; boundary=x"


def test_what_a_killed_server_had_begun_the_next_one_does(real: Real) -> None:
    """Killed as a power cut does it, while the photo was read; same address, whole report."""
    assert real.killed_at == "running"
    assert real.report["schema"] == "certcheck.report/1"
    assert (real.report["verdict"], real.report["error"]) == ("inconsistent", None)


def test_a_server_that_is_told_to_stop_stops(real: Real) -> None:
    assert real.exit_status == 0


def test_with_the_demo_registry_there_is_somebody_of_each_role_to_try_it(real: Real) -> None:
    """Made by the first server; the second one knows them still."""
    assert real.seen == dict.fromkeys((*OF_PEOPLE, Role.CLIENT), 200)


def test_a_port_that_is_taken_is_told(tmp_path: Path, demo_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = subprocess.run(
            [sys.executable, "-m", "certcheck.cli", "serve", "--port", port],
            cwd=ROOT,
            env={**os.environ, FOLDER: str(tmp_path), "CERTCHECK_DATABASE_URL": demo_url},
            capture_output=True,
            text=True,
            check=False,
        )
    step = messages.next_step("usage.address_taken")
    assert step is not None
    assert (told.returncode, told.stdout) == (2, "")
    assert step.zh in told.stderr and port in told.stderr and "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["certcheck.cli", "serve"],
        ["certcheck.cli", "worker"],
        ["gunicorn", "-c", "deploy/gunicorn.conf.py", "web.wsgi:made()"],
    ],
    ids=["serve", "worker", "gunicorn"],
)
def test_nothing_starts_with_a_value_that_cannot_be_used(command: list[str]) -> None:
    """Else each photo would fail, or no time stamp come, and only the log would know."""
    wrong = {"CERTCHECK_TEXT_ENGINE": "magic", "CERTCHECK_LOG": "json", "CERTCHECK_MOON": "1"}
    told = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env={**os.environ, **wrong},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 2 and "Traceback" not in told.stderr
    assert "CERTCHECK_TEXT_ENGINE" in told.stderr and "rapidocr, tesseract" in told.stderr
    assert "CERTCHECK_MOON is no setting" in told.stderr


def test_a_large_upload_comes_to_the_disk_of_the_work_folder(app: Flask) -> None:
    """Where containers have their temporary files in memory, a few large ones would fill it."""
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    form = {"data": head + bytes(2**20) + b"\r\n--x--\r\n", "content_type": FORM}
    with app.test_request_context("/", method="POST", **form):
        path = Path(f"/proc/self/fd/{request.files['photo'].stream.fileno()}").readlink()
    assert path.parent == app.extensions["work"].settings.folder


@contextlib.contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The app on a port of its own, without the processes that check."""
    made = server._listening(app, "127.0.0.1", 0)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.effective_port}"
    finally:
        made.pull_trigger()
        made.task_dispatcher.shutdown()
        # A connection that its client keeps open would keep the thread.
        for channel in list(made.active_channels.values()):
            channel.handle_close()
        made.close()
        thread.join()


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 202)])
def test_whom_a_request_comes_from_is_told_by_our_own_proxies_alone(
    app: Flask, demo_registry: Registry, proxies: int, last: int
) -> None:
    """Else a flood would come from as many addresses as it says, or all visitors from one."""
    work: Work = app.extensions["work"]
    few = Work(dc.replace(work.settings, rate=1, proxies=proxies), work.clock)
    with listening(create_app({"REGISTRY": demo_registry, "WORK": few})) as url:
        codes = [
            requests.post(
                f"{url}/api/v1/checks",
                files={"photo": ("a.jpg", b"photo")},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
                timeout=30,
            ).status_code
            for number in (1, 2)
        ]
    few.close()
    assert codes == [202, last]
