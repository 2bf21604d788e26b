"""One document of a server that is believed nothing: not where it sends us, not its sizes.

Every address is looked at before it is asked, those of redirects too; what is too large, too
slow or of another kind is left. What comes packed is unpacked no further than the limit.
"""

from __future__ import annotations

import dataclasses as dc
import enum
import http.client
import queue
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urljoin

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from certcheck.outside import address
from certcheck.outside.address import AddressError, Policy, Refusal, Target
from certcheck.outside.line import Line

_BLOCK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# After these the same is asked in the same way; after the others it is only looked at.
_AS_IT_WAS = frozenset({307, 308})
# Of an answer's head: what text and data come as.
_TEXT = ("text/html", "application/xhtml+xml", "text/plain", "application/json", "text/json")
# zlib's way to say gzip or zlib, by what the data begin with.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_UNPACKED = ("", "identity")
_PACKED = ("gzip", "x-gzip", "deflate")


class Failure(enum.StrEnum):
    """Why there is no document.

    Attributes:
        ELSEWHERE: a redirect led to a host that is not among those allowed, or back to what is
            not encrypted.
        FORBIDDEN: the address may not be asked; see `address.Refusal`.
        UNKNOWN: its name is not known.
        CERTIFICATE: the server cannot show that it is who it says.
        UNREACHABLE: nobody answers, or breaks off in the middle.
        SLOW: it took too long.
        LARGE: it is too large.
        KIND: it is neither a page nor data.
        REDIRECTS: one redirect after the other.
    """

    ELSEWHERE = "elsewhere"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    LARGE = "large"
    KIND = "kind"
    REDIRECTS = "redirects"


class NoDocumentError(Exception):
    """There is none.

    Attributes:
        failure: why.
        details: for the log, never for a page: a server's own words may be anything.
    """

    def __init__(self, failure: Failure, details: str = "") -> None:
        super().__init__(f"{failure} {details}".strip())
        self.failure = failure
        self.details = details


@dc.dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken.

    Attributes:
        seconds: for all of it, redirects and look-ups of names included.
        size: bytes of a document, as sent and unpacked.
        redirects: that are followed.
    """

    seconds: float = 15.0
    size: int = 2 * 2**20
    redirects: int = 4


@dc.dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Attributes:
        url: its address.
        form: what a form sends, encoded; None for what is only looked at.
    """

    url: str
    form: bytes | None = None


@dc.dataclass(frozen=True, slots=True)
class Document:
    """What a server answered.

    Attributes:
        url: the address that gave it, redirects followed.
        host: its host.
        status: HTTP status.
        kind: `text/html` and so on, "" where it is not said.
        charset: as its head says, "" where it does not.
        data: the body, unpacked.
    """

    url: str
    host: str
    status: int
    kind: str
    charset: str
    data: bytes


