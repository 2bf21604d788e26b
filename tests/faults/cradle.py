"""A process that has loaded the program once, and becomes a server whenever a test wants one.

A fault costs a server, and to start one is mostly to load it. So servers are forked off one process
that has done that, and nothing else: no thread, no connection, no file. From there on each is what
the command makes of it; the processes that it starts are started as always.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What servers and workers load.
_LOADED = ("tests.faults.serve", "web.server", "certcheck.runner.engines.worker", "psycopg")
_LOADED_WHERE_THERE = ("celery.apps.worker", "kombu.transport.redis")


class Cradle:
    """The process, as a test sees it; it ends with the test's."""

    def __init__(self) -> None:
        ours, its = socket.socketpair()
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(its.fileno())], cwd=ROOT,
                pass_fds=[its.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._said = ours.makefile("rw", encoding="utf-8")
        ours.close()
        atexit.register(self.end)

    def start(self, command: list[str], env: Mapping[str, str], log: Path) -> int:
        """Starts `certcheck COMMAND` as `serve` has it; returns its number."""
        return int(self._asked(command=command, env=dict(env), log=str(log)))

    def status(self, pid: int) -> int | None:
        """What a process ended with, less than 0 for a signal; None while it runs."""
        told = self._asked(pid=pid)
        return None if told is None else int(told)

    def end(self) -> None:
        """Ends it."""
        self._said.close()
        self._process.wait()

    def _asked(self, **what: object) -> Any:
        self._said.write(json.dumps(what) + "\n")
        self._said.flush()
        return json.loads(self._said.readline())


def _rock(said: socket.socket) -> dict[str, Any] | None:
    """Starts what is asked for until nobody asks; in each that was started, what it is to be."""
    with said, said.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            asked = json.loads(line)
            if "pid" in asked:
                told = _status(asked["pid"])
            else:
                told = os.fork()
                if not told:
                    return dict(asked)
            lines.write(json.dumps(told) + "\n")
            lines.flush()
    return None


def _status(pid: int) -> int | None:
    over, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if over else None


def _become(asked: dict[str, Any]) -> None:
    """The server, in the process that was just made."""
    os.environ.clear()
    os.environ.update(asked["env"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR)
    for of, to in ((nothing, 0), (nothing, 1), (log, 2)):
        os.dup2(of, to)
    importlib.import_module(_LOADED[0]).main(asked["command"])


def _load() -> None:
    for one in _LOADED:
        importlib.import_module(one)
    for one in _LOADED_WHERE_THERE:
        with contextlib.suppress(ImportError):
            importlib.import_module(one)


if __name__ == "__main__":
    _load()
    if (wanted := _rock(socket.socket(fileno=int(sys.argv[1])))) is not None:
        _become(wanted)
