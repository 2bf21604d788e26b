"""The specimens of the demo registry: `python -m samples.generator.specimens`."""

from __future__ import annotations

import click

from samples.generator import demo, hand


@click.command()
def main() -> None:
    """Writes the picture of every specimen that the demo registry's signatories name."""
    for row in demo.read_table("signatories"):
        if row["specimen"]:
            path = demo.REGISTRY / row["specimen"]
            path.parent.mkdir(exist_ok=True)
            hand.as_picture(hand.specimen(row["name"])).save(path, optimize=True)
            click.echo(path)


if __name__ == "__main__":
    main()
