"""How many cores so many live rooms need: a queue computed from measured seconds of a photo.

    .venv/bin/python -m tests.benchmarks.queueing [--seconds S] [--spread 0.35] [--simulate]

The model is M/G/c: photos come independently of one another (Poisson), each takes one core for a
time of which mean and spread are measured (`measured.toml`), whoever came
first goes first, and all cores of all machines take from one queue, as workers of one work store
do. That somebody waits at all is Erlang's C formula; how long, his exponential with Allen and
Cunneen's (1 + spread²) / 2 for times that are no exponential. `--simulate` plays the same queue
photo by photo and prints both, to see what the formula is worth.

Assumed, as nobody has measured it (change it by option):

- a room shows a new certificate every five minutes (`--minutes`), and each is photographed once;
- the busiest hour of the evening has three times the average of a day, which is what cores are
  for (`--peak`); beyond it the queue and Retry-After carry;
- a photo with its rows, pictures and what was read is kept for a day (`--megabytes`);
- a photo has to be begun within `--wait` seconds in 95 of 100 cases, and cores are not used for
  more than `--most` of their time, so that one machine of ten may be lost.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

MEASURED = tomllib.loads(Path(__file__).with_name("measured.toml").read_text(encoding="utf-8"))
ROOMS = (100, 1_000, 10_000, 100_000)
_LATE = 0.05
# The first photos of a simulation find an empty house.
_WARM, _PLAYED = 20_000, 200_000


def waits(rate: float, seconds: float, cores: int) -> float:
    """The share of photos that find all cores at work: Erlang's C.

    Args:
        rate: photos a second.
        seconds: that each takes.
        cores: that take them; more than `rate * seconds`.
    """
    load = rate * seconds
    blocked = 1.0  # Erlang's B, by its recursion, which neither overflows nor loses digits
    for number in range(1, cores + 1):
        blocked = load * blocked / (number + load * blocked)
    used = load / cores
    return blocked / (1 - used * (1 - blocked))


def late(rate: float, seconds: float, spread: float, cores: int, after: float) -> float:
    """The share of photos that wait longer than so many seconds."""
    decay = (cores / seconds - rate) * 2 / (1 + spread**2)
    return waits(rate, seconds, cores) * math.exp(-decay * after)


def mean_wait(rate: float, seconds: float, spread: float, cores: int) -> float:
    """Seconds that a photo waits, on the average of all."""
    return waits(rate, seconds, cores) * (1 + spread**2) / 2 / (cores / seconds - rate)


def needed(rate: float, seconds: float, spread: float, after: float, most: float) -> int:
    """The fewest cores with which few are late and none is used beyond its share."""
    cores = max(1, math.ceil(rate * seconds / most))
    while late(rate, seconds, spread, cores, after) > _LATE:
        cores += 1
    return cores


def played(
    rate: float, seconds: float, spread: float, cores: int, after: float
) -> tuple[float, float]:
    """Likewise, photo by photo: the share that waits longer, and the mean wait.

    Times are gamma distributed with the mean and spread.
    """
    dice = random.Random(1)
    shape = 1 / spread**2
    free = [0.0] * cores
    now, count, total = 0.0, 0, 0.0
    for number in range(_WARM + _PLAYED):
        now += dice.expovariate(rate)
        begins = max(now, heapq.heappop(free))
        heapq.heappush(free, begins + dice.gammavariate(shape, seconds / shape))
        if number >= _WARM:
            count += begins - now > after
            total += begins - now
    return count / _PLAYED, total / _PLAYED


def lines(wanted: argparse.Namespace) -> Iterator[str]:
    """The table."""
    yield "  rooms photos/s  cores  used  begun late  mean wait s  photos a day     GB a day"
    for rooms in wanted.rooms:
        rate = rooms * wanted.peak / wanted.minutes / 60
        cores = needed(rate, wanted.seconds, wanted.spread, wanted.wait, wanted.most)
        case = (rate, wanted.seconds, wanted.spread, cores)
        day = rooms / wanted.minutes * 60 * 24
        yield (
            f"{rooms:7} {rate:8.2f} {cores:6} {rate * wanted.seconds / cores:5.2f} "
            f"{late(*case, wanted.wait):11.4f} {mean_wait(*case):12.3f} {day:13.0f} "
            f"{day * wanted.megabytes / 1000:12.1f}"
        )
        if wanted.simulate:
            share, mean = played(*case, wanted.wait)
            yield f"{'played':>29} {share:11.4f} {mean:12.3f}"


def options() -> argparse.ArgumentParser:
    """What may be assumed otherwise."""
    made = argparse.ArgumentParser(description=__doc__)
    seconds, spread = MEASURED["seconds"], MEASURED["spread"]
    made.add_argument("--seconds", type=float, default=seconds, help="of a core for a photo")
    made.add_argument("--spread", type=float, default=spread, help="its deviation, by its mean")
    made.add_argument("--minutes", type=float, default=5, help="between a room's certificates")
    made.add_argument("--peak", type=float, default=3, help="busiest hour over the average")
    made.add_argument("--wait", type=float, default=5, help="seconds, for 95 of 100")
    made.add_argument("--most", type=float, default=0.85, help="share of a core's time")
    size = MEASURED["photo_mb"]
    made.add_argument("--megabytes", type=float, default=size, help="of a photo and its rows")
    made.add_argument("--rooms", type=int, nargs="+", default=ROOMS)
    made.add_argument("--simulate", action="store_true")
    return made


if __name__ == "__main__":
    print("\n".join(lines(options().parse_args())))
