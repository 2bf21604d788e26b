"""Print to values: what each field's text must look like, and its normal form.

Every parser takes the print of one value and returns the normal form, or None where the
print cannot be that field. Formats: domain facts, section 3.2 and 1.1.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Callable

from ocr.fields import weights
from ocr.fields.labels import vocabulary

EARLIEST_YEAR = 1985
LATEST_YEAR = 2100
SHORTEST_ADDRESS = 4
# No gem or jade has a lower refractive index (opal: 1.37, GB/T 16553).
LEAST_INDEX = 1.3
_LAST_MONTH = 12

# Letters that print and recogniser mix up with digits, where only a digit can stand.
_AS_DIGIT = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1"})
_CHINESE_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_NUMBER = r"(\d{1,6}(?:[.,·]\d{1,5})?)"
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name}

Value = str | tuple[str, ...]
Parser = Callable[[str], Value | None]


def clean(text: str) -> str:
    """NFKC, single spaces, no stray signs at the ends."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return text.strip(" :;,、|_*").strip()


def not_tested(text: str) -> str | None:
    """The not-tested word as printed (未检, 因镶嵌未测, —), or None."""
    words = vocabulary()
    compact = clean(text).replace(" ", "")
    if compact in words.not_tested_dashes or text.strip() in words.not_tested_dashes:
        return "—"
    if any(word in compact for word in words.not_tested_words) and not re.search(
        r"\d\.\d", compact
    ):
        return compact.strip("()")
    return None


def free_text(text: str) -> str | None:
    """Any words: Chinese without spaces, Latin words with single ones."""
    # The corner of a table's rules is read as a box, ticked or not.
    value = clean(text).strip("☑☐□■")
    # Spaces beside a Chinese character are layout, not language.
    value = re.sub(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])", "", value)
    # A soft comma is read as the point that only names hold.
    value = re.sub(r"(?<=[㐀-鿿])[·・](?=[㐀-鿿])", ",", value)
    return value or None


def _decimal(text: str, unit: str) -> str | None:
    compact = clean(text).replace(" ", "").translate(_AS_DIGIT)
    match = re.search(_NUMBER + unit, compact, re.IGNORECASE) or re.search(_NUMBER, compact)
    return match[1].replace(",", ".").replace("·", ".") if match else None


def mass(text: str) -> str | None:
    """Grams as a bare decimal, carats converted, or a not-tested word."""
    word = not_tested(text)
    if word is not None:
        return word
    weight = weights.parse(text)
    return weight.grams if weight else None


def density(text: str) -> str | None:
    """g/cm³ as a bare decimal, or a not-tested word."""
    word = not_tested(text)
    if word is not None:
        return word
    # The unit's g is read as a digit where print is small: 4.002/cm3.
    text = re.sub(r"(?i)(?<=\.\d\d)\d(?=/cm)", "", text)
    number = _decimal(re.sub(r"(?i)g?/?cm[23²³]?", "", text), "")
    return number if number is not None and 0.9 <= float(number) <= 25 else None


def refractive_index(text: str) -> str | None:
    """As printed: `1.66(点测)`, `1.762~1.770`, or a not-tested word."""
    word = not_tested(text)
    if word is not None:
        return word
    compact = clean(text).replace(" ", "")
    compact = re.sub(r"[∼～〜≈]+", "~", compact.replace(",", "."))
    match = re.search(r"[>＞]?[12]\.\d{1,3}(?:[~—–-]+[12]\.\d{1,3})?", compact)
    if not match or any(float(n) < LEAST_INDEX for n in re.findall(r"\d\.\d+", match[0])):
        return None
    value = match[0]
    spot = re.search(r"点测|[(（]\W*点|spot", compact, re.IGNORECASE)
    return f"{value}(点测)" if spot else value


def index_left_over(text: str) -> bool:
    """Whether more of an index stands in a text than was read as one: half of a range.

    >>> index_left_over("1.762-L.770"), index_left_over("1 762~1.770")
    (True, True)
    >>> index_left_over("1.762~1.770"), index_left_over("1.66(点测)")
    (False, False)
    """
    value = refractive_index(text)
    rest = re.sub(r"[∼～〜≈]+", "~", clean(text).replace(" ", "").replace(",", "."))
    rest = rest.replace(value.removesuffix("(点测)"), "", 1) if value else ""
    return re.search(r"\d|[~—–-]", rest) is not None and not_tested(text) is None


