"""What would break: a line of print that a regular expression works on for minutes.

Every pattern of the product is taken apart (`regexploit`): where a text can be cut up between
repetitions in more ways than two, trying them takes more than the square of its length. Lines that
are read have some hundred characters at most, so that the square is borne, the cube is not.
"""

from __future__ import annotations

import ast
import dataclasses as dc
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import certcheck
import ocr
import registry
import web

ROOMS = (certcheck, ocr, registry, web)
CALLS = frozenset(
    {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
)
# Repetitions that may share the same characters.
MOST = 2
# Programs of their own, and steps of a schema: they start when they are imported.
_STARTING = re.compile(r"__main__$|\.migrations\.")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def written() -> Iterator[tuple[str, str]]:
    """Patterns as they stand in the code: their places and they themselves."""
    for room in ROOMS:
        folder = Path(str(room.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if _asks(node) and isinstance(node, ast.Call) and node.args:
                    told = node.args[0]
                    if isinstance(told, ast.Constant) and isinstance(told.value, str | bytes):
                        yield f"{path.relative_to(folder.parent)}:{node.lineno}", text(told.value)


def _asks(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in CALLS
    )


def text(pattern: str | bytes) -> str:
    return pattern if isinstance(pattern, str) else pattern.decode("latin-1")


def modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not _STARTING.search(found.name):
                yield importlib.import_module(found.name)


def held() -> Iterator[tuple[str, str]]:
    """Patterns that modules keep, put together from words of their tables."""
    for module in modules():
        for name, value in vars(module).items():
            for pattern in patterns(value, 3):
                yield f"{module.__name__}.{name}", text(pattern.pattern)


def patterns(value: object, depth: int) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Patterns in a value, and in what it holds."""
    if isinstance(value, re.Pattern):
        yield value
        return
    inside: Iterable[object] = ()
    if depth and isinstance(value, dict):
        inside = value.values()
    elif depth and isinstance(value, tuple | list | set | frozenset):
        inside = value
    elif depth and dc.is_dataclass(value) and not isinstance(value, type):
        inside = [getattr(value, one.name) for one in dc.fields(value)]
    for one in inside:
        yield from patterns(one, depth - 1)


def ways(pattern: str) -> int:
    """Repetitions of a pattern that one text can be cut up between."""
    from regexploit.ast.sre import SreOpParser
    from regexploit.redos import find

    return max((one.starriness for one in find(SreOpParser().parse_sre(pattern))), default=0)


def test_no_pattern_takes_more_than_the_square_of_its_text() -> None:
    found = {pattern: place for place, pattern in (*written(), *held())}
    assert len(found) > 200, "patterns were found"
    slow = {place: pattern for pattern, place in found.items() if ways(pattern) > MOST}
    assert not slow


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"\s*,?\s*;?\s*$", r"(.*)(.*)(.*)x"])
def test_what_blows_up_is_known(pattern: str) -> None:
    """A measure that finds nothing would prove nothing."""
    assert ways(pattern) > MOST
