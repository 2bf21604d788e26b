"""What would break: a file that others wrote, changed here or never told of."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "web" / "static" / "vendor"


def test_every_file_is_as_it_came() -> None:
    told = tomllib.loads((FOLDER / "manifest.toml").read_text("utf-8"))
    wanted = {
        f"{name}/{file}": digest
        for name, one in told.items()
        for file, digest in one["files"].items()
    }
    found = {
        str(path.relative_to(FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name not in ("manifest.toml", "README.md")
    }
    assert found == wanted
    for one in told.values():
        assert {"package", "version", "licence", "for"} <= set(one)
