"""What would break: a registry that follows a broken source, or stays behind a sound one.

The sources are a server on this machine, which publishes the lists of two laboratories.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session

from registry import describe
from registry.days import today
from registry.errors import BadImportError
from registry.importing.changes import Kind
from registry.sync import staging
from registry.sync.run import Orders, Outcome, State, sync
from tests.registry import official
from tests.registry.desk import Desk
from tests.registry.lists import HEADS, load
from tests.registry.publisher import cut, redirect, status

LABS = HEADS["labs"] + "a,甲检测有限公司,,,\nb,乙检测有限公司,,,\n"
SEALS = HEADS["seals"] + "a,甲检测有限公司,检验检测专用章\nb,乙检测有限公司,检验检测专用章\n"
SCOPES = HEADS["scopes"] + "".join(
    f"a,翡翠,,GB/T {place}-2017,,2018-05-01,\n" for place in range(9)
)
NO_LIST = HEADS["scopes"] + "a,翡翠,,GB/T 0-2017,,2018-05-01,\n"


def seals(desk: Desk) -> list[str]:
    return [row[0] for row in desk.content()["seals"] if not row[-1]]


# The way it goes when all is well --------------------------------------------------------------


def test_shown_first_applied_when_told_then_current(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS))
    first = desk.sync(settings)
    assert first.state is State.WAITING
    assert first.plan is not None and first.plan.counts == {Kind.ADD: 4}
    assert desk.content()["labs"] == []
    told = desk.sync(settings, apply=True)
    assert told.state is State.APPLIED and told.revision is not None
    assert len(desk.content()["labs"]) == 2
    assert desk.sync(settings).state is State.CURRENT
    with Session(desk.engine) as session:
        [record] = describe.log(session)
    # Of the day on which the server's file was last changed, in China.
    assert (record.source_name, str(record.list_date)) == ("two", "2026-11-02")
    assert record.loaded_by == "tester"


def test_what_did_not_change_is_not_sent_again(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS))
    desk.sync(settings, apply=True)
    sent = desk.server.sent
    assert desk.sync(settings).state is State.CURRENT
    assert desk.server.sent == sent
    changed = SEALS + "b,乙检测有限公司,报告专用章\n"
    desk.server.publish("/seals.csv", changed)
    outcome = desk.sync(settings, apply=True)
    assert outcome.plan is not None and outcome.plan.counts == {Kind.ADD: 1}
    assert desk.server.sent == sent + len(changed.encode())
    assert len(desk.content()["labs"]) == 2


def test_a_small_difference_is_applied_unasked_and_a_large_one_waits(desk: Desk) -> None:
    source = desk.tables(labs=LABS, scopes=SCOPES)
    settings = desk.write(source + "bound = { added = 20, ended = 3 }\n")
    assert desk.sync(settings).state is State.APPLIED
    desk.server.publish("/scopes.csv", NO_LIST, Last_Modified="Tue, 10 Nov 2026 08:00:00 GMT")
    before = desk.content()
    outcome = desk.sync(settings)
    assert outcome.state is State.WAITING and outcome.beyond == {Kind.END: 8}
    assert desk.content() == before
    assert desk.sync(settings, apply=True).state is State.APPLIED
    ended = [row for row in desk.content()["scopes"] if row[6] == "2026-11-09"]
    assert len(ended) == 8


def test_what_was_looked_at_is_what_is_applied(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS))
    desk.sync(settings)
    desk.server.publish("/labs.csv", HEADS["labs"] + "z,丁检测有限公司,,,\n")
    asked = len(desk.server.asked)
    assert desk.sync(settings, staged=True, apply=True).state is State.APPLIED
    assert len(desk.server.asked) == asked
    assert [row[0] for row in desk.content()["labs"]] == ["a", "b"]


def test_what_a_person_took_back_does_not_come_back_by_itself(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS) + "bound = { added = 20 }\n")
    assert desk.sync(settings).state is State.APPLIED
    with Session(desk.engine) as session:
        describe.undo(session, 1, "person", dry_run=False)
    outcome = desk.sync(settings)
    assert (outcome.state, outcome.undone) == (State.WAITING, 1)
    assert desk.content()["labs"] == []
    assert desk.sync(settings, apply=True).state is State.APPLIED


def test_the_demo_is_never_thrown_out_unasked(desk: Desk, tmp_path: Path) -> None:
    with Session(desk.engine) as session:
        day = today()
        load(session, tmp_path / "demo", day, labs=["d,示例检测站,,,"])
    source = desk.tables(labs=LABS)
    settings = desk.write(source + "bound = { added = 20, removed = 20 }\n")
    outcome = desk.sync(settings)
    assert outcome.state is State.WAITING
    assert outcome.plan is not None and outcome.plan.replaces
    assert [row[0] for row in desk.content()["labs"]] == ["d"]


def test_a_list_fetched_today_is_said_to_hold_today(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS) + 'list_date = "today"\n')
    outcome = desk.sync(settings, apply=True)
    assert outcome.staged is not None and outcome.staged.list_date == today()


def test_json_and_workbooks_say_the_same_as_tables(desk: Desk, tmp_path: Path) -> None:
    desk.sync(desk.write(desk.tables(labs=LABS, seals=SEALS)), apply=True)
    as_csv = desk.content()
    told = {
        "list_date": "2026-11-02",
        "labs": [
            {"lab_id": "a", "name": "甲检测有限公司", "licence_address": "", "aliases": []},
            {"lab_id": "b", "name": "乙检测有限公司", "uscc": None},
        ],
        "seals": [
            {"lab_id": name, "text": text, "kind": "检验检测专用章"}
            for name, text in (("a", "甲检测有限公司"), ("b", "乙检测有限公司"))
        ],
    }  # fmt: skip
    url = desk.server.publish("/all.json", json.dumps(told, ensure_ascii=False))
    outcome = desk.sync(desk.write(f'name = "json"\nformat = "json"\nurl = "{url}"\n'))
    assert outcome.plan is not None and outcome.plan.empty
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, text in (("labs", LABS), ("seals", SEALS)):
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "book.xlsx")
    data = (tmp_path / "book.xlsx").read_bytes()
    url = desk.server.publish("/book.xlsx", data)
    sha256 = hashlib.sha256(data).hexdigest()
    source = f'name = "book"\nformat = "xlsx"\nurl = "{url}"\nsha256 = "{sha256}"\n'
    outcome = desk.sync(desk.write(source))
    assert outcome.plan is not None and outcome.plan.empty
    assert desk.content() == as_csv


def everything_on_disk(folder: Path) -> bytes:
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if data.startswith(b"PK"):
            with zipfile.ZipFile(path) as book:
                data = b"".join(map(book.read, book.namelist()))
        parts.append(data)
    return b"".join(parts)


def test_persons_numbers_do_not_stay_on_disk(desk: Desk, tmp_path: Path) -> None:
    """The list is fetched, shown and waits; what lies there meanwhile would tell them."""
    pages = [official.institutions(), official.signatories()]
    data = official.xlsx(tmp_path / "made.xlsx", pages).read_bytes()
    (tmp_path / "made.xlsx").unlink()
    url = desk.server.publish("/book.xlsx", data)
    settings = desk.write(f'name = "book"\nformat = "xlsx"\nurl = "{url}"\n')
    old = settings.state / "book" / "new-killed"
    old.mkdir(parents=True)
    (old / "book.xlsx").write_bytes(data)
    os.utime(old, (0, 0))
    shown = desk.sync(settings)
    assert shown.state is State.WAITING and shown.plan is not None
    kept = everything_on_disk(settings.state)
    assert "沈怀瑾".encode() in kept
    assert not [number for number in official.PERSONAL if number.encode() in kept]
    asked = len(desk.server.asked)
    applied = desk.sync(settings, staged=True, apply=True)
    assert applied.state is State.APPLIED and applied.plan is not None
    assert len(desk.server.asked) == asked

    def changes(outcome: Outcome) -> list[tuple[object, ...]]:
        assert outcome.plan is not None
        return sorted((one.kind, one.source, one.cells) for one in outcome.plan)

    assert changes(applied) == changes(shown)
    with Session(desk.engine) as session:
        [record] = describe.log(session)
    assert record.source_sha256 == hashlib.sha256(data).hexdigest()
    assert desk.sync(settings).state is State.CURRENT
    kept = everything_on_disk(settings.state)
    assert not [number for number in official.PERSONAL if number.encode() in kept]


# Broken sources --------------------------------------------------------------------------------


def reason(outcome: Outcome) -> str:
    assert outcome.state is State.BROKEN and outcome.error is not None
    return str(outcome.error.details.get("reason", outcome.error.code))


WORSE = HEADS["labs"] + "a,甲检测有限公司,,,\nb,乙检测有限"
BREAKAGES = {
    "gone": (status(404), "status"),
    "outside": (redirect("http://127.0.0.1:9/labs.csv"), "redirect"),
    "half": (cut(LABS.encode()[:60], len(LABS.encode())), "unreachable"),
    "shorter than it says to be": (cut(WORSE.encode(), len(WORSE.encode())), "registry.bad_import"),
    "five gigabytes": (cut(b"lab_id", 5_000_000_000), "too_large"),
    "a page of a website": (cut(b"<html>captcha</html>", 20), "registry.bad_import"),
    "empty": (cut(b"", 0), "registry.bad_import"),
}


@pytest.mark.parametrize("how", BREAKAGES)
def test_a_broken_source_changes_nothing_and_costs_nothing_that_was_held(
    desk: Desk, how: str
) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS) + "bound = { added = 9 }\n")
    desk.sync(settings)
    before, [source] = desk.content(), settings.sources
    sound = staging.last_sound(source, settings.state)
    answer, expected = BREAKAGES[how]
    whole = desk.server.answers["/labs.csv"]
    desk.server.behave("/labs.csv", answer)
    desk.server.publish("/seals.csv", SEALS + "b,乙检测有限公司,报告专用章\n")
    broken = desk.sync(settings, apply=True)
    assert reason(broken) == expected
    assert desk.content() == before
    assert sound is not None and broken.staged == sound
    assert staging.last_sound(source, settings.state) == sound
    # Nothing half fetched stays behind, and what was sound still is.
    assert [each.name for each in sorted(sound.folder.parent.iterdir())] == sorted(
        [sound.folder.name, staging.STATE]
    )
    assert desk.sync(settings, staged=True).state is State.CURRENT
    desk.server.behave("/labs.csv", whole)
    assert desk.sync(settings).state is State.APPLIED
    assert len(seals(desk)) == 3


def test_a_list_cut_off_between_two_rows_is_stopped_by_the_bound(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, scopes=SCOPES) + "bound = { added = 20 }\n")
    desk.sync(settings)
    before = desk.content()
    shorter = SCOPES.encode()[: len(NO_LIST.encode())]
    assert shorter.endswith(b"\n")
    desk.server.publish("/scopes.csv", shorter, Last_Modified="Tue, 10 Nov 2026 08:00:00 GMT")
    assert desk.sync(settings).state is State.WAITING
    assert desk.content() == before


def test_tables_that_are_not_those_of_the_checksums(desk: Desk) -> None:
    def sums(labs: str, seals: str) -> str:
        digests = (hashlib.sha256(text.encode()).hexdigest() for text in (labs, seals))
        return "".join(f"{one}  ./{name}.csv\n" for one, name in zip(digests, ("labs", "seals")))  # noqa: B905

    source = desk.tables(labs=LABS, seals=SEALS)
    url = desk.server.publish("/SHA256SUMS", sums(LABS, SEALS))
    settings = desk.write(source + f'checksums = "{url}"\nbound = {{ added = 9 }}\n')
    assert desk.sync(settings).state is State.APPLIED
    # The publisher is in the middle of an update: one table is new, the sums are not.
    newer = SEALS + "b,乙检测有限公司,报告专用章\n"
    desk.server.publish("/seals.csv", newer)
    assert reason(desk.sync(settings, apply=True)) == "checksum"
    assert len(seals(desk)) == 2
    # The other way round: what has not changed (304) is held against the new sums too.
    desk.server.publish("/SHA256SUMS", sums(LABS + "c,丙,,,\n", newer))
    assert reason(desk.sync(settings, apply=True)) == "checksum"
    desk.server.publish("/SHA256SUMS", "")
    assert reason(desk.sync(settings, apply=True)) == "checksum_missing"
    desk.server.publish("/SHA256SUMS", sums(LABS, newer))
    assert desk.sync(settings).state is State.APPLIED
    assert len(seals(desk)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"labs": {}}',
        '{"nothing": []}',
        '{"labs": ["a"]}',
        '{"labs": [{"lab_id": "a", "name": true}]}',
        '{"labs": [{"lab_id": "a", "lab_id": "b"}]}',
        '{"labs": [{"lab_id": NaN}]}',
        '{"list_date": "yesterday", "labs": []}',
        '{"labs": [',
        "[" * 100_000,
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)  # fmt: skip
def test_json_that_is_no_registry(desk: Desk, text: str | bytes) -> None:
    url = desk.server.publish("/all.json", text)
    outcome = desk.sync(desk.write(f'name = "json"\nformat = "json"\nurl = "{url}"\n'), apply=True)
    assert reason(outcome) == "bad_json"
    assert desk.content()["labs"] == []


def test_a_column_that_json_no_longer_has_is_told(desk: Desk) -> None:
    url = desk.server.publish("/all.json", '{"labs": [{"lab_id": "a", "name": "甲", "uscc": ""}]}')
    outcome = desk.sync(desk.write(f'name = "json"\nformat = "json"\nurl = "{url}"\n'), apply=True)
    assert isinstance(outcome.error, BadImportError)
    assert {each.column for each in outcome.error.problems} == {"licence_address", "aliases"}


def test_one_broken_source_keeps_no_other_back(desk: Desk) -> None:
    url = desk.server.behave("/gone.json", status(404))
    broken = f'name = "gone"\nformat = "json"\nurl = "{url}"\n'
    settings = desk.write(broken, desk.tables(labs=LABS))
    outcomes = list(sync(desk.engine, settings, Orders(apply=True)))
    assert [(one.source, one.state) for one in outcomes] == [
        ("gone", State.BROKEN), ("two", State.APPLIED),
    ]  # fmt: skip
    assert [one.source for one in sync(desk.engine, settings, Orders(), ["two"])] == ["two"]


def test_content_damaged_on_disk_is_fetched_anew(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS, seals=SEALS))
    first = desk.sync(settings, apply=True)
    assert first.staged is not None
    (first.staged.path / "labs.csv").write_text(HEADS["labs"], encoding="utf-8")
    assert reason(desk.sync(settings, staged=True)) == "nothing_staged"
    outcome = desk.sync(settings)
    assert outcome.state is State.CURRENT and outcome.staged is not None
    assert (outcome.staged.path / "labs.csv").read_text(encoding="utf-8") == LABS


def test_a_folder_that_cannot_be_written_is_told(desk: Desk) -> None:
    settings = desk.write(desk.tables(labs=LABS))
    settings.state.write_text("a file")
    assert reason(desk.sync(settings)) == "disk"
