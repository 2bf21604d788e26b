"""What would break: a time that nobody vouches for, or no pack where an authority is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from certcheck.cli import cli
from certcheck.errors import SettingError
from certcheck.evidence import held, pack, stamps
from certcheck.evidence.stamps import StampError
from certcheck.evidence.verify import verify
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.authority import Authority
from tests.certcheck.test_evidence import answered, told, work  # noqa: F401 - fixtures

DATA = b"what is stamped"
pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority"))
    yield made
    made.stop()


@pytest.fixture
def authority(started: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    started.way = "right"
    monkeypatch.setenv(stamps.URL, started.url)
    monkeypatch.setenv(stamps.CA, str(started.ca))
    return started


def test_a_stamp_says_when_something_was_there_and_of_nothing_else(authority: Authority) -> None:
    asked = stamps.configured()
    assert asked is not None
    answer = asked.stamp(DATA)
    at = stamps.looked(answer, DATA, asked.roots)
    assert at == stamps.told_time(answer)
    with pytest.raises(StampError, match="stamp.other"):
        stamps.looked(answer, DATA + b".", asked.roots)
    for place in range(40, len(answer), 61):
        changed = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        try:
            assert stamps.looked(changed, DATA, asked.roots) == at
        except StampError:
            continue


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("nonce", "stamp.nonce"),
        ("other", "stamp.other"),
        ("expired", "stamp.untrusted"),
        ("stranger", "stamp.untrusted"),
        ("down", "stamp.away"),
        ("page", "stamp.none"),
        ("refuses", "stamp.refused"),
    ],
)
def test_what_an_authority_says_wrong_is_no_stamp(
    authority: Authority, way: str, code: str
) -> None:
    authority.way, authority.of = way, DATA
    asked = stamps.configured()
    assert asked is not None
    with pytest.raises(StampError) as error:
        asked.stamp(DATA)
    assert error.value.code == code


def made(work: Work, told: dict[str, Any], registry: Registry, out: Path) -> pack.Pack:  # noqa: F811
    found = held.find(answered(work, told), work, None)
    packed = pack.gather([found], lambda _: b"%PDF-", work, registry, work.clock())
    pack.write(out, packed)
    return packed


def looked(out: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["evidence", "verify", str(out), *more])


def test_a_pack_bears_its_stamp_and_is_verified_without_a_network(
    authority: Authority,
    work: Work,  # noqa: F811
    told: dict[str, Any],  # noqa: F811
    demo_registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "a.zip"
    made(work, told, demo_registry, out)
    authority.way = "down"
    seen = looked(out)
    assert seen.exit_code == 0 and "time stamp is right: 127.0.0.1" in seen.stdout
    monkeypatch.delenv(stamps.URL)
    monkeypatch.delenv(stamps.CA)
    assert "was not verified" in looked(out).stdout
    assert "is right" in looked(out, "--tsa-ca", str(authority.ca)).stdout
    stranger = authority.folder / "stranger" / "cert.pem"
    seen = looked(out, "--tsa-ca", str(stranger))
    assert seen.exit_code == 1 and "nobody who is trusted" in seen.stdout
    found = verify(out)
    assert found.code is None and found.stamp is not None


def test_a_pack_is_made_without_its_stamp_and_says_so(
    authority: Authority,
    work: Work,  # noqa: F811
    told: dict[str, Any],  # noqa: F811
    demo_registry: Registry,
    tmp_path: Path,
) -> None:
    authority.way = "down"
    out = tmp_path / "a.zip"
    made(work, told, demo_registry, out)
    seen = looked(out)
    assert seen.exit_code == 0 and "no time stamp, as the authority gave none" in seen.stdout
    found = verify(out)
    assert found.told is not None
    assert found.told.told["stamp"] == {"authority": "127.0.0.1", "failed": "stamp.away"}


def test_an_authority_that_nobody_trusts_is_not_asked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no.pem").write_text("none")
    for value in ("", str(tmp_path / "no.pem"), str(tmp_path / "nowhere.pem")):
        monkeypatch.setenv(stamps.CA, value)
        with pytest.raises(SettingError):
            stamps.configured()
