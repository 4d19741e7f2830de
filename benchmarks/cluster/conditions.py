"""What a simulated cluster is like, and what a study asks of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Times are seconds; those of workers are of one worker."""

    workers: int
    arms: int = 50
    run_seconds: float = 180.0
    """Of a run of the network as it is, on a sound worker: the median."""
    slow_share: float = 0.0
    """Of the workers that are `slowness` times as slow as the others."""
    slowness: float = 3.0
    tail_share: float = 0.0
    """Of the runs that meet a delay: they take 2 to 40 times as long, by a Pareto law (exponent 1.5)."""
    between_failures: float = float("inf")
    """Mean time until a worker fails (exponential)."""
    repair: float = 300.0
    """Mean time until it is back."""
    notice: float = 15.0
    """Until the driver knows that a worker is gone."""
    start: float = 8.0
    """Of a process: torch is imported, and the data are loaded."""
    saved_every: float | None = 10.0
    """How often a run's state is kept where another worker can go on from it; None: nowhere."""
    file_seconds: float = 0.0
    """Of one operation on a file of the ledger, beside what this machine takes for it: 0.002 to 0.01 on NFS."""
    intake: float = 0.0
    """Of the driver for each finished run, beside what the real director and fleet take: the work of an engine."""
    driver: float | None = None
    """Of the driver for each finished run, in place of what is measured; the simulation repeats itself exactly then."""
    copies_after: float | None = None
    """A run that takes so many times as long as its like is begun once more, where a worker has nothing to do."""
    ahead: bool = True
    """Whether the driver is told that workers have nothing to do, so that it may ask for runs before it needs them."""
    seed: int = 0
    """Of machines and delays; what runs come to is the same for every seed."""
