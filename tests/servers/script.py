"""A server that does what a test says with each who calls: slow, cut off, strange."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class Script:
    """Listens until `stop`; one after the other is served.

    Args:
        act: gets each connection, which is closed after it.

    Attributes:
        url: where it listens.
        calls: how many there were.
    """

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self.calls = 0
        self._act = act
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = "tcp://{}:{}".format(*self._server.getsockname())
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Hears nobody any more."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self.calls += 1
                with line, contextlib.suppress(OSError):
                    self._act(line)
