"""Masses as printed, in grams or carats, and in grams.

A carat is 0.2 g (the metric carat of 1907). Chinese certificates print grams; reports from
abroad print carats, and some print both. Large carvings are weighed in kilograms.
"""

from __future__ import annotations

import dataclasses as dc
import re
import unicodedata
from decimal import Decimal

GRAM, CARAT, KILO = "g", "ct", "kg"
GRAMS_PER_CARAT = Decimal("0.2")
_GRAMS = {CARAT: GRAMS_PER_CARAT, KILO: Decimal(1000)}

# Letters that print and recogniser mix up with digits, where only a digit can stand.
_AS_DIGIT = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1"})
_NUMBER = r"(\d{1,6}(?:[.,·]\d{1,5})?)"
_CARATS = r"(?:c[at4]|克拉|K?carat)"
_IN_CARATS = re.compile(_NUMBER + _CARATS, re.IGNORECASE)
_IN_GRAMS = re.compile(_NUMBER + r"(?:g|克(?!拉))", re.IGNORECASE)
_IN_KILOS = re.compile(_NUMBER + r"(?:kg|千克|公斤)", re.IGNORECASE)
_BARE = re.compile(_NUMBER)
_SAYS_CARATS = re.compile(r"carat|克拉|\bcts?\b|\(cts?\)", re.IGNORECASE)
_SAYS_GRAMS = re.compile(r"\((?:g|克)\)|\bgrams?\b", re.IGNORECASE)


@dc.dataclass(frozen=True, slots=True)
class Weight:
    """One mass.

    Attributes:
        printed: the number as printed, a decimal point for whatever stood there.
        unit: GRAM, CARAT or KILO; GRAM where none is printed.
    """

    printed: str
    unit: str

    @property
    def grams(self) -> str:
        """The bare decimal in grams; what was printed in grams stays as printed."""
        if self.unit == GRAM:
            return self.printed
        return f"{(Decimal(self.printed) * _GRAMS[self.unit]).normalize():f}"


def parse(text: str, label: str = "") -> Weight | None:
    """The mass that a print gives; grams where it gives both.

    Args:
        text: the value as printed.
        label: its label, whose unit counts where the value has none.

    >>> parse("1.01 carat").grams
    '0.202'
    >>> parse("0.302 g (1.51 ct)")
    Weight(printed='0.302', unit='g')
    >>> parse("3.05", "Carat Weight").unit, parse("1.05 kg").grams
    ('ct', '1050')
    """
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    # Units hold no letters that look like digits; the digits before them may have been read so.
    digits = compact.translate(_AS_DIGIT)
    for source, pattern, unit in (
        (digits, _IN_GRAMS, GRAM),
        (digits, _IN_CARATS, CARAT),
        (digits, _IN_KILOS, KILO),
        (digits, _BARE, label_unit(label)),
    ):
        match = pattern.search(source)
        if match:
            return Weight(match[1].replace(",", ".").replace("·", "."), unit)
    return None


def is_kilo(text: str) -> bool:
    """Whether a print gives kilograms, and nothing finer."""
    weight = parse(text)
    return weight is not None and weight.unit == KILO


def label_unit(label: str) -> str:
    """The unit that a label names; grams where it names none."""
    return told_unit(label) or GRAM


def told_unit(label: str) -> str | None:
    """The unit that a label names, None where it names none."""
    spaced = unicodedata.normalize("NFKC", label)
    if _SAYS_GRAMS.search(spaced):
        return GRAM
    return CARAT if _SAYS_CARATS.search(spaced) else None
