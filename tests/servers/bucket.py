"""A service like S3 of the tests' own, in this process and its memory."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NAME = "box"
_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Service:
    """Runs until `stop`, and again from `start` on; what it holds stays.

    Attributes:
        refuses: whether it denies everything, as where keys were withdrawn.
        read_only: whether it denies what changes something, as where keys are for reading.
    """

    def __init__(self) -> None:
        # A second of each worker's time, and most never have one.
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._port, self.refuses, self.read_only = 0, False, False
        self._app: Any = DomainDispatcherApplication(create_backend_app)
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Answers, at the same address as before."""
        self._server = make_server("127.0.0.1", self._port, self._answer, threaded=True)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Nobody listens there."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        reads = environ["REQUEST_METHOD"] in ("GET", "HEAD") or not self.read_only
        if reads and not self.refuses:
            return self._app(environ, start)  # type: ignore[no-any-return]
        start("403 Forbidden", [("Content-Type", "application/xml")])
        return [_DENIED]


def started() -> Iterator[Service]:
    """Starts it, and tells the environment where it is."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    service = Service()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", service.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import s3fs

        s3fs.S3FileSystem().mkdir(NAME)
        yield service
    service.stop()