_WHOLE_DATE = re.compile(r"(?<!\d)\d{4}[-./]\d{2}[-./]\d{2}(?!\d)")


def whole_date(text: str) -> bool:
    """Whether a date has all its eight digits, parted by signs: `2023/07/17`."""
    return _WHOLE_DATE.search(clean(text)) is not None


def issue_date(text: str) -> str | None:
    """ISO 8601; Chinese, numeric and English forms."""
    compact = clean(text)
    patterns = (
        r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})",
        r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)",
        r"(\d{4})\s+(\d{1,2})\s+(\d{1,2})(?!\d)",
        # One faint sign lost: eight digits in all leave no doubt which are which.
        r"(?<!\d)(\d{4})\s?[-./年]\s?(\d{2})(\d{2})(?!\d)",
        r"(?<!\d)(\d{4})(\d{2})\s?[-./月]\s?(\d{2})(?!\d)",
        # A stroke taken for a one: nine digits, of which the middle ones can be none else.
        r"(?<!\d)(\d{4})/(\d{2})1(\d{2})(?!\d)",
        r"(?<!\d)(\d{4})1(\d{2})/(\d{2})(?!\d)",
    )
    chinese = compact.replace("十", "十") if "年" in compact else ""
    for source in (compact, _chinese_date(chinese)):
        for pattern in patterns:
            match = re.search(pattern, source)
            if match:
                found = _iso(int(match[1]), int(match[2]), int(match[3]))
                if found:
                    return found
    return _english_date(compact)


def _chinese_date(text: str) -> str:
    """二〇二三年十一月五日 in digits."""

    def small(match: re.Match[str]) -> str:
        tens, ones = match[1], match[2]
        return str(int(tens or 1) * 10 + int(ones or 0))

    digits = text.translate(_CHINESE_DIGITS)
    return re.sub(r"(\d?)十(\d?)", small, digits)


