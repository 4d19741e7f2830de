"""Which process trains on which device: decided where there is no GPU."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from netadvise.probe.pool_placement import PER_GPU, placed

GB = 1 << 30


@pytest.mark.parametrize("device", ["cpu", "cpu:1", "xpu"])
def test_without_gpus_every_core_has_a_process_on_the_one_device(device: str) -> None:
    assert placed(device, None, 3, ()) == (device,) * 3
    assert placed(device, None, 3, (80 * GB,)) == (device,) * 3
    assert placed(device, 5, 3, (80 * GB,)) == (device,) * 5


def test_a_gpu_that_cannot_be_seen_is_left_to_the_one_who_asks_for_it() -> None:
    assert placed("cuda", 2, 8, ()) == ("cuda", "cuda")
    assert placed("mps", None, 8, ()) == ("mps",)
    assert placed("mps", 2, 8, ()) == ("mps", "mps")


def test_small_runs_share_a_gpu_and_take_them_in_turn() -> None:
    assert placed("cuda", None, 4, (80 * GB, 80 * GB)) == ("cuda:0", "cuda:1", "cuda:0", "cuda:1")
    assert placed("cuda", None, 64, (80 * GB,)) == ("cuda:0",) * PER_GPU
    assert placed("cuda:1", None, 64, (80 * GB, 80 * GB)) == ("cuda:1",) * PER_GPU
    assert placed("cuda", 3, 64, (80 * GB, 80 * GB)) == ("cuda:0", "cuda:1", "cuda:0")


def test_a_small_gpu_beside_a_large_one_has_fewer() -> None:
    assert Counter(placed("cuda", None, 64, (80 * GB, 5 * GB, GB))) == {"cuda:0": 4, "cuda:1": 2, "cuda:2": 1}
    assert placed("cuda", None, 64, (80 * GB,), each=30 * GB) == ("cuda:0", "cuda:0")


def test_the_number_given_is_obeyed_every_gpu_is_used_and_none_has_too_many() -> None:
    gpus = ((80 * GB,), (4 * GB, 80 * GB), (GB, GB, GB, 80 * GB), (0,) * 8)
    settings = product(("cuda", "cuda:0", "cuda:2"), (None, 1, 2, 5, 16), (1, 2, 7, 64), gpus, (None, GB, 200 * GB))
    for setting in settings:
        assert _is_sound(*setting), setting


def _is_sound(device: str, workers: int | None, cores: int, gpus: tuple[int, ...], each: int | None) -> bool:
    used = Counter(placed(device, workers, cores, gpus, each))
    allowed = {device} if ":" in device else {f"cuda:{gpu}" for gpu in range(len(gpus))}
    if workers is not None:
        evenly = max(used.values()) - min(used.values()) <= 1
        return set(used) <= allowed and used.total() == workers and evenly
    memory = {f"cuda:{gpu}": size for gpu, size in enumerate(gpus)}
    fits = all(count == 1 or count * (each or GB) <= memory.get(name, 0) for name, count in used.items())
    return set(used) == allowed and max(used.values()) <= PER_GPU and used.total() <= max(cores, len(allowed)) and fits
