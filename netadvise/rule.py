"""A rule as its author wrote it, checked: who it is, what it says and where. How it is evaluated is for `check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from netadvise.graph import Location, Mode

Severity = Literal["error", "warning", "advice"]
Confidence = Literal["A", "B", "C"]
Scope = Literal["layer", "sequence", "block", "module", "model"]
Safety = Literal["safe", "changes-weights", "changes-function"]
Number = int | float
Option = bool | int | float | str | tuple[int | float, ...]
"""A value of an option or of declared context."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a finding: in words, and as constructor arguments where that is all it takes."""

    text: str
    set_args: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    """New values of the constructor's arguments."""
    safety: Safety = "changes-function"
    because: str = ""
    """Why it is not safe."""


@dataclass(frozen=True, slots=True)
class Example:
    """A network on which a rule must fire, stay silent, or not be able to tell."""

    net: str
    """`Conv2d(3, 8, 3) | ReLU()`, or a target such as `nets/dropout.py:AlwaysOn`, relative to the rule file."""
    input: tuple[str, ...]
    """Input shapes as on the command line: "1,3,32,32"."""
    options: Mapping[str, Option] = field(default_factory=dict)
    context: Mapping[str, Option] = field(default_factory=dict)
    """Declared context, `task.loss: CrossEntropyLoss`."""
    layer: str = ""
    """Where it must fire; empty: anywhere."""
    location: Location | None = None
    """Where the example stands in its rule file."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The tests that every rule carries."""

    fires: tuple[Example, ...] = ()
    silent: tuple[Example, ...] = ()
    unknown: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What there is to say about a rule without evaluating it."""

    id: str
    name: str
    """`dropout-before-batchnorm`: accepted wherever the id is."""
    title: str
    """One short sentence."""
    set: str
    """The rule set it belongs to: the name of its file."""
    severity: Severity
    confidence: Confidence
    scope: Scope
    message: str
    why: str
    refs: tuple[str, ...]
    location: Location
    """Where it stands in its rule file."""
    since: str = ""
    mode: Mode = "eval"
    aliases: tuple[str, ...] = ()
    """Names it had before."""
    fix: Fix | None = None
    effect: str = ""
    """What following the advice changes, as the rule file says it."""
    options: Mapping[str, Option] = field(default_factory=dict)
    where: str = ""
    """When it fires beside what it matches, as the rule file says it."""
    unless: tuple[str, ...] = ()
    """What silences it, as the rule file says it."""
    escalate: Mapping[Severity, str] = field(default_factory=dict)
    """When it is of another severity, as the rule file says it."""
    has_edits: bool = False
    """Whether its hits carry edits that can be tried."""
    needs: tuple[str, ...] = ()
    """What it needs beside the recording: "train", "batch", "context", "receptive_field"."""
    examples: Examples = field(default_factory=Examples)
