"""Checking a measured network against rules. No torch here: rules read facts.

Names are imported on first use: what is asked of a run whose rules and network have not changed needs no rule language.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netadvise.check.book import RuleBook, load_rules
    from netadvise.check.evaluate import Evaluation
    from netadvise.check.options import check_options

_HOMES = {
    "Evaluation": "netadvise.check.evaluate",
    "RuleBook": "netadvise.check.book",
    "check_options": "netadvise.check.options",
    "load_rules": "netadvise.check.book",
}

__all__ = ["Evaluation", "RuleBook", "check_options", "load_rules"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'netadvise.check' has no attribute '{name}'")
    return getattr(import_module(home), name)
