"""A folder of photos to a file of reports, safe to stop and start again.

Each photo's reports are appended in one write as soon as they are there. A second run
takes from the file what was done against the same registry, program and settings, and does
the rest. What a power cut left unfinished at the end is cut off: half a line, and the first
pages of a photo whose last page is not there. A photo that failed for no fault of its own
(a crash, a missing engine) is tried again; the later line counts.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import fcntl
import json
import logging
import os
import signal
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from certcheck import check, files, messages
from certcheck.check import Wish, exit_status
from certcheck.errors import (
    SERVER_ERROR,
    BadOutputError,
    BatchStoppedError,
    CertcheckError,
    NotAFolderError,
    NotResultsError,
    OutputInUseError,
)
from certcheck.progress import bar
from certcheck.report import VERSION, Report
from certcheck.runner import Task, default_workers, run
from registry.lookup import Registry

log = logging.getLogger(__name__)

# Files that are photos by their name; anything else in a folder is not ours.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".pdf", ".bmp", ".gif"}
)
STOPPING = (signal.SIGINT, signal.SIGTERM)

# What half a report begins with; some file systems leave zeros where a write was cut off.
_HALF_LINE = (b"{", b"\0")

# A photo by its name and SHA-256.
Key = tuple[str, str]


def photos(folder: Path) -> list[Task]:
    """The photos of a folder tree by name, hidden files left out.

    Raises:
        NotAFolderError: there is no such folder.
    """
    if not folder.is_dir():
        raise NotAFolderError(name=files.shown_name(folder))
    found = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            found.append(Task(path, files.shown_name(path.relative_to(folder))))
    return found


class ReportFile:
    """The file of reports, one JSON object a line, written by one process at a time.

    Beside the report each line holds `batch`: which of the photo's reports it is, of how many.

    Args:
        path: made with its folder when missing.

    Raises:
        BadOutputError: it cannot be written.
        OutputInUseError: another process is writing it.
        NotResultsError: it is somebody's other file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab+")
        except OSError as error:
            raise self._bad(error) from error
        try:
            self._lock()
            self._cut_unfinished()
        except OSError as error:
            self._file.close()
            raise self._bad(error) from error
        except CertcheckError:
            self._file.close()
            raise

    def __enter__(self) -> ReportFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What was added is on the disk; what the disk did not take was told when it was added.
        with contextlib.suppress(OSError):
            self._file.close()

    def done(self, revision: str, settings: str) -> dict[Key, int]:
        """Exit status of each photo that need not be checked again.

        Args:
            revision: of the registry; what was checked against another is not done.
            settings: likewise.
        """
        found: dict[Key, tuple[int, bool]] = {}
        for entry in self._entries():
            photo, registry = entry.get("photo"), entry.get("registry")
            if not isinstance(photo, dict) or not isinstance(registry, dict):
                continue
            made_by = (registry.get("revision"), entry.get("program"), entry.get("settings"))
            if made_by != (revision, VERSION, settings):
                continue
            key = (str(photo.get("name")), str(photo.get("sha256")))
            status, again = (0, False) if _part(entry)[0] == 1 else found.get(key, (0, False))
            found[key] = max(status, _status(entry)), again or _to_try_again(entry)
        return {key: status for key, (status, again) in found.items() if not again}

    def append(self, reports: list[Report]) -> None:
        """Adds one photo's reports, all in one write, and sees them onto the disk.

        Raises:
            BadOutputError: the disk is full or gone.
        """
        lines = [
            {**report.to_json(), "batch": {"number": number, "of": len(reports)}}
            for number, report in enumerate(reports, start=1)
        ]
        block = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        try:
            self._file.write(block.encode("utf-8"))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._bad(error) from error

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputInUseError(name=files.shown_name(self.path)) from error
        except OSError as error:  # some network disks have no locks
            log.warning("%s: %s", self.path, error)

    def _entries(self) -> Iterator[dict[str, Any]]:
        """Every report in the file; what is no JSON object is passed over."""
        self._file.seek(0)
        for line in self._file:
            entry = _entry(line)
            if entry is not None:
                yield entry

    def _cut_unfinished(self) -> None:
        """Cuts off half a line, and the first reports of a photo whose last is not there.

        Raises:
            NotResultsError: it is no file, or the half line is no half of a report.
        """
        if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            # A device may have no end to look for.
            raise NotResultsError(name=files.shown_name(self.path))
        whole = end = 0
        self._file.seek(0)
        for line in self._file:
            end += len(line)
            if not line.endswith(b"\n"):
                if not line.startswith(_HALF_LINE):
                    raise NotResultsError(name=files.shown_name(self.path))
                break
            number, of = _part(_entry(line) or {})
            if number == of:
                whole = end
        if whole < end:
            self._file.truncate(whole)

    def _bad(self, error: OSError) -> BadOutputError:
        return BadOutputError(name=files.shown_name(self.path), detail=error.strerror)


