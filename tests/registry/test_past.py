"""The registry as it was: found by what a report names, and the same to the letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from registry import describe, past, store
from registry.errors import RevisionUnknownError
from registry.lookup import LabEvidence, Registry
from registry.store import demo_tables
from tests.registry.lists import LABS, content, load

JAN, FEB = dt.date(2026, 1, 1), dt.date(2026, 2, 1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder of its own."""
    folder = tmp_path / "cache"
    monkeypatch.setattr("registry.past.platformdirs.user_cache_dir", lambda *_, **__: str(folder))
    return folder


@pytest.fixture
def changed(empty_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A registry's address, and its revision before it was changed beyond recognition."""
    engine = store.open_registry(empty_url)
    store.fill_with_demo(engine)
    revision = Registry(engine).revision.revision
    with store.session(engine) as session:
        load(session, tmp_path / "x", FEB, labs=("yuan,示例改名,,,",), seals=("yuan,改,公章",))
        describe.undo(session, 2, dry_run=False)
        load(session, tmp_path / "x", FEB, labs=("real,真检测有限公司,,,",))
    engine.dispose()
    yield empty_url, revision


def test_an_old_revision_answers_as_it_did(changed: tuple[str, str], tmp_path: Path) -> None:
    """A report made again would name another laboratory, or other rights."""
    url, revision = changed
    fresh = store.open_registry(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    store.fill_with_demo(fresh)
    again = store.open_registry(past.address_at(url, revision[:12]))
    with Session(again) as one, Session(fresh) as other:
        assert content(one) == content(other)
    was, now = Registry(again), Registry(fresh)
    assert was.revision.revision == now.revision.revision == revision
    assert was.revision.demo
    evidence = LabEvidence(lab_name="示例玉石珠宝检验研究院有限公司", cma_no="211620110417")
    assert [
        (one.record.lab_id, one.confidence, one.matched_by) for one in was.candidates(evidence)
    ] == [(one.record.lab_id, one.confidence, one.matched_by) for one in now.candidates(evidence)]
    signatory = was.signatory_labs("沈怀瑾")[0]
    assert was.specimen(signatory) == now.specimen(now.signatory_labs("沈怀瑾")[0])
    again.dispose()
    fresh.dispose()


def test_a_copy_is_made_once(changed: tuple[str, str], cache: Path) -> None:
    """Each photo of a batch would copy a whole registry."""
    url, revision = changed
    first = past.address_at(url, revision)
    made = [(path.name, path.stat().st_mtime_ns) for path in (cache / "revisions").iterdir()]
    assert past.address_at(url, "#1") == first
    assert [(p.name, p.stat().st_mtime_ns) for p in (cache / "revisions").iterdir()] == made
    assert [name for name, _ in made] == [Path(first).name]


def test_a_folder_that_cannot_be_written_does_not_matter(
    changed: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A service without a home folder could not make a report again."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(
        "registry.past.platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file")
    )
    engine = store.open_registry(past.address_at(*changed))
    assert Registry(engine).lab("yuan") is not None
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("0123456789ab", "unknown"), ("#99", "unknown"), ("abc", "malformed"), ("", "malformed")],
)
def test_what_is_no_revision_is_told(changed: tuple[str, str], text: str, reason: str) -> None:
    """A slip would be judged by some other registry."""
    with pytest.raises(RevisionUnknownError) as caught:
        past.address_at(changed[0], text)
    assert caught.value.code == f"registry.revision_unknown_{reason}"


def test_days_end_in_china(session: Session, tmp_path: Path) -> None:
    """An import of the morning would count for the day before."""
    load(session, tmp_path, JAN, labs=LABS.splitlines()[1:])
    record = describe.log(session)[0]
    record.imported_at = dt.datetime(2026, 3, 1, 16, 0, tzinfo=dt.UTC)  # midnight in China
    session.commit()
    assert past.known_on(session, dt.date(2026, 3, 2)) == record.id
    with pytest.raises(RevisionUnknownError) as caught:
        past.known_on(session, dt.date(2026, 3, 1))
    assert caught.value.details["reason"] == "before_first"


def test_demo_of_another_day_is_the_same_revision(tmp_path: Path) -> None:
    """Two users' reports on the demo would name two registries."""
    with demo_tables() as folder:
        assert folder.is_dir()
    revisions = set()
    for name in ("a", "b"):
        engine = store.open_registry(f"sqlite:///{tmp_path / name}.sqlite")
        store.fill_with_demo(engine)
        revisions.add(Registry(engine).revision.revision)
        engine.dispose()
    assert len(revisions) == 1
