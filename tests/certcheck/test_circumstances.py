"""What would break: a certificate from the market lost, or there twice, or of another's place."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from certcheck.errors import QueueFullError, RefusedError, TokenReusedError
from certcheck.market import circumstances
from certcheck.market.circumstances import Accepted, Told
from certcheck.market.tables import Circumstances
from certcheck.runner.tables import Check
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.work_store import Clock, request, settings

KEY = "0" * 31 + "1"
SAID: dict[str, Any] = {
    "key": KEY, "captured_at": "2026-11-22T10:00:00.123Z", "market": " 石佛寺\t珠宝市场 ",
    "stall": "A-12", "note": "三十元一张\r\n\0", "batch": "", "code": "https://a.example/1",
    "place": {"latitude": 33.123456, "longitude": 112.987654, "accuracy": 12.3},
}  # fmt: skip


@pytest.fixture
def work(work_url: str | None, tmp_path: Path) -> Iterator[Work]:
    """An empty work store, on each kind of database."""
    made = Work(settings(tmp_path / "work", url=work_url, most_queued=2), Clock())
    yield made
    made.close()


def bring(
    work: Work, front: bytes = b"front", back: bytes | None = None, owner: str = "person:a",
    **said: Any,
) -> Accepted:  # fmt: skip
    about = circumstances.told(SAID | said)
    rear = io.BytesIO(back) if back is not None else None
    return circumstances.accept(work, io.BytesIO(front), rear, request(owner=owner), about)


def rows(work: Work) -> list[Circumstances]:
    with store.session(work.engine) as opened:
        return list(opened.exec(select(Circumstances)))


def test_what_is_sent_again_is_there_once_and_with_its_circumstances(work: Work) -> None:
    first = bring(work, back=b"back")
    assert first.fresh
    assert bring(work, back=b"back") == Accepted(first.check_id, fresh=False)
    (row,) = rows(work)
    assert (row.check_id, row.owner, row.key) == (first.check_id, "person:a", KEY)
    assert (row.market, row.stall, row.note) == ("石佛寺 珠宝市场", "A-12", "三十元一张")
    assert (row.latitude, row.longitude, row.accuracy) == (33.123, 112.988, 80)
    assert row.captured_at.isoformat() == "2026-11-22T10:00:00.123000+00:00"
    assert row.batch is None and row.code == SAID["code"]
    assert row.back and work.blobs.read(row.back) == b"back"
    # Another person's phone may make the same key; another photo under it is no repetition.
    assert bring(work, owner="person:b").fresh
    with pytest.raises(TokenReusedError):
        bring(work, b"another")
    assert len(rows(work)) == 2


def test_the_same_photo_under_two_keys_is_two_certificates(work: Work) -> None:
    assert bring(work).check_id != bring(work, key="0" * 31 + "2").check_id


def test_many_at_the_same_moment_are_one(work: Work) -> None:
    found: list[Accepted] = []
    threads = [threading.Thread(target=lambda: found.append(bring(work))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 6 and len({one.check_id for one in found}) == 1
    assert sum(one.fresh for one in found) == 1 and len(rows(work)) == 1


def test_a_full_queue_refuses_what_is_new_and_knows_what_it_has(work: Work) -> None:
    first = bring(work)
    bring(work, b"b", key="0" * 31 + "2")
    with pytest.raises(QueueFullError):
        bring(work, b"c", key="0" * 31 + "3")
    assert bring(work) == Accepted(first.check_id, fresh=False)


def test_they_go_with_their_check_and_the_back_with_them(work: Work) -> None:
    first = bring(work, back=b"back").check_id
    other = bring(work, key="0" * 31 + "2", back=b"other").check_id
    assert isinstance(work.clock, Clock)
    work.clock.on(hours=2)
    work.sweep()
    assert {path.read_bytes() for path in files(work)} == {b"front", b"back", b"other"}
    work.forget(first)
    assert [one.check_id for one in rows(work)] == [other]
    work.sweep()
    assert {path.read_bytes() for path in files(work)} == {b"front", b"other"}


def files(work: Work) -> list[Path]:
    return list(work.blobs.files())


def test_a_corrected_check_has_those_of_the_photo(work: Work) -> None:
    first = bring(work).check_id
    with store.session(work.engine) as opened:
        made = opened.get_one(Check, first)
        later = Check(**made.model_dump(exclude={"id", "token"}), id="later")
        later.root = first
        opened.add(later)
        opened.commit()
    with store.session(work.engine) as opened:
        for found in (
            circumstances.of(opened, "later"),
            circumstances.of_checks(opened, ["later", "none"]).get("later"),
        ):
            assert found is not None and found.check_id == first
        assert circumstances.of(opened, "none") is None
        assert set(circumstances.of_checks(opened, ["later", first, "none"])) == {"later", first}


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "x"}, {"key": None}, {"key": KEY + "'"}, {"captured_at": "today"},
        {"captured_at": "2026-11-22T10:00:00"}, {"captured_at": None}, {"place": "here"},
        {"place": {"latitude": 91, "longitude": 0}}, {"place": {"latitude": "NaN", "longitude": 0}},
        {"place": {"latitude": 1}}, {"place": {"latitude": 1, "longitude": 1, "accuracy": -1}},
    ],
    ids=str,
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        circumstances.told(SAID | wrong)


def test_texts_of_any_kind_can_be_written_down() -> None:
    found = circumstances.told(
        SAID | {"stall": "\ud800甲\n乙" + "长" * 200, "note": None, "place": None, "market": 3}
    )
    assert found.stall.startswith("甲 乙长") and len(found.stall) == 100
    assert (found.note, found.place, found.market) == ("", None, "3")
    assert isinstance(found, Told)
    with pytest.raises(RefusedError):
        circumstances.told([])
