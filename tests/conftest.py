"""What tests of several rooms share: the demo registry in a database of its own."""

from __future__ import annotations

import fcntl
import functools
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import pytest
import trustme
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from certcheck import ink_book
from certcheck.accounts import passwords
from certcheck.evidence import keep
from certcheck.runner import store as work_stores
from certcheck.runner.settings import NICE
from certcheck.seen import store as seen
from ocr.text import compiled
from registry import store
from registry.lookup import Registry
from tests.certcheck.work_store import Clock
from tests.registry.server import Server, programs
from tests.servers import bucket
from tests.servers import redis as redis_server
from tests.servers.bucket import Service
from tests.servers.databases import WorkDatabases
from tests.servers.redis import Redis

# Files go to the workers in the order of the list: those that take longest must not be left for
# the end, when the other workers have nothing more to do.
LONGEST_FIRST = (
    "web/browser", "web", "faults", "attack", "fuzz", "test_real.py",
    "certcheck", "registry", "ocr",
)  # fmt: skip
# Files whose tests share what is dear to make: a server that really reads, photos that were read.
ONE_WORKER = {
    "tests/web/browser": ("test_consumer", "test_streamer"),
    "tests/web": (
        "test_access",
        "test_api",
        "test_bearing",
        "test_client",
        "test_pages",
        "test_server",
    ),
    "tests/certcheck": (
        "test_check",
        "test_cli",
        "test_cli_registry",
        "test_corrections",
        "test_readings",
        "test_record_asked",
    ),
}
_SHARE_OF = {
    f"{folder}/{name}.py": f"shared in {folder}"
    for folder, names in ONE_WORKER.items()
    for name in names
}


class Together(LoadScopeScheduling):
    """Gives a file's tests to one worker, and those of files that share something.

    What they share is made once then. xdist's own way of saying so (`loadgroup`, version 3.8)
    has no effect with pytest 9.2, in which a test's name cannot be set any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _SHARE_OF.get(file, file)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays: it is not gone through for garbage again and again.

    Three tenths of what collecting takes, in each worker; and later looks are short.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[pytest.CollectReport]:
    """One worker imports a file, the others after it: what it compiled is there for them.

    All go through the files in one order. In a fresh clone each would else have every file's
    assertions rewritten, which takes longer than to import it.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    turn = os.open(collector.path, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return (yield)
    finally:
        os.close(turn)


def pytest_unconfigure() -> None:
    """At the end it goes like all else; what is left then, libraries take for a leak."""
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Who gives the tests to the workers."""
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of the folders that take longest before the others, else as collected."""
    root = Path(__file__).parent

    @functools.cache
    def rank(file: Path) -> int:
        places = [file.is_relative_to(root / place) for place in LONGEST_FIRST]
        return places.index(True) if True in places else len(places)

    items.sort(key=lambda item: rank(item.path))


@pytest.fixture(scope="session", autouse=True)
def no_books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither see nor change the user's data folder, nor one another's papers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv(ink_book.SETTING, ink_book.OFF)
        patch.setenv(seen.SETTING, seen.OFF)
        patch.setenv(keep.SETTING, keep.OFF)
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_stands_back() -> Iterator[None]:
    """Processes that read do not wait for the other tests of a full machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NICE, "0")
        yield


@pytest.fixture(scope="session", autouse=True)
def tesseract_has_one_thread() -> Iterator[None]:
    """Its threads wait for one another by counting: beside other tests, three times the work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_THREAD_LIMIT", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def own_model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests leave nothing in the user's cache either; what one worker compiled all have."""
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        common = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
        patch.setenv(compiled.SETTING, str(common / "networks"))
        yield


class _Compiled(BytecodeCache):
    """Templates that an app of this process compiled before."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._held.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._held[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Nearly every test of the web has an app of its own, of which each compiles its pages."""
    with pytest.MonkeyPatch.context() as patch:
        options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}
        patch.setattr(Flask, "jinja_options", options)
        yield


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """For each of its hundred rules an app has werkzeug compile what makes addresses of it.

    That is most of what an app costs, and knows of nothing but the rule.
    """
    compiled = Rule._compile_builder
    known: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002
        if rule.defaults:  # an app's own converters have made a part of it
            return compiled(rule, append_unknown)
        told = rule.rule, tuple(rule._trace), append_unknown
        if told not in known:
            known[told] = compiled(rule, append_unknown)
        return known[told]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", builder)
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_examined_once() -> Iterator[None]:
    """People of nearly every test have the same names, and one password that is good enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "examine", functools.cache(passwords.examine))
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new work store in a file begins as the first one was after all its steps.

    Each has been gone through then, as one is opened; a tenth of a second for each test.
    """
    ready, folder = work_stores._ready, tmp_path_factory.mktemp("tables")
    first = folder / work_stores.FILE

    def ready_with_tables(file: Path) -> None:
        ready(file)
        if file == first or file.stat().st_size:
            return
        if not first.exists():
            work_stores.open_store(folder).dispose()
        shutil.copyfile(first, file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work_stores, "_ready", ready_with_tables)
        yield


@pytest.fixture
def clock() -> Clock:
    """Stands still until a test moves it on."""
    return Clock()


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("registry") / "demo.sqlite3"
    url = f"sqlite:///{path}"
    engine = store.open_registry(url)
    store.fill_with_demo(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def demo_registry(demo_url: str) -> Iterator[Registry]:
    engine = store.open_registry(demo_url)
    yield Registry(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """An authority that certifies servers of tests, and that nobody else trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its own certificate."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; tests of it are left out where none is installed."""
    binaries = programs()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    started = Server(binaries)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def work_databases(server: Server) -> WorkDatabases:
    """Databases with the tables of a work store, for one test after the other."""
    return WorkDatabases(server)


@pytest.fixture(params=store.DATABASES)
def work_url(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty work store, of each kind of database; None for a file of its own."""
    if request.param == "sqlite":
        return None
    databases: WorkDatabases = request.getfixturevalue("work_databases")
    return databases.next()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A Redis server; tests of it are left out where none is installed."""
    binary = redis_server.program()
    if binary is None:
        pytest.skip("no Redis server is installed")
    started = Redis(binary)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def s3_service() -> Iterator[Service]:
    """A service like S3 with an empty bucket, which may be stopped or refuse."""
    yield from bucket.started()


@pytest.fixture(scope="session")
def s3(s3_service: Service) -> str:
    """Its address."""
    return s3_service.url
