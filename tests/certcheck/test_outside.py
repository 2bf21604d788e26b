"""What would break: a stranger's address that makes us ask our own network, or hang, or overflow.

The servers are real ones, on this machine.
"""

from __future__ import annotations

import gzip
import ipaddress
import socket
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from certcheck.outside.address import AddressError, Policy, Refusal, checked, resolved
from certcheck.outside.documents import (
    Client,
    Document,
    Failure,
    Limits,
    NoDocumentError,
    Question,
)
from tests.certcheck.names import Names
from tests.registry.publisher import Publisher, cut, redirect, status

PUBLIC, LOCAL = Policy(plain=True), Policy(plain=True, local=True)
SITE = "cx.lab.test"
PAGE = "<p>证书编号：1</p>".encode()
LIMITS = Limits(seconds=8.0, size=100_000, redirects=3)
# Every way to write an address that leads into somebody's own network. Those with a port get
# that of a server that is there, so that an attempt that is let through would be seen.
FORBIDDEN = (
    # This machine, other networks of one's own, the cloud's own services.
    "http://127.0.0.1:{port}/", "http://127.9.9.9:{port}/", "http://localhost:{port}/",
    "http://0.0.0.0:{port}/", "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.254/",
    "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/",
    "http://192.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/", "http://198.51.100.7/",
    "http://192.0.0.8/", "http://192.88.99.1/",
    "http://203.0.113.7/", "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/",
    "http://255.255.255.255/",
    # The same, spelled oddly: decimal, hexadecimal, octal, short, full width, encoded.
    "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/", "http://017700000001:{port}/", "http://127.1:{port}/",
    "http://127.0.1:{port}/", "http://0:{port}/", "http://127.0.0.1.:{port}/",
    "http://１２７.０.０.１:{port}/", "http://127。0。0。1:{port}/", "http://①②⑦.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/", "http://127%2e0%2e0%2e1:{port}/", "http://3232235777/",
    # Of the newer kind, and those that hold one of the older.
    "http://[::1]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/", "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/", "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[2001:0:1:1:1:1:80ff:fffe]/",
    "http://[3fff::1]/", "http://[2001:20::1]/",
    "http://[2001:db8::1]/", "http://[2606:2800:220:1:0:5efe:7f00:1]/", "http://[fe80::1]/",
    "http://[fe80::1%25lo]/", "http://[fe80::1%lo]/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[100::1]/", "http://[::ffff:0:127.0.0.1]/",
    # Names that lead there, by whatever the resolver says.
    "http://inside.test:{port}/", "http://six.test:{port}/", "http://mapped.test:{port}/",
    "http://half.test:{port}/", "http://cloud.test/", "http://INSIDE.test:{port}/",
    # Other ways than the web's, other ports than the web's, and what is no address.
    "file:///etc/passwd", "ftp://cx.lab.test/", "gopher://cx.lab.test:70/", "dict://cx.lab.test/",
    "ldap://cx.lab.test/", "data:text/html,x", "javascript:alert(1)", "jar:http://cx.lab.test!/",
    "//127.0.0.1:{port}/", "http:/127.0.0.1/", "http:127.0.0.1", "127.0.0.1:{port}", "http://",
    "http:///etc/passwd", "http://cx.lab.test:22/", "http://cx.lab.test:25/",
    "http://cx.lab.test:6000/", "http://cx.lab.test:6667/", "http://cx.lab.test:99999/",
    "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    # Names and passwords, and marks at which two readers see two hosts.
    "http://cx.lab.test@127.0.0.1:{port}/", "http://user:word@cx.lab.test/",
    "http://cx.lab.test:80@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@cx.lab.test/",
    "http://127.0.0.1:{port}#@cx.lab.test/", "http://cx.lab.test#@127.0.0.1:{port}/",
    "http://cx.lab.test%00.127.0.0.1/", "http://cx.lab.test\r\nHost: 127.0.0.1/",
    "http://127.0.0.1:{port}/\r\nX: y", "http://cx.lab.test\t@127.0.0.1:{port}/",
    "http://127.0.0.1:{port} /", " http://127.0.0.1:{port}/", "http://[::1", "http://[cx.lab.test]/",
)  # fmt: skip


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names(monkeypatch)
    made.lead(SITE, ["127.0.0.1"])
    made.lead("inside.test", ["127.0.0.1"])
    made.lead("six.test", ["::1"])
    made.lead("mapped.test", ["::ffff:127.0.0.1"])
    made.lead("half.test", ["93.184.216.34", "127.0.0.1"])
    made.lead("cloud.test", ["169.254.169.254"])
    return made


@pytest.fixture
def server(names: Names) -> Iterator[Publisher]:
    made = Publisher()
    made.publish("/", PAGE, Content_Type="text/html; charset=utf-8")
    yield made
    made.stop()


def anywhere(policy: Policy, **named: object) -> Client:
    """A client that no list of hosts holds back: what it does not ask, addresses forbid."""
    return Client(policy, lambda _: True, "test", **{"limits": LIMITS, **named})  # type: ignore[arg-type]


def url(server: Publisher, path: str = "/", host: str = SITE) -> str:
    return f"http://{host}:{server.port}{path}"


