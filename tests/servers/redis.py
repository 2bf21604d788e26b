"""A Redis server of the tests' own: on a socket in a folder of its own, gone after."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

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
    def counting(self) -> str:
        """Likewise another database of it, as `limits` writes it: where requests are counted."""
        return f"redis+unix://{self._socket}?db=1"

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
                "--enable-protected-configs", "local",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + _LONGEST_S
        while not self._socket.exists():
            assert time.monotonic() < end, "Redis did not start"
            time.sleep(0.02)

    def asked(self, *words: str) -> Any:
        """What it answers to a command."""
        import redis

        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            return client.execute_command(*words)

    def keeps_in(self, folder: Path) -> None:
        """It saves what it holds on a disk, and takes nothing once that has failed."""
        self.asked("CONFIG", "SET", "dir", str(folder))
        self.asked("CONFIG", "SET", "save", "3600 1")

    def saves(self) -> bool:
        """Saves; whether it could."""
        self.asked("BGSAVE")
        while (told := self.asked("INFO", "persistence"))["rdb_bgsave_in_progress"]:
            time.sleep(0.02)
        return bool(told["rdb_last_bgsave_status"] == "ok")

    def keeps_nothing(self) -> None:
        """As at the start."""
        self.asked("CONFIG", "SET", "save", "")
        self.asked("CONFIG", "SET", "dir", str(self._folder))

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
