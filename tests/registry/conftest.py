from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from registry import store
from registry.lookup import Registry
from registry.models import Accreditation, Coverage, Domain, Lab, SealText, Signatory
from tests.registry import tables
from tests.registry.desk import Desk
from tests.registry.publisher import Publisher
from tests.registry.server import Server
from tests.servers import databases

# Near-identical pairs on purpose: 宛西 中心/站, 豫玉/像玉, and a name that is another's stem.
LABS = {
    "wan": ("示例宛玉珠宝检测有限公司", "211600110001", "河南省南阳市镇平县石佛寺镇玉都大道88号"),
    "zhong": ("示例宛西玉器质量检验中心", "211620110002", "河南省南阳市西峡县示河路18号"),
    "zhan": ("示例宛西玉器质量检验站", "211620110003", "河南省南阳市西峡县样山街63号"),
    "yu": ("示例豫玉宝石鉴定研究院", "211620110004", "河南省郑州市金水区例行路112号"),
    "stem": ("示例岭南首饰检测", "211920110005", "广东省广州市番禺区样珠大道99号"),
    "whole": ("示例岭南首饰检测有限公司", "211920110006", "广东省广州市番禺区样珠大道101号"),
    "door": ("示例石佛寺玉雕鉴定站", "211620110007", "南阳市镇平县石佛寺镇玉都大道88号"),
}


@pytest.fixture(scope="session")
def shared(server: Server) -> Iterator[Engine]:
    """A database with the tables made, for one test after the other."""
    engine = store.open_registry(server.url(server.create()))
    yield engine
    engine.dispose()


@pytest.fixture(params=store.DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    server: Server = request.getfixturevalue("server")
    return server.url(server.create())


@pytest.fixture(params=store.DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a registry with its tables made, of each kind of database."""
    if request.param == "sqlite":
        tables.in_file(tmp_path / "registry.sqlite")
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    shared: Engine = request.getfixturevalue("shared")
    with shared.begin() as connection:
        databases.empty(connection, SQLModel.metadata)
    return shared.url.render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An opened registry, on each kind of database."""
    opened = store.make_engine(store.parse_url(url))
    yield opened
    opened.dispose()


@pytest.fixture
def opened(empty_url: str) -> Iterator[Engine]:
    """A registry opened as users do it, on each kind of database."""
    engine = store.open_registry(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of a registry, on each kind of database."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A web server of lists on this machine."""
    server = Publisher()
    yield server
    server.stop()


@pytest.fixture
def desk(publisher: Publisher, engine: Engine, tmp_path: Path) -> Desk:
    return Desk(publisher, engine, tmp_path)


def fill(session: Session) -> None:
    for lab_id, (name, number, address) in LABS.items():
        session.add(Lab(lab_id=lab_id, name=name, licence_address=address, uscc=""))
        session.flush()
        session.add(
            Accreditation(
                lab_id=lab_id,
                kind="CMA",
                number=number,
                holder_name=name,
                address=address,
                valid_from=dt.date(2021, 5, 1),
                valid_until=dt.date(2027, 4, 30),
            )
        )
        session.add(SealText(lab_id=lab_id, text=name, kind="检验检测专用章"))
        session.add(Domain(lab_id=lab_id, domain=f"{lab_id}.example"))
    session.add(Accreditation(lab_id="wan", kind="CNAS", number="CNAS L0290"))
    session.add(Signatory(lab_id="wan", name="沈怀瑾", scope="全部"))
    session.add(Signatory(lab_id="yu", name="沈怀瑾", scope="翡翠;和田玉"))
    session.add(Coverage(authority_code="16", kind="CMA", complete_from=dt.date(2020, 1, 1)))
    session.commit()


@pytest.fixture
def registry(session: Session) -> Registry:
    fill(session)
    return Registry(session)
