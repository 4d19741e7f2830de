"""Training steps for each second of one core, as ratios to a plain loop of the same network, optimizer and batches.

    python -m benchmarks.probes.throughput [--rounds 7] [--only mlp,lstm] [--device cpu]

All ways to train a network take turns, and each round is a ratio of its own; the medians are shown. On a CPU the time
is that of the processor, which another process that is at work beside it does not lengthen by much; two processes are
measured by the clock, and so are devices. Looks at the validation data, the same in every way, are left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from statistics import median

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.probe.batched_step import Stepping, quiet
from netadvise.probe.data_examples import TensorExamples
from netadvise.probe.execute import Group
from netadvise.probe.masks import Masks
from netadvise.probe.pool import LocalPool
from netadvise.probe.spec import RunSpec
from netadvise.probe.step import Material, train_step
from netadvise.probe.task import infer_task
from netadvise.probe.task_step import TaskStep
from netadvise.probe.variants import key_masks

BATCH, EXAMPLES, CLASSES, RATE, SEEDS = 32, 1024, 10, 0.1, 4
WIDTHS = (4, 8, 16, 32)
_CHUNK = 0.15
"""Seconds of one round of one way."""

Step = Callable[[int], object]
"""Takes the step of a number, which counts from 1."""
Ways = Mapping[str, tuple[Step, int]]
"""How a step is taken, and for how many runs at once."""
Change = Callable[[nn.Module], Callable[[Tensor], Tensor]]
"""What is called in a model's place."""


class Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        conv = partial(nn.Conv2d, channels, channels, 3, padding=1, bias=False)
        self.body = nn.Sequential(
            conv(), nn.BatchNorm2d(channels), nn.ReLU(), conv(), nn.BatchNorm2d(channels), nn.Dropout(RATE)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.body(x))


