"""Finding a laboratory among many by a bad reading, and how sure it is then."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from registry import grams, likelihood, names, search, store
from registry.derived import LookupGram, LookupKey
from registry.lookup import LabEvidence, Registry
from registry.models import Accreditation, Lab, SealText, Signatory
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


def test_the_quick_comparison_is_the_slow_one() -> None:
    """The right laboratory would be dropped before it is compared in full."""
    rng = random.Random(4)
    for one in labs(60, seed=6):
        read = paper(one, 0.2, rng)
        for evidence, text, own in (
            ("lab_name", read.lab_name, one.name),
            ("cma_no", read.cma_no, one.number),
            ("address", read.address, one.address),
        ):
            keys = [own, "", one.name]
            rough = likelihood.rough(evidence, names.fold(text or ""), names.folded(keys))
            for key, told in zip(keys, rough, strict=True):
                heard = likelihood.hear(evidence, text or "", [key])
                right, wrong = likelihood._logs(likelihood._ROUGHLY)
                gain = math.log(likelihood.CHOICES[evidence]) + right
                # But for a company form that was cut off, which is one of several then.
                if key and not heard.cut_off:
                    full = max(0.0, heard.right * gain + heard.wrong * wrong)
                    assert told == pytest.approx(full)


@given(st.lists(st.text("豫像己已巳0OQ甲\n"), max_size=4))
def test_many_keys_are_folded_like_one(keys: list[str]) -> None:
    """A name would be compared with another's key, or with half of its own."""
    assert names.folded(keys) == [names.fold(key) for key in keys]


def test_few_are_tried_where_one_shares_much_more() -> None:
    """Nearly all time would go into laboratories that share a word; or the right one be lost."""
    far = {str(number): 3.0 for number in range(300)}
    many = {str(number): 9.0 for number in range(200, 300)}
    first = search._best({**far, "7": 100.0}, 128)
    assert first == ["7", *(str(n) for n in range(search.SHORTLIST) if n != 7)]
    assert search._best({**far, **many}, 128)[:100] == list(many)
    assert len(search._best({**far, **many}, 128)) == 128
    near = {**far, **dict.fromkeys(many, 100 * search.FAR), "7": 100.0}
    assert search._best(near, 128) == ["7", *many]
    assert search._best({}, 128) == []


def test_people_are_not_what_a_laboratory_is_searched_by(
    country: tuple[Session, list[Made]],
) -> None:
    """Dozens of names of each would be fetched and thrown away."""
    session, made = country
    session.add(Signatory(lab_id=made[0].lab_id, name="示例某", scope="全部"))
    session.flush()
    found = search.spellings(session.connection(), [one.lab_id for one in made[:3]])
    assert set(found) == {one.lab_id for one in made[:3]}
    assert {kind for kind, _ in found[made[0].lab_id]} == {"name", "number", "address", "site"}
