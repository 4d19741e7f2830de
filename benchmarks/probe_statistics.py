"""What the statistics of probes are worth, by simulation; prints Markdown tables.

    python -m benchmarks.probe_statistics [--draws 2000] [--studies 200] [--only coverage,looks,chosen,null,power]

Coverage: nominal 95 % intervals against the truth for new seeds and examples, for several ways to make them. Looks:
type I error of looking at 4, 8 and 12 seeds. Chosen: the same for the best of several arms without effect. Null: whole
studies of identical arms, through facts and verdict rules. Power: the same with an effect.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from scipy import stats

from benchmarks.probe_studies import LOOKS, NULLS, POWERS, SETTLED, Array, Generator, Nature, verdicts
from netadvise.evidence import Verdict
from netadvise.probe.statistics import Effect, crossed, look_level

SEEDS = (2, 3, 4, 8, 12)


def _normal(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape)


def _heavy(rng: Generator, shape: tuple[int, ...]) -> Array:
    """t with 3 degrees of freedom, unit variance."""
    return rng.standard_t(3, shape) / math.sqrt(3.0)


def _skewed(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Exponential, unit variance, mean 0."""
    return rng.exponential(1.0, shape) - 1.0


def _sparse(rng: Generator, shape: tuple[int, ...]) -> Array:
    """-1, 0, 1, as differences of right and wrong are: 10 % disagree; unit variance."""
    return rng.choice([-1.0, 0.0, 1.0], shape, p=[0.05, 0.9, 0.05]) / math.sqrt(0.1)


DRAWS: Mapping[str, Callable[[Generator, tuple[int, ...]], Array]] = {
    "normal": _normal,
    "heavy (t3)": _heavy,
    "skewed": _skewed,
    "sparse": _sparse,
}
SHARES = {
    "seeds": (1.0, 0.0, 0.0),
    "mostly seeds": (0.9, 0.1, 0.0),
    "examples": (0.0, 1.0, 0.0),
    "mostly examples": (0.1, 0.9, 0.0),
    "rest": (0.0, 0.0, 1.0),
    "seeds, examples": (0.5, 0.5, 0.0),
    "examples, rest": (0.0, 0.5, 0.5),
    "all": (0.34, 0.33, 0.33),
}
"""Of the variance of the mean: seeds, examples, rest."""


def differences(
    rng: Generator, seeds: int, examples: int, shares: tuple[float, float, float], draw: str, planned: int = 0
) -> Array:
    """[seeds, examples] with mean 0; the variance of the mean is 1 with `planned` (or so many) seeds."""
    of = planned or seeds
    scale = [math.sqrt(share) for share in (shares[0] * of, shares[1] * examples, shares[2] * of * examples)]
    by_seed = scale[0] * rng.standard_normal((seeds, 1))
    by_example = scale[1] * DRAWS[draw](rng, (1, examples))
    return by_seed + by_example + scale[2] * DRAWS[draw](rng, (seeds, examples))


def seeds_alone(found: Array, effect: Effect, level: float) -> float:
    """Half width of a t interval over the means of the seeds."""
    means = found.mean(axis=1)
    return float(stats.t.isf(level / 2, len(means) - 1) * means.std(ddof=1) / math.sqrt(len(means)))


def satterthwaite(found: Array, effect: Effect, level: float) -> float:
    """One t for the sum of the mean squares, never less than the larger of them, and not below S - 1 degrees."""
    seeds, examples = found.shape
    squares, freedom = _squares(found)
    raw = squares[0] + squares[1] - squares[2]
    spread = max(raw, squares[0], squares[1])
    below = sum(square**2 / degrees for square, degrees in zip(squares, freedom, strict=True))
    degrees = max(raw**2 / below if below > 0 else 0.0, seeds - 1)
    return float(stats.t.isf(level / 2, degrees) * math.sqrt(spread / (seeds * examples)))


