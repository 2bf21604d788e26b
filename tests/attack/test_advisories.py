"""What would break: a version with a fault that everybody knows of, and an audit that misses it."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml

from tests.attack.advisories import (
    AUDIT,
    KEPT,
    ROOT,
    Advisory,
    Excused,
    Looked,
    Snapshot,
    Source,
    held_against,
    is_affected,
    main,
    pinned,
    ranges,
)

TODAY = date(2026, 11, 22)
FAULT = Advisory(
    "PyPI", "flask-login", "PYSEC-1", "CVE-1 GHSA-1", "[1.0,2.0)", "示例", "示例", "a", "b"
)


def snapshot(**changed: Any) -> Snapshot:
    told = {
        "sources": [Source("示例", "", "", "", "2026-11-01", "2026-10-23")],
        "packages": [Looked("PyPI", "flask-login", "示例"), Looked("PyPI", "idna", "示例")],
        "advisories": [FAULT],
    }
    return Snapshot(**(told | changed))


def faults(pins: str, folder: Path, here: str = "", **changed: Any) -> list[str]:
    """What is found where versions are pinned so, as in a file of pins, and `here` is installed."""
    file = folder / "constraints.txt"
    file.write_text(f"# pins\n{pins}\n", "utf-8")
    wanted = {one: version for one, version in pinned(file).items() if one[0] == "PyPI"}
    installed = {("PyPI", "flask-login"): here} if here else {}
    return held_against(snapshot(**changed), wanted, installed, TODAY).faults


@pytest.mark.parametrize(
    ("affected", "inside", "outside"),
    [
        ("[1.0,2.0)", "1.0 1 1.9.post1 2.0rc1 2.0.dev3 1.5+deb1", "0.9 1.0rc1 2.0 2.0.0 2.0.post1"),
        ("[1.0,2.0]", "1.0 2.0 2.0.0 2.0+deb1 2.0rc1", "2.0.post1 2.0.1 0.9"),
        ("[0,2.0)", "0.0.1 0.dev1 1.9", "2.0 10"),
        ("[2.10,)", "2.10 2.11 30 2.10+a", "2.9 2.2 2.10rc1"),
        ("[0,1.26.18) [2.0.0,2.0.7)", "1.26.17 2.0.0 2.0.6", "1.26.18 1.27 2.0.0a1 2.0.7"),
        ("=1.5 =1.7", "1.5 1.7 1.7.0 1.7+deb1", "1.6 1.5.1 1.5rc1"),
        ("[5.1,5.2b1)", "5.1 5.1.2 5.2a1", "5.2b1 5.2 5.1rc1"),
        ("[0,3.1.5) =r12", "r12 3.1.4", "3.1.5"),
    ],
)
def test_edges_of_ranges(affected: str, inside: str, outside: str) -> None:
    assert [one for one in inside.split() if not is_affected(affected, one)] == []
    assert [one for one in outside.split() if is_affected(affected, one)] == []


@pytest.mark.parametrize("affected", ["", "<2.0", "[1.0,2.0", "[1.0,2.0) or so", "(1.0,2.0)"])
def test_a_range_that_cannot_be_read_is_no_all_clear(affected: str) -> None:
    with pytest.raises(ValueError):
        is_affected(affected, "1.5")


def events(*told: str, kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"type": kind, "events": [dict([one.split()]) for one in told]}


def test_events_are_paired_in_the_order_of_versions() -> None:
    git = events("introduced 0", "fixed 1fe1bb49", kind="GIT")
    mixed = events("introduced 2.0.0", "fixed 2.0.7", "introduced 0", "fixed 1.26.18")
    assert ranges({"ranges": [git, mixed]}) == "[0,1.26.18) [2.0.0,2.0.7)"
    assert ranges({"ranges": [events("introduced 1.9", "last_affected 1.10")]}) == "[1.9,1.10]"
    assert ranges({"ranges": [events("introduced 3")]}) == "[3,)"
    two = [events("introduced 0", "fixed 1"), events("introduced 2.0", "fixed 2.4", kind="SEMVER")]
    assert ranges({"ranges": two}) == "[0,1) [2.0,2.4)"


def test_versions_that_are_named_count_beside_the_ranges() -> None:
    one = events("introduced 0", "fixed 1.0")
    assert ranges({"ranges": [one], "versions": ["0.9", "1.0rc1", "1.3"]}) == "[0,1.0) =1.3"
    assert ranges({"versions": ["0.9", "1.3"]}) == "=0.9 =1.3"
    assert ranges({"ranges": [events("introduced 0", kind="GIT")]}) == ""


def test_a_version_in_a_range_is_told_however_its_name_is_written(tmp_path: Path) -> None:
    for name in ("flask-login", "Flask_Login", "FLASK.login"):
        (told,) = faults(f"{name}==1.5", tmp_path)
        assert "flask-login 1.5" in told and "PYSEC-1" in told and "CVE-1" in told
    assert faults("Flask-Login==2.0", tmp_path) == []


def test_what_is_installed_is_told_though_the_pin_is_not_affected(tmp_path: Path) -> None:
    (told,) = faults("Flask-Login==2.0", tmp_path, here="1.5")
    assert "flask-login 1.5" in told
    assert len(faults("Flask-Login==1.4", tmp_path, here="1.5")) == 2


@pytest.mark.parametrize("name", ["PYSEC-1", "GHSA-1"])
def test_an_exception_holds_for_its_fault_and_only_while_it_is_needed(
    tmp_path: Path, name: str
) -> None:
    excused = [Excused("PyPI", "flask-login", name, "2026-11-22", "示例")]
    assert faults("Flask-Login==1.5", tmp_path, exceptions=excused) == []
    (told,) = faults("Flask-Login==2.0", tmp_path, exceptions=excused)
    assert "needed no more" in told and name in told
    other = [Excused("PyPI", "idna", name, "2026-11-22", "示例")]
    assert len(faults("Flask-Login==1.5", tmp_path, exceptions=other)) == 2


def test_a_pin_that_nobody_looked_up_is_told(tmp_path: Path) -> None:
    (told,) = faults("idna==3.7\nRich==15.0", tmp_path)
    assert told.startswith("rich was never looked up")
    unread = [Looked("PyPI", "rich", "")]
    assert len(faults("rich==15.0", tmp_path, packages=unread)) == 1


def test_the_age_of_each_source_is_said_plainly() -> None:
    (young,) = held_against(snapshot(), {}, {}, TODAY).notes
    assert young == "示例 was read on 2026-11-01 and reaches to 2026-10-23"
    (old,) = held_against(snapshot(), {}, {}, date(2026, 11, 23)).notes
    assert "31 days ago" in old and "nothing newer is known" in old


def osv(name: str, package: str, *bounds: str, **more: Any) -> dict[str, Any]:
    affected = {"package": {"ecosystem": "PyPI", "name": package}, "ranges": [events(*bounds)]}
    return {"id": name, "modified": "2026-11-20T01:02:03Z", "affected": [affected]} | more


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The repository's tables, to be written over."""
    return Path(shutil.copytree(KEPT, tmp_path / "kept"))


