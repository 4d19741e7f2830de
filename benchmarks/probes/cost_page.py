"""What the page says of the cost of a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.probes.cost import BY_NAME, HOPELESS, STUDIES, TRIED, Cost
from benchmarks.probes.replay import GRID_SEEDS
from netadvise.probe.fleet import LONGEST

BEFORE: Mapping[str, tuple[float, float]] = {
    "toy": (48.0, 3962.0),
    "digits": (35.7, 6375.0),
    "deep": (34.4, 11321.0),
    "deepnamed": (52.0, 18180.0),
}
"""Runs and steps of a study by the protocol without racing (commit f0b6bce), replayed from the same recordings."""


def section(found: Sequence[Cost]) -> Iterator[str]:
    """What the page says of the cost."""
    yield (
        "Studies of effort confirm: every accepted place is an arm of the race, or every kind of place where there are "
        "more than four and none is named; two more rates of the best race with it, and one arm is confirmed. The grid "
        f"is every place at every rate that is offered, with {GRID_SEEDS} seeds, and the baseline, each for {LONGEST} "
        f"t* steps. All runs were recorded once, and {STUDIES} studies, each with other seeds, replayed from the "
        "recordings by the real director, statistics and rules. Ratios are the grid over the mean study. `before` is "
        "the protocol that gave every arm two seeds, and all but the clearly worse ones four, without a race and "
        "without an early end of a confirmation that cannot be settled, on the same recordings with other draws of "
        "seeds."
    )
    yield "\n".join(_table(found))
    yield "\n".join(_choices(found))
    yield (
        "What holds it back: a confirmation of up to 24 runs, which no race makes shorter, and the four runs of the "
        f"baseline, which train 200 steps at least ({200 / 25:.0f} t* of the toy). So the ratio grows with the number "
        "of places: the grid's cost does, the study's hardly. Arms whose mean effect over the first "
        f"{TRIED} seeds was below {HOPELESS:g} were recorded with those alone; they count in the grid's cost, and "
        "cannot be its choice. How far a choice is behind is measured on all recorded seeds, those that chose among "
        "them."
    )


def _table(found: Sequence[Cost]) -> Iterator[str]:
    yield (
        "| case | places | arms | t* | runs: before | study (10 % to 90 %) | grid | ratio | steps: before | study | "
        "grid | ratio |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for each in found:
        old = BEFORE.get(each.key)
        before = ("", "") if old is None else (f"{old[0]:.0f}", f"{old[1]:,.0f}")
        yield (
            f"| {each.key}: {BY_NAME[each.key].title} | {each.places} | {each.arms} | {each.best_step:.0f} | "
            f"{before[0]} | {each.runs:.0f} ({each.few_runs:.0f} to {each.many_runs:.0f}) | {each.grid_runs} | "
            f"{each.grid_runs / each.runs:.1f} | {before[1]} | {each.steps:,.0f} | {each.grid_steps:,.0f} | "
            f"{each.grid_steps / each.steps:.1f} |"
        )


def _choices(found: Sequence[Cost]) -> Iterator[str]:
    yield (
        "| case | verdicts | sign as the grid's | none where the grid told one | the other sign | "
        "study's choice behind the best cell | grid's choice |"
    )
    yield "|---|---|---:|---:|---:|---:|---:|"
    for each in found:
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(each.said.items(), key=lambda one: -one[1]))
        yield (
            f"| {each.key} | {said} | {each.agreed} of {each.studies} | {each.undecided} | {each.contradicted} | "
            f"{-each.behind:.2f} delta | {-each.grid_behind:.2f} delta |"
        )
