"""What would break: what a paper or a person says in a log, or lines that belong to no request."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from certcheck.errors import SettingError, StorageError
from certcheck.operation import logs
from registry.errors import DatabaseUnreachableError

ROOM = logging.getLogger("certcheck.some.room")
LIBRARY = logging.getLogger("somebodys.library")
TOLD = "张三 13812345678"
ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests' lines go where they went."""
    rooms = [logging.getLogger(name) for name in (None, *logs.OURS)]
    levels, handlers = [one.level for one in rooms], list(rooms[0].handlers)
    yield
    rooms[0].handlers[:] = handlers
    for room, level in zip(rooms, levels, strict=True):
        room.setLevel(level)


def lines(form: str = "json", level: str = "") -> io.StringIO:
    stream = io.StringIO()
    logs.set_up({logs.SETTING: form, logs.LEVEL: level}, stream)
    return stream


def rows(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(error: Exception) -> None:
    raise error


def test_a_line_is_an_object_with_the_requests_id_and_its_figures() -> None:
    stream = lines()
    with logs.bearing(ID):
        ROOM.info("answered\n%s", "two", extra={"fields": {"status": 200}})
    ROOM.info("beside")
    first, second = rows(stream)
    assert first["message"] == "answered\ntwo" and first["time"].endswith("Z")
    assert (first["room"], first["level"], first["status"]) == ("certcheck.some.room", "info", 200)
    assert first["request"] == ID and "request" not in second


def test_no_words_of_an_exception_get_into_json() -> None:
    stream = lines()
    try:
        try:
            fail(KeyError(TOLD))
        except KeyError as error:
            raise ValueError(TOLD) from error
    except ValueError as error:
        ROOM.exception("it broke: %s", error)
    (row,) = rows(stream)
    assert row["error"] == "ValueError" and row["message"] == "it broke: ValueError"
    assert row["at"][0] == "KeyError" and len(row["at"]) == 4
    assert all(one.startswith("tests/certcheck/test_logs.py:") for one in row["at"][1:])
    assert not [word for word in TOLD.split() if word in stream.getvalue()]


def test_our_own_errors_say_what_they_know_of_machines_and_nothing_else() -> None:
    stream = lines()
    ROOM.error("not ready: %s", DatabaseUnreachableError(database="db", reason="refused"))
    ROOM.error("%s", StorageError(folder="/var", reason="No space left on device", name=TOLD))
    ROOM.error("%s", PermissionError(13, "Permission denied", f"/home/{TOLD}"))
    told = [row["message"] for row in rows(stream)]
    assert told[0] == "not ready: registry.database_unreachable database=db reason=refused"
    assert told[1] == "work.storage folder=/var reason=No space left on device"
    assert told[2] == "PermissionError: Permission denied"


def test_of_a_library_only_the_pattern_is_told() -> None:
    stream = lines()
    LIBRARY.error("cannot open %s", TOLD)
    LIBRARY.error(f"cannot open {TOLD}")
    LIBRARY.info("busy")
    told = [row["message"] for row in rows(stream)]
    assert [one.partition(" (")[0] for one in told][0] == "cannot open %s" and len(told) == 2
    assert not [word for word in TOLD.split() if word in stream.getvalue()]


def test_text_is_one_line_whatever_it_quotes_and_has_the_traceback() -> None:
    stream = lines("text")
    ROOM.info("nobody wants to see this")
    with logs.bearing(ID):
        ROOM.error("read %s", "a\ncertcheck: forged\x1b[2J")
    assert stream.getvalue().count("\n") == 1 and "\x1b" not in stream.getvalue()
    assert stream.getvalue().endswith(f"[{ID}]\n")
    try:
        fail(ValueError("seen on one's own machine"))
    except ValueError:
        ROOM.exception("it broke")
    assert "Traceback" in stream.getvalue() and "seen on one's own machine" in stream.getvalue()


def test_setting_it_up_again_writes_each_line_once() -> None:
    first, second = lines(), lines()
    ROOM.warning("once")
    assert (first.getvalue(), len(rows(second))) == ("", 1)
    assert rows(lines("json", "error")) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (ID, True),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", True),
        (None, False),
        ("", False),
        ("13812345678", False),
        (TOLD, False),
        (f"{ID}\nforged", False),
        (ID + "0", False),
        ("4BF92F35-77b3-4da6-a3ce-929d0e0e4736", False),
    ],
)
def test_only_a_well_formed_id_is_taken_over(given: str | None, kept: bool) -> None:  # noqa: FBT001
    found = logs.taken_over(given)
    assert (found == given) is kept
    assert logs.taken_over(found) == found and len(found) <= logs.LONGEST_ID


@pytest.mark.parametrize("name", [logs.SETTING, logs.LEVEL])
def test_what_a_setting_cannot_mean_is_told(name: str) -> None:
    with pytest.raises(SettingError) as told:
        logs.configured({name: "xml"})
    assert told.value.details["name"] == name
