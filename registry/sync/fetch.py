"""One document by HTTPS. A server is believed nothing: not where it sends us, not its sizes.

Only hosts on the list are asked, by a redirect neither; what is too large or too slow is cut
off; a document is whole, or it is none. What may pass by itself is asked for again, later
and later.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import queue
import random
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from registry.errors import SourceBrokenError
from registry.sync.config import Rules, origin

MAX_REDIRECTS = 5
# Seconds without a single byte after which a connection is given up, within `max_seconds`.
SILENCE_SECONDS = 30.0
# Pauses between attempts: about 2, 4, 8 … seconds, each shortened by chance by up to a half,
# so that many programs that failed together do not come back together.
FIRST_PAUSE = 2.0
# No server that asks for a longer pause is waited for.
LONGEST_PAUSE = 120.0
_BLOCK = 1 << 16
_OK, _NOT_MODIFIED = 200, 304
# Answers that may be others in a moment: too early, too many, and the server's own trouble.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
AGENT = "certcheck-registry-sync"


@dc.dataclass(frozen=True, slots=True)
class Held:
    """What a server called the document that we have."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """That ask for the document only if it is another by now."""
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in told.items() if value}


@dc.dataclass(frozen=True, slots=True)
class Fetched:
    """A document that was brought.

    Attributes:
        sha256: of its bytes.
        size: in bytes.
        held: what to ask with the next time.
    """

    sha256: str
    size: int
    held: Held


class _Again(Exception):  # noqa: N818 - no error of ours: says to ask again
    """What may pass by itself.

    Attributes:
        error: what to raise where there is no time left.
        after: seconds that the server asks us to wait, None if it does not.
    """

    def __init__(self, error: SourceBrokenError, after: float | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.after = after


def fetch(
    url: str,
    into: Path,
    rules: Rules,
    *,
    held: Held | None = None,
    checked: bool = False,
    pause: Callable[[float], object] = time.sleep,
) -> Fetched | None:
    """Brings one document.

    Args:
        url: its address.
        into: a file that is made; what it holds after an error is worth nothing.
        rules: what is allowed.
        held: what the server called the one we have; None to have it in any case.
        checked: whether the caller will check a SHA-256; only then a server may leave open
            where the document ends.
        pause: waits between attempts.

    Returns:
        None where the one we have is still the one there is.

    Raises:
        SourceBrokenError: if it cannot be had whole, in time, from an allowed place.
    """
    deadline = time.monotonic() + rules.max_seconds
    for number in range(1, rules.attempts + 1):
        try:
            return _in_time(_Attempt(url, into, rules, held, checked=checked), deadline)
        except _Again as again:
            wait = again.after
            if wait is None:
                wait = FIRST_PAUSE * 2 ** (number - 1) * random.uniform(0.5, 1)  # noqa: S311
            over = time.monotonic() + wait > deadline
            if number == rules.attempts or wait > LONGEST_PAUSE or over:
                raise again.error from again
            pause(wait)
    raise AssertionError("rules allow at least one attempt")


def _in_time(attempt: _Attempt, deadline: float) -> Fetched | None:
    """Runs an attempt beside us, so that no way of stalling a connection can hold us up."""
    answers: queue.SimpleQueue[Fetched | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(attempt.run())
        except Exception as error:  # noqa: BLE001 - handed over, raised below
            answers.put(error)

    threading.Thread(target=work, daemon=True, name="registry-sync").start()
    try:
        answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        attempt.stopped.set()
        seconds = f"{attempt.rules.max_seconds:g}"
        raise SourceBrokenError(reason="too_slow", url=attempt.url, seconds=seconds) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Attempt:
    """One time of asking, redirects included."""

    def __init__(
        self, url: str, into: Path, rules: Rules, held: Held | None, *, checked: bool
    ) -> None:
        self.url = url
        self.rules = rules
        self.stopped = threading.Event()
        self._into = into
        self._held = held
        self._checked = checked

    def run(self) -> Fetched | None:
        """Asks; raises SourceBrokenError, or _Again for what may pass by itself."""
        try:
            with requests.Session() as session:
                # Nothing of the environment: no passwords from .netrc, no other proxy or CA.
                session.trust_env = False
                session.verify = str(self.rules.ca_file) if self.rules.ca_file else True
                if self.rules.proxy:
                    session.proxies = {"http": self.rules.proxy, "https": self.rules.proxy}
                return self._follow(session)
        except requests.exceptions.SSLError as error:
            raise self._broken("certificate", error=_cause(error)) from error
        except (requests.RequestException, HTTPError) as error:
            raise _Again(self._broken("unreachable", error=_cause(error))) from error

    def _broken(self, reason: str, **details: object) -> SourceBrokenError:
        return SourceBrokenError(reason=reason, url=self.url, **details)

    def _follow(self, session: requests.Session) -> Fetched | None:
        url, secure = self.url, False
        for _ in range(MAX_REDIRECTS + 1):
            url, secure = self._allowed(url, secure=secure)
            with self._ask(session, url) as response:
                if not response.is_redirect:
                    return self._take(response)
                url = self._target(url, response.headers["location"])
        raise self._broken("redirects", most=MAX_REDIRECTS)

    def _ask(self, session: requests.Session, url: str) -> requests.Response:
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
        headers |= self._held.headers if self._held else {}
        silence = min(SILENCE_SECONDS, self.rules.max_seconds)
        try:
            return session.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=silence
            )
        except requests.RequestException:
            raise  # some of them are ValueErrors too
        except ValueError as error:  # requests looks at a redirect that it is not to follow
            raise self._broken("redirect", target=str(error)) from error

    def _target(self, url: str, location: str) -> str:
        try:
            return urljoin(url, location)
        except ValueError as error:
            raise self._broken("redirect", target=location) from error

    def _allowed(self, url: str, *, secure: bool) -> tuple[str, bool]:
        """The address as it will be asked, and whether it is encrypted."""
        try:
            # As urllib3 reads it, which asks: two readers of one address may see two hosts.
            parsed = parse_url(url)
        except LocationParseError as error:
            raise self._broken("redirect", target=url) from error
        encrypted = parsed.scheme == "https"
        plain = parsed.scheme == "http" and self.rules.allow_http and not secure
        if parsed.auth or not (encrypted or plain):
            raise self._broken("redirect", target=url)
        if not self.rules.hosts.intersection(origin(parsed)):
            raise self._broken("redirect", target=url)
        return parsed.url, encrypted

    def _take(self, response: requests.Response) -> Fetched | None:
        status, headers = response.status_code, response.headers
        if status == _NOT_MODIFIED and self._held is not None and self._held.headers:
            return None
        if status in _PASSING:
            raise _Again(self._broken("status", status=status), _retry_after(response))
        if status != _OK:
            raise self._broken("status", status=status)
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            # Not asked for; unpacked it may be any size.
            raise self._broken("encoding", encoding=headers["Content-Encoding"])
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.rules.max_bytes:
            raise self._broken("too_large", most=self.rules.max_bytes)
        chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        if not length and not chunked and not self._checked:
            raise self._broken("open_end")
        sha256, size = self._write(response)
        held = Held(headers.get("ETag", ""), headers.get("Last-Modified", ""))
        return Fetched(sha256, size, held)

    def _write(self, response: requests.Response) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with self._into.open("wb") as file:
            # What is there, not a full block: a server that drips is noticed at each drop.
            while block := response.raw.read1(_BLOCK):
                size += len(block)
                if size > self.rules.max_bytes:
                    raise self._broken("too_large", most=self.rules.max_bytes)
                if self.stopped.is_set():
                    raise self._broken("too_slow", seconds=self.rules.max_seconds)
                digest.update(block)
                file.write(block)
        return digest.hexdigest(), size


def _cause(error: BaseException) -> str:
    """The innermost cause in its own words, one line."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return " ".join(str(error).split()) or type(error).__name__


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks us to wait; as seconds or as a moment."""
    told = response.headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
