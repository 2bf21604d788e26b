"""What may be wrong with a number; the names are those of python-stdnum."""

from __future__ import annotations

from collections.abc import Callable


class NumberError(ValueError):
    """Base of all number errors.

    Attributes:
        code: names the sentence in the message catalogue.
        part: the part of the number that is wrong, "" for the number as a whole.
    """

    code = "number.invalid"

    def __init__(self, part: str = "") -> None:
        super().__init__(part or self.code)
        self.part = part


class InvalidLength(NumberError):  # noqa: N818 - python-stdnum's name, known to its users
    """Too few or too many characters."""

    code = "number.invalid_length"


class InvalidFormat(NumberError):  # noqa: N818
    """Characters that no such number holds, or in the wrong place."""

    code = "number.invalid_format"


class InvalidComponent(NumberError):  # noqa: N818
    """A part that stands for nothing in its table."""

    code = "number.invalid_component"


def accepts(validate: Callable[[str], object], number: str) -> bool:
    """Whether a module's `validate` finds nothing wrong with a number."""
    try:
        validate(number)
    except NumberError:
        return False
    return True
