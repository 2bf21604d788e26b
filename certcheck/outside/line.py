"""A connection to the address that was looked at, under the name that was asked for.

Nothing is remembered from one to the next and nothing comes from the surroundings: no cookies,
no passwords, no proxies, no redirects. However the other side stalls, it ends in time.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import certifi
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from certcheck.outside.address import Target


class Line:
    """A connection that is cut when its time is over; a context manager for one question.

    Args:
        target: where to.
        seconds: until it is cut; what the other side has sent by then is no whole answer.
        ca_file: certificates to trust in place of the usual ones.
    """

    def __init__(self, target: Target, seconds: float, ca_file: Path | None = None) -> None:
        self._target = target
        self._late = threading.Event()
        self._connection = _connection(target, seconds, ca_file)
        # A server that gives a byte now and then never runs into a time limit between two.
        self._clock = threading.Timer(seconds, self._cut)
        self._clock.daemon = True

    def __enter__(self) -> Line:
        """Starts the clock."""
        self._clock.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hangs up."""
        self._clock.cancel()
        self._connection.close()

    def ask(
        self, method: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HTTPResponse:
        """Sends a request; the answer's body is read by whoever asks.

        Raises:
            OSError: nobody answers, or not whole.
            urllib3.exceptions.HTTPError: likewise.
            http.client.HTTPException: what comes is no answer.
        """
        named = {"Host": self._target.header, **headers}
        self._connection.request(
            method, self._target.path, body=body, headers=named, preload_content=False
        )
        return self._connection.getresponse()

    def in_time(self) -> None:
        """Says that what was read is whole, as far as the clock goes.

        Raises:
            TimeoutError: it was cut; what came before may read like a whole answer.
        """
        if self._late.is_set():
            raise TimeoutError

    @property
    def late(self) -> bool:
        """Whether it was cut."""
        return self._late.is_set()

    def _cut(self) -> None:
        """Ends a connection that another thread waits on."""
        self._late.set()
        with contextlib.suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(target: Target, seconds: float, ca_file: Path | None) -> HTTPConnection:
    if not target.encrypted:
        return HTTPConnection(target.ip, target.port, timeout=seconds)
    return HTTPSConnection(
        target.ip, target.port, timeout=seconds, server_hostname=target.host,
        assert_hostname=target.host, ca_certs=str(ca_file or certifi.where()),
    )  # fmt: skip
