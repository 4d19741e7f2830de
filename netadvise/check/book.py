"""A set of loaded rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netadvise.check.compiled import Compiled
from netadvise.check.evaluate import Evaluation, evaluate
from netadvise.check.files import rule_files
from netadvise.check.options import check_options
from netadvise.check.problems import Problem, Problems, Spot, refuse
from netadvise.check.rulefile import Given, read_rules
from netadvise.check.yaml import Entries, Scalar
from netadvise.facts import NetworkFacts
from netadvise.rule import Option, Rule

__all__ = ["RuleBook", "load_rules", "rule_files"]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules that may be evaluated, by id."""

    compiled: Mapping[str, Compiled]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What there is to say about them, in order of id."""
        return tuple(compiled.rule for compiled in self.compiled.values())

    def evaluate(
        self,
        rules: Collection[str],
        facts: NetworkFacts,
        context: Mapping[str, Option],
        options: Mapping[str, Mapping[str, Option]],
        timings: dict[str, float] | None = None,
    ) -> Evaluation:
        """Evaluate the rules of these ids.

        `context` holds what the user declared, `options` changes to the rules' options by id; both have been checked.
        `timings` is filled with the seconds of each rule.
        """
        chosen = frozenset(rules)
        return evaluate(
            [each for key, each in self.compiled.items() if key in chosen], facts, context, options, timings
        )

    def check_options(self, options: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, Option]]:
        """Changes to options by rule id or name, as changes by id; raises `UsageError` for one that cannot be."""
        return check_options(self.rules, options)


def load_rules(paths: Sequence[Path]) -> RuleBook:
    """Read rule files; raises one `RuleFileError` that lists everything that is wrong with all of them."""
    found: list[Problem] = []
    given: list[Given] = []
    for path in dict.fromkeys(paths):
        problems = Problems(_shown(path), found)
        given.extend(read_rules(path, problems))
    _check_unique(given, found)
    refuse(found)
    by_id = {each.compiled.rule.id: each.compiled for each in given}
    return RuleBook(dict(sorted(by_id.items())))


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _check_unique(given: Sequence[Given], found: list[Problem]) -> None:
    first: dict[str, Rule] = {}
    for each in given:
        rule = each.compiled.rule
        problems = Problems(rule.location.file, found, rule.id)
        for word in filter(None, (rule.id, rule.name, *rule.aliases)):
            earlier = first.setdefault(word, rule)
            if earlier is not rule:
                problems.add(_place_of(word, each.node), f"'{word}' is taken by {earlier.id} at {earlier.location}")


def _place_of(word: str, node: Entries) -> Spot:
    scalars = [value for _, value in node.entries if isinstance(value, Scalar) and value.text == word]
    place = scalars[0] if scalars else node
    return Spot(place.line, place.column)
