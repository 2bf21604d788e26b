"""Registrable domains: the part of a host name that somebody registered."""

from __future__ import annotations

import functools
import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

# Letters, digits, hyphens (RFC 1123); the underscore is seen in the wild.
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# A last label that makes browsers read the whole as an IP address (URL Standard, "ends in a
# number"): 3232235777, 0x7f.1, 127.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@functools.cache
def _suffixes() -> PublicSuffixList:
    # Private suffixes (github.io, myqcloud.com) count as suffixes too: their customers are
    # different bodies. An ending the list does not know counts as a suffix of one label, so
    # that a look-alike under it still has a name to show, and the demo's `.example` works.
    return PublicSuffixList(accept_unknown=True)


def host(host_or_url: str) -> str | None:
    """The host name in a web address or a bare host, lower case, ASCII; None for none.

    >>> host("https://WWW.Example.com:8080/a?b=c")
    'www.example.com'
    """
    text = unicodedata.normalize("NFKC", host_or_url).strip()
    if "://" not in text:
        text = f"//{text.lstrip('/')}"
    try:
        name = urlsplit(text).hostname or ""
        ascii_name = name.rstrip(".").encode("idna").decode("ascii").lower()
    except ValueError:  # UnicodeError is one
        return None
    # An IPv6 address is a host too, though no name.
    return ascii_name if _HOST.fullmatch(ascii_name) or _is_ip(ascii_name) else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_address(name: str) -> bool:
    """Whether a host is an IP address, also in one of its odd spellings.

    >>> is_address("192.168.1.1"), is_address("0x7f.1"), is_address("3232235777.cn")
    (True, True, False)
    """
    return _is_ip(name) or _NUMBER.fullmatch(name.rsplit(".", 1)[-1]) is not None


def registrable(host_or_url: str) -> str | None:
    """The registrable domain of a host or web address.

    Scheme, port, path and user name are left out: genuine picture servers of laboratories
    run on odd ports. None for an IP address, a bare suffix, no host.

    >>> registrable("http://jpg.gtc-china.cn:8081/PIC/1.jpg")
    'gtc-china.cn'
    >>> registrable("www.shiyan.com.cn"), registrable("192.168.1.1"), registrable("com.cn")
    ('shiyan.com.cn', None, None)
    """
    name = host(host_or_url)
    if name is None or is_address(name):
        return None
    domain = _suffixes().privatesuffix(name)
    return str(domain) if domain else None
