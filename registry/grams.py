"""The short pieces by which a key is searched for when it may be misread.

Of a name: every pair of neighbouring characters, and every pair with one between them, so
that a misread character spoils neither side of it. Of a number or telephone: windows of its
last digits, each with its place from the end, for the first digits are shared by many. Of an
address: the pairs of its end, where road and house number stand.

Measured on 100 000 invented laboratories with a fifth of the characters misread: the right
one among the best 200 by name alone 0.957 with the pairs across a gap, 0.889 without; by two
readings of the name (print and seal) 0.996 and 0.977.
"""

from __future__ import annotations

from registry.names import fold

# Digits in a window of a number, and how many windows from the end.
WINDOW = 4
WINDOWS = 3
# Characters at the end of an address that hold road and house number.
ADDRESS_END = 9
# Which keys are searched for by pieces, and by which.
NAMES = ("name", "alias", "former", "holder", "seal")
NUMBERS = ("number", "phone")
ADDRESSES = ("address",)
KINDS = (*NAMES, *NUMBERS, *ADDRESSES)


def pairs(key: str) -> set[str]:
    """Pairs of neighbouring characters of a folded key; the key itself if it has but one."""
    folded = fold(key)
    return {folded[i : i + 2] for i in range(len(folded) - 1)} or {folded}


def gapped(key: str) -> set[str]:
    """Pairs of characters with one between them."""
    folded = fold(key)
    return {f"{folded[i]}_{folded[i + 2]}" for i in range(len(folded) - 2)}


def _windows(key: str, mark: str) -> set[str]:
    ends = (len(key) - place for place in range(WINDOWS))
    return {
        f"{mark}{place}{key[end - WINDOW : end]}" for place, end in enumerate(ends) if end >= WINDOW
    }


def of(kind: str, key: str) -> set[str]:
    """The pieces of a key of a kind, see KINDS; none for another kind.

    >>> sorted(of("name", "宛玉检测"))
    ['宛_检', '宛玉', '检测', '玉_测', '玉检']
    >>> sorted(of("number", "211601060417"))
    ['#00417', '#16041', '#20604']
    """
    if not key:
        return set()
    if kind in NAMES:
        return pairs(key) | gapped(key)
    if kind in NUMBERS:
        return _windows(key, "#" if kind == "number" else "%")
    if kind in ADDRESSES:
        return {f"@{pair}" for pair in pairs(key[-ADDRESS_END:])}
    return set()