class Rows(nn.Module):
    """A picture, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 64, num_layers=2, batch_first=True)
        self.drop, self.head = nn.Dropout(RATE), nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.drop(self.lstm(x.squeeze(1))[0][:, -1]))


def _mlp() -> nn.Module:
    hidden = nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()
    return nn.Sequential(nn.Flatten(), *hidden, nn.Dropout(RATE), nn.Linear(128, CLASSES))


def _conv(given: int, made: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(given, made, 3, padding=1), nn.BatchNorm2d(made), nn.ReLU(), nn.MaxPool2d(2)


def _cnn() -> nn.Module:
    return nn.Sequential(*_conv(1, 16), *_conv(16, 32), nn.Flatten(), nn.Dropout(RATE), nn.Linear(128, CLASSES))


def _resnet() -> nn.Module:
    stem = nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()
    return nn.Sequential(
        *stem, Block(16), Block(16), Block(16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)
    )


NETWORKS: Mapping[str, tuple[str, Callable[[], nn.Module]]] = {
    "mlp": ("MLP 64-128-128-10", _mlp),
    "cnn": ("CNN with batch norm, 16 and 32 channels, 8x8", _cnn),
    "resnet": ("3 residual blocks of 16 channels, 8x8", _resnet),
    "lstm": ("LSTM of 2 layers of 64", Rows),
}


def _network(name: str, seed: int) -> tuple[nn.Module, Masks]:
    torch.manual_seed(seed)
    model, masks = NETWORKS[name][1](), Masks(seed)
    return model, masks


def _optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)


def _data() -> tuple[Tensor, Tensor]:
    x = torch.randn(EXAMPLES, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return x, x.flatten(1)[:, :CLASSES].argmax(1)


def _material(device: str) -> Material:
    x, y = _data()
    task = infer_task((BATCH, CLASSES), torch.float32, y[:BATCH], y, "", loss=None, metric=None, resolve=_none)
    return Material(TensorExamples((x, y)), TensorExamples((x, y)), TaskStep(task), _optimizer, BATCH, device)


def _none(name: str) -> None:
    raise KeyError(name)


def _loop(name: str, device: str, change: Callable[[nn.Module], nn.Module] = lambda model: model) -> Step:
    """What one writes by hand."""
    model = _network(name, 0)[0].to(device).train()
    optimizer, (x, y), order = _optimizer(model), (each.to(device) for each in _data()), torch.randperm(EXAMPLES)
    call = change(model)

    def step(number: int) -> float:
        place = number * BATCH % EXAMPLES
        chosen = order[place : place + BATCH].to(device)
        loss = F.cross_entropy(call(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def _alone(name: str, device: str) -> Step:
    model, masks = _network(name, 0)
    key_masks(model.to(device).train(), masks)
    optimizer, material = _optimizer(model), _material(device)
    return lambda number: train_step(model, optimizer, material, masks, 0, number)


def _stack(name: str, device: str, width: int) -> Step:
    seeds = [number * SEEDS // width for number in range(width)]
    models = [_network(name, seed)[0].to(device) for seed in seeds]
    networks = [(model, _optimizer(model)) for model in models]
    return Stepping(_network(name, 0)[0], networks, seeds, _material(device)).step


def _ways(name: str, device: str) -> tuple[dict[str, tuple[Step, int]], str]:
    """All of them that there are, and why there are no stacks."""
    ways = {"loop": (_loop(name, device), 1), "one by one": (_alone(name, device), 1)}
    try:
        stacks = {f"stack of {width}": (_stack(name, device, width), width) for width in WIDTHS}
        with quiet():
            for step, _ in stacks.values():
                step(1)
    except Exception as error:
        return ways, str(error).strip().partition("\n")[0]
    return {**ways, **stacks}, ""


def _seconds(step: Step, steps: range, clock: Callable[[], float]) -> float:
    """Of one step."""
    started = clock()
    for number in steps:
        step(number)
    return (clock() - started) / len(steps)


def compared(ways: Ways, rounds: int, clock: Callable[[], float]) -> tuple[float, dict[str, float]]:
    """Seconds of a step of the first way, and how many times as fast each of them is, for each run and step."""
    counts, at = {}, dict.fromkeys(ways, 1)
    for name, (step, _) in ways.items():
        once = min(_seconds(step, range(number, number + 2), clock) for number in (2, 4, 6))
        counts[name], at[name] = max(1, round(_CHUNK / max(once, 1e-6))), 8
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (step, runs) in ways.items():
            steps = range(at[name], at[name] + counts[name])
            found[name].append(_seconds(step, steps, clock) / runs)
            at[name] = steps.stop
    first = next(iter(found.values()))
    ratios = {name: median(one / own for one, own in zip(first, each, strict=True)) for name, each in found.items()}
    return median(first), ratios


def _serve(channel: Connection, folder: str, device: str | None = None) -> None:
    """A process of the pool: takes steps of the network that the folder is named after."""
    torch.set_num_threads(1)
    step = _alone(os.path.basename(folder), "cpu")
    _seconds(step, range(1, 20), time.perf_counter)
    channel.send(("ready", None))
    while True:
        try:
            group: Group = channel.recv()
        except (EOFError, OSError):
            return
        for spec in group:
            _seconds(step, range(20, 20 + spec.most), time.perf_counter)
        channel.send(("done", (None,) * len(group)))


def pooled(name: str, rounds: int) -> float:
    """Two processes that train one by one, beside one loop on a core of its own: by the clock, for each core."""
    loop = _loop(name, "cpu")
    once = _seconds(loop, range(1, 50), time.perf_counter)
    steps, ratios = max(20, round(2 * _CHUNK / once)), []
    pool = LocalPool(_serve, os.path.join(tempfile.gettempdir(), name), 2)
    try:
        for number in range(rounds + 1):
            alone = _seconds(loop, range(1, steps + 1), time.perf_counter)
            started = time.perf_counter()
            for seed in range(2):
                pool.submit((RunSpec((), 2 * number + seed, 0, steps),))
            over = 0
            while over < 2:
                over += len(pool.poll(10.0))
            ratios.append(alone * steps / (time.perf_counter() - started))
    finally:
        pool.close()
    return median(ratios[1:])  # the first one starts the processes


@dataclass(frozen=True)
class Measured:
    """One network."""

    title: str
    milliseconds: float
    ratios: Mapping[str, float]
    processes: float
    why: str

    def row(self) -> str:
        shown = [f"{self.ratios[way]:.2f}" if way in self.ratios else "-" for way in _COLUMNS]
        processes = f"{self.processes:.2f}" if self.processes else "-"
        return f"| {self.title} | {self.milliseconds:.2f} | {' | '.join(shown)} | {processes} |"


_COLUMNS = ("one by one", *(f"stack of {width}" for width in WIDTHS))


def measured(name: str, device: str, rounds: int) -> Measured:
    """All ways to train a network."""
    ways, why = _ways(name, device)
    seconds, ratios = compared(ways, rounds, _clock(device))
    return Measured(NETWORKS[name][0], seconds * 1000, ratios, pooled(name, rounds) if device == "cpu" else 0.0, why)


def _clock(device: str) -> Callable[[], float]:
    return time.process_time if device == "cpu" else time.perf_counter


def changed(name: str, device: str, rounds: int) -> list[str]:
    """What torch.compile, and products in bfloat16, do to the loop."""
    clock = _clock(device)

    def autocast(model: nn.Module) -> Callable[[Tensor], Tensor]:
        def call(x: Tensor) -> Tensor:
            with torch.autocast(device.partition(":")[0], dtype=torch.bfloat16):
                return model(x).float()

        return call

    ways: dict[str, tuple[Step, int]] = {"loop": (_loop(name, device), 1)}
    ways["bfloat16"] = _loop(name, device, autocast), 1
    lines: list[str] = []
    try:
        compiled = _loop(name, device, torch.compile)
        started = time.perf_counter()
        _seconds(compiled, range(1, 4), clock)
        took = time.perf_counter() - started
        ways["compiled"] = compiled, 1
    except Exception as error:
        lines.append(f"- {name}: torch.compile failed: {str(error).strip().splitlines()[0][:150]}")
    seconds, ratios = compared(ways, rounds, clock)
    lines.append(f"- {name}: bfloat16 by autocast {ratios['bfloat16']:.2f} times as fast as the loop")
    if "compiled" in ways:
        saved = seconds * (1 - 1 / ratios["compiled"])
        pays = f"pays off after {took / saved:,.0f} steps of one process" if saved > 0 else "never pays off"
        lines.append(f"- {name}: torch.compile {ratios['compiled']:.2f} times as fast, {took:.0f} s to compile: {pays}")
    return lines


def main() -> None:
    """Print a table, and what the machine was doing meanwhile."""
    parser = argparse.ArgumentParser(description="Steps for each second of one core, beside a plain loop.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default=",".join(NETWORKS), help="networks, by comma")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names: Sequence[str] = options.only.split(",")
    print(f"torch {torch.__version__}, {options.device}, {os.cpu_count()} cores, batches of {BATCH}")
    print(f"processes that wanted a core, on average of the last minute: {os.getloadavg()[0]:.1f}\n")
    print(f"| network | loop, ms for a step | {' | '.join(_COLUMNS)} | 2 processes, each core |")
    print(f"|---|---|{'---|' * len(_COLUMNS)}---|")
    reasons = []
    for name in names:
        found = measured(name, options.device, options.rounds)
        print(found.row(), flush=True)
        reasons += [f"- {name}: no stack: {found.why}"] if found.why else []
    print("", *reasons, sep="\n")
    for name in names[:2]:
        print(*changed(name, options.device, options.rounds), sep="\n", flush=True)
    print(f"\nat the end {os.getloadavg()[0]:.1f} processes wanted a core")


if __name__ == "__main__":
    main()
