"""Values of a record in the normal form of their field.

Databases write what paper never does: an instant in Greenwich's time, milliseconds since 1970,
masses in milligrams or in no unit at all. Read as print, each of them would be another value.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from ocr.fields import values, weights
from ocr.hanzi import simplify
from registry.days import CHINA, today

# Beside the label's own mass other stones' are printed: not the piece's.
_PARTS = ("单粒", "主石", "配石", "副石", "裸石")
_WORDS = frozenset({"conclusion", "shape", "colour"})
# 1,234.5; of 1,234 nobody knows whether it is a thousand or one.
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:,\d{3})*\.\d)")
_UNCERTAIN = re.compile(r"\d,\d{3}(?!\d)")
_OWN_UNIT = re.compile(r"\d(?:g|克(?!拉)|ct|克拉|k?carat)", re.IGNORECASE)
# 分 is a hundredth of a carat, as the trade counts.
_OTHER_UNIT = re.compile(r"(\d+(?:\.\d+)?)(mg|毫克|分|钱|两|斤|盎司|磅|oz|lb)", re.IGNORECASE)
_GRAMS = {"mg": Decimal("0.001"), "毫克": Decimal("0.001"), "分": Decimal("0.002")}
_RANGE = re.compile(r"(\d+(?:\.\d+)?)[-~—–～至]+(\d+(?:\.\d+)?)")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)$",
    re.IGNORECASE,
)
_GREENWICH = frozenset({"Z", "UTC", "GMT"})
_SINCE_1970 = re.compile(r"(?:/Date\()?(\d{10}|\d{13})(?:[+-]\d{4})?(?:\)/)?")
_MILLISECONDS = 13
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}")


def parse(key: str, label: str, raw: str) -> str | None:
    """A value in normal form, or None where it cannot be that field.

    Args:
        key: contract field.
        label: what it stands under, "" where its place was declared.
        raw: as the record has it.

    >>> parse("mass", "", "1.05kg"), parse("mass", "", "1,234.5g"), parse("mass", "", "3两")
    ('1050', '1234.5', None)
    >>> parse("issue_date", "", "2023-03-20T16:00:00.000+0000")
    '2023-03-21'
    >>> parse("conclusion", "", "紅寶石")
    '红宝石'
    """
    if key == "mass":
        return _mass(label, raw)
    if key == "issue_date":
        return _day(raw.strip())
    if key in _WORDS:
        raw = simplify(unicodedata.normalize("NFKC", raw))
    value = values.parse(key, raw)
    return "; ".join(value) if isinstance(value, tuple) else value


def says_unit(raw: str, label: str) -> bool:
    """Whether a mass is told in a unit; a bare figure may be grams or carats."""
    compact = _compact(raw)
    known = _OWN_UNIT.search(compact) or _OTHER_UNIT.search(compact) or weights.is_kilo(raw)
    return bool(known) or weights.told_unit(label) is not None


def range_of(raw: str) -> tuple[Decimal, Decimal] | None:
    """From where to where, of a value that is no single figure.

    >>> range_of("3.32～3.34g/cm3"), range_of("3.33")
    ((Decimal('3.32'), Decimal('3.34')), None)
    """
    found = _RANGE.search(_compact(raw))
    return (Decimal(found[1]), Decimal(found[2])) if found else None


def bears_time(raw: str) -> bool:
    """Whether a day comes with a time of day: then it may be another day elsewhere."""
    return bool(_TIME_OF_DAY.search(raw)) and _INSTANT.search(raw.strip()) is None


def _compact(raw: str) -> str:
    return "".join(unicodedata.normalize("NFKC", raw).split())


def _mass(label: str, raw: str) -> str | None:
    compact = _THOUSANDS.sub("", _compact(raw))
    if label.startswith(_PARTS) or _UNCERTAIN.search(compact):
        return None
    other = _OTHER_UNIT.search(compact)
    if other and not _OWN_UNIT.search(compact):
        factor = _GRAMS.get(other[2].lower())
        return f"{(Decimal(other[1]) * factor).normalize():f}" if factor else None
    weight = weights.parse(compact, label)
    return weight.grams if weight else None


def _day(raw: str) -> str | None:
    """The day in China."""
    instant = _INSTANT.search(raw)
    if instant:
        zone = "+00:00" if instant[3].upper() in _GREENWICH else instant[3]
        try:
            told = dt.datetime.fromisoformat(f"{instant[1]}T{instant[2]}{zone}")
        except ValueError:
            return None
        return told.astimezone(CHINA).date().isoformat()
    counted = _SINCE_1970.fullmatch(raw)
    if counted:
        seconds = int(counted[1]) // (1000 if len(counted[1]) == _MILLISECONDS else 1)
        day = dt.datetime.fromtimestamp(seconds, CHINA).date()
        return day.isoformat() if day.year >= values.EARLIEST_YEAR and day <= today() else None
    return values.issue_date(raw)
