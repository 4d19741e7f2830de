"""How long rules and lint runs take, as ratios to a floor of the same run; writes docs/rule_speed.md.

    python -m benchmarks.rules [--rounds 7]

The network has 2,000 layers, the rules are 100 of our own. The floor of loading is libyaml reading the same files event
by event; the floor of evaluating is one look-up of one fact for each layer and rule. The last table compares whole
processes with `import torch`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from benchmarks.clock import ROOT, UNITS, ratios, rounds, spread, timed
from netadvise.check import RuleBook, load_rules
from netadvise.check.book import rule_files
from netadvise.facts import NetworkFacts
from netadvise.rulepath import rules_directory

LAYERS, RULES = 2_000, 100
COMMANDS: dict[str, Sequence[str]] = {
    "import torch": ("-c", "import torch"),
    "netadvise lint, nothing kept": ("-m", "netadvise", "lint", "examples/digits_cnn.py", "--no-cache"),
    "netadvise lint, nothing changed": ("-m", "netadvise", "lint", "examples/digits_cnn.py"),
    "netadvise lint --from a profile": ("-m", "netadvise", "lint", "--from"),
    "netadvise --help": ("-m", "netadvise", "--help"),
    "netadvise explain DRP007": ("-m", "netadvise", "explain", "DRP007"),
}
GOALS = {"netadvise lint, nothing changed": 0.2, "netadvise --help": 0.2, "netadvise explain DRP007": 0.2}
DOCUMENT = ROOT / "docs" / "rule_speed.md"


def network() -> NetworkFacts:
    """The facts of a residual network of at least 2,000 layers."""
    from torch import nn

    from netadvise.worker.facts import facts_of_module

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.conv1, self.norm1 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
            self.conv2, self.norm2 = nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width)
            self.relu, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.1)

        def forward(self, x):  # type: ignore[no-untyped-def]
            y = self.relu(self.norm1(self.conv1(x)))
            return self.relu(x + self.norm2(self.conv2(self.drop(y))))

    model = nn.Sequential(nn.Conv2d(3, 8, 3), *(Block(8) for _ in range(LAYERS // 8)), nn.Flatten(), nn.Linear(72, 10))
    _, facts = facts_of_module(model, ("1,3,5,5",))
    assert len(facts.evaluation.layers) >= LAYERS
    return facts


def seconds(work: Callable[[], object], count: int) -> list[float]:
    """CPU seconds of each of `count` runs."""
    found = []
    for _ in range(count):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return found


def read_events(files: Sequence[Path]) -> None:
    """The floor of loading."""
    for file in files:
        for _ in yaml.parse(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass


def look_up(facts: NetworkFacts) -> int:
    """The floor of evaluating."""
    return sum(layer.facts.get("op") == "norm" for _ in range(RULES) for layer in facts.evaluation.layers)


def hundred(book: RuleBook) -> list[str]:
    """The ids of 100 rules, the ones about layers first: they have the most to look at."""
    lint = [rule for rule in book.rules if rule.of_lint]
    ordered = sorted(lint, key=lambda rule: (rule.scope not in ("layer", "sequence"), rule.id))
    return [rule.id for rule in ordered[:RULES]]


def table(found: Mapping[str, Sequence[float]], floors: Mapping[str, str]) -> str:
    """Seconds of each, and how many times its floor."""
    rows = ["| work | CPU s | over its floor |", "|---|---:|---:|"]
    for name, runs in found.items():
        floor = floors.get(name)
        share = "" if floor is None else spread([one / other for one, other in zip(runs, found[floor], strict=True)], 1)
        rows.append(f"| {name} | {spread(runs, 3)} | {share} |")
    return "\n".join(rows)


def in_process(count: int) -> Iterator[str]:
    """Loading and evaluating, in this process."""
    files = rule_files(rules_directory())
    book, facts = load_rules(files), network()
    ids = hundred(book)
    timings: dict[str, float] = {}
    floor = f"look up one fact, {len(facts.evaluation.layers):,} layers x {len(ids)}"
    found = {
        "read the YAML of the files": seconds(lambda: read_events(files), count),
        f"load {len(book.rules)} rules": seconds(lambda: load_rules(files), count),
        floor: seconds(lambda: look_up(facts), count),
        f"evaluate {len(ids)} rules": seconds(lambda: book.evaluate(ids, facts, {}, {}, timings), count),
    }
    events, load, _, evaluate = found
    yield table(found, {load: events, evaluate: floor})
    slowest = sorted(timings.items(), key=lambda item: -item[1])[:5]
    yield f"Slowest: {', '.join(f'{rule} {took / count * 1000:.0f} ms' for rule, took in slowest)}."


def processes(count: int) -> str:
    """Whole commands; the profile for `--from` is written first, and the cache is filled."""
    with tempfile.TemporaryDirectory() as folder:
        profile = f"{folder}/profile.json"
        timed(("-m", "netadvise", "profile", "examples/digits_cnn.py", "-f", f"json:{profile}"))
        timed(COMMANDS["netadvise lint, nothing changed"])
        commands = {name: (*words, profile) if words[-1] == "--from" else words for name, words in COMMANDS.items()}
        runs = rounds(commands, count)
    rows = [
        "| process | wall s | CPU s | wall over `import torch` | CPU over it | goal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, each in runs.items():
        shares = [spread(ratios(each, runs["import torch"], unit)) for unit in UNITS]
        cells = [spread([getattr(run, unit) for run in each]) for unit in UNITS] + shares
        rows.append(f"| {name} | {' | '.join(cells)} | {GOALS.get(name, '')} |")
    return "\n".join(rows)


def main() -> None:
    """Measure, print, and write the document."""
    parser = argparse.ArgumentParser(description="How long rules take.")
    parser.add_argument("--rounds", type=int, default=7)
    count = parser.parse_args().rounds
    head = [
        "# Speed of lint",
        "Written by `python -m benchmarks.rules`; do not edit. Median of "
        f"{count} rounds with the smallest and the largest; ratios are taken within a round.",
    ]
    text = "\n\n".join([*head, *in_process(count), "## Whole commands", processes(count)]) + "\n"
    print(text)
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()
