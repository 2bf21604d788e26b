"""What would break: a setting that nobody can find, or one that is set wrong and nobody is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from certcheck import messages
from certcheck.cli import cli
from certcheck.evidence import keep
from certcheck.operation import logs, settings, table
from certcheck.record import ask
from certcheck.runner.settings import Settings
from tests.benchmarks import sizing

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"CERTCHECK_[A-Z0-9_]+")
# A file's own name in the set-up, not read by anybody.
SOURCES = ("certcheck", "certcheck_client", "ocr", "registry", "web", "samples", "deploy")


def mentioned() -> set[str]:
    paths = [ROOT / "run", *(ROOT / "tests").rglob("*.py")]
    for room in SOURCES:
        paths += [one for one in (ROOT / room).rglob("*") if one.suffix != ".pyc" and one.is_file()]
    texts = [one.read_bytes().decode("utf-8", "replace") for one in paths if one != settings.FILE]
    return {name for text in texts for name in NAME.findall(text)}


def test_every_variable_of_the_program_is_in_the_table_and_the_other_way_round() -> None:
    here = Path(__file__).read_text("utf-8")
    own = {name for name in NAME.findall(here) if f'"{name}' in here} - set(settings.table())
    assert mentioned() - own == set(settings.table())


def test_the_document_has_the_table_of_today() -> None:
    text = table.PAGE.read_text("utf-8")
    assert table.page(text) == text


def test_the_table_of_sizes_is_what_the_figures_say() -> None:
    for name, page in zip(("sizing", "queueing"), sizing.PAGES, strict=True):
        text = page.read_text("utf-8")
        assert f"<!-- {name} -->" in text and sizing.page(text) == text


def test_every_setting_says_what_it_is_for_and_no_other_does() -> None:
    told = {code for code in messages.catalogue() if code.startswith("setting.")}
    names = {f"setting.{name.removeprefix('CERTCHECK_').lower()}" for name in settings.table()}
    assert told == names


def test_a_default_that_is_told_is_the_one_that_counts() -> None:
    assert list(_others_count()) == []
    assert settings.table()[keep.SETTING].default == str(keep.DAYS)


def _others_count() -> Iterator[str]:
    """Names of settings with what takes their default for something else than nothing."""
    for name, one in settings.table().items():
        if not one.default or one.default.startswith("<"):
            continue
        given = {name: one.default}
        if told := settings.faults(given):
            yield f"{name}: {told}"
        for read in (Settings.from_environment, ask.Asker.from_environment, logs.configured):
            if read(given) != read({}):
                yield f"{name}: {read.__qualname__}"


def test_values_are_those_that_the_program_takes() -> None:
    assert list(_others_taken()) == []


def _others_taken() -> Iterator[str]:
    """Names of settings with a value that is taken or refused against their row."""
    for name, one in settings.table().items():
        if one.readers in ("tests", "setup") or one.values.startswith(("folder", "file")):
            continue
        told = settings.faults({name: "?!"})
        refused = [name in each.en and f"{one.values}." in each.en for each in told]
        refused += [name in each.zh and f"{one.values}；" in each.zh for each in told]
        if refused != [True, True]:
            yield f"{name}=?!: {told}"
        if found := re.fullmatch(r"(\d+)–(\d+)(, .*)?", one.values):
            least, most = int(found[1]), int(found[2])
            for value in (least - 1, least, most, most + 1):
                if bool(settings.faults({name: str(value)})) == (least <= value <= most):
                    yield f"{name}={value}"


def test_the_book_of_what_was_seen_is_a_file_nothing_or_a_database_that_can_be_opened() -> None:
    name = "CERTCHECK_SEEN"
    wrong = [settings.faults({name: one}) for one in ("off", "/a/file", "sqlite:///a")]
    assert wrong == [[], [], []]
    (told,) = settings.faults({name: "mysql://user:hunter2@host/db"})
    assert name in told.en and "hunter2" not in told.en


def test_everything_that_is_wrong_is_told_at_once_and_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {
        "CERTCHECK_WORKERS": "many", "CERTCHECK_NICE": "20", "CERTCHECK_KEEP_HOUR": "2",
        "CERTCHECK_MOON": "1", "CERTCHECK_WORK_URL": "mysql://user:hunter2@host/db",
        "CERTCHECK_SECRET": "hunter2", "CERTCHECK_DATABASE_URL": "postgresql://u:hunter2@h/db",
    }  # fmt: skip
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(cli, ["config", "--explain"])
    assert told.exit_code == 2 and "hunter2" not in told.output
    assert "is CERTCHECK_KEEP_HOURS meant?" in told.stderr
    assert "no setting of the name CERTCHECK_MOON." in told.stderr
    for name in ("WORKERS", "NICE", "WORK_URL", "SECRET"):
        assert f"The environment variable CERTCHECK_{name} holds" in told.stderr
    assert "6 of the settings" in told.stderr
    assert "CERTCHECK_QUEUE\t200\t-" in told.stdout and "CERTCHECK_NICE\t20\t=" in told.stdout
    for name in wrong:
        monkeypatch.delenv(name)
    sound = CliRunner().invoke(cli, ["config"])
    assert sound.exit_code == 0 and "can be used" in sound.stderr
