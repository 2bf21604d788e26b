"""USCC (统一社会信用代码, unified social credit code of a body).

Issued on registration by the market regulators and other registration authorities since
October 2015 (GB 32100-2015): 18 characters, of which the last is a check character.

* 1: registration authority (9 market regulation, 1 public institutions …)
* 2: kind of body
* 3-8: administrative division of the registration authority
* 9-17: the body's own code
* 18: check character, modulo 31

Checked by python-stdnum (`stdnum.cn.uscc`); here only print is made plain and the errors are
ours. A laboratory's code stands on its licence and in the registry, rarely on a certificate.

>>> validate("91110000 600037341L")
'91110000600037341L'
>>> format("91110000600037341l")
'91110000600037341L'
>>> validate("91110000600037342L")
Traceback (most recent call last):
    ...
certcheck.numbers.errors.InvalidComponent: check
>>> validate("9111000060003734")
Traceback (most recent call last):
    ...
certcheck.numbers.errors.InvalidLength: number.invalid_length
>>> is_valid("91110000600037341L"), is_valid("统一社会信用代码")
(True, False)
"""

from __future__ import annotations

import re

import stdnum.exceptions
from stdnum.cn import uscc

from certcheck.numbers import cleaning
from certcheck.numbers.errors import InvalidComponent, InvalidFormat, InvalidLength, accepts

_LABEL = re.compile(r"^(?:统一)?(?:社会)?(?:信用)?(?:代码|编号)?[:：]?")


def compact(number: str) -> str:
    """Letters and digits alone, the printed label dropped."""
    return _LABEL.sub("", cleaning.plain(number)).replace("-", "")


def validate(number: str) -> str:
    """The compact code.

    Raises:
        InvalidLength: not 18 characters.
        InvalidFormat: a character that no code holds.
        InvalidComponent: `check`, the check character is another.
    """
    text = compact(number)
    try:
        return str(uscc.validate(text))
    except stdnum.exceptions.InvalidLength:
        raise InvalidLength from None
    except stdnum.exceptions.InvalidChecksum:
        raise InvalidComponent("check") from None
    except stdnum.exceptions.ValidationError:
        raise InvalidFormat from None


def is_valid(number: str) -> bool:
    """Whether this is a code with its right check character."""
    return accepts(validate, number)


def format(number: str) -> str:  # noqa: A001 - python-stdnum's name for it
    """The code as a licence prints it: compact, without spaces."""
    return compact(number)
