"""Command line of the generator: `python -m samples.generator --out DIR --count N`."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np

from samples.generator import camera, faults, fonts
from samples.generator.layouts import ALL
from samples.generator.sample import encode, make

# Without a wish, every other sample has a fault and every fourth is honest but tricky.
FAULT_SHARE, TRICKY_SHARE = 0.5, 0.25


def pick_plan(seed: int, *, honest: bool) -> str | None:
    """The plan that a seed stands for when none is asked for."""
    rng = np.random.default_rng((seed, 1))
    lot = rng.random()
    if lot < FAULT_SHARE and not honest:
        names = faults.names(honest=False)
    elif lot < FAULT_SHARE + TRICKY_SHARE:
        names = faults.names(honest=True)
    else:
        return None
    return names[int(rng.integers(len(names)))]


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--count", type=click.IntRange(1), default=10, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the first sample.")
@click.option("--level", type=click.Choice(camera.LEVELS), default="normal", show_default=True)
@click.option("--layout", type=click.Choice(tuple(ALL)))
@click.option("--font", help="Face of the text, one of samples.generator.fonts.FACES.")
@click.option("--fault", type=click.Choice(faults.names()), help="A fault or an honest case.")
@click.option("--treatment", help="One of samples.generator.treatments, or several joined by +.")
@click.option("--honest", is_flag=True, help="Honest certificates only.")
def main(
    out: Path,
    count: int,
    seed: int,
    level: str,
    layout: str | None,
    font: str | None,
    fault: str | None,
    treatment: str | None,
    *,
    honest: bool,
) -> None:
    """Writes COUNT pictures into a folder, the truth of each beside it as JSON."""
    out.mkdir(parents=True, exist_ok=True)
    suffix = ".png" if level == "flat" else ".jpg"
    for number in range(seed, seed + count):
        plan = fault or pick_plan(number, honest=honest)
        try:
            sample = make(
                number, level=level, layout=layout, font=font, fault=plan, treatment=treatment
            )
        except (fonts.FontsMissingError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        path = out / f"{number:05d}-{plan or 'ordinary'}{suffix}"
        path.write_bytes(encode(sample.image, suffix, 92))
        text = json.dumps(sample.truth, ensure_ascii=False, indent=1)
        path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        click.echo(path)


if __name__ == "__main__":
    main()
