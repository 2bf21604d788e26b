"""A photo in the middle of which its reader waits, for as long as a test wants."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterator

from tests.faults.house import House, Process, Web, until


@contextlib.contextmanager
def frozen(*processes: Process) -> Iterator[None]:
    """They stand still, as in native code that holds everything, or in a machine that hangs."""
    for one in processes:
        one.tell(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            one.tell(signal.SIGCONT)


class Hanging:
    """A photo that was accepted, and lies there as a pipe; nobody may have begun to read it.

    Args:
        house: where it was sent to.
        web: one of its servers.
        name: what it holds, after which it is no photo.
    """

    def __init__(self, house: House, web: Web, name: str) -> None:
        self._data = name.encode()
        sent = web.send(self._data, name)
        assert sent.status_code == 202
        self.id: str = sent.json()["id"]
        digest = hashlib.sha256(self._data).hexdigest()
        self._path = house.folder / "files" / digest[:2] / digest
        self._path.unlink()
        os.mkfifo(self._path)
        self._end: int | None = None

    def begun(self) -> None:
        """Waits until somebody reads it."""
        until(self._opened, "a reader of the hanging photo")

    def _opened(self) -> bool:
        with contextlib.suppress(OSError):
            self._end = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        return self._end is not None

    def for_others(self) -> None:
        """Whoever reads it next finds the photo; who has begun waits on."""
        self._path.unlink()
        self._path.write_bytes(self._data)

    def go_on(self) -> None:
        """Who has begun finds the photo, too."""
        assert self._end is not None
        os.write(self._end, self._data)
        self.give_up()

    def give_up(self) -> None:
        """Who has begun finds that nothing more comes."""
        if self._end is not None:
            os.close(self._end)
            self._end = None
