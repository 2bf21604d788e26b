"""Paths that are no source are refused with a reason, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session

from registry.errors import UnknownSourceError
from registry.importing.plan import plan_import


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("book.xlsx", b"not a zip", "damaged"),
        ("book.xlsx", b"", "damaged"),
        ("book.xls", b"\xd0\xcf\x11\xe0", "damaged"),
        ("labs.csv", b"lab_id\n", "unknown_format"),
    ],
)
def test_other_files_are_refused(
    session: Session, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    """A wrong file would end in a traceback."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnknownSourceError) as caught:
        plan_import(session, path)
    assert caught.value.details["reason"] == reason


def test_missing_path_and_empty_folder(session: Session, tmp_path: Path) -> None:
    """A mistyped path would look like an empty registry."""
    for path, reason in ((tmp_path / "nowhere", "missing"), (tmp_path, "no_tables")):
        with pytest.raises(UnknownSourceError) as caught:
            plan_import(session, path)
        assert caught.value.details["reason"] == reason
