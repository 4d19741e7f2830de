"""How long the command takes, as ratios of whole processes in one run; writes docs/speed.md.

    python -m benchmarks.speed [--rounds 7]

Seconds belong to one machine; ratios to `import torch`, measured in the same round, carry over to others.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.clock import UNITS, Run, ratios, rounds, spread, timed, wrapped

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "speed.md"

_BUILD = "import torch; from benchmarks.models.resnet50 import build_model, example_inputs; "
_FVCORE = (
    "from fvcore.nn import FlopCountAnalysis, flop_count_table; "
    "print(flop_count_table(FlopCountAnalysis(build_model().eval(), example_inputs())))"
)
_TORCHINFO = "from torchinfo import summary; summary(build_model(), input_data=example_inputs())"

IMPORT = "import torch"
PROFILE = "netadvise profile, ResNet-50"
HELP = "netadvise --help"
COMMANDS: dict[str, Sequence[str]] = {
    IMPORT: ("-c", "import torch"),
    PROFILE: ("-m", "netadvise", "profile", "benchmarks/models/resnet50.py"),
    "fvcore's table, ResNet-50": ("-c", _BUILD + _FVCORE),
    "torchinfo's summary, ResNet-50": ("-c", _BUILD + _TORCHINFO),
    HELP: ("-m", "netadvise", "--help"),
}
LLAMA: dict[str, Sequence[str]] = {
    "import torch, transformers' Llama": (
        "-c",
        "from benchmarks.libraries import import_transformers as t; t().LlamaForCausalLM",
    ),
    "netadvise profile, Llama 70B": ("-m", "netadvise", "profile", "benchmarks/models/llama_70b.py"),
}
GOALS = {PROFILE: 1.3, HELP: 0.2}
"""Times `import torch` that a command may take."""


def table(runs: Mapping[str, Sequence[Run]], over: str) -> list[str]:
    """One row for each command: seconds, ratio, memory."""
    rows = [
        f"| process | wall s | CPU s | wall over `{over}` | CPU over it | goal | peak memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in runs.items():
        seconds = [spread([getattr(run, unit) for run in found]) for unit in UNITS]
        shares = [spread(ratios(found, runs[over], unit)) for unit in UNITS]
        peak = f"{median(run.peak_bytes for run in found) / 2**20:,.0f} MiB"
        goal = f"{GOALS[name]} (wall)" if name in GOALS else ""
        rows.append(f"| {' | '.join((name, *seconds, *shares, goal, peak))} |")
    return rows


def document(runs: Mapping[str, Sequence[Run]], llama: Mapping[str, Sequence[Run]]) -> str:
    """The text of docs/speed.md."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "fvcore", "torchinfo"))
    others = [name for name in COMMANDS if "fvcore" in name or "torchinfo" in name]
    beside = [f"{spread(ratios(runs[PROFILE], runs[name]))} of the time of {name}" for name in others]
    paragraphs = [
        "# Speed",
        f"Written by `python -m benchmarks.speed` with {tools}, Python {platform.python_version()}, on a machine with "
        f"{os.cpu_count()} cores. Whole processes, run in turn; each cell is the median of {len(runs[PROFILE])} rounds "
        "with the smallest and the largest. Ratios are taken within a round. The peak is the largest resident set of "
        "the process or of one that it started.",
        "## A small model",
        "\n".join(table(runs, IMPORT)),
        f"The whole `netadvise profile` takes {' and '.join(beside)}.",
        "## A large one",
        "The model of `benchmarks/models/llama_70b.py`: 69 billion parameters, 512 tokens, no weights allocated.",
        "\n".join(table(llama, next(iter(LLAMA)))),
    ]
    return "\n\n".join(wrapped(paragraph) for paragraph in paragraphs) + "\n"


def main() -> None:
    """Time everything and write the document."""
    parser = argparse.ArgumentParser(description="Write docs/speed.md.")
    parser.add_argument("--rounds", type=int, default=7)
    count = parser.parse_args().rounds
    for command in COMMANDS.values():
        timed(command)
    text = document(rounds(COMMANDS, count), rounds(LLAMA, max(count // 2, 1)))
    DOCUMENT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
