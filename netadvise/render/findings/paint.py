"""Colours for a terminal: the eight that every terminal has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from netadvise.render.findings.view import LintView
from netadvise.rule import Severity

Role = Severity | Literal["rule", "layer", "frame", "label", "good"]

_CODES: Mapping[Role, str] = {
    "error": "1;31",
    "warning": "1;33",
    "advice": "1;36",
    "rule": "1",
    "layer": "1",
    "frame": "34",
    "label": "34",
    "good": "32",
}


def paint(text: str, role: Role, view: LintView) -> str:
    """`text` in the colour of its role; as it is where the view has no colours."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if view.color and text else text
