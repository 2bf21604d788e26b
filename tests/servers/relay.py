"""A line to a PostgreSQL server that breaks when it has done what was asked, before it says so.

What is asked for is written down then, and whoever asked does not know it.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import tempfile
import threading
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_BYTES = 2**16


class Relay:
    """Runs until `stop`.

    Attributes:
        breaks: whether each line breaks at the next answer that something is committed.

    Args:
        url: of a database, whose server listens on a socket in a folder.
    """

    def __init__(self, url: str) -> None:
        address, _, folder = url.partition("?host=")
        self.breaks = False
        self._there = str(Path(folder) / _SOCKET)
        self._folder = Path(tempfile.mkdtemp(prefix="certcheck-relay-"))
        self.url = f"{address}?host={self._folder}"
        self._here = socket.socket(socket.AF_UNIX)
        self._here.bind(str(self._folder / _SOCKET))
        self._here.listen()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; nobody gets through any more."""
        self._here.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._here.close()
        shutil.rmtree(self._folder)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._here.accept()
            except OSError:  # it is over
                return
            threading.Thread(target=self._pass, args=[client], daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        """One line, until either ends it, or it breaks."""
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._there)
            other = {client: server, server: client}
            while True:
                for giver in select.select(list(other), [], [])[0]:
                    said = giver.recv(_BYTES)
                    if not said or (self.breaks and giver is server and b"COMMIT" in said):
                        return
                    other[giver].sendall(said)
