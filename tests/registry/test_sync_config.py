"""The file of sources: what it says is done, what nobody understands is refused."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from certcheck import messages
from registry.errors import SyncConfigError
from registry.importing.changes import Kind
from registry.sync import config, fetch, json_tables, run, staging
from registry.sync.run import State

GOOD = 'name = "x"\nformat = "json"\nurl = "https://lists.example/a.json"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense", "no_toml"),
        ("", "none"),
        (f"[[source]]\n{GOOD}[[source]]\n{GOOD}", "name_twice"),
        ("source = [1]", "no_table"),
        (f"[[source]]\n{GOOD}max_byte = 1", "unknown_key"),
        (f"[[source]]\n{GOOD}[other]", "unknown_key"),
        (f"[[source]]\n{GOOD}max_bytes = '1'", "wrong_kind"),
        (f"[[source]]\n{GOOD}max_bytes = 0", "wrong_kind"),
        (f"[[source]]\n{GOOD}attempts = true", "wrong_kind"),
        (f"[[source]]\n{GOOD}bound = {{ lost = 1 }}", "unknown_key"),
        (f"[[source]]\n{GOOD}bound = {{ added = -1 }}", "wrong_kind"),
        (f"[[source]]\n{GOOD}list_date = 'yesterday'", "wrong_kind"),
        (f"[[source]]\n{GOOD}sha256 = 'abc'", "wrong_kind"),
        ("[[source]]\nname = 'x'\nformat = 'json'", "required"),
        ("[[source]]\nname = '../x'\nformat = 'json'", "bad_name"),
        ("[[source]]\nname = 'x'\nformat = 'pdf'", "wrong_kind"),
        ("[[source]]\nname = 'x'\nformat = 'csv'\ntables = { lab = 'https://a' }", "unknown_table"),
        (f"[[source]]\n{GOOD.replace('https', 'http')}", "insecure"),
        (f"[[source]]\n{GOOD.replace('lists.', 'other.')}", "host_not_allowed"),
        (f"[[source]]\n{GOOD.replace('example/', 'example:444/')}", "host_not_allowed"),
        (f"[[source]]\n{GOOD.replace('//', '//me:secret@')}", "bad_address"),
        (f"[[source]]\n{GOOD}checksums = 'https://other.example/sums'", "host_not_allowed"),
    ],
)
def test_a_file_of_sources_that_says_what_nobody_understands(
    tmp_path: Path, text: str, expected: str
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text('hosts = ["lists.example"]\n' + text, encoding="utf-8")
    with pytest.raises(SyncConfigError) as caught:
        config.load(path)
    assert caught.value.details["reason"] == expected
    assert "secret" not in str(caught.value) or expected == "bad_address"
    with pytest.raises(SyncConfigError):
        config.load(tmp_path / "none.toml")


def test_defaults_count_where_a_source_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    text = 'hosts = ["LISTS.example"]\n[defaults]\nmax_bytes = 5\nattempts = 7\n[[source]]\n'
    path.write_text(text + GOOD + "attempts = 1\nca_file = 'ca.pem'\n", encoding="utf-8")
    [source] = config.load(path).sources
    assert (source.rules.max_bytes, source.rules.attempts) == (5, 1)
    assert source.rules.ca_file == tmp_path / "ca.pem"
    assert source.bound is None and source.list_date is config.ListDate.MODIFIED


def test_every_reason_has_its_sentence() -> None:
    def reasons(*modules: ModuleType) -> set[str]:
        text = "".join(Path(str(each.__file__)).read_text(encoding="utf-8") for each in modules)
        raised = r'(?:_broken\(|reason=|\.wrong\([^,()]+(?:\([^()]*\))?, )"([a-z_0-9]+)"'
        return set(re.findall(raised, text))

    known = set(messages.catalogue())
    for prefix, told in (
        ("registry.sync_config_", reasons(config)),
        ("registry.source_broken_", reasons(fetch, staging, json_tables, run)),
    ):
        assert len(told) > 9
        assert {prefix + each for each in told} - known == set()
    for state in State:
        assert f"registry.sync.{state}" in known


def test_the_documented_file_of_sources_is_understood(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "registry.md"
    text = page.read_text(encoding="utf-8")
    [block] = re.findall(r"(?:^    hosts = .*\n)(?:(?:    .*)?\n)+", text, re.M)
    path = tmp_path / "sources.toml"
    path.write_text(textwrap.dedent(block), encoding="utf-8")
    settings = config.load(path)
    assert [source.name for source in settings.sources] == ["henan", "country"]
    assert settings.sources[0].bound == {
        Kind.ADD: 200, Kind.CHANGE: 50, Kind.END: 5, Kind.REMOVE: 0,
    }  # fmt: skip
