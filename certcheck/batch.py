"""A folder of photos to a file of reports, safe to stop and start again.

Each photo's reports are appended in one write as soon as they are there. A second run
takes from the file what was done against the same registry and program, and does the rest;
half a line, left by a power cut, is cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from certcheck.check import Wish, exit_status
from certcheck.errors import BadOutputError, NotAFolderError
from certcheck.progress import bar
from certcheck.report import VERSION, Report
from certcheck.runner import Task, default_workers, run
from registry.lookup import Registry

# Files that are photos by their name; anything else in a folder is not ours.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".pdf", ".bmp", ".gif"}
)
_BLOCK = 1 << 20


def photos(folder: Path) -> list[Task]:
    """The photos of a folder tree by name, hidden files left out.

    Raises:
        NotAFolderError: there is no such folder.
    """
    if not folder.is_dir():
        raise NotAFolderError(name=str(folder))
    found = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            found.append(Task(path, path.relative_to(folder).as_posix()))
    return found


class ReportFile:
    """The file of reports, one JSON object a line.

    Args:
        path: made with its folder when missing.

    Raises:
        BadOutputError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            _cut_half_line(path)
        except OSError as error:
            raise BadOutputError(name=str(path), detail=error.strerror) from error

    def lines(self) -> Iterator[dict[str, object]]:
        """Every report in the file; what is no JSON object is passed over."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict):
                    yield entry

    def done(self, revision: str, version: str) -> dict[tuple[str, str], list[dict[str, object]]]:
        """Reports by photo name and SHA-256, of this registry revision and program version."""
        found: dict[tuple[str, str], list[dict[str, object]]] = {}
        for entry in self.lines():
            photo, registry = entry.get("photo"), entry.get("registry")
            if not isinstance(photo, dict) or not isinstance(registry, dict):
                continue
            if registry.get("revision") == revision and entry.get("program") == version:
                key = (str(photo.get("name")), str(photo.get("sha256")))
                found.setdefault(key, []).append(entry)
        return found

    def append(self, reports: list[Report]) -> None:
        """Adds one photo's reports, all in one write, and sees them onto the disk.

        Raises:
            BadOutputError: the disk is full or gone.
        """
        block = "".join(json.dumps(r.to_json(), ensure_ascii=False) + "\n" for r in reports)
        try:
            with self.path.open("ab") as file:
                file.write(block.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BadOutputError(name=str(self.path), detail=error.strerror) from error


def sha256(path: Path) -> str:
    """Of a file's bytes, hexadecimal; of nothing where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError:
        return hashlib.sha256().hexdigest()
    return digest.hexdigest()


def _cut_half_line(path: Path) -> None:
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _BLOCK)
            file.seek(start)
            block = file.read(end - start)
            newline = block.rfind(b"\n")
            if newline >= 0:
                file.truncate(start + newline + 1)
                return
            end = start
        file.truncate(0)


def run_batch(
    folder: Path,
    out: Path,
    registry: Registry,
    url: str | None,
    wish: Wish,
    workers: int | None,
) -> int:
    """Checks what is not yet done and appends it to the file.

    Args:
        folder: the photos' tree.
        out: the file of reports.
        registry: the registry, as opened here.
        url: its database, for the processes that check.
        wish: how to check.
        workers: processes; one a core when None.

    Returns:
        The exit status over all photos of the folder.
    """
    tasks = photos(folder)
    file = ReportFile(out)
    done = file.done(registry.revision.revision, VERSION)
    digests = {task.name: sha256(task.path) for task in tasks}
    finished = [done[(t.name, digests[t.name])] for t in tasks if (t.name, digests[t.name]) in done]
    left = [task for task in tasks if (task.name, digests[task.name]) not in done]
    status = max((_status(entries) for entries in finished), default=0)
    with bar(len(tasks), len(tasks) - len(left)) as advance:
        for _, reports in run(left, registry, url, wish, workers or default_workers()):
            file.append(reports)
            status = max(status, exit_status(reports))
            advance(1)
    return status


def _status(entries: list[dict[str, object]]) -> int:
    if any(entry.get("error") for entry in entries):
        return 3
    return 1 if any(e.get("verdict") in ("inconsistent", "suspected") for e in entries) else 0
