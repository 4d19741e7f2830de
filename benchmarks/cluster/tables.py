"""What the simulation says, as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from benchmarks.cluster.conditions import Conditions
from benchmarks.cluster.simulation import Outcome, ideal, simulated

_HOUR = 3600.0
_SEEDS = range(3)
_DRIVER = 0.005
"""Seconds for each finished run, about what `intake` measures: with it, a table comes out the same each time."""
FAULTS: Mapping[str, Mapping[str, float | None]] = {
    "nothing": {},
    "5 % of the workers are 3 times as slow": {"slow_share": 0.05},
    "the same, copies after 3 times the usual": {"slow_share": 0.05, "copies_after": 3.0},
    "the same, no copies": {"slow_share": 0.05, "copies_after": None},
    "1 % of the runs take 2 to 40 times as long": {"tail_share": 0.01},
    "the same, copies after 3 times the usual ": {"tail_share": 0.01, "copies_after": 3.0},
    "the same, no copies ": {"tail_share": 0.01, "copies_after": None},
    "a worker fails every 24 h": {"between_failures": 24 * _HOUR},
    "a worker fails every 2 h": {"between_failures": 2 * _HOUR},
    "the same, no states kept": {"between_failures": 2 * _HOUR, "saved_every": None},
    "a worker fails every 20 min": {"between_failures": _HOUR / 3},
    "the same, no states kept ": {"between_failures": _HOUR / 3, "saved_every": None},
    "slow workers, long runs, failures every 2 h": {
        "slow_share": 0.05,
        "tail_share": 0.01,
        "between_failures": 2 * _HOUR,
    },
}


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Lines of a table; all columns but the first are numbers."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def growth(arms: Sequence[int] = (10, 50, 200), workers: Sequence[int] = (1, 10, 30, 100, 1000, 4000)) -> Iterator[str]:
    """How long a study takes on more and more workers, without slow ones or failures."""
    head = ("arms, workers", "ideal, h", "stage by stage", "looking ahead", "busy", "begun in vain", "driver, s")

    def row(number: int, count: int) -> Sequence[str]:
        given = Conditions(workers=count, arms=number)
        best, plain, ahead = ideal(number, given.run_seconds), simulated(replace(given, ahead=False)), simulated(given)
        shortest = best.makespan(count)
        return (
            f"{number}, {count:,}",
            f"{shortest / _HOUR:.2f}",
            f"{plain.makespan / shortest:.2f}",
            f"{ahead.makespan / shortest:.2f}",
            f"{best.work / (ahead.makespan * count):.0%}",
            f"{unneeded(ahead) / best.work:.0%}",
            f"{ahead.driver_seconds:.1f}",
        )

    return table(head, (row(number, count) for number in arms for count in workers))


def faults(workers: int = 100, arms: int = 200) -> Iterator[str]:
    """What slow workers, delays and failures cost: beside the same cluster without them; medians of some draws."""
    given = Conditions(workers=workers, arms=arms, copies_after=1.5, driver=_DRIVER)
    head = (f"what goes wrong on {workers:,} workers", "makespan", "trained again", "copies", "begun in vain")
    best, sound = ideal(arms, given.run_seconds), simulated(given)

    def row(name: str, changes: Mapping[str, float | None]) -> Sequence[str]:
        found = [simulated(replace(given, seed=seed, **changes)) for seed in _SEEDS]  # type: ignore[arg-type]
        again, copies = (median(each.wasted[why] for each in found) / best.work for why in ("failures", "copies"))
        return (
            name.strip(),
            f"{median(each.makespan for each in found) / sound.makespan:.2f}",
            f"{again:.1%}",
            f"{copies:.1%}",
            f"{median(map(unneeded, found)) / best.work:.0%}",
        )

    return table(head, (row(name, changes) for name, changes in FAULTS.items()))


def driver(
    lengths: Sequence[float] = (180.0, 20.0, 5.0, 1.0), workers: Sequence[int] = (100, 1000), arms: int = 400
) -> Iterator[str]:
    """How many times as long a study of short runs takes as with a driver that takes no time."""
    head = ("a run takes", "workers", "driver as it is", "ledger on NFS, 5 ms", "and it writes the results, 5 ms")

    def row(length: float, count: int) -> Sequence[str]:
        given = Conditions(workers=count, arms=arms, run_seconds=length, start=0.0)
        slow = replace(given, file_seconds=0.005)
        free = simulated(replace(given, driver=0.0)).makespan
        found = (simulated(each).makespan / free for each in (given, slow, replace(slow, intake=0.005)))
        return f"{length:g} s", f"{count:,}", *(f"{each:.2f}" for each in found)

    return table(head, (row(length, count) for length in lengths for count in workers))


def intake(arms: Sequence[int] = (10, 50, 200, 1000, 2500)) -> Iterator[str]:
    """What the real driver takes for a finished run, as a study grows."""
    head = ("arms", "runs", "driver, ms a run", "longest pause, s")

    def row(number: int) -> Sequence[str]:
        found = simulated(Conditions(workers=1000, arms=number))
        runs = len(found.finished)
        return f"{number:,}", f"{runs:,}", f"{1000 * found.driver_seconds / runs:.1f}", f"{found.longest_pause:.2f}"

    return table(head, map(row, arms))


def unneeded(found: Outcome) -> float:
    """Seconds of workers in runs that no decision needed: whole ones, and parts of those that were cancelled."""
    needed = ideal(found.conditions.arms, found.conditions.run_seconds).needed
    whole = sum(seconds for name, seconds in found.finished.items() if name not in needed)
    return whole + found.wasted.get("cancelled", 0.0)
