"""Pictures of signatures: kept by content, nothing outside the folder, another one is a change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import Session

from registry.errors import BadImportError
from registry.importing.apply import apply_plan
from registry.importing.plan import ImportPlan, Wish, plan_import
from registry.lookup import Registry
from registry.specimens import MAX_BYTES

TODAY = dt.date(2026, 11, 21)
ONE, OTHER = b"\x89PNG\r\n\x1a\n one", b"\xff\xd8\xff another"
HEAD = "lab_id,name,scope,valid_from,valid_until,specimen\n"


def folder(at: Path, specimen: str, data: bytes | None = ONE) -> Path:
    at.mkdir(exist_ok=True)
    (at / "labs.csv").write_text("lab_id,name,uscc,licence_address,aliases\na,甲,,,\n")
    (at / "signatories.csv").write_text(f"{HEAD}a,沈怀瑾,全部,2020-01-01,,{specimen}\n")
    if data is not None:
        (at / "li.png").write_bytes(data)
    return at


def load(session: Session, path: Path) -> ImportPlan:
    plan = plan_import(session, path, Wish(list_date=TODAY))
    apply_plan(session, plan)
    session.commit()
    return plan


def held(session: Session) -> bytes | None:
    registry = Registry(session)
    record = registry.lab("a")
    assert record is not None
    return registry.specimen(record.signatories[0])


def test_a_picture_is_kept_with_the_import_and_outlives_its_file(
    session: Session, tmp_path: Path
) -> None:
    path = folder(tmp_path / "in", "li.png")
    load(session, path)
    (path / "li.png").unlink()
    assert held(session) == ONE


def test_the_same_picture_again_changes_nothing_another_one_changes_the_row(
    session: Session, tmp_path: Path
) -> None:
    path = folder(tmp_path / "in", "li.png")
    load(session, path)
    before = Registry(session).revision.revision
    assert plan_import(session, path, Wish(list_date=TODAY)).empty
    load(session, folder(path, "li.png", OTHER))
    assert held(session) == OTHER
    assert Registry(session).revision.revision != before


def test_a_picture_that_is_not_there_is_told_and_the_row_registered(
    session: Session, tmp_path: Path
) -> None:
    plan = load(session, folder(tmp_path / "in", "li.png", None))
    assert [one.code for one in plan.warnings] == ["registry.import.specimen_missing"]
    assert held(session) is None


@pytest.mark.parametrize(
    ("specimen", "data", "code"),
    [
        ("../secret.png", ONE, "specimen_outside"),
        ("/etc/hostname", ONE, "specimen_outside"),
        ("link.png", ONE, "specimen_outside"),
        ("li.png", b"no picture", "specimen_no_picture"),
        ("li.png", ONE + bytes(MAX_BYTES), "specimen_too_large"),
    ],
)
def test_nothing_but_a_small_picture_inside_the_folder_is_taken(
    session: Session, tmp_path: Path, specimen: str, data: bytes, code: str
) -> None:
    (tmp_path / "secret.png").write_bytes(ONE)
    path = folder(tmp_path / "in", specimen, data)
    (path / "link.png").symlink_to(tmp_path / "secret.png")
    plan = plan_import(session, path, Wish(list_date=TODAY))
    assert [one.code for one in plan.problems] == [f"registry.import.{code}"]
    with pytest.raises(BadImportError):
        apply_plan(session, plan)
