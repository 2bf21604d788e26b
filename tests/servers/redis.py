"""A Redis server of the tests' own: on a socket in a folder of its own, gone after."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

_LONGEST_S = 30


def program() -> str | None:
    """The server's program, None where it is not installed."""
    return shutil.which("redis-server")


class Redis:
    """Runs until `stop`; it keeps nothing on disk, so that who kills it empties it.

    Args:
        binary: of the server.
    """

    def __init__(self, binary: str) -> None:
        self._binary = binary
        # Not pytest's own folder: a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="certcheck-redis-"))
        self._socket = self._folder / "s"
        self.start()

    @property
    def url(self) -> str:
        """As kombu writes it."""
        return f"redis+socket://{self._socket}"

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def start(self) -> None:
        """Starts it, empty."""
        self._process = subprocess.Popen(
            [
                self._binary, "--port", "0", "--unixsocket", str(self._socket), "--save", "",
                "--appendonly", "no", "--dir", str(self._folder),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + _LONGEST_S
        while not self._socket.exists():
            assert time.monotonic() < end, "Redis did not start"
            time.sleep(0.02)

    @property
    def runs(self) -> bool:
        """Whether it was not killed."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends it as a power cut does; all that it held is gone."""
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self.kill()
        shutil.rmtree(self._folder)
