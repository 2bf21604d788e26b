"""What signs cookies: given by the environment, or made once and kept in the work folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from certcheck.errors import StorageError
from certcheck.runner.settings import Settings

FILE = "cookies.key"
_BYTES = 32


def of(settings: Settings) -> str:
    """The secret; with another one everybody would have to sign in again.

    Raises:
        StorageError: it cannot be read or written.
    """
    if settings.secret:
        return settings.secret
    path = settings.folder / FILE
    try:
        return _read(path) or _make(path)
    except OSError as error:
        raise StorageError(folder=settings.folder, reason=error.strerror) from error


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def _make(path: Path) -> str:
    """Written whole beside it and linked: of two servers that start at once, one is first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_BYTES))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
