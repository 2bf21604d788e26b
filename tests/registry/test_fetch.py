"""What would break: a server that is slow, broken or hostile, and a program that believes it.

The servers are real ones, on this machine; pauses between attempts are counted, not slept.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme

from registry.errors import SourceBrokenError
from registry.sync.config import Rules
from registry.sync.fetch import FIRST_PAUSE, LONGEST_PAUSE, Fetched, Held, fetch
from tests.registry.publisher import (
    DAY,
    Publisher,
    chunked,
    cut,
    cut_chunk,
    head,
    in_turn,
    open_end,
    redirect,
    status,
)

BODY = b"lab_id,name\n" + b"a,b\n" * 20_000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def secure(ca: trustme.CA) -> Iterator[Publisher]:
    server = Publisher(ca)
    yield server
    server.stop()


@pytest.fixture
def plain() -> Iterator[Publisher]:
    server = Publisher()
    yield server
    server.stop()


class Bench:
    """Fetches from one server by given rules; remembers the pauses."""

    def __init__(self, into: Path, rules: Rules) -> None:
        self.into = into
        self.rules = rules
        self.pauses: list[float] = []

    def fetch(self, url: str, *, held: Held | None = None, checked: bool = False) -> Fetched | None:
        return fetch(
            url, self.into, self.rules, held=held, checked=checked, pause=self.pauses.append
        )

    def refused(self, url: str, *, held: Held | None = None) -> str:
        with pytest.raises(SourceBrokenError) as caught:
            self.fetch(url, held=held)
        return str(caught.value.details["reason"])


@pytest.fixture
def bench(secure: Publisher, ca_file: Path, tmp_path: Path) -> Bench:
    rules = Rules(frozenset({secure.host}), max_bytes=1_000_000, max_seconds=20, ca_file=ca_file)
    return Bench(tmp_path / "document", rules)


def rules(bench: Bench, **changed: object) -> Bench:
    bench.rules = dc.replace(bench.rules, **changed)  # type: ignore[arg-type]
    return bench


def test_a_document_comes_whole_with_what_its_server_calls_it(
    secure: Publisher, bench: Bench
) -> None:
    got = bench.fetch(secure.publish("/labs.csv", BODY))
    assert got is not None
    assert (got.sha256, got.size, got.held.last_modified) == (SHA256, len(BODY), DAY)
    assert bench.into.read_bytes() == BODY
    assert bench.fetch(secure.root + "/labs.csv", held=got.held) is None
    assert secure.asked[-1][1]["If-None-Match"] == got.held.etag
    assert secure.asked[-1][1]["If-Modified-Since"] == DAY


def test_chunks_are_a_whole_too(secure: Publisher, bench: Bench) -> None:
    got = bench.fetch(secure.behave("/labs.csv", chunked(BODY[:5000])))
    assert got is not None and got.size == 5000


def test_a_certificate_of_nobody_we_trust(secure: Publisher, bench: Bench) -> None:
    url = secure.publish("/labs.csv", BODY)
    assert rules(bench, ca_file=None).refused(url) == "certificate"
    assert secure.asked == [] and bench.pauses == []


def test_a_certificate_for_another_name(secure: Publisher, bench: Bench) -> None:
    url = secure.publish("/labs.csv", BODY).replace("localhost", "127.0.0.1")
    hosts = frozenset({secure.host.replace("localhost", "127.0.0.1")})
    assert rules(bench, hosts=hosts).refused(url) == "certificate"


def test_what_was_not_asked_for_with_a_condition_cannot_be_unchanged(
    secure: Publisher, bench: Bench
) -> None:
    url = secure.behave("/labs.csv", status(304))
    assert bench.refused(url) == "status"
    assert bench.refused(url, held=Held()) == "status"


# Ways to misbehave -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["silent", "dripping", "dripping_head"])
def test_no_way_of_stalling_takes_longer_than_allowed(
    secure: Publisher, bench: Bench, how: str
) -> None:
    url = secure.behave("/labs.csv", getattr(secure, how))
    rules(bench, max_seconds=0.6, attempts=1)
    # A silent connection may be given up a moment before the whole fetch is.
    expected = {"too_slow"} if how != "silent" else {"too_slow", "unreachable"}
    assert bench.refused(url) in expected


def test_five_gigabytes_announced_are_not_begun(secure: Publisher, bench: Bench) -> None:
    url = secure.behave("/labs.csv", cut(b"x" * 100, announced=5_000_000_000))
    assert bench.refused(url) == "too_large"
    assert bench.pauses == [] and not bench.into.exists()


def test_an_endless_stream_is_cut_off_at_the_limit(secure: Publisher, bench: Bench) -> None:
    assert bench.refused(secure.behave("/labs.csv", secure.endless)) == "too_large"
    assert bench.into.stat().st_size <= bench.rules.max_bytes
    # What the network's buffers took besides is not much.
    assert secure.sent < 20 * bench.rules.max_bytes


def test_a_packed_document_was_not_asked_for(secure: Publisher, bench: Bench) -> None:
    url = secure.publish("/labs.csv", BODY, Content_Encoding="gzip")
    assert bench.refused(url) == "encoding"
    assert secure.asked[-1][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("broken", [cut(BODY, len(BODY) + 1), cut_chunk(BODY)])
def test_half_a_document_is_none_and_is_asked_for_again(
    secure: Publisher, bench: Bench, broken: object
) -> None:
    url = secure.behave("/labs.csv", broken)  # type: ignore[arg-type]
    assert bench.refused(url) == "unreachable"
    assert len(secure.asked) == bench.rules.attempts
    secure.behave("/labs.csv", in_turn(broken, chunked(BODY)))  # type: ignore[arg-type]
    got = bench.fetch(url)
    assert got is not None and got.sha256 == SHA256
    assert bench.into.read_bytes() == BODY


def test_where_the_end_is_left_open_only_a_checksum_helps(secure: Publisher, bench: Bench) -> None:
    url = secure.behave("/labs.csv", open_end(BODY))
    assert bench.refused(url) == "open_end"
    got = bench.fetch(url, checked=True)
    assert got is not None and got.sha256 == SHA256


# Again, later --------------------------------------------------------------------------------


def test_trouble_that_passes_is_waited_for_longer_each_time(
    secure: Publisher, bench: Bench
) -> None:
    url = secure.publish("/labs.csv", BODY)
    whole = secure.answers["/labs.csv"]
    secure.behave("/labs.csv", in_turn(status(503), status(500), status(429), whole))
    assert rules(bench, max_seconds=600).fetch(url) is not None
    for place, waited in enumerate(bench.pauses):
        longest = FIRST_PAUSE * 2**place
        assert longest / 2 <= waited <= longest
    assert len(bench.pauses) == 3


def test_a_server_may_say_how_long_to_wait_but_not_for_ever(
    secure: Publisher, bench: Bench
) -> None:
    url = secure.publish("/labs.csv", BODY)
    whole = secure.answers["/labs.csv"]
    rules(bench, max_seconds=600)
    moment = formatdate(time.time() + 40, usegmt=True)
    asks = (status(503, Retry_After="7"), status(503, Retry_After=moment))
    secure.behave("/labs.csv", in_turn(*asks, whole))
    assert bench.fetch(url) is not None
    assert bench.pauses[0] == 7 and 30 < bench.pauses[1] <= 40
    bench.pauses.clear()
    secure.behave("/labs.csv", status(503, Retry_After=str(int(LONGEST_PAUSE) + 1)))
    assert bench.refused(url) == "status" and bench.pauses == []


def test_a_pause_that_does_not_fit_is_not_begun(secure: Publisher, bench: Bench) -> None:
    url = secure.behave("/labs.csv", status(503, Retry_After="25"))
    assert bench.refused(url) == "status"
    assert bench.pauses == [] and len(secure.asked) == 1


@pytest.mark.parametrize("code", [400, 403, 404, 410, 206, 204])
def test_what_does_not_pass_is_asked_once(secure: Publisher, bench: Bench, code: int) -> None:
    assert bench.refused(secure.behave("/labs.csv", status(code))) == "status"
    assert len(secure.asked) == 1 and bench.pauses == []


def test_nobody_at_the_door(secure: Publisher, bench: Bench) -> None:
    gone = Publisher()
    gone.stop()
    rules(bench, hosts=frozenset({gone.host}), allow_http=True)
    assert bench.refused(gone.root + "/labs.csv") == "unreachable"
    assert len(bench.pauses) == bench.rules.attempts - 1


# Where to ------------------------------------------------------------------------------------


def test_a_redirect_within_the_allowed_hosts_is_followed(secure: Publisher, bench: Bench) -> None:
    secure.publish("/new/labs.csv", BODY)
    for target in ("/new/labs.csv", secure.root + "/new/labs.csv", "new/labs.csv"):
        got = bench.fetch(secure.behave("/labs.csv", redirect(target)))
        assert got is not None and got.sha256 == SHA256


def test_a_redirect_outside_is_never_asked(
    secure: Publisher, plain: Publisher, bench: Bench
) -> None:
    outside = plain.publish("/labs.csv", BODY)
    host = secure.host
    targets = (
        outside,
        f"https://user:secret@{host}/new/labs.csv",
        f"https://{plain.host}/labs.csv",
        f"https://{host}@{plain.host}/labs.csv",
        "https://localhost/labs.csv",
        "//example.invalid/labs.csv",
        "file:///etc/passwd",
        "ftp://localhost/labs.csv",
        "https://[::1",
    )
    for target in targets:
        assert bench.refused(secure.behave("/labs.csv", redirect(target))) == "redirect", target
    # Two readers of this one see two hosts; it is asked of the one that was checked.
    torn = f"https://{host}\\@{plain.host}/labs.csv"
    assert bench.refused(secure.behave("/labs.csv", redirect(torn))) == "status"
    assert plain.asked == []


def test_a_redirect_never_leaves_the_encrypted_way(
    secure: Publisher, plain: Publisher, bench: Bench
) -> None:
    rules(bench, hosts=frozenset({secure.host, plain.host}), allow_http=True)
    outside = plain.publish("/labs.csv", BODY)
    assert bench.fetch(outside) is not None
    asked = len(plain.asked)
    assert bench.refused(secure.behave("/labs.csv", redirect(outside))) == "redirect"
    assert len(plain.asked) == asked


def test_a_circle_of_redirects_ends(secure: Publisher, bench: Bench) -> None:
    assert bench.refused(secure.behave("/a", redirect("/a"))) == "redirects"
    assert len(secure.asked) == 6


def test_passwords_and_proxies_of_the_surroundings_are_left_alone(
    secure: Publisher, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(netrc))
    assert bench.fetch(secure.publish("/labs.csv", BODY)) is not None
    assert "Authorization" not in secure.asked[-1][1]


def test_a_named_proxy_is_asked_instead(plain: Publisher, bench: Bench) -> None:
    # A proxy gets the whole address of what is not encrypted.
    url = "http://lists.invalid/labs.csv"
    plain.answers[url] = lambda request: head(request, 403, Content_Length="0")
    rules(bench, hosts=frozenset({"lists.invalid"}), allow_http=True, proxy=plain.root)
    assert bench.refused(url) == "status"
    assert plain.asked[-1][0] == url
