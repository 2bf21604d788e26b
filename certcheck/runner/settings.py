"""How work is kept and done on this machine, from the environment."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from certcheck.errors import SettingError
from certcheck.runner.pool import TIME_LIMIT_S, default_workers

FOLDER = "CERTCHECK_WORK"
URL = "CERTCHECK_WORK_URL"
KEEP_HOURS = "CERTCHECK_KEEP_HOURS"
QUEUE = "CERTCHECK_QUEUE"
WORKERS = "CERTCHECK_WORKERS"

# Long enough to show the result to the seller the same day, or to sleep on it.
_KEEP_HOURS = 24
_YEAR_HOURS = 366 * 24
# Waiting photos: some minutes' work for two cores.
_QUEUE = 200
_MOST_QUEUED = 1_000_000
_MOST_WORKERS = 256
# Bytes of photos that wait; a phone's photo has 2 to 8 MB.
QUEUE_BYTES = 4 * 2**30


@dc.dataclass(frozen=True, slots=True)
class Settings:
    """How work is kept and done.

    Attributes:
        folder: of photos and pictures, and of the database where `url` names no other.
        url: of the database, or None.
        keep: how long a check, its photo and its result stay.
        most_queued: photos that may wait; more are refused until there is room.
        most_bytes: likewise, their size together.
        workers: processes that read.
        time_limit: seconds a photo may take.
    """

    folder: Path
    url: str | None = None
    keep: dt.timedelta = dt.timedelta(hours=_KEEP_HOURS)
    most_queued: int = _QUEUE
    most_bytes: int = QUEUE_BYTES
    workers: int = dc.field(default_factory=default_workers)
    time_limit: float = TIME_LIMIT_S

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process.

        Raises:
            SettingError: a variable holds what it cannot mean.
        """
        folder = environment.get(FOLDER)
        return cls(
            folder=Path(folder).absolute() if folder else default_folder(),
            url=environment.get(URL) or None,
            keep=dt.timedelta(hours=_number(environment, KEEP_HOURS, _KEEP_HOURS, _YEAR_HOURS)),
            most_queued=_number(environment, QUEUE, _QUEUE, _MOST_QUEUED),
            workers=_number(environment, WORKERS, default_workers(), _MOST_WORKERS),
        )


def default_folder() -> Path:
    """The folder of a user who named none."""
    return Path(platformdirs.user_data_dir("certcheck", appauthor=False)) / "work"


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    given = environment.get(name, "").strip()
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:12]) <= most:
        raise SettingError(name=name, value=given, wanted=f"1–{most}")
    return int(given)
