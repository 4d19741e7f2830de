"""The text of a pyproject.toml as a Config. Every mistake in it is reported at once, each with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from netadvise.config.kinds import CHOICE, CONTEXT_TABLE, INPUTS, LITERALS, OPTIONS, SEVERITY_TABLE, TEXT, TEXTS
from netadvise.config.places import Places
from netadvise.config.section import Problems, Section
from netadvise.config.settings import FAIL_ON, Config, LayerIgnore, ModelConfig, RuleSource, Selection
from netadvise.config.version import satisfies
from netadvise.errors import UsageError
from netadvise.graph import Location
from netadvise.version import __version__

_ROOT = ("tool", "netadvise")


def read_config(path: Path, shown: str) -> Config | None:
    """The `[tool.netadvise]` of a pyproject.toml; None when it has none.

    Raises `UsageError` with every mistake in it, and when this is not the `required-version`.
    """
    text = _text(path, shown)
    try:
        table: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown} is not valid TOML: {error}") from None
    for key in _ROOT:
        table = table.get(key) if isinstance(table, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{shown}: tool.netadvise must be a table")
    problems = Problems(shown, Places(text))
    section = Section(table, _ROOT, problems)
    _check_version(section)
    config = _config(section, path)
    problems.raise_all()
    return config


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text: {error.reason} at byte {error.start}") from None


def _check_version(section: Section) -> None:
    """Before anything else: another version may well have other keys."""
    required = section.take("required-version", TEXT, "")
    try:
        fits = not required or satisfies(__version__, required)
    except ValueError as error:
        section.problem("required-version", str(error))
        return
    if not fits:
        raise UsageError(
            f"this project requires netadvise {required}, and this is {__version__}",
            where=section.where("required-version"),
            hint=f"pip install 'netadvise{required}'",
        )


def _config(section: Section, path: Path) -> Config:
    where = section.where("rules")
    baseline = section.take("baseline", TEXT, "")
    config = Config(
        path=path,
        required_version=section.take("required-version", TEXT, ""),
        rules=tuple(RuleSource(text, path.parent, where) for text in section.take("rules", TEXTS, ())),
        selections=_selections(section),
        fail_on=section.take("fail-on", CHOICE(FAIL_ON), None),
        baseline=path.parent / baseline if baseline else None,
        severity=section.take("severity", SEVERITY_TABLE, {}),
        options=section.take("options", OPTIONS, {}),
        context=section.take("context", CONTEXT_TABLE, {}),
        models=_models(section),
        layer_ignores=tuple(_layer_ignore(entry) for entry in section.entries("layer-ignores")),
    )
    section.finish()
    return config


def _selections(section: Section) -> tuple[Selection, ...]:
    selection = _selection(section)
    return (selection,) if selection.select or selection.extend or selection.ignore else ()


def _selection(section: Section) -> Selection:
    return Selection(
        select=section.take("select", TEXTS, ()),
        extend=section.take("extend-select", TEXTS, ()),
        ignore=section.take("ignore", TEXTS, ()),
        where=section.where("select", "extend-select", "ignore"),
    )


def _models(section: Section) -> tuple[ModelConfig, ...]:
    models = tuple(_model(entry) for entry in section.entries("models"))
    names = [model.name for model in models]
    for index, name in enumerate(names):
        if name and name in names[:index]:
            section.problem("models", f"two models are named {name!r}", str(index), "name")
    return models


def _model(entry: Section) -> ModelConfig:
    target = entry.require("target", TEXT, "")
    model = ModelConfig(
        name=entry.take("name", TEXT, target),
        target=target,
        inputs=entry.take("input", INPUTS, ()),
        arguments=entry.take("args", LITERALS, ()),
        options=entry.take("options", OPTIONS, {}),
        context=entry.take("context", CONTEXT_TABLE, {}),
        selection=_selection(entry),
    )
    entry.finish()
    return model


def _layer_ignore(entry: Section) -> LayerIgnore:
    found = LayerIgnore(
        layer=entry.require("layer", TEXT, ""),
        rules=entry.require("rules", TEXTS, ()),
        reason=entry.require("reason", TEXT, ""),
        location=Location(*entry.place("layer")),
    )
    entry.finish()
    return found
