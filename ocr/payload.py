"""Bytes of a code to text.

A QR code says which characters its bytes mean only where its maker put in an ECI mark;
Chinese certificate printers seldom do, and write UTF-8 or GBK.
"""

from __future__ import annotations

import codecs

_BOM = codecs.BOM_UTF8
# First bytes of GB 2312's level one, the 3755 characters in common use (GB 2312-80).
_COMMON_FIRST, _COMMON_LAST = 0xB0, 0xD7
_VOICED = {"\uff9e": "ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ", "\uff9f": "ﾊﾋﾌﾍﾎ"}
_COMMON_SHARE = 0.55  # of the Chinese characters of a name; of chance pairs two in five


def decode(data: bytes, guess: str) -> str:
    """The payload as text.

    Args:
        data: the code's bytes as they stand in it.
        guess: the text the code's reader makes of them; it knows marks (ECI, Kanji
            mode) that the bytes alone do not show.

    Returns:
        UTF-8 where the bytes are that, Chinese GBK where they read as common Chinese,
        otherwise the guess; for bytes that are no text, one character a byte (Latin-1).
        Nothing is stripped but a byte order mark.
    """
    if data.isascii():
        # ISO 2022 and other marks aside, ASCII bytes can only be themselves.
        return data.decode("ascii") if guess.isascii() else guess
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        pass
    if not _is_japanese(guess) and _is_chinese(data):
        return data.decode("gb18030")
    return data.decode("latin-1") if _is_binary(guess) else guess


def _is_binary(guess: str) -> bool:
    """Whether a reader made no text of the bytes."""
    return any(char == "\ufffd" or (char < " " and char not in "\t\r\n") for char in guess)


def of_zbar(data: bytes) -> str | None:
    """Text of what zbar returns, or None where it may have been bent.

    zbar turns what it takes for Shift-JIS, Big5 or Latin-1 into UTF-8 itself, and takes
    GBK for those. Only what cannot have come about that way is believed.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.isascii():
        return text
    for other in ("shift_jis", "big5", "latin-1"):
        try:
            text.encode(other)
        except UnicodeEncodeError:
            continue
        return None
    return text.removeprefix("\ufeff")


def _is_japanese(guess: str) -> bool:
    """Whether a guess is Japanese and not Chinese bytes read as such.

    Real text has kana. Half-width kana, whose bytes are valid Chinese too, carry voice
    marks, and only where they belong; chance bytes do not.
    """
    if "\ufffd" in guess:
        return False
    marks = 0
    before = ""
    for char in guess:
        if char in _VOICED:
            if before not in _VOICED[char]:
                return False
            marks += 1
        before = char
    half = sum("\uff61" <= char <= "\uff9f" for char in guess)
    full = sum("\u3041" <= char <= "\u30fe" for char in guess)
    return marks > 0 or full > half


def _is_chinese(data: bytes) -> bool:
    """Whether the bytes are valid GBK whose characters are mostly common ones."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    # Names of people and places hold rare characters, among common ones.
    return _common_share(data) >= _COMMON_SHARE


def _common_share(data: bytes) -> float:
    """Share of the double-byte characters outside the punctuation that are common."""
    common = other = index = 0
    while index < len(data):
        if data[index] < 0x80:
            index += 1
            continue
        first, second = data[index], data[index + 1] if index + 1 < len(data) else 0
        if _COMMON_FIRST <= first <= _COMMON_LAST and second >= 0xA1:
            common += 1
        elif not 0xA1 <= first <= 0xA9:
            other += 1
        index += 2
    return common / (common + other) if common + other else 0.0
