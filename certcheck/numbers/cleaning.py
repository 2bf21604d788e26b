"""Print to plain characters: what every number format does first."""

from __future__ import annotations

import unicodedata

# Dashes that NFKC leaves alone, and that printers and recognisers use for a hyphen.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")

# Characters a recogniser takes for one another in a line of digits and capitals. Folding is
# for asking "could this be the same number?", never for reporting a number.
_CONFUSABLE = str.maketrans("OQDILZSBG", "000112586")


def plain(text: str) -> str:
    """NFKC, upper case, one kind of hyphen, no white space.

    >>> plain("gb／t 16553—2017")
    'GB/T16553-2017'
    """
    return "".join(spaced(text).split())


def spaced(text: str) -> str:
    """As `plain`, white space kept."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).upper()


def fold(text: str) -> str:
    """The letters and digits of a number with look-alikes made equal.

    Two numbers with the same fold may be one number read twice.

    >>> fold("PZ-2303Z1OO2O2") == fold("PZ23032100202")
    True
    """
    kept = "".join(char for char in plain(text) if char.isalnum())
    return kept.translate(_CONFUSABLE)
