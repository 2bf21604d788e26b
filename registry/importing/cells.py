"""What people write in cells, as the contract's tables write it.

>>> day("２０２３年５月６日"), day("2023/5/6 08:30"), day("20230506止"), day("长期有效")
('2023-05-06', '2023-05-06', '2023-05-06', '∞')
>>> day("44322")
'2021-05-06'
>>> term("2021年5月6日至2027年5月5日")
('2021-05-06', '2027-05-05')
>>> number("２１１６０１０６０４１７"), number("211601060417.0")
('211601060417', '211601060417')
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata

from registry.importing.grids import SERIAL_BASE
from registry.importing.vocabulary import vocabulary

_DAY = re.compile(r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?(?:T?\d{2}:\d{2}(?::\d{2})?)?")
_COMPACT_DAY = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
# What people write behind a last day.
_UNTIL = re.compile(r"(?:为?止|\(止\))$")
# A last day that is stated, and is none: 长期有效. An empty cell states nothing.
OPEN = "∞"
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
# Numbers of days that are taken for dates: 1982 to 2064.
_SERIALS = range(30_000, 60_001)
_RANGE = re.compile(r"(?<=[日\d])(?:至|到|~|—{1,2}|－|–|--?(?=\d{4}))(?=\d|长)")
_SPACES = re.compile(r"\s+")
_WHOLE = re.compile(r"(\d+)\.0+")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)


class BadTextError(Exception):
    """A cell's text that is none of what its column holds; `code` names why."""

    def __init__(self, code: str, value: str = "", column: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.column = column


def plain(text: str) -> str:
    """Without spaces at its ends or repeated, line ends made spaces, NFC."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def clean(text: str) -> str:
    """`plain`, and what stands for an empty cell made one."""
    text = plain(text)
    return "" if text in vocabulary().nothing else text


def glued(text: str, more: str) -> str:
    """Two halves of a text made one; between Latin words and digits stays a space."""
    gap = text and more and text[-1].isascii() and more[0].isascii()
    joined = gap and (text[-1] in "-/—" or (text[-1].isdigit() and more[0].isdigit()))
    return text + (" " if gap and not joined else "") + more


def compact(text: str) -> str:
    """Half-width and without spaces, for numbers and days."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


@functools.lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """A heading as `headings.toml` has it."""
    return compact(text).replace("*", "").rstrip(":")


def day(text: str, base: dt.date = SERIAL_BASE) -> str:
    """A day as `2023-05-06`; "" for an empty cell, `OPEN` for an open end.

    Args:
        text: 2023年5月6日, 2023-05-06, 2023/5/6, 20230506, or a spreadsheet's number of days.
        base: day 0 of the spreadsheet.

    Raises:
        BadTextError: if it is no day.
    """
    written, text = text, _UNTIL.sub("", compact(text))
    if not text or text in vocabulary().nothing:
        return ""
    if text in vocabulary().open or text == OPEN:
        return OPEN
    if _SERIAL.fullmatch(text) and int(float(text)) in _SERIALS:
        return (base + dt.timedelta(days=int(float(text)))).isoformat()
    match = _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
    if not match:
        raise BadTextError("bad_date", written)
    year, month, date = (int(part) for part in match.groups())
    try:
        return dt.date(year, month, date).isoformat()
    except ValueError as error:
        raise BadTextError("bad_date", written) from error


def term(text: str, base: dt.date = SERIAL_BASE) -> tuple[str, str]:
    """First and last day of 有效期; a single day is the last."""
    parts = _RANGE.split(compact(text).lstrip("至"))
    if len(parts) == 2:
        return day(parts[0], base), day(parts[1], base)
    return "", day("".join(parts), base)


def number(text: str) -> str:
    """The number of a certificate; raises BadTextError where a spreadsheet rounded it."""
    text = compact(text).upper()
    if _ROUNDED.fullmatch(text):
        raise BadTextError("rounded_number", text, "number")
    whole = _WHOLE.fullmatch(text)
    text = whole[1] if whole else text
    return "" if text in vocabulary().nothing else text
