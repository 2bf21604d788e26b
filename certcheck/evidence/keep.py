"""What a check on somebody's own machine leaves for evidence: the photo's bytes and the report.

In the work folder, under `evidence`; the server keeps its own (`certcheck.runner`). Photos are
named by their SHA-256, which the report has anyway, and written while they are read; a report is
named by its id. What is older than the time it is kept for goes, and the oldest where all of it
takes too much room. A disk that is full, or gone, is never a reason for a check to fail.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import getpass
import json
import logging
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certcheck.errors import SettingError

if TYPE_CHECKING:
    from certcheck.report import Report

log = logging.getLogger(__name__)

SETTING = "CERTCHECK_EVIDENCE"
OFF = "off"
DAYS = 30
_MOST_DAYS = 3660
# Some hundreds of photos as phones take them.
MOST_BYTES = 2 * 1024**3
_PHOTOS, _REPORTS, _UNFINISHED = "photos", "reports", "unfinished"
_SWEPT = "swept"
_SWEEP_S = 600
_DAY_S = 86400
_OWNER_ONLY = 0o700
_ID = re.compile(r"[0-9a-zA-Z_-]{1,80}")


@dc.dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of a check.

    Attributes:
        report: as the contract has it.
        at: when it was kept.
        user: who checked, by the machine's own name for him.
        photo: the bytes that were checked.
    """

    report: Mapping[str, Any]
    at: str
    user: str
    photo: Path


class Keeper:
    """The folder.

    Args:
        folder: made when there is something to keep.
        days: how long it stays.
        most: bytes that all photos may take.
    """

    def __init__(self, folder: Path, days: int = DAYS, most: int = MOST_BYTES) -> None:
        self.folder, self._days, self._most = folder, days, most

    def begin(self, data: bytes) -> Callable[[Sequence[Report]], None]:
        """Starts to write a photo beside whatever comes; what is returned takes its reports."""
        written: list[Path] = []
        thread = threading.Thread(target=self._write, args=(data, written), name="evidence")
        thread.start()

        def finish(reports: Sequence[Report]) -> None:
            thread.join()
            try:
                self._finish(written, reports)
            except OSError as error:
                log.info("nothing is kept for evidence: %s", error)
            for one in written:
                with contextlib.suppress(OSError):
                    one.unlink(missing_ok=True)

        return finish

    def find(self, report_id: str) -> Kept | None:
        """What was kept of the check with a report's id; None where nothing is."""
        if not _ID.fullmatch(report_id):
            return None
        try:
            told = json.loads(self._report(report_id).read_text("utf-8"))
            report = told["report"]
            photo = self._photo(report["photo"]["sha256"])
            return Kept(report, told["kept_at"], told["user"], photo)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, ids: Iterable[str] = ()) -> int:
        """Deletes what was kept of some checks, or all of it; returns how many.

        A photo goes when no report is left that it belongs to.
        """
        named = list(ids)
        gone = 0
        for path in self._files(_REPORTS):
            if not named or path.stem in named:
                path.unlink(missing_ok=True)
                gone += 1
        wanted = {kept.photo.name for one in self._files(_REPORTS) if (kept := self.find(one.stem))}
        for path in (*self._files(_PHOTOS), *self._files(_UNFINISHED)):
            if path.name not in wanted:
                path.unlink(missing_ok=True)
        return gone

    def _write(self, data: bytes, written: list[Path]) -> None:
        """Runs beside the check."""
        try:
            unfinished = self.folder / _UNFINISHED
            unfinished.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
            handle, name = tempfile.mkstemp(dir=unfinished)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            written.append(Path(name))
            self._sweep()
        except OSError as error:
            log.info("nothing is kept for evidence: %s", error)

    def _finish(self, written: Sequence[Path], reports: Sequence[Report]) -> None:
        digests = {one.photo.sha256 for one in reports}
        if not written or len(digests) != 1:
            return
        photo = self._photo(digests.pop())
        for folder in (photo.parent, self.folder / _REPORTS):
            folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        written[0].replace(photo)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        for one in reports:
            told = {"report": one.to_json(), "kept_at": at, "user": _user()}
            place = self._report(one.id)
            new = place.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
            new.replace(place)

    def _photo(self, sha256: str) -> Path:
        return self.folder / _PHOTOS / sha256[:2] / sha256

    def _report(self, report_id: str) -> Path:
        return self.folder / _REPORTS / f"{report_id}.json"

    def _files(self, folder: str) -> list[Path]:
        return [one for one in (self.folder / folder).rglob("*") if one.is_file()]

    def _sweep(self) -> None:
        """Lets go of what is too old, or too much; every now and then."""
        marker, now = self.folder / _SWEPT, time.time()
        with contextlib.suppress(FileNotFoundError):
            if now - marker.stat().st_mtime < _SWEEP_S:
                return
        marker.touch()
        over = now - self._days * _DAY_S
        for path in (*self._files(_REPORTS), *self._files(_UNFINISHED)):
            if path.stat().st_mtime < (over if path.suffix else now - _DAY_S):
                path.unlink(missing_ok=True)
        # Written anew with every check of it, so younger than its reports.
        photos = sorted(((one.stat(), one) for one in self._files(_PHOTOS)), key=_age)
        size = sum(stat.st_size for stat, _ in photos)
        for stat, path in photos:
            if stat.st_mtime >= over and size <= self._most:
                break
            path.unlink(missing_ok=True)
            size -= stat.st_size


def configured(environment: Mapping[str, str] = os.environ) -> Keeper | None:
    """Where checks of this user are kept; None where they are not to be.

    Raises:
        SettingError: the variable holds what it cannot mean.
    """
    from certcheck.runner.settings import FOLDER, default_folder

    given = environment.get(SETTING, "").strip() or str(DAYS)
    if given == OFF:
        return None
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= _MOST_DAYS:
        raise SettingError(name=SETTING, value=given, wanted=f"1–{_MOST_DAYS}, {OFF}")
    work = environment.get(FOLDER)
    folder = Path(work).absolute() if work else default_folder()
    return Keeper(folder / "evidence", int(given))


def _age(one: tuple[os.stat_result, Path]) -> float:
    return one[0].st_mtime


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
