"""What would break: a pack that leaves out what a case rests on, or holds what nobody kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import Session

from certcheck import audit, check
from certcheck.audit.chain import digest
from certcheck.cases.tables import NEVER, CaseFile, CaseThing, Complainant
from certcheck.check import Wish, check_file
from certcheck.cli import cli
from certcheck.corrections import Correction
from certcheck.errors import CheckCrashedError, SettingError, explain
from certcheck.evidence import held, keep, pack, papers
from certcheck.evidence.errors import CheckOpenError, CheckUnknownError, KeptDamagedError
from certcheck.evidence.keep import Keeper
from certcheck.evidence.verify import examine, verify
from certcheck.market.tables import Circumstances
from certcheck.report import Report
from certcheck.runner import again, pool
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck.work_store import REVISION, Clock, request, send, settings
from tests.web.kept import jpeg
from tests.web.scene import report

PHOTO, BACK = jpeg(), b"\xff\xd8\xff the back"
SENT = b"<!DOCTYPE html><p>the laboratory's own record"
LAB = "qi"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    made = Work(settings(tmp_path / "work"), Clock())
    monkeypatch.setenv("CERTCHECK_WORK", str(made.settings.folder))
    yield made
    made.close()


@pytest.fixture
def told(demo_registry: Registry) -> dict[str, Any]:
    """A report of a laboratory that the demo registry knows."""
    revision = {
        "revision": demo_registry.revision.revision,
        "imported_at": "2026-11-20T08:00:00Z",
        "demo": True,
    }
    lab = {"lab_id": LAB, "name": "示例", "matched_by": [], "confidence": 1, "demo": True}
    return report(registry=revision, lab=lab, id="ab" * 16)


def answered(work: Work, told: dict[str, Any]) -> str:
    """A check that was corrected and looked up, from the market, in a case; the first's id."""
    first = send(work, PHOTO, request(owner="person:0011"))
    again.check_again(work, first, [Correction("mass", "3.7")], REVISION.revision)
    queue = Queue(work)
    for one in queue.take(2):
        records = [SENT] if one.wish.corrections else []
        queue.finish(one.id, Done([told], {1: jpeg()}, records=records))
    work.blobs.put(io.BytesIO(BACK))
    moment = work.clock()
    with Session(work.engine) as opened:
        opened.add(
            Circumstances(
                check_id=first,
                owner="person:0011",
                key="k",
                market="石佛寺",
                stall="甲12",
                back=sha256(BACK),
                captured_at=moment,
                received_at=moment,
            )  # fmt: skip
        )
        case = CaseFile(
            title="三枚证书", source="market", state="核查中", opened_by="chen", opened_at=moment,
            changed_at=moment, due_on=NEVER,
        )  # fmt: skip
        opened.add(case)
        opened.flush()
        assert case.id is not None
        opened.add(
            CaseThing(
                case_id=case.id,
                kind="check",
                ref=first,
                told="{}",
                added_at=moment,
                added_by="chen",
            )  # fmt: skip
        )
        opened.add(Complainant(case_id=case.id, name="举报人某某", phone="13800000000"))
        who = audit.Who("person", "0011", "chen")
        audit.write(opened, who=who, what="case.open", about=("case", str(case.id)))
        opened.commit()
    return first


def paper(one: held.Held) -> bytes:
    return b"%PDF of " + one.id.encode()


def gathered(work: Work, registry: Registry, *names: str) -> pack.Pack:
    found = [held.find(one, work, None) for one in names]
    return pack.gather(found, paper, work, registry, work.clock())


def opened_up(made: pack.Pack) -> dict[str, bytes]:
    file = io.BytesIO()
    pack.put(file, made)
    looked = examine(file, "a.zip")
    assert looked.code is None and looked.digest == made.digest
    with zipfile.ZipFile(file) as opened:
        return {one: opened.read(one) for one in opened.namelist()}


