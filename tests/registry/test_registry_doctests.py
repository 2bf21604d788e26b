"""The examples in the docstrings."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from registry import (
    addresses,
    divisions,
    domains,
    formulas,
    grams,
    names,
    phones,
    sites,
    spoken,
    standards,
)
from registry.importing import cells, certificates, people, personal, quotes


@pytest.mark.parametrize(
    "module",
    [
        addresses,
        divisions,
        domains,
        formulas,
        grams,
        names,
        phones,
        sites,
        spoken,
        standards,
        cells,
        certificates,
        people,
        personal,
        quotes,
    ],
    ids=lambda m: m.__name__,
)
def test_examples(module: ModuleType) -> None:
    """The documentation would show what the code does not do."""
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
