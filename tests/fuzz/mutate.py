"""Inputs changed a little, in ways that lead further into a reader than chance does.

An archive is changed inside its parts and packed again: changed outside, its checksums would keep
everything but the reader of archives from ever seeing it. Likewise a PNG's checksums are set right.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

# What parsers of text, addresses, numbers and mark-up stumble over.
WORDS = tuple(
    one.encode("utf-8", "surrogatepass")
    for one in (
        "<script>", "</td>", "'\"><img src=x onerror=1>", "javascript:", "data:text/html,",
        "{{7*7}}", "%00", "%0d%0a", "\x00", "\x1b[2J", "\r\n", "\u2028", "\u202e", "\ufeff",
        "\ud800", "＝1+1", "=1+1", "http://", "https://[::1", "https://a@b:99999/", "xn--", "٣",
        "²", "一" * 40, "GB/T ", "2023年02月30日", "99999999999999999999", "-0", "1e999", "nan",
        "1/0", "(((((((((", "．．．．",
        "CMA", "No.", "：", "&amp;", "<!--", "]]>", "%PDF-", "0 0 R", "/Kids", "stream",
    )
)  # fmt: skip
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_LONGEST = 2**16


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """An input, changed in one to eight places.

    Args:
        data: the input.
        rng: what is changed.
        others: inputs from which pieces are taken.
    """
    if data.startswith(b"PK\x03\x04") and rng.random() < 0.9:
        return _archive(data, rng)
    for _ in range(rng.randint(1, 8)):
        data = rng.choice(_CHANGES)(data, rng, others)
    if data.startswith(b"\x89PNG") and rng.random() < 0.8:
        data = _png(data)
    return data


def _flip(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    if not data:
        return rng.randbytes(4)
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _number(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    size = rng.choice((1, 2, 4))
    at = rng.randrange(max(1, len(data) - size))
    value = rng.choice(_NUMBERS) % 256**size
    packed = value.to_bytes(size, rng.choice(("big", "little")))
    return data[:at] + packed + data[at + size :]


def _word(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(WORDS) + data[at + rng.choice((0, 0, 1, 4)) :]


def _cut(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 8, 64, len(data))) :]


def _twice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 8, 64, 512))]
    return (data[:at] + piece * rng.choice((1, 2, 30)) + data[at:])[: max(_LONGEST, len(data))]


def _splice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others) if others else data
    at, of = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    size = rng.choice((4, 32, 256, len(other)))
    return data[:at] + other[of : of + size] + data[at + rng.choice((0, size)) :]


def _digit(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    places = [at for at, one in enumerate(data[:_LONGEST]) if 0x30 <= one <= 0x39]
    if not places:
        return _flip(data, rng, others)
    at = rng.choice(places)
    return data[:at] + rng.choice((b"0", b"9", b"-1", b"99999999", b"1e9")) + data[at + 1 :]


_CHANGES: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _flip, _flip, _number, _number, _word, _word, _cut, _twice, _splice, _digit,
)  # fmt: skip


def _archive(data: bytes, rng: random.Random) -> bytes:
    """An archive, one or two of its parts changed, dropped or named otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = [(one.filename, packed.read(one)) for one in packed.infolist()]
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError):
        return _flip(data, rng, ())
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(parts))
        name, part = parts[at]
        kind = rng.random()
        if kind < 0.85:
            changed = part
            for _ in range(rng.randint(1, 4)):
                changed = rng.choice(_CHANGES)(changed, rng, [one for _, one in parts])
            parts[at] = name, changed
        elif kind < 0.92:
            parts[at] = rng.choice(["../" + name, name * 2, "", name.upper(), "\x00" + name]), part
        elif len(parts) > 1:
            parts.pop(at)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        seen = set()
        for name, part in parts:
            if name not in seen:
                packed.writestr(zipfile.ZipInfo(name or "x"), part)
                seen.add(name)
    return made.getvalue()


def _png(data: bytes) -> bytes:
    """A PNG with each chunk's checksum set right."""
    made, at = data[:8], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + size]
        made += data[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + size
    return made + data[at:]
