"""Masks that belong to a place and a step, and to nothing else."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.checkpoint import checkpoint

from netadvise.probe.masks import Masks, key
from tests.cli.command import clean_environment

LIKE = torch.zeros(1)
RATES = st.floats(0.0, 1.0, allow_nan=False)


def numbers(masks: Masks, position: str = "drop", count: int = 64) -> torch.Tensor:
    return masks.uniform(position, (count,), LIKE)


def test_nothing_else_moves_the_numbers_and_they_move_nothing_else() -> None:
    wanted = numbers(Masks(3))
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    assert torch.equal(numbers(Masks(3)), wanted)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.random.get_state()[1].tolist() == states[2]


def test_another_process_draws_the_same() -> None:
    code = (
        "import torch; from netadvise.probe.masks import Masks; m = Masks(7); m.begin(12); torch.manual_seed(5);"
        "print(m.uniform('a.b', (4,), torch.zeros(1)).tolist())"
    )
    told = subprocess.run([sys.executable, "-c", code], env=clean_environment(), capture_output=True, check=True)
    masks = Masks(7)
    masks.begin(12)
    assert told.stdout.decode().strip() == str(masks.uniform("a.b", (4,), LIKE).tolist())


def test_calls_of_a_step_differ_and_come_again_in_the_same_step() -> None:
    masks = Masks(0)
    masks.begin(4)
    first, second = numbers(masks), numbers(masks)
    assert not torch.equal(first, second)
    masks.begin(4)
    assert torch.equal(numbers(masks), first)
    assert torch.equal(numbers(masks), second)


def test_a_call_elsewhere_does_not_count() -> None:
    masks, other = Masks(0), Masks(0)
    numbers(other, "elsewhere")
    assert torch.equal(numbers(masks), numbers(other))


def test_every_part_of_the_key_counts() -> None:
    base = Masks(0)
    later = Masks(0)
    later.begin(1)
    drawn = [numbers(base, "a"), numbers(Masks(1), "a"), numbers(Masks(0), "b"), numbers(later, "a")]
    assert all(not torch.equal(one, other) for at, one in enumerate(drawn) for other in drawn[:at])


@settings(max_examples=50, deadline=None)
@given(st.tuples(RATES, RATES), st.integers(0, 2**62), st.integers(0, 1000))
def test_masks_of_lower_rates_are_nested_in_those_of_higher_ones(
    rates: tuple[float, float], seed: int, step: int
) -> None:
    low, high = sorted(rates)
    masks, again = Masks(seed), Masks(seed)
    for each in (masks, again):
        each.begin(step)
    dropped_low, dropped_high = numbers(masks) < low, numbers(again) < high
    assert not (dropped_low & ~dropped_high).any()


@given(st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=4))
def test_keys_are_seeds_of_torch(parts: list[object]) -> None:
    assert 0 <= key(*parts) < 2**63


def test_keys_of_parts_that_read_alike_differ() -> None:
    assert len({key("a", "b"), key("ab"), key("a", "b", ""), key("", "a", "b"), key("b", "a")}) == 5


def test_what_checkpointing_computes_again_has_the_masks_that_it_had() -> None:
    masks = Masks(3)
    drawn: list[torch.Tensor] = []

    def part(x: torch.Tensor) -> torch.Tensor:
        drawn.append(masks.uniform("drop", tuple(x.shape), x))
        return x * drawn[-1]

    x = torch.ones(8, requires_grad=True)
    masks.begin(1)
    checkpoint(part, x, use_reentrant=False).sum().backward()
    first, again = drawn
    assert torch.equal(first, again)
    assert x.grad is not None and torch.equal(x.grad, first)
    masks.begin(2)
    assert not torch.equal(numbers(masks, count=8), first)
