"""Which models a run lints: the TARGETs of the command line, else those of the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from netadvise.config import Config, ModelConfig
from netadvise.errors import UsageError
from netadvise.target import parse_target


def chosen_models(
    project: Config, targets: Sequence[str], inputs: tuple[str, ...], arguments: tuple[str, ...]
) -> tuple[ModelConfig, ...]:
    """The models of a run.

    A TARGET may be the name of a configured model; one that has the target of a configured model takes its settings,
    too. Raises `UsageError` when there is no model at all, and for inputs without a TARGET to give them to.
    """
    if not targets and (inputs or arguments):
        raise UsageError("-i and --arg need a TARGET", hint="netadvise lint model.py -i 1,3,224,224")
    configured = tuple(replace(model, target=_from_here(model.target, project.folder)) for model in project.models)
    if not targets:
        _check_any(configured, project)
        return configured
    known = {key: model for model in configured for key in (_plain(model.target), model.name)}
    return tuple(_of_target(target, known, inputs, arguments, project.folder) for target in targets)


def _of_target(
    target: str,
    known: dict[str, ModelConfig],
    inputs: tuple[str, ...],
    arguments: tuple[str, ...],
    folder: Path,
) -> ModelConfig:
    model = known.get(_plain(target))
    if model is None:
        _check_name(target, known)
        return ModelConfig(name=_from(target, folder), target=target, inputs=inputs, arguments=arguments)
    return replace(model, inputs=inputs or model.inputs, arguments=arguments or model.arguments)


def _check_any(configured: Sequence[ModelConfig], project: Config) -> None:
    if not configured:
        where = f"{project.path} has no [[tool.netadvise.models]]" if project.path else "no [tool.netadvise] was found"
        raise UsageError(f"nothing to lint: no TARGET was given, and {where}", hint="netadvise lint model.py:Net")


def _check_name(target: str, known: dict[str, ModelConfig]) -> None:
    """A word that is neither file nor module, but nearly the name of a configured model, is a slip."""
    near = get_close_matches(target, [model.name for model in known.values()], n=1)
    if near and not {".", ":", "/"} & set(target) and not Path(target).exists():
        raise UsageError(f"there is no model {target!r} in the configuration", hint=f"Did you mean {near[0]!r}?")


def _from_here(target: str, folder: Path) -> str:
    """A target of a pyproject.toml, whose paths start in its folder, from the working folder."""
    return _moved(target, lambda source: os.path.relpath(folder / source))


def _from(target: str, folder: Path) -> str:
    """A target of the command line as the project's folder sees it: the same from wherever it is linted."""
    return _moved(target, lambda source: os.path.relpath(source, folder).replace(os.sep, "/"))


def _moved(target: str, move: Callable[[str], str]) -> str:
    source = parse_target(target).source
    return move(source) + target[len(source) :] if source.lower().endswith(".py") else target


def _plain(target: str) -> str:
    return _moved(target, os.path.abspath)
