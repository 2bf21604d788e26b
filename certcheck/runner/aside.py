"""A module of ours run in a process of its own, for what takes minutes or much memory."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import certcheck
from certcheck.runner.settings import FOLDER, URL, Settings

_PACKAGES = Path(certcheck.__file__).parents[1]


def begin(
    module: str, told: Mapping[str, object], settings: Settings, memory: int, nice: int = 0
) -> subprocess.Popen[bytes]:
    """Starts it; whoever starts it looks after it.

    Args:
        module: that is run.
        told: what it is told, as JSON on its standard input: addresses may hold passwords, and
            only this user can look into that.
        settings: of the work store, which it opens by itself.
        memory: bytes that it may take.
        nice: steps by which it stands back.

    Raises:
        OSError: there is no process to be had.
    """
    process = subprocess.Popen(  # noqa: S603 - this program itself
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=_PACKAGES,
        # Ctrl-C is for the server, which ends this.
        start_new_session=True,
        env=os.environ | {
            FOLDER: str(settings.folder), URL: settings.url or "",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - asked for
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(told).encode())
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (memory, memory))
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        if nice:
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, process.pid, own + nice)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends it with all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()
