"""The engines of this process, loaded once, chosen by setting."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import functools
import os
import threading
from collections.abc import Callable, Iterator

from ocr import cores
from ocr.errors import EngineError, EngineMissingError
from ocr.reading import ReaderFailure
from ocr.text.engine import TextEngine
from ocr.text.rapid import RapidEngine
from ocr.text.tesseract import TesseractEngine

# `rapidocr`, `tesseract`, or empty for the first that is installed.
ENGINE_SETTING = "CERTCHECK_TEXT_ENGINE"
ORDER = ("rapidocr", "tesseract")
_ENGINES: dict[str, type[RapidEngine] | type[TesseractEngine]] = {
    "rapidocr": RapidEngine,
    "tesseract": TesseractEngine,
}
_LOCKS = {name: threading.Lock() for name in _ENGINES}


@dc.dataclass(frozen=True)
class Readers:
    """Text engines at work.

    Attributes:
        first: reads pages.
        second: another engine, the second witness on a crop; None where none is installed.
        rapid: the engine that can score hypotheses, if it is one of the two.
        failures: engines that are not there.
    """

    first: TextEngine
    second: TextEngine | None
    rapid: RapidEngine | None
    failures: tuple[ReaderFailure, ...]


@functools.cache
def _load(name: str) -> TextEngine:
    return _ENGINES[name]()


def _loading(name: str) -> Callable[[], TextEngine]:
    """Begins to load an engine; the answer is asked for by calling what comes back."""

    def load() -> TextEngine:
        with _LOCKS[name]:  # once, also where two threads ask at the same time
            return _load(name)

    return cores.beside(load)


def readers(setting: str | None = None) -> Readers:
    """The engines to read with.

    Args:
        setting: name of the engine to read pages with; by default what the environment
            variable ENGINE_SETTING says, else the first of ORDER that is installed.

    Raises:
        EngineMissingError: the named engine, or every one, is not installed.
    """
    wanted = setting or os.environ.get(ENGINE_SETTING, "")
    if wanted and wanted not in _ENGINES:
        raise EngineMissingError(engine=wanted, detail=ENGINE_SETTING)
    order = (wanted, *(n for n in ORDER if n != wanted)) if wanted else ORDER
    loaded: list[TextEngine] = []
    failures: list[ReaderFailure] = []
    for name, answer in [(name, _loading(name)) for name in order]:
        try:
            loaded.append(answer())
        except EngineMissingError as error:
            if name == wanted:
                raise
            failures.append(ReaderFailure(name, error.code, str(error.details.get("detail"))))
    if not loaded:
        raise EngineMissingError(engine=", ".join(ORDER), detail=str(failures))
    rapid = next((e for e in loaded if isinstance(e, RapidEngine)), None)
    second = loaded[1] if len(loaded) > 1 else None
    return Readers(loaded[0], second, rapid, tuple(failures))


@contextlib.contextmanager
def preparing(setting: str | None = None) -> Iterator[None]:
    """Loads the engines on another core while a process starts, and readies them.

    What is missing is told by who reads. With one core nothing is done.

    Args:
        setting: as for `readers`.
    """
    if cores.most() == 1:
        yield
        return
    stop = threading.Event()

    def prepare() -> None:
        with contextlib.suppress(EngineError):
            rapid = readers(setting).rapid
            if rapid is not None:
                rapid.warm_up(stop)

    cores.beside(prepare)
    try:
        yield
    finally:
        stop.set()
