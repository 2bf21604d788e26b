"""Which server an address means, and whether it may be asked.

A host is looked up once, every address that it has is looked at, and the connection goes to the
address that was looked at (`line`): a name that changes in between leads nowhere else. Only
`parse_url` of urllib3 takes addresses apart, which also makes the request: two readers of one
address may see two hosts.
"""

from __future__ import annotations

import dataclasses as dc
import enum
import ipaddress
import socket

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

_PORTS = {"https": 443, "http": 80}
# Ports that browsers ask nobody at ("bad ports" of the Fetch Standard, those from 1024 up) …
_BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
     6669, 6679, 6697, 10080}
)  # fmt: skip
# … and below this nothing but the web's own: mail, shells and the like answer there.
_FIRST_FREE_PORT = 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# All that the internet gives out (IANA, IPv6 Global Unicast Address Assignments). Beside it lie
# old and local ways to write an address of the older kind, and networks of one site (fec0::/10).
_UNICAST = ipaddress.IPv6Network("2000::/3")
# Networks that are nobody's or lead elsewhere, where Python's own table does not say so yet: IETF
# protocol assignments, 6to4 relays (RFC 7526), documentation (RFC 9637).
_NOBODYS = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")
)
# RFC 6052, 2.1.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 5214, 6.1: the last 64 bits of an ISATAP address, before the one of the older kind.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
_LOW_32 = 0xFFFF_FFFF


class Refusal(enum.StrEnum):
    """Why an address is not asked.

    Attributes:
        FORM: it is none, or too long, or holds what no address may.
        SCHEME: neither https nor, where that is allowed, http.
        LOGIN: it holds a name or password.
        PORT: nothing of the web answers there.
        PRIVATE: it leads into somebody's own network.
        UNKNOWN: its name is not known.
    """

    FORM = "form"
    SCHEME = "scheme"
    LOGIN = "login"
    PORT = "port"
    PRIVATE = "private"
    UNKNOWN = "unknown"


class AddressError(Exception):
    """An address that is not asked.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dc.dataclass(frozen=True, slots=True)
class Policy:
    """Where may be asked.

    Attributes:
        plain: whether the internet may be asked without encryption.
        local: whether this machine itself may be, also without encryption: to try things out.
        any_port: whether at any port.
        longest: characters of an address.
    """

    plain: bool = False
    local: bool = False
    any_port: bool = False
    longest: int = 2000


@dc.dataclass(frozen=True, slots=True)
class Target:
    """A server that may be asked.

    Attributes:
        encrypted: whether by HTTPS.
        host: its name, as the certificate has to bear it.
        ip: the address that is connected to.
        port: likewise.
        path: with the query.
    """

    encrypted: bool
    host: str
    ip: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What `Host` says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.encrypted else "http"] else (
            f"{name}:{self.port}"
        )  # fmt: skip


def checked(url: str, policy: Policy) -> Url:
    """An address of the right form; its host is not looked up.

    Raises:
        AddressError: it is none that may be asked.
    """
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise AddressError(Refusal.FORM) from error
    plain = url.isascii() and url.isprintable() and " " not in url
    if len(url) > policy.longest or not plain or not parsed.host or parsed.fragment:
        raise AddressError(Refusal.FORM)
    schemes = ("https", "http") if policy.plain or policy.local else ("https",)
    if parsed.scheme not in schemes:
        raise AddressError(Refusal.SCHEME)
    if parsed.auth:
        raise AddressError(Refusal.LOGIN)
    _port(parsed, policy)
    literal = _literal(parsed.host)
    if literal and not _may(literal, policy, encrypted=parsed.scheme == "https"):
        raise AddressError(Refusal.PRIVATE)
    return parsed


def resolved(url: str, policy: Policy) -> Target:
    """The server of an address, looked up now.

    Raises:
        AddressError: it is none that may be asked, or its name is not known.
    """
    parsed = checked(url, policy)
    host, encrypted = str(parsed.host).strip("[]"), parsed.scheme == "https"
    port = parsed.port or _PORTS[str(parsed.scheme)]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(Refusal.UNKNOWN) from error
    ips = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not ips:
        raise AddressError(Refusal.UNKNOWN)
    if not all(_may(one, policy, encrypted=encrypted) for one in ips):
        raise AddressError(Refusal.PRIVATE)
    return Target(encrypted, host, str(ips[0]), port, parsed.request_uri)


def _port(parsed: Url, policy: Policy) -> None:
    port = parsed.port or _PORTS[str(parsed.scheme)]
    usual = port in _PORTS.values() or (port >= _FIRST_FREE_PORT and port not in _BAD_PORTS)
    if not (policy.any_port or usual):
        raise AddressError(Refusal.PORT)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _may(ip: Address, policy: Policy, *, encrypted: bool) -> bool:
    """Whether an address may be connected to."""
    if isinstance(ip, ipaddress.IPv6Address):
        # An address of the older kind inside one of the newer leads where the older leads.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return _may(inner, policy, encrypted=encrypted)
        low = ipaddress.IPv4Address(int(ip) & _LOW_32)
        if ip in _NAT64:
            return _may(low, policy, encrypted=encrypted)
        if not ip.is_loopback and ip not in _UNICAST:
            return False
        if int(ip) >> 32 & _LOW_32 in _ISATAP and not _may(low, policy, encrypted=encrypted):
            return False
    if ip.is_loopback:
        return policy.local
    if any(ip in network for network in _NOBODYS):
        return False
    return (encrypted or policy.plain) and ip.is_global and not ip.is_multicast
