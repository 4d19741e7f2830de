"""The types that keys of `[tool.netadvise]` may have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from netadvise.config.places import Keys
from netadvise.config.section import Kind, MistakesError
from netadvise.config.settings import Declared, Options
from netadvise.config.values import declared, plain_options, shown
from netadvise.rule import SEVERITIES, Severity

C = TypeVar("C", bound=str)


def CHOICE(choices: tuple[C, ...]) -> Kind[C]:  # noqa: N802
    """One of a few words."""
    return Kind(
        f"one of {', '.join(choices)}", lambda value: next((choice for choice in choices if choice == value), None)
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def _inputs(value: object) -> tuple[str, ...] | None:
    return (value,) if isinstance(value, str) else _texts(value)


def _literals(value: object) -> tuple[str, ...] | None:
    """Constructor arguments as `--arg` takes them."""
    if not isinstance(value, dict):
        return None
    read = {name: _literal(item) for name, item in value.items()}
    _refuse(
        ((name,), f"the argument {name} = {shown(value[name])} cannot be written as a Python literal")
        for name, item in read.items()
        if item is None
    )
    return tuple(f"{name}={item!r}" for name, item in read.items())


def _literal(value: object) -> object:
    """The value as it is, or None."""
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return None if None in map(_literal, items) else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def _options(value: object) -> Options | None:
    if not isinstance(value, dict):
        return None
    read = {rule: plain_options(options) for rule, options in value.items()}
    _refuse(
        ((rule,), f"the options of {rule} must be a table of numbers, texts, true and false")
        for rule, options in read.items()
        if options is None
    )
    return {rule: options for rule, options in read.items() if options is not None}


def _context(value: object) -> Mapping[str, Declared] | None:
    """Nested, `{task = {loss = ...}}`, or quoted, `{"task.loss" = ...}`."""
    if not isinstance(value, dict):
        return None
    found: dict[str, Declared] = {}
    mistakes: list[tuple[Keys, str]] = []
    for keys, item in _flat((), value):
        name = ".".join(keys)
        try:
            found[name] = declared(name, item)
        except ValueError as error:
            mistakes.append((keys, str(error)))
    _refuse(mistakes)
    return found


def _flat(above: Keys, table: Mapping[str, object]) -> Iterator[tuple[Keys, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat((*above, key), value)
        else:
            yield (*above, key), value


def _severities(value: object) -> Mapping[str, Severity] | None:
    if not isinstance(value, dict):
        return None
    _refuse(
        (
            (rule,),
            f"the severity of {rule} must be one of {', '.join(SEVERITIES)}, not {shown(severity)}{_off(severity)}",
        )
        for rule, severity in value.items()
        if severity not in SEVERITIES
    )
    return value


def _off(severity: object) -> str:
    return "; to turn a rule off, put it under ignore" if severity in ("off", "none", "ignore") else ""


def _refuse(found: Iterable[tuple[Keys, str]]) -> None:
    mistakes = list(found)
    if mistakes:
        raise MistakesError(mistakes)


TEXT = Kind("a text", _text)
TEXTS = Kind("a list of texts", _texts)
INPUTS = Kind("a text, or a list of texts", _inputs)
LITERALS = Kind("a table of constructor arguments", _literals)
OPTIONS = Kind("a table of rules with their options", _options)
CONTEXT_TABLE = Kind("a table", _context)
SEVERITY_TABLE = Kind("a table of rules with their severities", _severities)
