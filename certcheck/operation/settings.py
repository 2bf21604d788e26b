"""Every environment variable that the product reads: one table; whether what is set can be used."""

from __future__ import annotations

import dataclasses as dc
import difflib
import logging
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from certcheck import messages
from certcheck.errors import CertcheckError, Explicable, SettingError, explain
from certcheck.evidence import keep, stamps
from certcheck.messages import Text
from certcheck.operation import logs
from certcheck.record.ask import Asker
from certcheck.runner.settings import URL, Settings
from certcheck.seen import store as seen
from ocr.errors import OcrError
from ocr.readers import ENGINE_SETTING, ORDER
from registry import store
from registry.errors import RegistryError

log = logging.getLogger(__name__)

PREFIX = "CERTCHECK_"
FILE = Path(__file__).parents[1] / "data" / "settings.toml"
HIDDEN = "…"


@dc.dataclass(frozen=True, slots=True)
class Setting:
    """One variable.

    Attributes:
        name: of the variable.
        readers: who reads it, see the data file.
        default: what counts where it is not set, in <> where it is worked out.
        values: what it may hold, in words.
        secret: whether it is, or may hold, a secret.
    """

    name: str
    readers: str
    default: str
    values: str
    secret: bool

    @property
    def text(self) -> Text:
        """What it is for."""
        return messages.text(f"setting.{self.name.removeprefix(PREFIX).lower()}")


@cache
def table() -> Mapping[str, Setting]:
    """All of them by name, in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: Setting(name, row["for"], row["default"], row["values"], row.get("secret", False))
        for name, row in rows.items()
    }


def shown(environment: Mapping[str, str] = os.environ) -> Iterator[tuple[Setting, str, bool]]:
    """Each setting with what it holds, or would by default, and whether it is set."""
    for one in table().values():
        given = environment.get(one.name, "")
        hidden = HIDDEN if one.secret else given
        yield one, hidden if given else one.default, bool(given)


def faults(environment: Mapping[str, str] = os.environ) -> list[Text]:
    """What is wrong with the settings; nothing is opened or made.

    Each sentence names the variable; none repeats what a secret holds.
    """
    found = [_unknown(name) for name in unknown(environment)]
    return found + [_whole(error) for error in _wrong(environment)]


def hold(environment: Mapping[str, str] = os.environ) -> None:
    """What a server or worker does first: nothing is begun with a value that cannot be used.

    Names that are none of ours are without effect, and told in the log.

    Raises:
        CertcheckError: of the first value that is wrong; `faults` tells all.
    """
    for name in unknown(environment):
        log.error("%s is no setting: certcheck config", name)
    for error in _wrong(environment):
        raise error


def _wrong(environment: Mapping[str, str]) -> Iterator[Explicable]:
    for ask in (_server, _asker, _evidence, _log, _stamps, _engine, *_ADDRESSES):
        yield from _asked(ask, environment)


def unknown(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like ours and are none: most often a slip of the pen."""
    return sorted(one for one in environment if one.startswith(PREFIX) and one not in table())


def _unknown(name: str) -> Text:
    bare = [one.removeprefix(PREFIX) for one in table()]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), bare, 1, cutoff=0.7)
    if near:
        return messages.text("config.unknown_like", name=name, like=PREFIX + near[0])
    return messages.text("config.unknown", name=name)


def _whole(error: Explicable) -> Text:
    what, step = explain(error).message, explain(error).next_step
    return Text(what.zh + step.zh, f"{what.en} {step.en}".strip())


Ask = Callable[[Mapping[str, str]], object]


def _asked(ask: Ask, environment: Mapping[str, str]) -> Iterator[Explicable]:
    """Everything that one reader of settings finds wrong, one after the other."""
    left = dict(environment)
    while True:
        try:
            ask(left)
        except SettingError as error:
            yield error
            # Without it, what is wrong beside it shows.
            if left.pop(str(error.details["name"]), None) is None:
                return
        except (CertcheckError, OcrError, RegistryError) as error:
            yield error
            return
        else:
            return


_server: Ask = Settings.from_environment
_asker: Ask = Asker.from_environment
_evidence: Ask = keep.configured
_log: Ask = logs.configured
_stamps: Ask = stamps.configured


def _engine(environment: Mapping[str, str]) -> None:
    wanted = environment.get(ENGINE_SETTING, "")
    if wanted and wanted not in ORDER:
        raise SettingError(name=ENGINE_SETTING, value=wanted, wanted=", ".join(ORDER))


def _address(name: str) -> Ask:
    def ask(environment: Mapping[str, str]) -> None:
        given = environment.get(name, "")
        try:
            # Of the book of what was seen a file's path will do, or nothing.
            if given and (name != seen.SETTING or "://" in given):
                store.parse_url(given)
        except RegistryError:
            # It may hold a password.
            raise SettingError(name=name, value=HIDDEN, wanted=table()[name].values) from None

    return ask


_ADDRESSES = (_address(store.URL_VARIABLE), _address(URL), _address(seen.SETTING))
