"""A PostgreSQL server of the tests' own: in a folder of its own, on no network, gone after."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

# PostgreSQL refuses to run as root; Debian's package makes this user.
USER = "postgres"
# Where Debian keeps the programs, the newest version last.
DEBIAN = Path("/usr/lib/postgresql")
# A folder in memory, where there is room: a database is some 450 files, which a disk takes up to a
# second to make and longer to remove. Four workers' servers fill up to half of this.
MEMORY, ROOM_BYTES = Path("/dev/shm"), 4 * 2**30
_SPACE = "small_disk"


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, None where no server is installed."""
    folders = [path / "bin" for path in DEBIAN.glob("*") if path.name.isdigit()]
    folders.sort(key=lambda path: int(path.parent.name))
    if found := shutil.which("initdb"):
        folders.insert(0, Path(found).resolve().parent)
    return next((path for path in reversed(folders) if (path / "pg_ctl").exists()), None)


def _place() -> Path | None:
    """Where a server's files go; None is where temporary files do."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= ROOM_BYTES and os.access(MEMORY, os.W_OK):
            return MEMORY
    return None


class Server:
    """Runs until `stop`; hands out databases."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # Not pytest's own folder: another user has to get in, and a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="certcheck-pg-", dir=_place()))
        self._numbers = itertools.count()
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", USER, "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        """Starts it, again where it was killed."""
        data = str(self._folder / "data")
        settings = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c jit=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-o", settings, "-l", log, "start")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            user=USER if os.geteuid() == 0 else None,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """The number of its first process."""
        file = self._folder / "data" / "postmaster.pid"
        return int(file.read_text("ascii").split()[0])

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://{USER}@/{name}?host={self._folder}"

    def create(self, like: str = "template1", disk: str = "pg_default") -> str:
        """A new database; its name.

        Args:
            like: one that nobody is connected to, with what it begins with; without it, empty.
            disk: name of the tablespace that it lies in.
        """
        name = f"registry_{next(self._numbers)}"
        self._told(f"CREATE DATABASE {name} TEMPLATE {like} TABLESPACE {disk}")
        return name

    def folder(self, name: str) -> Path:
        """A folder that it gets into."""
        made = self._folder / name
        made.mkdir()
        return made

    def on(self, disk: Path) -> str:
        """A new, empty database whose tables lie on a disk of their own; its name."""
        place = disk / "tables"
        place.mkdir()
        if os.geteuid() == 0:
            shutil.chown(place, USER)
        self._told(f"CREATE TABLESPACE {_SPACE} LOCATION '{place}'")
        return self.create(disk=_SPACE)

    def off(self, name: str) -> None:
        """Drops such a database, before its disk goes."""
        self._told(f"DROP DATABASE {name} WITH (FORCE)")
        self._told(f"DROP TABLESPACE {_SPACE}")

    def _told(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def runs(self) -> bool:
        """Whether it was not killed."""
        return (self._folder / "data" / "postmaster.pid").exists()

    def copy(self, url: str) -> str:
        """A database with what another holds now, which may be in use; both by their address."""
        made, file = self.url(self.create()), str(self._folder / "dump.sql")
        self._run("pg_dump", "-d", url, "-f", file)
        self._run("psql", "-q", "-d", made, "-f", file)
        return made

    def kill(self) -> None:
        """Ends it in the middle of what it does, as a power cut would."""
        file, first = self._folder / "data" / "postmaster.pid", self.pid
        os.kill(first, signal.SIGSTOP)  # or it would start more meanwhile
        # Its processes hold the memory that the next start wants.
        every = [first, *_started_by(first)]
        for pid in every:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() and not _over(pid) for pid in every):
            time.sleep(0.01)
        # The number lives until somebody asks after it, and the next start would believe it.
        file.unlink()
        for one in self._folder.glob(".s.PGSQL.*"):
            one.unlink()

    def stop(self) -> None:
        """Ends the server and removes all it held."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder)


def _started_by(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _over(pid: int) -> bool:
    """Whether nothing is left of a process but its number."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