def _english_date(text: str) -> str | None:
    """`June 12, 2023`, `12th June 2023`, `12-Jun-2023`, `12.06.2023`.

    Of 06/12/2023 nobody can say which is the day, unless one is above twelve.
    """
    match = re.search(r"([A-Za-z]{3})[a-z]*\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[,.\s-]*(\d{4})", text)
    if match and match[1].lower() in _MONTHS:
        return _iso(int(match[3]), _MONTHS[match[1].lower()], int(match[2]))
    match = re.search(
        r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]*(?:of\s*)?([A-Za-z]{3})[a-z]*[,.\s/-]*(\d{4})", text
    )
    if match and match[2].lower() in _MONTHS:
        return _iso(int(match[3]), _MONTHS[match[2].lower()], int(match[1]))
    match = re.search(r"(?<!\d)(\d{1,2})([./])(\d{1,2})\2(\d{4})(?!\d)", text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > _LAST_MONTH:
        return _iso(year, second, first)
    if second > _LAST_MONTH or first == second:
        return _iso(year, first, second)
    return None


def _iso(year: int, month: int, day: int) -> str | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


_STANDARD = re.compile(
    r"((?:GB|SN|QB|JJF|JJG|DZ|SB|NY|HG)\s*(?:/\s*[TZ])?|DB\s*\d{2,4}\s*(?:/\s*T)?|T\s*/\s*[A-Z]{2,8})"
    r"\s*(?:(\d{1,6}(?:\.\d{1,2})?)\s*[-—–−~]+|(\d{4,5}))\s*((?:19|20)\d{2})(?!\d)"
)


def _standards_form(text: str) -> str:
    """Upper case NFKC, what recognisers do to `GB/T` mended."""
    compact = unicodedata.normalize("NFKC", text).upper()
    # `GB/1 16553-2017`: nothing but a T ever stands there. (`GB/16553` may have lost it.)
    compact = re.sub(r"(?<=GB/)[1IL|](?=\s+\d{4,5}[-—–.]|\d{5}[-—–.])", "T", compact)
    compact = re.sub(r"(?<=\d)\s+(?=\d)", "", compact)
    compact = re.sub(r"(?<![A-Z])[6C]B(?=\s*/?\s*T?\s*\d)", "GB", compact)
    return re.sub(r"(?<=GB)\s*[/I1L|]?\s*[T7]\s*(?=\d{4,5}(?:\.\d)?\s*[-—–])", "/T ", compact)


def standards(text: str) -> tuple[str, ...] | None:
    """All standards named in a text, each as `GB/T 16553-2017`."""
    found = []
    for match in _STANDARD.finditer(_standards_form(text)):
        issuer = re.sub(r"\s", "", match[1])
        # A faint hyphen is lost in print; four or five digits and a year need none.
        found.append(f"{issuer} {match[2] or match[3]}-{match[4]}")
    return tuple(dict.fromkeys(found)) or None


def standards_left_over(text: str) -> bool:
    """Whether a text holds print that looks like a standard and was not read as one."""
    rest = _STANDARD.sub(" ", _standards_form(text))
    return re.search(r"GB|/\s*T|\d{4}", rest) is not None


def known_standard(name: str) -> bool:
    """Whether a standard, without its year, is in the list of those that certificates name."""
    return name.rsplit("-", 1)[0] in vocabulary().standards


def digits_lost(name: str) -> bool:
    """Whether a standard is a known one less some of its digits (`GB/T 653-2017`).

    >>> digits_lost("GB/T 653-2017"), digits_lost("GB/T 9011-2020")
    (True, False)
    """
    issuer, _, number = name.rsplit("-", 1)[0].partition(" ")
    for known in vocabulary().standards:
        other_issuer, _, whole = known.partition(" ")
        left = iter(whole)
        if issuer == other_issuer and len(number) < len(whole) and all(d in left for d in number):
            return True
    return False


def optic(text: str) -> bool:
    """Whether a text names an optic character (GB/T 16553), which is no part of other values."""
    return re.match(r"\s*非?均质", text) is not None


def only_standards(text: str) -> bool:
    """Whether a text names standards and says nothing else."""
    rest = _STANDARD.sub("", unicodedata.normalize("NFKC", text).upper())
    return rest != text.upper() and not re.search(r"\w", rest)


def certificate_no(text: str) -> str | None:
    """Letters, digits and hyphens; at least five digits."""
    compact = clean(text).replace(" ", "").upper()
    match = re.search(r"[A-Z0-9][A-Z0-9()/-]{4,30}", compact)
    if not match:
        return None
    value = match[0].strip("()/-")
    return value if sum(c.isdigit() for c in value) >= 5 else None


def security_code(text: str) -> str | None:
    """Four to twenty letters and digits, mostly digits."""
    compact = re.sub(r"[^A-Z0-9]", "", clean(text).upper())
    enough = 4 <= len(compact) <= 20 and sum(c.isdigit() for c in compact) >= 3
    return compact if enough else None


# Where a CMA number may begin: apart from other letters, or on the mark's own.
_APART = r"(?:(?<![A-Z0-9])|(?<=MA))"


def cma_no(text: str) -> str | None:
    """12 digits, or the older ten digits and a letter (facts 1.1, 1.3)."""
    printed = clean(text).upper()
    compact = re.sub(r"[\s.:-]", "", printed)
    match = re.search(r"(?<!\d)(\d{12})(?!\d)", compact)
    match = match or re.search(r"(?<!\d)(\d{10}[A-Z])(?![A-Z0-9])", compact)
    if match:
        return match[1]
    # A number with a digit too many or too few is a value too: the judge calls it malformed.
    # Another mark's number often stands behind it in the line.
    match = re.search(rf"{_APART}(\d{{12}})(?![A-Z0-9])", printed)
    match = match or re.search(rf"{_APART}(\d(?:[\s.:-]?\d){{9,13}}[A-Z]?)(?![A-Z0-9])", printed)
    return re.sub(r"[\s.:-]", "", match[1]) if match else None


def cnas_no(text: str) -> str | None:
    """`CNAS L1234`."""
    match = re.search(r"(?:CNAS\W*)?L\W?(\d{4,5})(?!\d)", clean(text).upper().replace(" ", ""))
    return f"CNAS L{match[1]}" if match else None


def person(text: str) -> str | None:
    """A name: two to four Chinese characters (with a point for minorities), or Latin words."""
    value = re.sub(r"\s", "", clean(text)).strip("()/.-—")
    value = re.sub(r"(?<=[㐀-鿿])[-‐-―−ー→~～](?=[㐀-鿿])", "一", value)
    if re.fullmatch(r"[㐀-鿿]{2,4}(?:·[㐀-鿿]{2,8})?", value):
        return None if value.endswith(vocabulary().name_endings) else value
    latin = clean(text)
    if website(latin) is not None:
        return None
    return latin if re.fullmatch(r"[A-Za-z][A-Za-z .'-]{2,30}", latin) else None


def phone(text: str) -> str | None:
    """Digits with area code and hyphens; several numbers are kept with `/` between."""
    found = re.findall(r"\+?\(?\d{3,4}\)?[-\s]?\d{3,4}[-\s]?\d{3,4}(?:-\d{1,5})?", clean(text))
    return "/".join(number.replace(" ", "") for number in found) or None


# The straight line of a seal that stands over the beginning of an address.
_SEAL_WORDS = re.compile(r"^\W*[检验测鉴定合同业务财]{2,8}专用章")


def address(text: str) -> str | None:
    """A postal address: mostly Chinese, no web address."""
    # A web address or a telephone behind it stands beside another label that was not read.
    text = re.split(r"\s*(?:[查询官方网址站]{1,6}\s*)?(?:[:：]\s*)?(?:https?:|www\.)", text)[0]
    value = free_text(re.sub(_SEAL_WORDS, "", text))
    if value is None or sum("㐀" <= char <= "鿿" for char in value) < SHORTEST_ADDRESS:
        return None
    return None if website(value) == value else value


def conclusion(text: str) -> str | None:
    """Words; a number that stands before them is the certificate's, not the stone's."""
    return free_text(re.sub(r"^\W*[A-Z]{0,4}\d{6,}[\s:：]*", "", clean(text)))


def remarks(text: str) -> str | None:
    """Words, without the beginning of a standard that stands behind them."""
    return free_text(re.sub(r"(?:GB|QB|SN|DB)\s*(?:/\s*)?(?:T\s*)?$", "", clean(text)))


def website(text: str) -> str | None:
    """Host and path as printed, lower case host, without spaces."""
    compact = clean(text).replace(" ", "").replace(",", ".").replace("。", ".")
    if "www" not in compact and standards(text) is not None:
        return None  # 2017.GB/T looks like a host.
    match = re.search(
        r"(?:https?:/{1,2})?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}[^\s，。;；）)]*", compact
    )
    return match[0].strip(".").replace("http:/www", "http://www") if match else None


def lab_name(text: str) -> str | None:
    """A laboratory's name, by its ending and the words it holds."""
    words = vocabulary()
    value = free_text(text)
    if value is None or len(value) < 5:
        return None
    ends = [value.rfind(e) + len(e) for e in words.name_endings if e in value]
    if not ends or not any(word in value for word in words.name_holds):
        return None
    rest = value[max(ends) :]
    bracket = re.match(r"[(（][^)）]{1,12}[)）]?", rest)
    return value[: max(ends)] + (bracket[0] if bracket else "")


PARSERS: dict[str, Parser] = {
    "certificate_no": certificate_no,
    "security_code": security_code,
    "lab_name": lab_name,
    "cma_no": cma_no,
    "cnas_no": cnas_no,
    "mass": mass,
    "refractive_index": refractive_index,
    "density": density,
    "standards": standards,
    "inspector": person,
    "checker": person,
    "approver": person,
    "issue_date": issue_date,
    "phone": phone,
    "address": address,
    "website": website,
}


# Fields without a form, where other print may be joined to the words.
WORDS: dict[str, Callable[[str], str | None]] = {"conclusion": conclusion, "remarks": remarks}


def parse(key: str, text: str) -> Value | None:
    """The normal form of a field's print, or None where it cannot be that field."""
    parser = PARSERS.get(key)
    if parser is not None:
        return parser(text)
    return not_tested(text) or WORDS.get(key, free_text)(text)
