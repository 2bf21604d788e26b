"""What figures are called: codes of the catalogue, and words of data files, by a figure's keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from certcheck import messages
from certcheck.cases import classes
from certcheck.figures.model import Figure
from certcheck.messages import Text

Say = Callable[[Text], str]
_ITEM = "item"


def key(of: str, name: str) -> Text:
    """What a row of a figure is called.

    Args:
        of: what the figure's rows are; see `model.Figure`.
        name: the row's key.
    """
    if not name:
        return messages.text("figures.unknown")
    if of == _ITEM:
        told = messages.text(f"item.{name}")
        return Text(f"{name} {told.zh}", f"{name} {told.en}")
    if of in ("state", "source"):
        return messages.text(f"figures.{of}.{name}")
    if of == "category":
        return classes.text(of, name)
    return Text(name, name)


def headings(figure: Figure, say: Say) -> list[str]:
    """Of a figure's columns."""
    names = [f"figures.of.{figure.of}", *(f"figures.measure.{one}" for one in figure.measures)]
    return [say(messages.text(one)) for one in names]


def rows(figure: Figure, say: Say) -> list[list[Any]]:
    """A figure's cells."""
    return [
        [say(key(figure.of, row.key)), *(row.counts[one] for one in figure.measures)]
        for row in figure.rows
    ]


def column(name: str, say: Say) -> str:
    """What a column of exported rows is called."""
    if name.startswith(_ITEM) and name != _ITEM:
        return say(key(_ITEM, name.removeprefix(_ITEM)))
    return say(messages.text(f"figures.column.{name}"))


def cell(name: str, value: Any, say: Say) -> Any:
    """A cell of exported rows as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return say(messages.text("figures.yes" if value else "figures.no"))
    if name == "verdict":
        return say(messages.text(f"figures.measure.{value}"))
    if name.startswith(_ITEM) and name != _ITEM:
        return say(messages.text(f"status.{value}"))
    if name == "result":
        return say(classes.text(name, value))
    if name in (_ITEM, "state", "category", "source"):
        return say(key(name, str(value)))
    return value


def cells(names: Sequence[str], row: Sequence[Any], say: Say) -> list[Any]:
    """A row likewise."""
    return [cell(name, value, say) for name, value in zip(names, row, strict=True)]
