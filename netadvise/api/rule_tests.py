"""`rules test`: every example of every rule, on real modules. Runs the Python that file examples name.

Rules about probes are tested on the facts that their examples give: nothing is run, and torch not imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from netadvise.check import Evaluation, RuleBook, load_rules
from netadvise.check.book import rule_files
from netadvise.check.probes import probe_facts
from netadvise.errors import NetadviseError
from netadvise.rule import Example, Rule
from netadvise.target import make_target

if TYPE_CHECKING:
    from netadvise.facts import NetworkFacts

Expected = Literal["fires", "silent", "unknown"]
Outcome = Literal["fires", "silent", "unknown", "failed"]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One example, run."""

    rule: str
    name: str
    expected: Expected
    outcome: Outcome
    example: Example
    detail: str = ""
    """What the rule said, why it could not tell, or why the example could not be run."""

    @property
    def passed(self) -> bool:
        return self.outcome == self.expected


@dataclass(frozen=True, slots=True)
class RuleTestReport:
    """All examples of some rules."""

    rules: int
    tests: tuple[RuleTest, ...]

    @property
    def failures(self) -> tuple[RuleTest, ...]:
        return tuple(test for test in self.tests if not test.passed)

    def count(self, expected: Expected) -> int:
        """How many examples are of that kind."""
        return sum(test.expected == expected for test in self.tests)


def run_rule_tests(paths: Sequence[Path], keyword: str = "", progress: Progress | None = None) -> RuleTestReport:
    """Run the examples of every rule in `paths` whose id, name or net contains `keyword`.

    Raises `RuleFileError` for rule files that do not load. An example whose net cannot be built or recorded fails.
    """
    book = load_rules([file for path in paths for file in rule_files(path)])
    chosen = [
        (rule, expected, example)
        for rule in book.rules
        for expected, example in _examples(rule)
        if keyword.lower() in f"{rule.id} {rule.name} {example.net}".lower()
    ]
    facts = _FactsOfExamples()
    tests = []
    for position, (rule, expected, example) in enumerate(chosen):
        if progress is not None:
            progress(position, len(chosen), rule.id)
        tests.append(_run(book, rule, expected, example, facts))
    return RuleTestReport(len({rule.id for rule, _, _ in chosen}), tuple(tests))


def _examples(rule: Rule) -> Iterator[tuple[Expected, Example]]:
    for example in rule.examples.fires:
        yield "fires", example
    for example in rule.examples.silent:
        yield "silent", example
    for example in rule.examples.unknown:
        yield "unknown", example


class _FactsOfExamples:
    """The facts of each net on each input, recorded once; of probes, as they stand there."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, tuple[str, ...]], NetworkFacts | NetadviseError] = {}

    def of(self, rule: Rule, example: Example) -> NetworkFacts:
        if rule.scope == "probe":
            return probe_facts(example.facts)
        folder = str(Path(rule.location.file).parent)
        key = (folder, example.net, example.input)
        if key not in self._known:
            try:
                self._known[key] = _facts(folder, example)
            except NetadviseError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, NetadviseError):
            raise found
        return found


def _facts(folder: str, example: Example) -> NetworkFacts:
    from netadvise.capture.nets import build_net
    from netadvise.worker.facts import facts_of_module, facts_of_target
    from netadvise.worker.process import stdout_aside

    with stdout_aside():
        if "(" in example.net.partition(":")[0]:
            return facts_of_module(build_net(example.net), example.input)[1]
        return facts_of_target(make_target(str(Path(folder) / example.net), example.input, (), "eval"))[1]


def _run(book: RuleBook, rule: Rule, expected: Expected, example: Example, facts: _FactsOfExamples) -> RuleTest:
    try:
        evaluation = book.evaluate([rule.id], facts.of(rule, example), example.context, {rule.id: example.options})
    except NetadviseError as error:
        return RuleTest(rule.id, rule.name, expected, "failed", example, error.message)
    outcome, detail = _outcome(evaluation, example.layer)
    return RuleTest(rule.id, rule.name, expected, outcome, example, detail)


def _outcome(evaluation: Evaluation, layer: str) -> tuple[Outcome, str]:
    """Firing at another layer than the one named is silence at that one."""
    hits = [hit for hit in evaluation.hits if not layer or hit.layer == layer]
    if hits:
        return "fires", f"{hits[0].layer}: {hits[0].message}"
    if evaluation.hits:
        return "silent", f"fired at {', '.join(hit.layer or 'the model' for hit in evaluation.hits)}, not at {layer}"
    if evaluation.not_evaluated:
        return "unknown", evaluation.not_evaluated[0].reason
    return "silent", ""
