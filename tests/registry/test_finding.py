"""Finding a laboratory among many by a bad reading, and how sure it is then."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from registry import grams, likelihood, search, store
from registry.derived import LookupGram, LookupKey
from registry.lookup import LabEvidence, Registry
from registry.models import Accreditation, Lab, SealText
from tests.benchmarks.many_labs import BRANDS, Made, labs, look_alike, paper
from tests.registry.server import Server

COUNT = 1200


@pytest.fixture(scope="module", params=store.DATABASES)
def country(request: pytest.FixtureRequest) -> Iterator[tuple[Session, list[Made]]]:
    """A small country in a database of each kind."""
    url = "sqlite://"
    if request.param != "sqlite":
        server: Server = request.getfixturevalue("server")
        url = server.url(server.create())
    made = labs(COUNT, seed=5)
    engine = store.open_registry(url)
    with Session(engine) as session:
        for one in made:
            session.add(Lab(lab_id=one.lab_id, name=one.name, licence_address=one.address))
        session.flush()
        for one in made:
            session.add(
                Accreditation(
                    lab_id=one.lab_id,
                    kind="CMA",
                    number=one.number,
                    holder_name=one.name,
                    address=one.address,
                )
            )
            session.add(SealText(lab_id=one.lab_id, text=one.name))
        session.flush()
        yield session, made
    engine.dispose()


def test_a_fifth_misread_and_still_found(country: tuple[Session, list[Made]]) -> None:
    """A poor photo would leave every laboratory unknown, or name another."""
    session, made = country
    registry, rng = Registry(session), random.Random(1)
    wrong = missed = 0
    for one in rng.sample(made, 120):
        found = registry.candidates(paper(one, 0.2, rng), 1)
        if not found or found[0].share < 0.99:
            missed += 1
        elif found[0].record.lab_id != one.lab_id:
            wrong += 1
    assert wrong == 0
    assert missed <= 1


def test_look_alikes_and_strangers_are_not_sure(country: tuple[Session, list[Made]]) -> None:
    """One character, 中心 for 站, an invented 国家级 or 分中心 would pass as the real one."""
    session, made = country
    registry, rng, sure = Registry(session), random.Random(2), 0
    names = {one.name for one in made}
    for one in rng.sample(made, 80):
        name = look_alike(one.name, rng)
        if name in names:
            continue
        stranger = "".join(rng.choices(BRANDS, k=4)) + "文化传播中心"
        for printed, number in ((name, "249912349999"), (stranger, one.number)):
            evidence = LabEvidence(lab_name=printed, cma_no=number, seal_names=(printed,))
            found = registry.candidates(evidence, 1)
            sure += bool(found) and found[0].confidence >= 0.9
    assert sure <= 2


def test_confidence_is_the_share_that_is_right(country: tuple[Session, list[Made]]) -> None:
    """0.95 said and 0.7 true would be worse than no figure."""
    session, made = country
    registry, rng = Registry(session), random.Random(3)
    said, true = 0.0, 0
    for one in rng.sample(made, 100):
        full = paper(one, 0.1, rng)
        evidence = LabEvidence(cma_no=full.cma_no, lab_name=full.lab_name)
        for found in registry.candidates(evidence, 1):
            if found.confidence >= 0.5:
                said += found.confidence
                true += found.record.lab_id == one.lab_id
    assert true >= 0.97 * said


def test_reasons_tell_what_each_piece_adds(country: tuple[Session, list[Made]]) -> None:
    """A person could not see why."""
    session, made = country
    one = made[7]
    evidence = LabEvidence(cma_no=one.number, lab_name=one.name, address=made[8].address)
    found = Registry(session).candidates(evidence, 1)[0]
    bits = {each.evidence: each.bits for each in found.reasons}
    assert bits["lab_name"] > 5 and bits["cma_no"] > 5 > bits["address"]
    assert {each.read for each in found.reasons} >= {one.number}


def test_pieces_go_with_their_laboratory(country: tuple[Session, list[Made]]) -> None:
    """A laboratory that was renamed or deleted would be found by what it was not."""
    session, _ = country
    lone = Lab(lab_id="lone", name="示例孤舟蓑笠检验所")
    session.add(lone)
    session.flush()
    connection = session.connection()
    read = [("name", "孤舟蓑笠")]
    assert search.shortlist(connection, read)[0] == "lone"
    lone.name = "示例寒江钓雪检验所"
    session.add(lone)
    session.flush()
    assert "lone" not in search.shortlist(connection, read)
    session.delete(lone)
    session.flush()
    assert session.exec(select(LookupKey).where(LookupKey.lab_id == "lone")).first() is None
    assert session.exec(select(LookupGram).where(LookupGram.gram == "孤舟")).first() is None
    assert "lone" not in search.shortlist(connection, [("name", "寒江钓雪")])


def test_common_pieces_are_used_where_there_is_nothing_else(
    country: tuple[Session, list[Made]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of nothing but common words would never be found."""
    session, made = country
    monkeypatch.setattr(search, "COMMON", 0)
    monkeypatch.setattr(search, "_TOO_COMMON", type(search._TOO_COMMON)())
    assert made[3].lab_id in search.shortlist(session.connection(), [("name", made[3].name)])


def test_levels_and_stories_are_whole() -> None:
    """Shares that do not add up to one give no probability."""
    assert sum(share for share, _ in likelihood.LEVELS) == pytest.approx(1.0)
    stories = (likelihood.OWN, likelihood.ALIKE, likelihood.BORROWED, likelihood.MIXED)
    assert 0 < likelihood.NOBODY == pytest.approx(1.0 - sum(stories))
    assert set(likelihood.OTHER) >= set(likelihood.CHOICES)


def test_every_kind_has_its_pieces() -> None:
    """A kind of key without pieces would be stored and never searched."""
    for kind in grams.KINDS:
        assert grams.of(kind, "宛玉检测中心12345")
    assert grams.of("signatory", "沈怀瑾") == set()