def test_all_that_a_check_rests_on_is_in_it(
    work: Work, told: dict[str, Any], demo_registry: Registry
) -> None:
    first = answered(work, told)
    files = opened_up(gathered(work, demo_registry, first))
    assert files[f"photos/{sha256(PHOTO)}.jpg"] == PHOTO
    assert files[f"photos/{sha256(BACK)}.jpg"] == BACK
    assert files[f"records/{sha256(SENT)}.html"] == SENT
    folder = f"checks/{first}"
    assert files[f"{folder}/report.pdf"] == b"%PDF of " + first.encode()
    judged = [json.loads(files[f"{folder}/report-{number}.json"]) for number in (1, 2)]
    assert [one["corrections"] for one in judged][0] == []
    assert judged[1]["corrections"] and judged[1]["reports"][0]["id"] == told["id"]
    assert judged[0]["reports"][0]["photo"]["name"] == "a.jpg"
    assert json.loads(files[f"{folder}/circumstances.json"])["market"] == "石佛寺"
    [case] = json.loads(files[f"{folder}/cases.json"])
    assert case["case"]["title"] == "三枚证书" and case["things"][0]["ref"] == first
    assert "举报人某某".encode() not in b"".join(files.values()), "who complained stays out"
    rows = [json.loads(line) for line in files["log.jsonl"].splitlines()]
    assert [row["what"] for row in rows] == [
        "check.accepted", "check.corrected", "check.done", "check.done", "case.open",
    ]  # fmt: skip
    assert all(digest(row) == row["digest"] for row in rows)
    logged = {json.loads(row["detail"]).get("reports") for row in rows} - {None}
    assert logged == {one["logged"] for one in judged}
    end = json.loads(files["manifest.json"])["log"]
    with Session(work.engine) as opened:
        assert audit.head(opened).seq == end["seq"]


def test_the_rows_are_those_of_the_reports_revision_with_their_sources(
    work: Work, told: dict[str, Any], demo_registry: Registry
) -> None:
    name = answered(work, told)
    revision = demo_registry.revision.revision
    files = opened_up(gathered(work, demo_registry, name))
    rows = json.loads(files[f"registry/{revision}.json"])
    assert rows["revision"] == revision
    tables = rows["tables"]
    assert {row["row"]["lab_id"] for row in tables["accreditations"]} == {LAB}
    assert "accreditations: qi/CMA/171620340112" in {
        row["source"] for row in tables["accreditations"]
    }
    numbers = {row["stated_by"] for table in tables.values() for row in table}
    imports = {one["number"]: one for one in rows["imports"]}
    assert numbers <= set(imports) and all(len(one["sha256"]) == 64 for one in imports.values())


def test_what_the_registry_no_longer_knows_is_said(
    work: Work, told: dict[str, Any], demo_registry: Registry
) -> None:
    other = {**told, "registry": {**told["registry"], "revision": "0" * 64}}
    files = opened_up(gathered(work, demo_registry, answered(work, other)))
    assert "unknown" in json.loads(files[f"registry/{'0' * 64}.json"])


def test_the_same_moment_gives_the_same_bytes(
    work: Work, told: dict[str, Any], demo_registry: Registry
) -> None:
    name = answered(work, told)
    first, second = (gathered(work, demo_registry, name) for _ in range(2))
    assert first.manifest == second.manifest
    # Any check of a photo, and the id of its report, lead to all of it.
    steps = again.history(work, name)
    assert held.find(steps[1].id, work, None).id == held.find(told["id"], work, None).id == name


def test_what_is_gone_or_not_done_makes_no_pack(
    work: Work, told: dict[str, Any], demo_registry: Registry
) -> None:
    with pytest.raises(CheckOpenError):
        held.find(send(work, b"waits"), work, None)
    for unknown in ("none", "0" * 40, "%", '"', "../x"):
        with pytest.raises(CheckUnknownError):
            held.find(unknown, work, Keeper(work.settings.folder))
    Queue(work).take(9)
    name = answered(work, told)
    work.blobs.path(sha256(PHOTO)).write_bytes(PHOTO + b"\0")
    with pytest.raises(KeptDamagedError):
        gathered(work, demo_registry, name)
    work.blobs.path(sha256(PHOTO)).unlink()
    with pytest.raises(KeptDamagedError):
        gathered(work, demo_registry, name)
    work.clock.on(hours=25)  # type: ignore[attr-defined]
    with pytest.raises(CheckUnknownError):
        held.find(name, work, None)


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["evidence", *map(str, words)])


