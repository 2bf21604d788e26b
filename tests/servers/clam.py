"""A ClamAV of the tests' own: in a folder of its own, with two signatures that we invented."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

_LONGEST_S = 30
# A file that is this and nothing else, and bytes that may stand anywhere in one.
WHOLE, PART = b"certcheck: a file that nobody wants", b"certcheck: bytes that nobody wants"
SIGNATURES = ("Certcheck.Whole.UNOFFICIAL", "Certcheck.Part.UNOFFICIAL")
# As docs/operations.md has it.
WHOLE_FILES = {
    "StreamMaxLength": "513M", "MaxFileSize": "513M", "MaxScanSize": "1600M",
    "AlertExceedsMax": "yes",
}  # fmt: skip


def program() -> str | None:
    """The server's program, None where it is not installed."""
    # Not every user's path names the folder.
    return shutil.which("clamd") or shutil.which("/usr/sbin/clamd")


class Clam:
    """Runs until `stop`.

    Args:
        binary: of the server.
        settings: what its `clamd.conf` says besides.
    """

    def __init__(self, binary: str, settings: dict[str, str]) -> None:
        # Not pytest's own folder: a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="certcheck-clam-"))
        self._socket = self._folder / "s"
        known = self._folder / "database"
        known.mkdir()
        digest = hashlib.md5(WHOLE, usedforsecurity=False).hexdigest()
        (known / "a.hdb").write_text(f"{digest}:{len(WHOLE)}:Certcheck.Whole\n", "ascii")
        (known / "a.ndb").write_text(f"Certcheck.Part:0:*:{PART.hex()}\n", "ascii")
        told = {
            "DatabaseDirectory": str(known), "TemporaryDirectory": str(self._folder),
            "LocalSocket": str(self._socket), "Foreground": "yes", "SelfCheck": "0", **settings,
        }  # fmt: skip
        conf = self._folder / "clamd.conf"
        conf.write_text("".join(f"{name} {value}\n" for name, value in told.items()), "utf-8")
        self._process = subprocess.Popen(
            [binary, "--config-file", str(conf)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + _LONGEST_S
        while not self._socket.exists():
            assert time.monotonic() < end and self._process.poll() is None, "clamd did not start"
            time.sleep(0.02)

    @property
    def url(self) -> str:
        """As the setting has it."""
        return f"unix://{self._socket}"

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)
