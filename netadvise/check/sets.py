"""Rule sets that never change under the user: `rules/sets.yaml` lists, for each date, the rules of each set.

    version: 1
    sets:
      "2026.11":
        default: [NRM001, DRP002]
        correctness: [NRM001]

A rule that is not listed under a date belongs to none of its sets; it can still be selected by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from netadvise.check.files import SETS
from netadvise.rulepath import rules_directory

DEFAULT = "default"

Dates = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Date -> set -> ids of its rules."""


class DatedSets:
    """The sets of every date."""

    def __init__(self, dates: Dates) -> None:
        self.content = dates

    @cached_property
    def newest(self) -> str:
        """The latest date."""
        return max(self.content, key=lambda date: tuple(map(int, date.split("."))))

    @property
    def dates(self) -> tuple[str, ...]:
        return tuple(self.content)

    def of(self, date: str) -> Mapping[str, tuple[str, ...]]:
        """The sets of a date, set name -> ids; empty for a date that there is none of."""
        return self.content.get(date, {})


def dated_sets(folder: Path | None = None) -> DatedSets:
    """The sets that come with netadvise; raises `RuleFileError` when their file is damaged."""
    from netadvise.check.sets_file import read_sets

    return DatedSets(read_sets((folder or rules_directory()) / SETS))


def default_rules() -> tuple[str, ...]:
    """Ids of the rules that are on when nobody says anything: the default set of the newest date."""
    sets = dated_sets()
    return sets.of(sets.newest).get(DEFAULT, ())
