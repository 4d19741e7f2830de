"""How a dropout report is to be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DropoutView:
    """How to show a dropout report; JSON holds all of it, whatever the view."""

    width: int | None = None
    """Columns of the terminal; None: no terminal, nothing is wrapped."""
    verbose: bool = False
    """Also every refused place, rules that could not be evaluated, and every run that crashed."""
