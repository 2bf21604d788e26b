"""A small disk of a test's own, which can be full, and fail as a real one does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.faults.house import LEAST, until

# Bytes; a photo of these tests takes some kilobytes in all.
_SIZE = 24 * 2**20 + LEAST * 48 * 2**10
_FILLER = "filler"
_FAULT = "trigger_fs_error"


class Disk:
    """A file with ext4 in it, mounted; below what is on top of it where it may only be read.

    Args:
        folder: for the file and the place that it is mounted on.
    """

    def __init__(self, folder: Path) -> None:
        self._image, self.place = folder / "disk.img", folder / "disk"
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_SIZE)
        _run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self.mount()

    def mount(self) -> None:
        """Mounts it; its device fails as told by the kernel."""
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.place))
        self._below = os.open(self.place, os.O_DIRECTORY)

    def fill(self) -> None:
        """Leaves no room for anything."""
        made = os.open(_FILLER, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=self._below)
        with os.fdopen(made, "wb", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        """Makes room again."""
        os.unlink(_FILLER, dir_fd=self._below)

    def read_only(self) -> None:
        """Nobody may write from then on, who has not opened a file before."""
        _run("mount", "--bind", str(self.place), str(self.place))
        _run("mount", "-o", "remount,bind,ro", str(self.place))

    def writable(self) -> None:
        """They may again."""
        _run("umount", "-l", str(self.place))

    def fail(self) -> None:
        """The kernel finds a fault, and lets nobody write from then on."""
        name = Path(_output("findmnt", "-no", "SOURCE", str(self.place))).name
        (Path("/sys/fs/ext4") / name / _FAULT).write_text("1")

    def repair(self) -> None:
        """As an administrator does it, when those who used it are gone."""
        os.close(self._below)
        until(lambda: _done("umount", str(self.place)), "the end of who uses the disk")
        subprocess.run(["e2fsck", "-p", str(self._image)], check=False, capture_output=True)
        self.mount()

    def end(self) -> None:
        """Takes it away."""
        os.close(self._below)
        subprocess.run(["umount", "-l", str(self.place)], check=False, capture_output=True)


def made(folder: Path) -> Disk | None:
    """A disk; None where only an administrator makes one, or where none can be made."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("mkfs.ext4", "mount", "findmnt"))):
        return None
    try:
        return Disk(folder)
    except subprocess.CalledProcessError:
        return None


def _done(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
