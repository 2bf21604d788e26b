"""The numbers of certificates in a cell, without what people write round them.

>>> numbers("第211620110061号", "CMA")
[('CMA', '211620110061')]
>>> numbers("211620110061 CNAS L1234；(豫)2016160345Z", "CMA")
[('CMA', '211620110061'), ('CMA', '2016160345Z'), ('CNAS', 'CNAS L1234')]
>>> bare("2116 2011 0061（CMA）"), bare("待定")
('211620110061', '待定')
"""

from __future__ import annotations

import re

from registry import names
from registry.importing import cells
from registry.importing.cells import BadTextError

_CMA = re.compile(rf"(?<![0-9])(?:{names.CMA_NUMBER.pattern})(?![0-9A-Z])")
# Of the right length, whatever its parts: told as odd, and taken.
_ODD_CMA = re.compile(r"(?:(?:CMA|编号)[:-]*)*(\d{12}|\d{10}[A-Z])")
_CNAS = re.compile(r"CNAS[:-]*L?\d{3,5}(?!\d)|(?<![A-Z0-9])L\d{4,5}(?!\d)")
# (2021)国认监认字(123)号: how the authorisation of a state's centre is numbered.
_CAL = re.compile(r"[(〔\[]\d{4}[)〕\]]\w{2,8}字第?[(]?\d+[)]?号?")
_MARKS = ("CNAS", "CAL", "CMA")


def _parts(text: str) -> list[str]:
    """Parts of a list in one cell."""
    return [part for part in re.split(r"[；;、，,\n]", text) if part.strip()]


def numbers(text: str, usual: str) -> list[tuple[str, str]]:
    """(kind, number) of every certificate that a cell names.

    Args:
        text: of the cell.
        usual: the kind where the cell does not say one.

    Raises:
        BadTextError: `rounded_number`; `odd_number` for a CMA number with something about it
            that is none of its decorations.
    """
    found: list[tuple[str, str]] = []
    for part in _parts(text):
        whole = cells.number(part)
        if usual == "CNAS":
            if whole:
                found.append(("CNAS", f"CNAS {names.number_key(whole)}"))
            continue
        for match in _CNAS.finditer(whole):
            found.append(("CNAS", f"CNAS {names.number_key(match.group())}"))
        rest = _CNAS.sub(" ", whole)
        if rest.startswith("CAL") or usual == "CAL":
            bare_number = rest.removeprefix("CAL").lstrip(":- ").strip()
            found += [("CAL", bare_number)] if bare_number else []
            continue
        if beside := _CAL.findall(rest):
            found += [("CAL", each) for each in beside]
            rest = _CAL.sub(" ", rest)
        found += [(usual, each) for each in _cma(rest)]
    # The one that names the laboratory first.
    return sorted(dict.fromkeys(found), key=lambda each: each[0] != usual)


def _cma(text: str) -> list[str]:
    """The CMA numbers in a compact text; raises BadTextError where there is text and none."""
    if found := _CMA.findall(text):
        return found
    text = text.strip(" /()-:")
    for mark in _MARKS:
        text = text.replace(mark, "").strip(" /()-:")
    if not text:
        return []
    if match := _ODD_CMA.fullmatch(text):
        return [match[1]]
    raise BadTextError("odd_number")


def first(text: str) -> str:
    """The first number of a cell, by which its laboratory may be known; "" for none."""
    try:
        return next((number for _, number in numbers(text, "CMA")), "")
    except BadTextError:
        return ""  # told where the row is taken in


def bare(text: str) -> str:
    """A CMA number without what stands round it; the text itself where it holds not just one."""
    if names.CMA_NUMBER.fullmatch(text):
        return text
    found = set(_CMA.findall(cells.compact(text).upper()))
    return found.pop() if len(found) == 1 else text
