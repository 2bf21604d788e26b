"""Cells that a spreadsheet program would run as a formula, written so that it does not.

A name `=HYPERLINK(…)` in a list would act on whoever opens the exported table. Such a cell is
written with an apostrophe before it, as spreadsheet programs mark text, and read without it.
See https://owasp.org/www-community/attacks/CSV_Injection.

>>> guarded("=1+1"), guarded("-x"), guarded("-"), guarded("'=1+1"), guarded("翡翠")
("'=1+1", "'-x", '-', "''=1+1", '翡翠')
>>> bare(guarded("'=1+1")), bare("'翡翠'")
("'=1+1", "'翡翠'")
"""

from __future__ import annotations

import re

MARK = "'"
# Full-width signs start a formula too where the program's language has them. A sign alone,
# as lists have it for nothing, does not.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r].", re.DOTALL)


def guarded(text: str) -> str:
    """A cell's text as it may be opened in a spreadsheet program."""
    return MARK + text if _FORMULA.match(text) else text


def bare(text: str) -> str:
    """The text of a cell that `guarded` may have written."""
    return text[1:] if text.startswith(MARK) and _FORMULA.match(text) else text
