"""What tests of this room share."""

from __future__ import annotations

import pytest

from ocr.readers import readers
from ocr.text.rapid import RapidEngine


@pytest.fixture(scope="session")
def engine() -> RapidEngine:
    """The engine that photos are read with here too; its models take seconds to load."""
    rapid = readers().rapid
    assert rapid is not None
    return rapid
