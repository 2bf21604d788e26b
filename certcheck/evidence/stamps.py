"""Time stamps of an authority (RFC 3161): that something was there at a time is said by others.

An authority signs a digest and the time. What it signed is looked at at once and can be looked at
again without any network, with the certificates that the operator trusts.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import requests
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from certcheck.errors import SettingError
from certcheck.files import shown_name

log = logging.getLogger(__name__)

URL = "CERTCHECK_TSA"
CA = "CERTCHECK_TSA_CA"
_KINDS = ("https://", "http://")
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
# Seconds: a pack must not wait long for an authority that is away.
_CONNECT_S, _READ_S = 5, 15
# All of the answer, however slowly it comes.
_WHOLE_S = 30
# Bytes; an answer with its certificates has some thousand.
_MOST = 2**17


class StampError(Exception):
    """There is no time stamp.

    Attributes:
        code: of the sentence that says why.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dc.dataclass(frozen=True, slots=True)
class Authority:
    """Who is asked for time stamps.

    Attributes:
        url: its address; it may hold a password.
        roots: certificates that are trusted.
    """

    url: str
    roots: tuple[x509.Certificate, ...]

    @property
    def host(self) -> str:
        """Its name."""
        return urlsplit(self.url).hostname or ""

    def stamp(self, data: bytes) -> bytes:
        """A time stamp of some bytes, looked at: the answer in DER.

        Raises:
            StampError: the authority is away, refuses, or what it says is not right.
        """
        question = (
            TimestampRequestBuilder()
            .data(data)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        answer = _asked(self.url, question.as_bytes())
        looked(answer, data, self.roots, nonce=question.nonce)
        return answer


def configured(environment: Mapping[str, str] = os.environ) -> Authority | None:
    """The authority of the settings; None where none is set.

    Raises:
        SettingError: an address that is none, or no certificates to trust.
    """
    url = environment.get(URL, "").strip()
    if not url:
        return None
    if not url.startswith(_KINDS) or not urlsplit(url).hostname:
        raise SettingError(name=URL, value="…", wanted=", ".join(_KINDS))
    return Authority(url, roots(environment))


def roots(environment: Mapping[str, str] = os.environ) -> tuple[x509.Certificate, ...]:
    """The certificates of authorities that are trusted; none where no file is named.

    Raises:
        SettingError: the file cannot be read, or holds none.
    """
    name = environment.get(CA, "").strip()
    if not name:
        if environment.get(URL, "").strip():
            raise SettingError(name=CA, value="", wanted="PEM")
        return ()
    return trusted(Path(name))


def trusted(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a file.

    Raises:
        SettingError: it cannot be read, or holds none.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise SettingError(name=CA, value=shown_name(path), wanted="PEM") from error


def looked(
    answer: bytes,
    data: bytes,
    trusted: tuple[x509.Certificate, ...],
    *,
    nonce: int | None = None,
) -> dt.datetime:
    """When the bytes were there, by a time stamp; needs no network.

    Args:
        answer: of the authority, in DER.
        data: what it is of.
        trusted: certificates of authorities.
        nonce: of the question, where it was just asked.

    Raises:
        StampError: it is of something else, of nobody who is trusted, or by a certificate that had
            ended.
    """
    found = _decoded(answer)
    if found.status not in (0, 1):
        raise StampError("stamp.refused")
    try:
        if found.tst_info.message_imprint.message != hashlib.sha256(data).digest():
            raise StampError("stamp.other")
        if nonce is not None and found.tst_info.nonce != nonce:
            raise StampError("stamp.nonce")
        builder = VerifierBuilder(roots=list(trusted))
        builder.build().verify(found, hashlib.sha256(data).digest())
        return found.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        log.warning("a time stamp is not right: %s", error)
        raise StampError("stamp.untrusted") from error


def told_time(answer: bytes) -> dt.datetime | None:
    """The time that a stamp bears, believed by nobody yet."""
    try:
        return _decoded(answer).tst_info.gen_time
    except (StampError, ValueError):
        return None


def _decoded(answer: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(answer)
    except ValueError as error:
        raise StampError("stamp.none") from error


def _asked(url: str, question: bytes) -> bytes:
    try:
        with requests.post(
            url, data=question, headers={"Content-Type": _QUERY, "Accept": _REPLY},
            timeout=(_CONNECT_S, _READ_S), stream=True, allow_redirects=False,
        ) as answer:  # fmt: skip
            if answer.status_code != requests.codes.ok:
                raise StampError("stamp.away")
            data, until = b"", time.monotonic() + _WHOLE_S
            while len(data) <= _MOST and (more := answer.raw.read1(_MOST, decode_content=True)):
                data += more
                if time.monotonic() > until:
                    raise StampError("stamp.away")
    except (requests.RequestException, OSError) as error:
        raise StampError("stamp.away") from error
    if len(data) > _MOST:
        raise StampError("stamp.none")
    return data
