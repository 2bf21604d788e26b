"""A worker in a process of its own, without models; a photo of one kind kills its reader."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from certcheck.operation import logs
from certcheck.runner.answer import Accepted, accepted
from certcheck.runner.engines import reader, worker
from certcheck.runner.queue import Taken
from certcheck.runner.settings import BROKER, ENGINE, FOLDER, LEASE, NICE, URL, WORKERS, Settings
from certcheck.runner.work import Work

DEADLY = b"deadly"
_ROOT = Path(__file__).parents[2]


class Deadly:
    """Ends the process that it is sent to."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


def start(settings: Settings, registry_url: str) -> subprocess.Popen[str]:
    """Starts one; returns when it takes turns."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, registry_url],
        cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {
            FOLDER: str(settings.folder), URL: settings.url or "", ENGINE: "celery",
            BROKER: settings.broker, LEASE: str(settings.lease), WORKERS: str(settings.workers),
            NICE: "0", "PYTHONPATH": str(_ROOT),
        },
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("ready"):
            return process
    raise AssertionError("the worker ended")


def _accepted(work: Work, one: Taken) -> Accepted | Deadly:
    if one.sha256 == hashlib.sha256(DEADLY).hexdigest():
        return Deadly()
    return accepted(work, one)


if __name__ == "__main__":
    logs.set_up()
    reader.accepted = _accepted  # type: ignore[assignment]
    worker.run(
        Settings.from_environment(), sys.argv[1],
        lambda name: click.echo(f"ready {name}", err=True),
    )  # fmt: skip
