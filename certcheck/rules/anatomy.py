"""What a rule looks at and what it may conclude, taken from its code.

The function of a rule is followed through the functions it calls in this package: the fields
it asks for, the parts of the reading and of the laboratory's record it touches, and the
helpers of `framework`, `common` and `signs` with which it states something.
"""

from __future__ import annotations

import ast
import dataclasses as dc
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from certcheck.finding import Status
from certcheck.rules.framework import LAST_REGISTERED, Rule
from ocr.reading import FIELD_KEYS

_ROOM = "certcheck.rules"
# What a helper may make of a finding.
_STATES: Mapping[str, tuple[Status, ...]] = {
    "agree": (Status.CONSISTENT,),
    "differ": (Status.INCONSISTENT,),
    "suspect": (Status.SUSPECTED,),
    "cannot": (Status.UNVERIFIABLE,),
    "advise": (Status.ADVICE,),
    "no_matter": (Status.NOT_APPLICABLE,),
    "accuse": (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE),
    "with_status": (Status.INCONSISTENT, Status.SUSPECTED),
    "sign": (Status.SUSPECTED, Status.UNVERIFIABLE, Status.CONSISTENT),
}
_ORDER = tuple(Status)
# Attributes by which a rule touches more than a field: of the reading, of the record.
_TOUCHED = {
    "codes": "codes",
    "seals": "seals",
    "marks": "marks of accreditation",
    "signatures": "the signer's ink",
    "ink_book": "ink on earlier certificates",
    "memory": "what was seen before",
    "accreditations": "registered accreditations",
    "scopes": "registered scope",
    "signatories": "registered signatories",
    "domains": "registered query sites",
    "sites": "all registered query sites",
    "memberships": "registered memberships",
    "fees": "filed costs",
    "paid": "the price paid",
    "foreign": "a laboratory abroad",
    "signs": "what the file tells of itself",
}


@dc.dataclass(frozen=True, slots=True)
class Anatomy:
    """What the code of a rule says of it.

    Attributes:
        fields: keys of the contract's fields that it looks at, in the contract's order.
        touches: what else it looks at.
        concludes: statuses its findings may have, worst first.
    """

    fields: tuple[str, ...]
    touches: tuple[str, ...]
    concludes: tuple[Status, ...]


def anatomy(one: Rule) -> Anatomy:
    """What one rule looks at and may conclude."""
    nodes = list(_nodes(one.check)) + list(_nodes(one.applies))
    words = {node.value for node in nodes if isinstance(node, ast.Constant)}
    words |= _enclosed(one.applies) | _named(one.check, nodes)
    touched = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    states = {
        status
        for node in nodes
        if isinstance(node, ast.Call)
        for status in _STATES.get(getattr(node.func, "id", ""), ())
    }
    if one.item > LAST_REGISTERED:
        # A sign of item 5 is never more than suspected (`signs`).
        states -= {Status.INCONSISTENT}
    return Anatomy(
        tuple(key for key in FIELD_KEYS if key in words),
        tuple(dict.fromkeys(told for attr, told in _TOUCHED.items() if attr in touched)),
        tuple(status for status in _ORDER if status in states),
    )


def _named(check: Callable[..., Any], nodes: list[ast.AST]) -> set[str]:
    """Words that the rule's module keeps under names: `_TOLD = ("remarks", …)`."""
    known = check.__globals__ if isinstance(check, FunctionType) else {}
    values = [known.get(node.id) for node in nodes if isinstance(node, ast.Name)]
    tuples = [value if isinstance(value, tuple) else (value,) for value in values]
    return {word for words in tuples for word in words if isinstance(word, str)}


def _nodes(function: Callable[..., Any]) -> Iterator[ast.AST]:
    """Every node of a function and of those of this package that it calls, each once."""
    seen: set[CodeType] = set()
    waiting = [function]
    while waiting:
        one = inspect.unwrap(waiting.pop())
        if not isinstance(one, FunctionType) or one.__code__ in seen:
            continue
        seen.add(one.__code__)
        if not one.__module__.startswith(_ROOM) or one.__name__ in _STATES:
            continue
        for node in ast.walk(_tree(one)):
            yield node
            if isinstance(node, ast.Name):
                waiting.append(one.__globals__.get(node.id))  # type: ignore[arg-type]


@functools.cache
def _tree(function: FunctionType) -> ast.AST:
    """The function's source, parsed; of a lambda the statement it stands in."""
    source = textwrap.dedent(inspect.getsource(function))
    try:
        tree: ast.AST = ast.parse(source)
    except SyntaxError:
        # A lambda within a call: the lines that hold it are no statement of their own.
        tree = ast.parse("(" + source.strip().rstrip(",").partition("=")[2].strip() + ")")
    return tree


def _enclosed(applies: Callable[..., Any]) -> set[Any]:
    """Keys that `has` and `lacks` hold on to."""
    if not isinstance(applies, FunctionType) or applies.__closure__ is None:
        return set()
    held: set[Any] = set()
    for cell in applies.__closure__:
        value = cell.cell_contents
        held |= set(value) if isinstance(value, tuple) else {value}
    return {one for one in held if isinstance(one, str)}