@dc.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a batch.

    Attributes:
        status: the exit status over all photos of the folder.
        message: code of the sentence that tells it.
        details: what the sentence is filled with.
    """

    status: int
    message: str
    details: Mapping[str, object]


def run_batch(
    folder: Path,
    out: Path,
    registry: Registry,
    url: str | None,
    wish: Wish,
    workers: int | None,
) -> Outcome:
    """Checks what is not yet done and appends it to the file.

    Args:
        folder: the photos' tree.
        out: the file of reports.
        registry: the registry, as opened here.
        url: its database, for the processes that check.
        wish: how to check.
        workers: processes; one a core when None.

    Returns:
        The exit status over all photos of the folder, and the sentence to end with.

    Raises:
        NotAFolderError: there is no such folder.
        BadOutputError: the file cannot be written.
        OutputInUseError: another process is writing it.
        NotResultsError: it is somebody's other file.
        BatchStoppedError: SIGINT or SIGTERM came.
        RegistryError: the registry cannot be asked.
    """
    tasks = photos(folder)
    with ReportFile(out) as file:
        try:
            with _stoppable():
                status, checked = _run(
                    tasks, file, registry, url, wish, workers or default_workers()
                )
        except KeyboardInterrupt:
            raise BatchStoppedError(name=files.shown_name(out)) from None
    if not tasks:
        suffixes = " ".join(sorted(SUFFIXES))
        return Outcome(0, "batch.no_photos", {"name": folder, "suffixes": suffixes})
    details = {"total": len(tasks), "checked": checked, "name": files.shown_name(out)}
    return Outcome(status, "batch.done", details)


def _run(
    tasks: list[Task], file: ReportFile, registry: Registry, url: str | None, wish: Wish,
    workers: int,
) -> tuple[int, int]:  # fmt: skip
    done = file.done(registry.revision.revision, check.settings(wish))
    named = {name for name, _ in done}
    # Only what the file knows by name can be done, and only that is worth a digest.
    finished = {
        task: done[key]
        for task in tasks
        if task.name in named and (key := (task.name, files.sha256(task.path))) in done
    }
    left = [task for task in tasks if task not in finished]
    status = max(finished.values(), default=0)
    results = contextlib.closing(run(left, registry, url, wish, workers))
    with bar(len(tasks), len(finished)) as advance, results as answers:
        for _, reports in answers:
            file.append(reports)
            status = max(status, exit_status(reports))
            advance(1)
    return status, len(left)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turns the first signal to stop into KeyboardInterrupt; the next are passed over.

    The processes have to be ended and the file closed meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        for one in STOPPING:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in STOPPING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _part(entry: dict[str, Any]) -> tuple[int | None, int | None]:
    """Which of the photo's reports it is, of how many; None where it does not say."""
    part = entry.get("batch")
    return (part.get("number"), part.get("of")) if isinstance(part, dict) else (None, None)


def _to_try_again(entry: dict[str, Any]) -> bool:
    """Whether the check failed for a reason that is not the photo's."""
    error = entry.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code is not None and (messages.http_status(str(code)) or 0) >= SERVER_ERROR


def _status(entry: dict[str, Any]) -> int:
    if entry.get("error"):
        return 3
    return 1 if entry.get("verdict") in ("inconsistent", "suspected") else 0
