"""A module of ours run in a process of its own.

`begin` is for what takes minutes or much memory; `answer` for what a page waits for: a file that
somebody sent, which no thread of the server takes apart itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import certcheck
from certcheck.runner import limits
from certcheck.runner.settings import FOLDER, URL, Settings

_PACKAGES = Path(certcheck.__file__).parents[1]
# Pages ask for one; more at once would take the processors from those who wait for a check.
_AT_ONCE = threading.BoundedSemaphore(2)
# Of one that a page waits for, by the clock: a machine with much else to do takes its time.
_SECONDS = 60


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


def answer(module: str, given: IO[bytes]) -> bytes | None:
    """What a module makes of a file; None where its process dies or hangs.

    Args:
        module: that is run; it calls `answering`.
        given: the file, from its beginning.
    """
    with _AT_ONCE, contextlib.ExitStack() as held:
        file = _on_disk(given, held)
        try:
            done = subprocess.run(  # noqa: S603 - this program itself
                [sys.executable, "-m", module], stdin=file, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, cwd=_PACKAGES, timeout=_SECONDS, check=False,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
    return done.stdout if done.returncode == 0 else None


def answering(work: Callable[[IO[bytes]], bytes], memory: int, cpu_seconds: int) -> None:
    """Limits this process and answers on its standard output.

    Args:
        work: what is made of the file on standard input, which can be sought in.
        memory: bytes that it may take.
        cpu_seconds: of a processor.
    """
    limits.confine(memory, cpu_seconds)
    made = work(sys.stdin.buffer)
    sys.stdout.buffer.write(made)


def _on_disk(given: IO[bytes], held: contextlib.ExitStack) -> IO[bytes]:
    """A file that a process can be given, at its beginning; a copy where it lies in memory."""
    given.seek(0)
    try:
        given.fileno()
    except OSError:
        copy = held.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - entered
        shutil.copyfileobj(given, copy)
        given = copy
    given.flush()
    # The place of a file is that of whoever it is handed to, too.
    os.lseek(given.fileno(), 0, os.SEEK_SET)
    return given
