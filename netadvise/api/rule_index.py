"""The rules as a run needs them: what there is to say about each, and their verdict on a network.

Both are kept in the cache as long as no rule file changes, so that the rule language is loaded only for what is new.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from netadvise.cache import Cache, Read, cache_key, pack, unpack, witness
from netadvise.check.files import SETS
from netadvise.check.sets import DatedSets, Dates, dated_sets
from netadvise.config import Declared
from netadvise.facts import NetworkFacts
from netadvise.finding import Hit, NotEvaluated
from netadvise.rule import Examples, Option, Rule

if TYPE_CHECKING:
    from netadvise.check.book import RuleBook

T = TypeVar("T")
Options = Mapping[str, Mapping[str, Option]]


Verdicts = tuple[tuple[Hit, ...], tuple[NotEvaluated, ...]]
"""What some rules came to on one network."""


@dataclass(frozen=True)
class RuleIndex:
    """The rules of some files."""

    shipped: Path
    files: tuple[Path, ...]
    cache: Cache | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """In order of id."""
        return self._index[0]

    @property
    def sets(self) -> DatedSets:
        return DatedSets(self._index[1])

    def checked(self, options: Options) -> dict[str, dict[str, Option]]:
        """Options by rule id; raises `UsageError` for a rule or an option that there is none of."""
        if not any(options.values()):
            return {}
        from netadvise.check.options import check_options

        return check_options(self.rules, options)

    def evaluate(
        self,
        rules: Collection[str],
        facts: NetworkFacts,
        context: Mapping[str, Declared],
        options: Options,
        *,
        digest: str = "",
        timings: dict[str, float] | None = None,
    ) -> Verdicts:
        """The verdict of these rules; `digest` stands for the facts in the cache, where they have one."""

        def fresh() -> Verdicts:
            found = self._book.evaluate(rules, facts, context, options, timings)
            return found.hits, found.not_evaluated

        if not digest or timings is not None:
            return fresh()
        said = json.dumps([digest, sorted(rules), context, options], sort_keys=True, default=str)
        return self._kept(("verdicts", said), fresh)

    @cached_property
    def _index(self) -> tuple[tuple[Rule, ...], Dates]:
        return self._kept(("rules",), self._fresh_index)

    def _fresh_index(self) -> tuple[tuple[Rule, ...], Dates]:
        """Without the rules' own examples: no report needs them."""
        rules = tuple(replace(rule, examples=Examples()) for rule in self._book.rules)
        return rules, dated_sets(self.shipped).content

    @cached_property
    def _book(self) -> RuleBook:
        from netadvise.check.book import load_rules

        return load_rules(self.files)

    def _kept(self, request: Sequence[str], fresh: Callable[[], T]) -> T:
        """What the cache holds, else what `fresh` makes, which it then holds; it is of the type that was put in."""
        if self.cache is None:
            return fresh()
        key = cache_key([*request, *map(str, self.files)])
        known = self.cache.load(key)
        with suppress(ValueError, TypeError):
            if known is not None:
                return cast(T, unpack(known[0]))
        started = time.time_ns()
        found = fresh()
        seen = witness(self._reads(), (), (), started_ns=started)
        if seen is not None:
            self.cache.store(key, seen, (pack(found),))
        return found

    def _reads(self) -> list[Read]:
        """The rule files, and the modules that give them their meaning."""
        package = Path(__file__).resolve().parents[1]
        modules = [file for name in ("", "check", "vocabulary") for file in sorted((package / name).glob("*.py"))]
        paths = [os.path.abspath(path) for path in (*self.files, self.shipped / SETS, *modules)]
        return [_read(path) for path in paths]


def digest_of(text: bytes) -> str:
    """What stands for the facts of a network."""
    return hashlib.sha256(text).hexdigest()


def _read(path: str) -> Read:
    found = os.stat(path)
    return path, found.st_size, found.st_mtime_ns