def sum_of_parts(found: Array, effect: Effect, level: float) -> float:
    """As Satterthwaite, on MS_seeds + max(MS_examples - MS_rest, 0)."""
    parts = (effect.by_seeds, effect.by_examples)
    below = sum(part.variance**2 / part.degrees_of_freedom for part in parts)
    whole = sum(part.variance for part in parts)
    return float(stats.t.isf(level / 2, whole**2 / below) * math.sqrt(whole)) if below > 0 else 0.0


def cochran(found: Array, effect: Effect, level: float) -> float:
    """The mean of the two critical values, weighted with the variances (Cochran 1964)."""
    parts = (effect.by_seeds, effect.by_examples)
    whole = sum(part.variance for part in parts)
    weighted = sum(part.variance * stats.t.isf(level / 2, part.degrees_of_freedom) for part in parts)
    return float(weighted / math.sqrt(whole)) if whole > 0 else 0.0


def banerjee(found: Array, effect: Effect, level: float) -> float:
    """What netadvise uses."""
    return effect.half_width(level)


INTERVALS: Mapping[str, Callable[[Array, Effect, float], float]] = {
    "seeds alone": seeds_alone,
    "Satterthwaite, larger part": satterthwaite,
    "Satterthwaite, sum of parts": sum_of_parts,
    "Cochran": cochran,
    "Banerjee (netadvise)": banerjee,
}


def _squares(found: Array) -> tuple[tuple[float, float, float], tuple[int, int, int]]:
    seeds, examples = found.shape
    mean = found.mean()
    rows, columns = found.mean(axis=1) - mean, found.mean(axis=0) - mean
    rest = found - mean - rows[:, None] - columns[None, :]
    freedom = (seeds - 1, examples - 1, (seeds - 1) * (examples - 1))
    sums = (examples * rows @ rows, seeds * columns @ columns, (rest * rest).sum())
    squares = [float(each) / degrees for each, degrees in zip(sums, freedom, strict=True)]
    return (squares[0], squares[1], squares[2]), freedom


def coverage(draws: int, draw: str, seeds: int, examples: int, level: float = 0.05) -> dict[str, dict[str, float]]:
    """Share of intervals that hold the truth, by way and by mix of variances."""
    found: dict[str, dict[str, float]] = {name: {} for name in INTERVALS}
    for mix, shares in SHARES.items():
        rng = np.random.default_rng([seeds, examples, len(draw), len(mix)])
        drawn = [differences(rng, seeds, examples, shares, draw) for _ in range(draws)]
        effects = [crossed(each) for each in drawn]
        for name, width in INTERVALS.items():
            held = [abs(effect.mean) <= width(each, effect, level) for each, effect in zip(drawn, effects, strict=True)]
            found[name][mix] = float(np.mean(held))
    return found


def false_alarms(draws: int, draw: str, examples: int, shares: tuple[float, float, float], level: float) -> float:
    """Share of studies without effect in which an interval of the level leaves 0 out at one of the looks."""
    rng = np.random.default_rng([examples, len(draw), int(1000 * level)])
    hits = 0
    for _ in range(draws):
        found = differences(rng, LOOKS[-1], examples, shares, draw)
        effects = (crossed(found[:seeds]) for seeds in LOOKS)
        hits += any(abs(effect.mean) > effect.half_width(level) for effect in effects)
    return hits / draws


def chosen_alarms(draws: int, arms: int, fortune: float, among: int, examples: int = 300) -> float:
    """Share of studies in which the best of several arms without effect, of 4 seeds, passes for one on 12 fresh ones.

    The arms help some examples and hurt others; `fortune` is the standard deviation of that, in seed ones. They are
    chosen and confirmed on the same examples.
    """
    rng = np.random.default_rng([arms, int(fortune)])
    own = math.sqrt(0.4)
    hits = 0
    for _ in range(draws):
        luck = fortune * rng.standard_normal((arms, 1, examples))
        screen = own * (rng.standard_normal((arms, 4, 1)) + 5 * rng.standard_normal((arms, 4, examples))) + luck
        best = int(screen.mean(axis=(1, 2)).argmax())
        fresh = own * (rng.standard_normal((12, 1)) + 5 * rng.standard_normal((12, examples))) + luck[best]
        effects = (crossed(fresh[:seeds]) for seeds in LOOKS)
        hits += any(abs(effect.mean) > effect.half_width(look_level(3), among) for effect in effects)
    return hits / draws


