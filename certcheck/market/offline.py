"""The list of laboratories that a phone takes along, packed once a revision of the registry."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path

from registry import pocket
from registry.lookup import Registry

_CODES = Path(__file__).parents[1] / "data" / "cma_codes.toml"
# Lists kept at hand: few phones ask for the same few authorities.
_MOST_KEPT = 8
_making = threading.Lock()
_kept: dict[tuple[object, str], bytes] = {}


@functools.cache
def codes() -> Mapping[str, str]:
    """Codes of issuing authorities with their names; that of laboratories without one, "".

    See `registry.pocket.authority`.
    """
    read = tomllib.loads(_CODES.read_text("utf-8"))
    return {**read["authority"], pocket.OTHER: ""}


def tag(revision: str, wanted: frozenset[str]) -> str:
    """Names a list: the same while nothing of it has changed."""
    parts = (str(pocket.VERSION), revision, *sorted(wanted))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def packed(registry: Registry, revision: str, wanted: frozenset[str]) -> bytes:
    """The list as JSON (`registry.pocket`), compressed by gzip.

    Raises:
        RegistryError: the registry cannot be asked.
    """
    key = (id(registry), tag(revision, wanted))
    found = _kept.get(key)
    if found is not None:
        return found
    with _making:
        found = _kept.get(key)
        if found is None:
            told = registry.pocket(wanted)
            text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
            found = gzip.compress(text.encode(), mtime=0)
            while len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = found
    return found
