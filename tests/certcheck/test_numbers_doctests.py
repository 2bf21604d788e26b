"""The examples in the number modules hold."""

import doctest
import importlib
import pkgutil

import pytest

import certcheck.numbers

MODULES = [info.name for info in pkgutil.iter_modules(certcheck.numbers.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_documentation_hold(name: str) -> None:
    module = importlib.import_module(f"certcheck.numbers.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0
    if hasattr(module, "validate"):
        assert result.attempted > 0, f"{name} shows no example"
