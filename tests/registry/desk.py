"""A file of sources, the registry that it is for, and what an operator does with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from registry.sync import config
from registry.sync.run import Orders, Outcome, sync
from tests.registry.lists import content
from tests.registry.publisher import Publisher


class Desk:
    """A file of sources, the registry that it is for, and commands."""

    def __init__(self, server: Publisher, engine: Engine, folder: Path) -> None:
        self.server = server
        self.engine = engine
        self.path = folder / "sources.toml"
        self.pauses: list[float] = []

    def write(self, *sources: str, head: str = "") -> config.Settings:
        text = (
            f'hosts = ["{self.server.host}"]\nstate = "state"\n{head}\n'
            "[defaults]\nallow_http = true\nattempts = 2\nmax_seconds = 20\nmax_bytes = 200000\n"
        )
        self.path.write_text(text + "".join(f"[[source]]\n{each}\n" for each in sources), "utf-8")
        return config.load(self.path)

    def tables(self, **tables: str) -> str:
        """Publishes CSV tables; the lines of a source that names them."""
        addresses = (
            f'{name} = "{self.server.publish(f"/{name}.csv", text)}"'
            for name, text in tables.items()
        )
        return f'name = "two"\nformat = "csv"\ntables = {{ {", ".join(addresses)} }}\n'

    def sync(
        self, settings: config.Settings, *, apply: bool = False, staged: bool = False
    ) -> Outcome:
        orders = Orders(apply=apply, staged=staged, loaded_by="tester", pause=self.pauses.append)
        [outcome] = sync(self.engine, settings, orders)
        return outcome

    def content(self) -> Mapping[str, list[tuple[str, ...]]]:
        with Session(self.engine) as session:
            return content(session)