def failed(client: Client, address: str, form: bytes | None = None) -> Failure:
    with pytest.raises(NoDocumentError) as caught:
        client.fetch(Question(address, form))
    return caught.value.failure


def got(client: Client, address: str, form: bytes | None = None) -> Document:
    return client.fetch(Question(address, form))


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_every_attempt_to_reach_a_forbidden_address_fails(server: Publisher, attempt: str) -> None:
    address = attempt.replace("{port}", str(server.port))
    client = anywhere(PUBLIC, limits=Limits(seconds=3.0))
    assert failed(client, address) in (Failure.FORBIDDEN, Failure.UNKNOWN)
    assert server.asked == []


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_no_redirect_leads_there_either(server: Publisher, attempt: str) -> None:
    """From a server that may be asked: one on this machine, where that was allowed."""
    other = Publisher()
    other.publish("/", PAGE)
    address = attempt.replace("{port}", str(other.port)).replace("\r\n", "%0d%0a")
    server.behave("/go", redirect(address.encode().decode("latin-1")))
    # The policy has to allow this machine for the first step; the list of hosts does not.
    client = Client(LOCAL, lambda host: host == SITE, "test", LIMITS)
    try:
        found = client.fetch(Question(url(server, "/go")))
    except NoDocumentError:
        found = None
    finally:
        other.stop()
    assert other.asked == []
    # What stays is the same server again, under its own name.
    assert found is None or found.host == SITE


def test_an_address_that_may_be_asked(server: Publisher) -> None:
    found = got(anywhere(LOCAL), url(server))
    assert (found.data, found.kind, found.charset, found.host) == (PAGE, "text/html", "utf-8", SITE)
    path, headers = server.asked[-1]
    assert headers["Host"] == f"{SITE}:{server.port}" and path == "/"
    assert not {"Cookie", "Authorization", "Referer", "Proxy-Authorization"} & set(headers)


@pytest.mark.parametrize(
    "ip",
    ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822",
     "2002:5db8:d822::1", "2606:2800:220:1:0:5efe:5db8:d822"],
)  # fmt: skip
def test_the_internet_may_be_asked(names: Names, ip: str) -> None:
    names.lead(SITE, [ip])
    found = resolved(f"http://{SITE}:8081/", PUBLIC)
    assert ipaddress.ip_address(found.ip) == ipaddress.ip_address(ip)
    with pytest.raises(AddressError):
        resolved(f"http://{SITE}/", Policy())


def test_a_name_that_changes_between_look_ups_leads_nowhere_else(
    names: Names, server: Publisher
) -> None:
    """Asked once; what was looked at is what is connected to."""
    other = Publisher(at=("127.0.0.2", server.port))
    other.publish("/", b"<p>other</p>")
    names.lead(SITE, ["127.0.0.1"], ["127.0.0.2"])
    found = got(anywhere(LOCAL), url(server))
    other.stop()
    assert found.data == PAGE and other.asked == []
    assert names.asked.count(SITE) == 1


def test_each_redirect_is_looked_at_again(names: Names, server: Publisher) -> None:
    """A name that led outside the first time, and inside the second."""
    server.behave("/go", redirect("/"))
    names.lead(SITE, ["127.0.0.1"], ["10.0.0.1"])
    assert failed(anywhere(LOCAL), url(server, "/go")) is Failure.FORBIDDEN
    assert len(server.asked) == 1


def test_a_name_that_is_not_known(names: Names) -> None:
    assert failed(anywhere(LOCAL), "http://nowhere.invalid/") is Failure.UNKNOWN