def test_the_command_line_packs_and_verifies(
    work: Work, told: dict[str, Any], demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, out = answered(work, told), tmp_path / "a.zip"
    made = run("pack", name, "--out", out, "--database", demo_url)
    assert made.exit_code == 0, made.output
    named = made.stdout.strip()
    assert len(named) == 64
    for more in ((), ("--digest", named), ("--logged",), ("--work", work.settings.folder)):
        found = run("verify", out, *more)
        assert found.exit_code == 0 and named in found.output
    with zipfile.ZipFile(out) as opened:
        assert opened.read(f"checks/{name}/report.pdf").startswith(b"%PDF-")
        heads = [one.header_offset for one in opened.infolist()]
        start = opened.start_dir
    # Of a whole pack some bytes of every part; every byte of a small one elsewhere.
    data = out.read_bytes()
    for at in {*heads, *range(40, start, 5003), *range(start, len(data), 31), len(data) - 1}:
        out.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        assert verify(out).code is not None, f"byte {at}"
    out.write_bytes(data[:-1] + b"x")
    found = run("verify", out)
    assert found.exit_code == 1 and "The end of the ZIP was changed" in found.stdout
    # Made anew by somebody else: it agrees with itself, but nobody here made it.
    with Session(work.engine) as opened:
        assert audit.Entry(**list(audit.rows(opened))[-1]).told["digest"] == named
    one = held.find(name, work, None)
    with monkeypatch.context() as patch:
        patch.setattr(work, "clock", lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        engine = store.open_registry(demo_url)
        other = pack.gather([one], paper, work, Registry(engine), work.clock())
        engine.dispose()
    pack.write(out, other)
    assert run("verify", out).exit_code == 0
    for more in (("--digest", named), ("--logged",)):
        found = run("verify", out, *more)
        assert found.exit_code == 1 and "agrees with itself" in found.output


def test_errors_are_told_with_the_next_step_and_leave_nothing(
    work: Work, demo_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.zip"
    out.write_bytes(b"before")
    made = run("pack", "none", "--out", out, "--database", demo_url)
    assert made.exit_code == 3 and "CERTCHECK_WORK" in made.output
    assert out.read_bytes() == b"before" and {one.name for one in tmp_path.iterdir()} == {
        "a.zip", "work",
    }  # fmt: skip
    assert run("pack", "x", "--out", tmp_path / "none" / "a.zip").exit_code == 2
    for path, word in ((out, "no evidence pack"), (tmp_path / "none.zip", "cannot be opened")):
        found = run("verify", path)
        assert found.exit_code == 3 and word in found.output


def failed(data: bytes, name: str = "a.jpg") -> list[Report]:
    return [check.failed(name, sha256(data), REVISION, Wish(), explain(CheckCrashedError()))]


def kept(keeper: Keeper, data: bytes) -> str:
    finish = keeper.begin(data)
    [one] = failed(data)
    finish([one])
    return one.id


def test_a_check_of_the_command_line_is_kept_and_packed(
    tmp_path: Path, work: Work, demo_registry: Registry
) -> None:
    keeper = Keeper(tmp_path / "kept")
    name = kept(keeper, PHOTO)
    found = held.find(name, work, keeper)
    assert found.reports[0]["id"] == name and found.steps[0]["user"]
    made = pack.gather([found], paper, work, demo_registry, work.clock())
    assert opened_up(made)[f"photos/{sha256(PHOTO)}.jpg"] == PHOTO
    assert kept(keeper, PHOTO) == name and not list((tmp_path / "kept/unfinished").iterdir())
    other = kept(keeper, BACK)
    assert keeper.forget([name]) == 1 and keeper.find(name) is None
    kept_other = keeper.find(other)
    assert kept_other is not None and kept_other.photo.read_bytes() == BACK
    assert keeper.forget() == 1 and keeper.find(other) is None
    assert [one.name for one in (tmp_path / "kept").rglob("*") if one.is_file()] == ["swept"]


def test_the_old_and_what_is_too_much_goes(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, days=2, most=len(PHOTO) + len(BACK) + 1)
    names = [kept(keeper, PHOTO), kept(keeper, BACK)]
    (old,) = tmp_path.rglob(sha256(PHOTO))
    ago = time.time() - 3 * 86400
    for path in (old, tmp_path / f"reports/{names[0]}.json", tmp_path / "swept"):
        os.utime(path, (ago, ago))
    kept(keeper, b"another")
    assert keeper.find(names[0]) is None and not old.exists()
    assert keeper.find(names[1]) is not None
    os.utime(tmp_path / "swept", (ago, ago))
    (last,) = tmp_path.rglob(sha256(BACK))
    os.utime(last, (ago + 86400 * 2, ago + 86400 * 2))
    Keeper(tmp_path, days=2, most=10).begin(b"x")([])
    assert not last.exists()


def test_it_is_on_until_it_is_turned_off_and_never_stops_a_check(
    tmp_path: Path, demo_registry: Registry
) -> None:
    on = keep.configured({"CERTCHECK_WORK": str(tmp_path)})
    assert on is not None and on.folder == tmp_path / "evidence"
    assert keep.configured({keep.SETTING: "off"}) is None
    for bad in ("0", "on", "-1", "1e3"):
        with pytest.raises(SettingError):
            keep.configured({keep.SETTING: bad})
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"no photo at all")
    [one] = check_file(photo, demo_registry, keeper=on)
    found = on.find(one.id)
    assert found is not None and found.photo.read_bytes() == b"no photo at all"
    (tmp_path / "file").write_bytes(b"")
    [same] = check_file(photo, demo_registry, keeper=Keeper(tmp_path / "file"))
    assert same.id == one.id


def test_check_and_batch_keep_what_a_pack_needs(
    work: Work, demo_url: str, demo_registry: Registry, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(keep.SETTING, "5")
    photo, other = tmp_path / "letter.jpg", tmp_path / "other.jpg"
    photo.write_bytes(b"Dear Sir or Madam")
    other.write_bytes(b"Yours faithfully")
    told = CliRunner().invoke(cli, ["check", str(photo), "--json", "--database", demo_url])
    [batched] = pool._check((pool.Task(other, "other.jpg"), Wish()), demo_registry)
    for name, held_bytes in (
        (json.loads(told.stdout)["id"], photo.read_bytes()), (batched.id, other.read_bytes()),
    ):  # fmt: skip
        out = tmp_path / "a.zip"
        made = run("pack", name, "--out", out, "--database", demo_url)
        assert made.exit_code == 0, made.output
        with zipfile.ZipFile(out) as opened:
            assert opened.read(f"photos/{sha256(held_bytes)}.bin") == held_bytes
        assert run("verify", out, "--logged").exit_code == 0
    assert run("forget").exit_code == 0
    assert run("pack", batched.id, "--out", out).exit_code == 3


def test_the_report_of_a_kept_photo_is_put_on_paper(tmp_path: Path, told: dict[str, Any]) -> None:
    """Its picture is made of the bytes that were kept."""
    photo = tmp_path / sha256(PHOTO)
    photo.write_bytes(PHOTO)
    one = held.Held("a", [{"reports": [told]}], {sha256(PHOTO): photo})
    made = papers._made(one, tmp_path)
    assert list(made) == [1] and made[1].read_bytes().startswith(b"\xff\xd8\xff")
    broken = held.Held("a", [{"reports": [told]}], {sha256(PHOTO): tmp_path / "none"})
    assert papers._made(broken, tmp_path) == {}