def _coverage_table(draws: int) -> Iterator[str]:
    yield f"Coverage of nominal 95 % intervals, lowest over {len(SHARES)} mixes of variances ({draws} draws each)"
    yield "| examples differ | S | n | " + " | ".join(INTERVALS) + " |"
    yield "|---|---|---|" + "---|" * len(INTERVALS)
    for draw in DRAWS:
        for seeds in SEEDS:
            for examples in (20, 100, 500):
                found = coverage(draws, draw, seeds, examples)
                cells = [f"{min(by_mix.values()):.1%}" for by_mix in found.values()]
                yield f"| {draw} | {seeds} | {examples} | " + " | ".join(cells) + " |"


def _looks_table(draws: int) -> Iterator[str]:
    yield f"Studies without effect that leave 0 out at a look, at {LOOKS} seeds ({draws} draws)"
    yield f"| examples differ | n | mix | level 0.05 at each | level {look_level(3)} at each |"
    yield "|---|---|---|---|---|"
    for draw in DRAWS:
        for mix in ("seeds", "mostly seeds", "rest", "examples", "all"):
            alarms = [false_alarms(draws, draw, 100, SHARES[mix], level) for level in (0.05, look_level(3))]
            yield f"| {draw} | 100 | {mix} | {alarms[0]:.1%} | {alarms[1]:.1%} |"


def _chosen_table(draws: int) -> Iterator[str]:
    yield f"The best of several arms without effect, confirmed on fresh seeds and the same examples ({draws} draws)"
    yield "| arms | fortune | false, as if it were the only one | false, examples' part at level / arms |"
    yield "|---|---|---|---|"
    for arms in (1, 6, 15):
        for fortune in (0.0, 4.0, 12.0):
            alarms = [chosen_alarms(draws, arms, fortune, among) for among in (1, arms)]
            yield f"| {arms} | {fortune:g} | {alarms[0]:.1%} | {alarms[1]:.1%} |"


def _null_table(studies: int) -> Iterator[str]:
    yield f"Verdicts on arms without effect ({studies} studies each)"
    yield "| studies | HELPS | HURTS | no difference | inconclusive | false | mean seeds |"
    yield "|---|---|---|---|---|---|---|"
    for name, nature in NULLS.items():
        yield _verdict_row(name, studies, nature, ("HELPS", "HURTS"))


def _power_table(studies: int) -> Iterator[str]:
    yield f"Verdicts on arms with an effect, in seed standard deviations; pairing 0.8 ({studies} studies each)"
    yield "| effect | HELPS | HURTS | no difference | inconclusive | found | mean seeds |"
    yield "|---|---|---|---|---|---|---|"
    for effect in POWERS:
        yield _verdict_row(f"{effect}", studies, Nature(effect=effect), ("HELPS",))


def _verdict_row(name: str, studies: int, nature: Nature, counted: Sequence[Verdict]) -> str:
    ended, seeds = verdicts(studies, nature)
    cells = [str(ended[each]) for each in (*SETTLED, "INCONCLUSIVE")]
    share = sum(ended[each] for each in counted) / studies
    return f"| {name} | " + " | ".join(cells) + f" | {share:.1%} | {seeds:.1f} |"


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--only", default="coverage,looks,chosen,null,power")
    given = parser.parse_args()
    tables: Mapping[str, tuple[Callable[[int], Iterator[str]], int]] = {
        "coverage": (_coverage_table, given.draws),
        "looks": (_looks_table, given.draws),
        "chosen": (_chosen_table, given.draws),
        "null": (_null_table, given.studies),
        "power": (_power_table, given.studies),
    }
    for name in given.only.split(","):
        table, count = tables[name]
        for line in table(count):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
