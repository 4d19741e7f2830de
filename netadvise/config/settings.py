"""What can be configured, as values. Where two places say something, `over` tells which one counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from netadvise.finding import FailOn
from netadvise.graph import Location
from netadvise.rule import SEVERITIES, Option, Severity

FAIL_ON: tuple[FailOn, ...] = (*SEVERITIES, "never")
DEFAULT_FAIL_ON: FailOn = "warning"

Declared = bool | int | float | str | tuple[int | float, ...]
"""A value of the declared context: `task.loss`, `train.batch_size`, `task.target_shape`."""

Options = Mapping[str, Mapping[str, Option]]
"""Rule id or name -> option -> value."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One entry of `rules`: a set (`gpu`, `netadvise:2026.11`), a file, or a folder."""

    text: str
    folder: Path
    """What a relative path is relative to."""
    where: str
    """Who says so: "pyproject.toml:4", "--rules"."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules one place turns on and off: ids, prefixes, names, sets, ALL."""

    select: tuple[str, ...] = ()
    """When not empty, what was selected before no longer counts."""
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class LayerIgnore:
    """Layers at which some rules do not count, with the reason: for code that cannot carry a comment."""

    layer: str
    """A glob on the layer's name."""
    rules: tuple[str, ...]
    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """One model of a run: an entry of `[[tool.netadvise.models]]`, or a TARGET of the command line."""

    name: str
    target: str
    inputs: tuple[str, ...] = ()
    """As `-i` takes them."""
    arguments: tuple[str, ...] = ()
    """As `--arg` takes them."""
    options: Options = field(default_factory=dict)
    context: Mapping[str, Declared] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one place, or of several laid over each other. Empty and None: that place says nothing."""

    path: Path | None = None
    """The pyproject.toml they come from."""
    required_version: str = ""
    rules: tuple[RuleSource, ...] = ()
    selections: tuple[Selection, ...] = ()
    """In the order in which they apply."""
    fail_on: FailOn | None = None
    formats: tuple[str, ...] = ()
    baseline: Path | None = None
    severity: Mapping[str, Severity] = field(default_factory=dict)
    options: Options = field(default_factory=dict)
    context: Mapping[str, Declared] = field(default_factory=dict)
    models: tuple[ModelConfig, ...] = ()
    layer_ignores: tuple[LayerIgnore, ...] = ()

    def over(self, base: Config) -> Config:
        """These settings, and `base` where they say nothing; selections, options, context and severities add up."""
        return Config(
            path=self.path or base.path,
            required_version=self.required_version or base.required_version,
            rules=self.rules or base.rules,
            selections=base.selections + self.selections,
            fail_on=self.fail_on or base.fail_on,
            formats=self.formats or base.formats,
            baseline=self.baseline or base.baseline,
            severity={**base.severity, **self.severity},
            options=merged(base.options, self.options),
            context={**base.context, **self.context},
            models=self.models or base.models,
            layer_ignores=base.layer_ignores + self.layer_ignores,
        )

    @property
    def folder(self) -> Path:
        """The folder of the project: that of its pyproject.toml, else the working folder."""
        return Path() if self.path is None else self.path.parent


def merged(base: Mapping[K, Mapping[str, V]], over: Mapping[K, Mapping[str, V]]) -> dict[K, dict[str, V]]:
    """Both mappings of mappings; `over` wins key by key."""
    return {
        key: {**base.get(key, {}), **over.get(key, {})} for key in (*base, *(key for key in over if key not in base))
    }