@dc.dataclass(frozen=True, slots=True)
class Client:
    """Who asks, and what he may.

    Attributes:
        policy: which addresses may be asked.
        allowed: whether a host may be.
        agent: what it calls itself.
        limits: how much it takes.
        ca_file: certificates to trust in place of the usual ones.
    """

    policy: Policy
    allowed: Callable[[str], bool]
    agent: str
    limits: Limits = Limits()
    ca_file: Path | None = None

    def fetch(self, question: Question) -> Document:
        """Brings a document.

        Raises:
            NoDocumentError: there is none that may be had.
        """
        deadline = time.monotonic() + self.limits.seconds
        secure = False
        for _ in range(self.limits.redirects + 1):
            target = self._target(question.url, deadline, secure=secure)
            secure = secure or target.encrypted
            found = self._ask(question, target, deadline)
            if isinstance(found, Document):
                return found
            question = found
        raise NoDocumentError(Failure.REDIRECTS)

    def _target(self, url: str, deadline: float, *, secure: bool) -> Target:
        """The server of an address; a look-up that hangs is not waited for."""
        try:
            parsed = address.checked(url, self.policy)
            if not self.allowed(str(parsed.host).strip("[]")):
                raise NoDocumentError(Failure.ELSEWHERE, str(parsed.host))
            if secure and parsed.scheme != "https":
                raise NoDocumentError(Failure.ELSEWHERE, "http after https")
            return _in_time(lambda: address.resolved(url, self.policy), deadline)
        except AddressError as error:
            unknown = error.refusal is Refusal.UNKNOWN
            failure = Failure.UNKNOWN if unknown else Failure.FORBIDDEN
            raise NoDocumentError(failure, str(error.refusal)) from error

    def _ask(self, question: Question, target: Target, deadline: float) -> Document | Question:
        left = deadline - time.monotonic()
        if left <= 0:
            raise NoDocumentError(Failure.SLOW)
        with Line(target, left, self.ca_file) as line:
            try:
                found = self._answer(line, question, target)
                line.in_time()
                return found
            except (OSError, HTTPError, http.client.HTTPException, ValueError, zlib.error) as error:
                raise NoDocumentError(_failure(error, late=line.late), repr(error)) from error

    def _answer(self, line: Line, question: Question, target: Target) -> Document | Question:
        headers = {
            "User-Agent": self.agent,
            "Accept": "text/html,application/json;q=0.9,*/*;q=0.1",
            "Accept-Encoding": "identity",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
            "Connection": "close",
        }
        if question.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        method = "GET" if question.form is None else "POST"
        response = line.ask(method, headers, question.form)
        if response.status in _REDIRECTS and response.headers.get("Location"):
            kept = question.form if response.status in _AS_IT_WAS else None
            return Question(_joined(question.url, response.headers["Location"]), kept)
        kind, charset = _kind(response.headers)
        if kind and kind not in _TEXT:
            raise NoDocumentError(Failure.KIND, kind)
        data = b"".join(self._blocks(response))
        return Document(question.url, target.host, response.status, kind, charset, data)

    def _blocks(self, response: HTTPResponse) -> Iterator[bytes]:
        """The body, unpacked; never more than the limit, however small it came."""
        most = self.limits.size
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > most:
            raise NoDocumentError(Failure.LARGE, length)
        packing = response.headers.get("Content-Encoding", "").strip().lower()
        if packing not in (*_UNPACKED, *_PACKED):
            raise NoDocumentError(Failure.KIND, packing)
        packed = zlib.decompressobj(_GZIP_OR_ZLIB) if packing in _PACKED else None
        came = given = 0
        while block := response.read1(_BLOCK, decode_content=False):
            came += len(block)
            if packed is not None:
                block = packed.decompress(block, most - given + 1)
            given += len(block)
            if came > most or given > most:
                raise NoDocumentError(Failure.LARGE)
            yield block
        if packed is not None and not packed.eof:
            raise NoDocumentError(Failure.UNREACHABLE, "ends in the middle")


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; what comes behind `#` is for browsers."""
    try:
        return urljoin(url, location.strip()).partition("#")[0]
    except ValueError as error:
        raise NoDocumentError(Failure.FORBIDDEN, "form") from error


def _kind(headers: Mapping[str, str]) -> tuple[str, str]:
    """What a document is, and in which characters, by its head."""
    kind, *rest = headers.get("Content-Type", "").split(";")
    told = dict(part.strip().lower().partition("=")[::2] for part in rest)
    return kind.strip().lower(), told.get("charset", "").strip("\"' ")


def _failure(error: Exception, *, late: bool) -> Failure:
    if late or isinstance(error, TimeoutError) or "timed out" in str(error):
        return Failure.SLOW
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError | CertificateError):
            return Failure.CERTIFICATE
        cause = cause.__cause__ or cause.__context__
    return Failure.UNREACHABLE


def _in_time(look_up: Callable[[], Target], deadline: float) -> Target:
    """Runs a look-up beside us: the system's resolver knows no time limit."""
    answers: queue.SimpleQueue[Target | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(look_up())
        except Exception as error:  # noqa: BLE001 - handed over, raised below
            answers.put(error)

    threading.Thread(target=work, daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise NoDocumentError(Failure.SLOW, "look-up") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
