"""Makes the PDFs that are wanted, each in a process of its own that ends with it.

Pango keeps what it once asked for, and lays out text that strangers wrote: neither is for the
server's process, nor for those that read photos.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import certcheck
from certcheck import pdf
from certcheck.errors import BlobDamagedError, PdfError, StorageError
from certcheck.runner import prints, unreadable
from certcheck.runner.blobs import Stored
from certcheck.runner.prints import Name, Sheet
from certcheck.runner.work import Work

log = logging.getLogger(__name__)

# Measured on a report of two certificates with a dozen pages: 2.5 s of a core, 0.22 GiB. A
# machine with much else to do takes ten times as long by the clock.
TIME_LIMIT_S = 120
_CPU_SECONDS = 60
MEMORY_BYTES = 2**30
# After a failure of the disk.
_PAUSE_S = 2.0
# Short of memory, the kernel ends this first.
_OOM_SCORE = b"800"
_FOLDER = "printing"
_PACKAGES = Path(certcheck.__file__).parents[1]


@dc.dataclass(frozen=True, slots=True)
class _Work:
    """A document that is being made."""

    name: Name
    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]
    until: float


class Printer:
    """Makes one document after the other, as often as its turn comes.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        # Beside the photos, not where all users' files lie; what a power cut leaves is found there.
        self._folder = work.settings.folder / _FOLDER
        self._at: _Work | None = None
        # Whether a page may be begun by the record, and by nobody.
        self._unsure, self._rests_until = False, float("-inf")

    def take_up(self) -> None:
        """Queues what a server that is gone had begun.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        prints.take_up(self._work)

    def turn(self) -> None:
        """Collects what is made, or begins the next; never waits.

        What the disk hinders is tried again a while later: whoever calls has more to do.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        if time.monotonic() < self._rests_until:
            return
        try:
            self._turn()
        except BaseException as error:
            self._unsure = True
            if not isinstance(error, StorageError):
                raise
            log.error("PDFs wait: %s %s", error, error.details)
            self._rests_until = time.monotonic() + _PAUSE_S

    def _turn(self) -> None:
        if self._at is not None and not self._collected(self._at):
            return
        if self._unsure:
            prints.take_up(self._work)
            self._unsure = False
        taken = prints.take(self._work)
        if taken is None:
            return
        name, sheet = taken
        try:
            self._at = self._begin(name, sheet)
        except StorageError:
            if unreadable.alone(self._work, set(sheet.pictures.values())):
                prints.died(self._work, name)
            raise
        except OSError:
            log.exception("no process for a PDF")
            prints.finish(self._work, name, PdfError.code)

    def stop(self) -> None:
        """Ends the process; what it was at is queued again."""
        if self._at is not None:
            self._end(self._at)
            prints.take_up(self._work)

    def _begin(self, name: Name, sheet: Sheet) -> _Work:
        # Removed also where its process was ended in the middle of writing to it.
        self._folder.mkdir(exist_ok=True, mode=0o700)
        folder = tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True)
        place, blobs = Path(folder.name), self._work.blobs
        try:
            place.joinpath(pdf.PAGE).write_text(sheet.html, encoding="utf-8")
            pictures = {at: _laid(place, blobs, one) for at, one in sheet.pictures.items()}
            place.joinpath(pdf.PICTURES).write_text(json.dumps(pictures), encoding="utf-8")
            process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-m", pdf.__name__, folder.name],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=_PACKAGES,
                # Ctrl-C is for the server, which ends this.
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
        except BaseException:
            folder.cleanup()
            raise
        _confine(process.pid, self._work.settings.nice)
        return _Work(name, folder, process, time.monotonic() + TIME_LIMIT_S)

    def _collected(self, at: _Work) -> bool:
        """Whether a process is over; what it made is then written down."""
        if at.process.poll() is None:
            if time.monotonic() < at.until:
                return False
            log.error("a PDF took too long: %s", at.name.kind)
            self._end(at)
            prints.finish(self._work, at.name, PdfError.code)
            return True
        found = None if at.process.returncode else _left_in(Path(at.folder.name))
        if found is None:
            log.error("a process died over a PDF, status %s", at.process.returncode)
            prints.died(self._work, at.name)
        else:
            prints.finish(self._work, at.name, found)
        self._end(at)
        return True

    def _end(self, at: _Work) -> None:
        self._at = None
        with contextlib.suppress(ProcessLookupError):
            at.process.send_signal(signal.SIGKILL)
        at.process.wait()
        at.folder.cleanup()


def _laid(place: Path, blobs: Stored, sha256: str) -> str:
    """Lays a picture beside the page; without one that is damaged, the page has none."""
    path = place / sha256
    with contextlib.suppress(BlobDamagedError):
        path.write_bytes(blobs.read(sha256))
    return str(path)


def _left_in(folder: Path) -> bytes | str | None:
    """What a process left: a PDF, the code of why there is none, or nothing."""
    made, error = folder / pdf.PDF, folder / pdf.ERROR
    if made.exists():
        return made.read_bytes()
    if error.exists():
        return str(json.loads(error.read_text("utf-8"))["code"])
    return None


def _confine(pid: int, nice: int) -> None:
    """Limits a process from outside; one that is over already needs no limit."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + nice)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_bytes(_OOM_SCORE)
