"""Which process of a pool trains on which device."""

from __future__ import annotations

from collections.abc import Sequence

PER_GPU = 4
"""Processes that share a GPU, at most, unless the user says how many there are: small networks leave most of one idle,
but each process takes half a gigabyte of it for itself."""
_EACH = 2 << 30
"""Bytes of a GPU's memory for each process, at least, where nobody says what a run takes."""


def placed(
    device: str, workers: int | None, cores: int, gpus: Sequence[int], each: int | None = None
) -> tuple[str, ...]:
    """The device of each process.

    `workers`: as the user says; None: as many as there are cores, and on GPUs as many as have room, one for each at
    least. `gpus`: bytes that are free on each GPU that can be seen; `each`: bytes that a process takes of one. `cuda`
    is all of them, in turn, `cuda:1` that one alone; every other device is a single one.
    """
    kind, _, index = device.partition(":")
    if kind == "mps":
        # one queue of work for all: several processes would wait for each other
        return (device,) * (workers or 1)
    if kind != "cuda" or not gpus:
        return (device,) * (workers or cores)
    chosen = [int(index)] if index else list(range(len(gpus)))
    if workers is not None:
        return tuple(f"cuda:{chosen[number % len(chosen)]}" for number in range(workers))
    room = {gpu: _share(gpus[gpu] if gpu < len(gpus) else 0, cores // len(chosen), each) for gpu in chosen}
    return tuple(f"cuda:{gpu}" for turn in range(PER_GPU) for gpu in chosen if turn < room[gpu])


def _share(free: int, cores: int, each: int | None) -> int:
    """Processes for one GPU: as its memory and its share of the cores allow."""
    return max(1, min(PER_GPU, cores, free // (each or _EACH)))
