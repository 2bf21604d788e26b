"""Networks as OpenVINO compiled them, kept on disk for the next process.

Compiling takes a fresh process 0.5 s of processor time, taking what was kept 0.1 s. The
folder is the user's cache (`platformdirs`); a name holds everything a compiled network
depends on, so that another version or processor finds nothing there. A file begins with the
digest of the rest: what was cut off or damaged is compiled anew. It is written beside its
place and moved there in one step, so that two processes never read each other's half. Where
the folder cannot be used, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import os
import pathlib
import platform
import tempfile
from collections.abc import Mapping
from typing import Any

import platformdirs

# A folder, or `off`.
SETTING = "CERTCHECK_MODEL_CACHE"
OFF = "off"
_DIGEST = hashlib.blake2b
_DIGEST_BYTES = 64
DEVICE = "CPU"


def compiled(core: Any, model: pathlib.Path, wish: Mapping[str, int]) -> Any:  # noqa: ANN401 - OpenVINO's
    """A network, from the cache where it is there.

    Args:
        core: OpenVINO's.
        model: the network's file.
        wish: how it is to be compiled.

    Raises:
        RuntimeError: the file holds no network.
    """
    place = _place(core, model, wish)
    kept = None if place is None else _taken(place)
    if kept is not None:
        with contextlib.suppress(RuntimeError):
            return core.import_model(io.BytesIO(kept), DEVICE, dict(wish))
    network = core.compile_model(core.read_model(model), DEVICE, dict(wish))
    if place is not None:
        with contextlib.suppress(OSError, RuntimeError):
            _keep(place, network.export_model())
    return network


def _place(core: Any, model: pathlib.Path, wish: Mapping[str, int]) -> pathlib.Path | None:  # noqa: ANN401 - OpenVINO's
    """Where the compiled network is kept; None where none is."""
    folder = os.environ.get(SETTING) or platformdirs.user_cache_dir("certcheck", appauthor=False)
    if folder == OFF:
        return None
    file = model.stat()
    told = (
        importlib.metadata.version("openvino"),
        importlib.metadata.version("rapidocr"),
        core.get_property(DEVICE, "FULL_DEVICE_NAME"),
        core.get_property(DEVICE, "OPTIMIZATION_CAPABILITIES"),
        platform.machine(),
        file.st_size,
        file.st_mtime_ns,
        sorted(wish.items()),
    )
    name = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
    return pathlib.Path(folder) / f"{model.stem}-{name}.compiled"


def _taken(place: pathlib.Path) -> bytes | None:
    """What was kept; None where nothing was, or not whole."""
    try:
        data = place.read_bytes()
    except OSError:
        return None
    kept = data[_DIGEST_BYTES:]
    return kept if kept and _DIGEST(kept).digest() == data[:_DIGEST_BYTES] else None


def _keep(place: pathlib.Path, network: bytes | io.BytesIO) -> None:
    data = network if isinstance(network, bytes) else network.getvalue()
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_DIGEST(data).digest() + data)
        pathlib.Path(name).replace(place)
    finally:
        pathlib.Path(name).unlink(missing_ok=True)
