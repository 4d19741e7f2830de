"""Counts against what is known, for netadvise and three other tools; writes docs/accuracy.md.

    python -m benchmarks.accuracy [model ...]

The truth is torchvision's weight tables (`num_params`, and `_ops` in units of 10^9 multiply-accumulates with three
decimals) and, for the networks of `benchmarks.models.awkward`, a count from their definition. Exits 1 when netadvise
misses a number of parameters, or multiply-accumulates by more than 0.1 % beyond the table's own rounding.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.clock import wrapped
from benchmarks.counters import OTHERS, Args, Failed, Kwargs, by_netadvise, counted
from benchmarks.libraries import import_torchvision
from benchmarks.models.awkward import CASES
from netadvise.capture.values import building
from netadvise.profiles import Profile

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"
TOLERANCE = 1e-3
ROUNDING = 0.5e6
"""Half of the last digit of the weight tables."""
WITHOUT_AUXILIARY = {"googlenet": {"aux_logits": False, "init_weights": False}, "inception_v3": {"init_weights": False}}
"""googlenet's weights come without the auxiliary classifiers that its constructor makes."""


@dataclass(frozen=True, slots=True)
class Result:
    """One network: what is true, what netadvise says, what the others say."""

    name: str
    params: int | None
    macs: float
    rounding: float
    ours: Profile
    others: dict[str, float | Failed]

    @property
    def passes(self) -> bool:
        """Whether netadvise is right on this network."""
        allowed = max(TOLERANCE * self.macs, self.rounding)
        return self.params in (None, self.ours.totals.params) and abs(self.ours.totals.macs - self.macs) <= allowed


def empty(model: nn.Module) -> nn.Module:
    """A model that was built without weights, with zeros for them: counting needs no others."""
    model = model.to_empty(device="cpu").eval()
    with torch.no_grad():
        for tensor in chain(model.parameters(), model.buffers()):
            tensor.zero_()
    return model


def torchvision_models() -> list[str]:
    """The names of torchvision's classification models."""
    models = import_torchvision().models
    return list(models.list_models(module=models))


def build(name: str) -> tuple[nn.Module, Any, int]:
    """A torchvision model without weights, the description of its default ones, and the image size of their table."""
    models = import_torchvision().models
    weights = models.get_model_weights(name).DEFAULT
    size = int(weights.transforms().crop_size[0])
    options = {"image_size": size} if name.startswith("vit_") else WITHOUT_AUXILIARY.get(name, {})
    with building():
        return models.get_model(name, weights=None, **options), weights, size


def measured(name: str, truth: tuple[int | None, float, float], model: nn.Module, args: Args, kwargs: Kwargs) -> Result:
    """All counters on one network."""
    others = {tool: counted(counter, model, args, kwargs) for tool, counter in OTHERS.items()}
    return Result(name, *truth, by_netadvise(model, args, kwargs), others)


def from_torchvision(names: Sequence[str]) -> Iterator[Result]:
    """The weight tables, one model after the other."""
    for name in names:
        model, weights, size = build(name)
        truth = (weights.meta["num_params"], weights.meta["_ops"] * 1e9, ROUNDING)
        yield measured(name, truth, empty(model), (torch.zeros(1, 3, size, size),), {})


def from_definition() -> Iterator[Result]:
    """The networks whose count is worked out by hand."""
    for case in CASES:
        model = case.build().eval()
        yield measured(case.name, (None, case.macs, 0.0), model, case.args(), case.kwargs())


def ratio(value: float | Failed, truth: float) -> str:
    """A count as a share of the true one."""
    return "fails" if isinstance(value, Failed) else f"{value / truth:.3f}"


def table(results: Sequence[Result]) -> Iterator[str]:
    """The results as a markdown table: each tool's multiply-accumulates over the true ones."""
    yield f"| network | parameters | true MACs (10^6) | netadvise | {' | '.join(OTHERS)} |"
    yield "|---|---:|---:|---:" + "|---:" * len(OTHERS) + "|"
    for result in results:
        wrong = "" if result.params in (None, result.ours.totals.params) else f" (not {result.params:,})"
        params = f"{result.ours.totals.params:,}{wrong}"
        shares = [ratio(value, result.macs) for value in (result.ours.totals.macs, *result.others.values())]
        yield f"| {result.name} | {params} | {result.macs / 1e6:,.3f} | {' | '.join(shares)} |"


def gaps(results: Sequence[Result]) -> Iterator[str]:
    """What netadvise says it does not know."""
    for result in results:
        named = [gap for gap in result.ours.totals.gaps if gap.quantity == "macs"]
        for gap in named:
            yield f"- {result.name}: `{gap.op}`, {gap.count} time(s), {gap.location}: {gap.reason}."


def failures(results: Sequence[Result]) -> Iterator[str]:
    """Why a tool gave no number."""
    for result in results:
        for tool, value in result.others.items():
            if isinstance(value, Failed):
                yield f"- {tool} on {result.name}: {value.reason}."


def document(tables: Sequence[Result], cases: Sequence[Result]) -> str:
    """The text of docs/accuracy.md."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "fvcore", "torchinfo"))
    exact = sum(result.params == result.ours.totals.params for result in tables)
    close = sum(result.passes for result in tables)
    paragraphs = [
        "# Accuracy",
        f"Written by `python -m benchmarks.accuracy` with {tools}, Python {platform.python_version()}.",
        "Each column is a tool's multiply-accumulates divided by the true number, for one input in evaluation mode, "
        "without gradients, on the CPU. Slightly more than 1 is a convention of fvcore, which adds normalisation and "
        "pooling; FlopCounterMode's FLOPs are halved.",
        "## torchvision's weight tables",
        "The tables give multiply-accumulates in units of 10^9 with three decimals, so a small network may be off by "
        f"their rounding. Parameters are exact for {exact} of {len(tables)} networks; multiply-accumulates are within "
        f"0.1 % or the rounding for {close} of {len(tables)}.",
        "\n".join(table(tables)),
        "## Counted from the definition",
        "The networks and their counts stand in `benchmarks/models/awkward.py`. The true number of the last one leaves "
        "out the operator that no tool can look into.",
        "\n".join(table(cases)),
        "netadvise names what it does not know:",
        "\n".join(gaps(cases)),
        "Tools that gave no number:",
        "\n".join(failures((*tables, *cases))),
    ]
    return "\n\n".join(wrapped(paragraph) for paragraph in paragraphs) + "\n"


def main(names: Sequence[str]) -> int:
    """Measure the named torchvision models, or all of them and the awkward networks, and write the document."""
    tables: list[Result] = []
    for result in from_torchvision(names or torchvision_models()):
        tables.append(result)
        print("\n".join(list(table([result]))[2:]), "" if result.passes else "<-- wrong", flush=True)
    if names:
        return int(not all(result.passes for result in tables))
    cases = list(from_definition())
    DOCUMENT.write_text(document(tables, cases))
    return int(not all(result.passes for result in (*tables, *cases)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
