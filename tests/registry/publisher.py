"""A web server that publishes lists, honestly or not, over HTTP or HTTPS with a CA of its own."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

Answer = Callable[[BaseHTTPRequestHandler], None]
# Servers that stall give up after this, so that a client without patience's end fails and
# does not hang.
LONG_SECONDS = 10.0
DAY = "Mon, 02 Nov 2026 08:00:00 GMT"


class Publisher:
    """A server on this machine; `answers` says how it behaves at each path.

    Attributes:
        answers: by path, without the host.
        asked: (path, headers) of every request, in order.
        posted: bodies of those that sent one.
        sent: bytes of bodies that were handed to the network.
    """

    def __init__(
        self, ca: trustme.CA | None = None, *, names: tuple[str, ...] = ("localhost",),
        at: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:  # fmt: skip
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.posted: list[bytes] = []
        self.sent = 0
        self.ending = threading.Event()
        self._server = ThreadingHTTPServer(at, self._handler())
        if ca is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ca.issue_cert(*names).configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if ca else "http"
        self.port = int(self._server.server_address[1])
        self.host = f"localhost:{self.port}"
        self.root = f"{scheme}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                publisher.asked.append((self.path, dict(self.headers)))
                self.close_connection = True
                # A client that had enough hangs up in the middle.
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    publisher.answers.get(self.path, status(404))(self)

            def do_POST(self) -> None:
                publisher.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler

    def publish(self, path: str, body: str | bytes, **headers: str) -> str:
        """Serves a body honestly, with an ETag; gives its address."""
        data = body.encode() if isinstance(body, str) else body
        etag = f'"{hashlib.sha256(data).hexdigest()[:12]}"'

        def answer(request: BaseHTTPRequestHandler) -> None:
            unchanged = request.headers["If-None-Match"] == etag
            request.send_response(304 if unchanged else 200)
            request.send_header("ETag", etag)
            for name, value in {"Last_Modified": DAY, **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", "0" if unchanged else str(len(data)))
            request.end_headers()
            if not unchanged:
                request.wfile.write(data)
                self.sent += len(data)

        self.answers[path] = answer
        return self.root + path

    def behave(self, path: str, answer: Answer) -> str:
        """Answers at a path as told; gives its address."""
        self.answers[path] = answer
        return self.root + path

    def stop(self) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # Ways to misbehave ---------------------------------------------------------------------

    def endless(self, request: BaseHTTPRequestHandler) -> None:
        """Never says how long it is and never ends."""
        head(request, Transfer_Encoding="chunked")
        block = b"x" * 65536
        while not self.ending.is_set():
            request.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
            self.sent += len(block)

    def dripping(self, request: BaseHTTPRequestHandler) -> None:
        """A byte now and then: no single read ever times out."""
        head(request, Content_Length="1000000")
        self._drip(request)

    def dripping_head(self, request: BaseHTTPRequestHandler) -> None:
        """The same before the head is over."""
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._drip(request)

    def silent(self, _request: BaseHTTPRequestHandler) -> None:
        """Takes the request and says nothing."""
        self.ending.wait(LONG_SECONDS)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        for _ in range(int(LONG_SECONDS / 0.02)):
            request.wfile.write(b"x")
            if self.ending.wait(0.02):
                return


def head(request: BaseHTTPRequestHandler, code: int = 200, **headers: str) -> None:
    request.send_response(code)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()


def status(code: int, **headers: str) -> Answer:
    return lambda request: head(request, code, Content_Length="0", **headers)


def redirect(target: str) -> Answer:
    return status(302, Location=target)


def cut(body: bytes, announced: int) -> Answer:
    """Says one length and sends another."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        head(request, Content_Length=str(announced))
        request.wfile.write(body)

    return answer


def cut_chunk(body: bytes) -> Answer:
    """Breaks off inside a chunk."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        head(request, Transfer_Encoding="chunked")
        request.wfile.write(b"%x\r\n%s" % (len(body) + 100, body))

    return answer


def chunked(body: bytes) -> Answer:
    """In small chunks, whole."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        head(request, Transfer_Encoding="chunked")
        for start in range(0, len(body), 7):
            part = body[start : start + 7]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        request.wfile.write(b"0\r\n\r\n")

    return answer


def open_end(body: bytes) -> Answer:
    """Ends where the connection does."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        head(request, Connection="close")
        request.wfile.write(body)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One after the other; the last for ever."""
    left = list(answers)
    return lambda request: (left.pop(0) if len(left) > 1 else left[0])(request)