def test_a_look_up_that_hangs_is_not_waited_for(
    server: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    begun = time.monotonic()
    client = anywhere(LOCAL, limits=Limits(seconds=0.3))
    assert failed(client, url(server)) is Failure.SLOW
    assert time.monotonic() - begun < 2


def test_hosts_that_are_not_allowed_are_not_even_looked_up(names: Names, server: Publisher) -> None:
    client = Client(LOCAL, lambda host: host == SITE, "test", LIMITS)
    assert failed(client, url(server, host="inside.test")) is Failure.ELSEWHERE
    server.behave("/go", redirect(url(server, host="inside.test")))
    assert failed(client, url(server, "/go")) is Failure.ELSEWHERE
    assert names.asked == [SITE] and len(server.asked) == 1


def test_redirects_end(server: Publisher) -> None:
    server.behave("/a", redirect("/a"))
    assert failed(anywhere(LOCAL), url(server, "/a")) is Failure.REDIRECTS
    assert len(server.asked) == LIMITS.redirects + 1


@pytest.mark.parametrize(("code", "again"), [(302, []), (303, []), (307, [b"a=1"])])
def test_a_form_is_sent_again_only_where_the_server_must_ask_so(
    server: Publisher, code: int, again: list[bytes]
) -> None:
    server.behave("/form", status(code, Location="/"))
    assert got(anywhere(LOCAL), url(server, "/form"), b"a=1").data == PAGE
    assert server.posted == [b"a=1", *again]


@pytest.mark.parametrize("how", ["silent", "dripping", "dripping_head"])
def test_no_way_of_stalling_takes_longer_than_allowed(server: Publisher, how: str) -> None:
    server.behave("/slow", getattr(server, how))
    begun = time.monotonic()
    client = anywhere(LOCAL, limits=Limits(seconds=0.5))
    assert failed(client, url(server, "/slow")) is Failure.SLOW
    assert time.monotonic() - begun < 2


def test_five_gigabytes_are_not_taken(server: Publisher) -> None:
    server.behave("/announced", cut(b"x" * 100, announced=5_000_000_000))
    server.behave("/endless", server.endless)
    tracemalloc.start()
    for path in ("/announced", "/endless"):
        assert failed(anywhere(LOCAL), url(server, path)) is Failure.LARGE
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # What the network's buffers took besides is not much.
    assert server.sent < 100 * LIMITS.size and held < 20 * LIMITS.size


def test_what_is_packed_is_unpacked_no_further_than_the_limit(server: Publisher) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < LIMITS.size
    kinds = {"Content_Type": "text/html"}
    server.publish("/bomb", bomb, Content_Encoding="gzip", **kinds)
    server.publish("/page", gzip.compress(PAGE), Content_Encoding="gzip", **kinds)
    server.publish("/zlib", zlib.compress(PAGE), Content_Encoding="deflate", **kinds)
    server.publish("/half", gzip.compress(PAGE)[:-9], Content_Encoding="gzip", **kinds)
    server.publish("/no", b"no gzip", Content_Encoding="gzip", **kinds)
    server.publish("/br", PAGE, Content_Encoding="br", **kinds)
    tracemalloc.start()
    assert failed(anywhere(LOCAL), url(server, "/bomb")) is Failure.LARGE
    assert tracemalloc.get_traced_memory()[1] < 20 * LIMITS.size
    tracemalloc.stop()
    assert got(anywhere(LOCAL), url(server, "/page")).data == PAGE
    assert got(anywhere(LOCAL), url(server, "/zlib")).data == PAGE
    for path in ("/half", "/no"):
        assert failed(anywhere(LOCAL), url(server, path)) is Failure.UNREACHABLE
    assert failed(anywhere(LOCAL), url(server, "/br")) is Failure.KIND


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/octet-stream"])
def test_what_is_neither_a_page_nor_data_is_not_taken(server: Publisher, kind: str) -> None:
    server.publish("/x", PAGE, Content_Type=kind)
    assert failed(anywhere(LOCAL), url(server, "/x")) is Failure.KIND


def test_half_a_document_is_none(server: Publisher) -> None:
    server.behave("/half", cut(PAGE, len(PAGE) + 1))
    assert failed(anywhere(LOCAL), url(server, "/half")) is Failure.UNREACHABLE


def test_cookies_passwords_and_proxies_are_left_alone(
    server: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {SITE} login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.behave("/go", status(302, Location="/", Set_Cookie="a=b; Path=/"))
    client = anywhere(LOCAL)
    for _ in range(2):
        assert got(client, url(server, "/go")).data == PAGE
    assert not any({"Cookie", "Authorization"} & set(headers) for _, headers in server.asked)


def test_a_server_that_cannot_show_who_it_is_is_not_believed(
    names: Names, ca: trustme.CA, ca_file: Path
) -> None:
    server = Publisher(ca, names=(SITE,))
    server.publish("/", PAGE)
    server.behave("/down", redirect(f"http://{SITE}:{server.port}/"))
    names.lead("other.test", ["127.0.0.1"])
    trusting = anywhere(LOCAL, ca_file=ca_file)
    try:
        secure = f"https://{SITE}:{server.port}"
        assert got(trusting, f"{secure}/").data == PAGE
        assert failed(anywhere(LOCAL), f"{secure}/") is Failure.CERTIFICATE
        other = f"https://other.test:{server.port}/"
        assert failed(trusting, other) is Failure.CERTIFICATE
        # From an encrypted way to one that is not, nobody is led.
        assert failed(trusting, f"{secure}/down") is Failure.ELSEWHERE
    finally:
        server.stop()


def test_nobody_at_the_door(server: Publisher) -> None:
    gone = Publisher()
    gone.stop()
    assert failed(anywhere(LOCAL), url(gone)) is Failure.UNREACHABLE


def test_what_speaks_no_http_is_no_answer(server: Publisher) -> None:
    server.behave("/x", lambda request: request.wfile.write(b"+OK POP3 ready\r\n" * 5) and None)
    assert failed(anywhere(LOCAL), url(server, "/x")) is Failure.UNREACHABLE


def test_why_an_address_is_refused_is_told() -> None:
    told = {}
    for address in (
        "gopher://a.cn/",
        "http://u@a.cn/",
        "http://a.cn:25/",
        "http://10.0.0.1/",
        "x y",
    ):
        with pytest.raises(AddressError) as caught:
            checked(address, PUBLIC)
        told[address] = caught.value.refusal
    assert list(told.values()) == [
        Refusal.SCHEME, Refusal.LOGIN, Refusal.PORT, Refusal.PRIVATE, Refusal.FORM,
    ]  # fmt: skip