def test_one_command_reads_a_source_anew(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, folder = Snapshot.load(kept), tmp_path / "osv" / "vulns"
    folder.mkdir(parents=True)
    records = [
        osv(
            "PYSEC-9",
            "Flask_Login",
            "introduced 0",
            "fixed 99",
            aliases=["CVE-9"],
            details="示例。",
        ),
        osv("PYSEC-2023-62", "Flask", "introduced 0", "fixed 2.2.5"),
        osv("PYSEC-8", "flask-login", "introduced 0", withdrawn="2026-11-19T00:00:00Z"),
        osv("PYSEC-7", "nobody-pins-this", "introduced 0", modified="2026-11-21T00:00:00Z"),
    ]
    for at, one in enumerate(records):
        text = yaml.safe_dump(one) if at % 2 else json.dumps(one)
        (folder / f"{one['id']}.{'yaml' if at % 2 else 'json'}").write_text(text, "utf-8")
    words = ["--refresh", str(folder.parent), "--source", "pysec"]
    assert main(words, kept) == 1
    assert "flask-login 0.6.3 is affected by PYSEC-9 (CVE-9): 示例。" in capsys.readouterr().out
    after = Snapshot.load(kept)
    rows = {one.id: one for one in after.advisories if one.source == "pysec"}
    assert set(rows) == {"PYSEC-9", "PYSEC-2023-62"}
    assert rows["PYSEC-9"].affected == "[0,99)" and rows["PYSEC-9"].where.endswith("PYSEC-9.json")
    words_of = {one.id: one.what for one in before.advisories}
    assert rows["PYSEC-2023-62"].what == words_of["PYSEC-2023-62"]
    (source,) = [one for one in after.sources if one.name == "pysec"]
    assert source.reaches == "2026-11-21"
    others = [one for one in before.advisories if one.source != "pysec"]
    assert [one for one in after.advisories if one.source != "pysec"] == others
    assert after.exceptions == before.exceptions


def test_a_path_in_the_environment_is_held_against_and_not_kept(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("GHSA-9.json", json.dumps(osv("GHSA-9", "Flask", "introduced 3.1.3")))
    before = [one.read_bytes() for one in sorted(kept.iterdir())]
    monkeypatch.setenv(AUDIT, str(tmp_path / "all.zip"))
    assert main([], kept) == 1
    assert "flask 3.1.3 is affected by GHSA-9" in capsys.readouterr().out
    assert [one.read_bytes() for one in sorted(kept.iterdir())] == before
    for wrong in (tmp_path / "none", kept):
        monkeypatch.setenv(AUDIT, str(wrong))
        assert main([], kept) == 2
        assert "no advisories in the OSV format" in capsys.readouterr().err


# The repository's own -----------------------------------------------------------------------------


def test_no_pinned_version_has_a_known_fault() -> None:
    """Of the packages that are installed, too, `./run test` tells it."""
    assert held_against(Snapshot.load(KEPT), pinned(), {}, TODAY).faults == []
    assert "-m tests.attack.advisories ||" in (ROOT / "run").read_text("utf-8")


def test_every_row_names_its_source_and_can_be_read() -> None:
    told = Snapshot.load(KEPT)
    sources = {one.name for one in told.sources}
    assert len(told.advisories) > 200 and len(told.packages) > 150
    for one in told.advisories:
        assert one.source in sources and one.where and one.what and one.id, one
        assert date.fromisoformat(one.seen), one
        is_affected(one.affected, "1.0")
    looked = {(one.ecosystem, one.package): set(one.sources.split()) for one in told.packages}
    assert set().union(*looked.values()) <= sources
    assert all(one.source in looked[one.ecosystem, one.package] for one in told.advisories)
    assert all(one.reason and date.fromisoformat(one.since) for one in told.exceptions)
    assert ("npm", "chart.js") in pinned() and ("npm", "axe-core") in pinned()


def test_why_exceptions_harm_nobody() -> None:
    """What `exceptions.csv` says of certifi's bundle and of FFmpeg in OpenCV's wheels."""
    bundle = Path(certifi.where()).read_text("utf-8")
    assert "# Issuer: CN=GlobalSign" in bundle and "emSign" not in bundle
    rooms = ("certcheck", "ocr", "registry", "samples", "web")
    sources = [one for room in rooms for one in (ROOT / room).rglob("*.py")]
    assert len(sources) > 100
    assert [one for one in sources if "cv2.Video" in one.read_text("utf-8")] == []
