"""`netadvise config show`: the settings that count, and the file they come from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from netadvise.cli.output import write_stdout
from netadvise.config import Config, ModelConfig, configuration, from_environment
from netadvise.config.settings import DEFAULT_FAIL_ON
from netadvise.errors import ExitCode


def run_show(targets: tuple[str, ...], file: str | None, *, isolated: bool) -> ExitCode:
    """Print the configuration as TOML, after a comment that names its file."""
    config = from_environment(os.environ).over(configuration(targets, file, isolated=isolated))
    write_stdout("\n".join(_lines(config)) + "\n")
    return ExitCode.OK


def _lines(config: Config) -> Iterator[str]:
    yield f"# from {config.path}" if config.path else "# no pyproject.toml with [tool.netadvise]: the defaults"
    yield "[tool.netadvise]"
    if config.required_version:
        yield f"required-version = {_toml(config.required_version)}"
    yield f"rules = {_toml([source.text for source in config.rules] or ['netadvise'])}"
    for selection in config.selections:
        pairs = {"select": selection.select, "extend-select": selection.extend, "ignore": selection.ignore}
        yield from (f"{key} = {_toml(value)}" for key, value in pairs.items() if value)
    yield f"fail-on = {_toml(config.fail_on or DEFAULT_FAIL_ON)}"
    if config.formats:
        yield f"# NETADVISE_FORMAT: {' '.join(config.formats)}"
    if config.baseline is not None:
        yield f"baseline = {_toml(str(config.baseline))}"
    yield from _table("severity", config.severity)
    for rule, options in config.options.items():
        yield from _table(f"options.{rule}", options)
    yield from _table("context", config.context)
    for model in config.models:
        yield from _model(model)
    for ignore in config.layer_ignores:
        yield "\n[[tool.netadvise.layer-ignores]]"
        yield f"layer = {_toml(ignore.layer)}\nrules = {_toml(ignore.rules)}\nreason = {_toml(ignore.reason)}"


def _model(model: ModelConfig) -> Iterator[str]:
    yield "\n[[tool.netadvise.models]]"
    yield f"name = {_toml(model.name)}\ntarget = {_toml(model.target)}"
    if model.inputs:
        yield f"input = {_toml(model.inputs)}"
    if model.arguments:
        yield f"# args: {' '.join(model.arguments)}"
    pairs = {
        "select": model.selection.select,
        "extend-select": model.selection.extend,
        "ignore": model.selection.ignore,
    }
    yield from (f"{key} = {_toml(value)}" for key, value in pairs.items() if value)
    yield from (
        f"options.{rule}.{key} = {_toml(value)}" for rule, own in model.options.items() for key, value in own.items()
    )
    yield from (f"context.{name} = {_toml(value)}" for name, value in model.context.items())


def _table(name: str, content: object) -> Iterator[str]:
    if isinstance(content, dict) and content:
        yield f"\n[tool.netadvise.{name}]"
        yield from (f"{_key(key)} = {_toml(value)}" for key, value in content.items())


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else _toml(name)


def _toml(value: object) -> str:
    """A plain value as TOML writes it, which for these is as JSON does."""
    return json.dumps(value, ensure_ascii=False)
