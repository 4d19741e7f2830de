"""Plain command lines, read without typer's machinery, which would take longer than a cached lint.

The declarations stay typer's: a command's signature says which options there are. Whatever is not plain (an unknown
option, a wrong number, `--help`, `-xVALUE`, a value that starts with a dash) is left to typer and its messages.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

T = TypeVar("T")

_COMPLETION = "_NETADVISE_COMPLETE"


class NotPlainError(Exception):
    """This command line is typer's affair."""


def shortcut(commands: Mapping[str, Callable[..., T]], argv: Sequence[str]) -> Callable[[], T] | None:
    """The command that `argv` names, with its values; None when typer has to read it."""
    command = commands.get(argv[0]) if argv else None
    if command is None or _COMPLETION in os.environ:
        return None
    try:
        return partial(command, **_Line(command).read(argv[1:]))
    except NotPlainError:
        return None


def spelled_out(argv: Sequence[str]) -> list[str]:
    """`--fix unsafe` as the two options it stands for: no other option has a value that may be left out."""
    words: list[str] = []
    for word in argv:
        chosen = word == "unsafe" and words[-1:] == ["--fix"]
        words += ["--unsafe-fixes"] if chosen else ["--fix", "--unsafe-fixes"] if word == "--fix=unsafe" else [word]
    return words


def commands_of(app: typer.Typer) -> dict[str, Callable[..., object]]:
    """The commands of an application, groups left out."""
    named = ((info.name, info.callback) for info in app.registered_commands)
    return {name or callback.__name__.replace("_", "-"): callback for name, callback in named if callback is not None}


@dataclass
class _Line:
    """One command line on its way into the parameters of a command."""

    command: Callable[..., object]
    values: dict[str, object] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def read(self, words: Sequence[str]) -> dict[str, object]:
        """The parameters that the words give; raises `NotPlainError`."""
        hints = get_type_hints(self.command, include_extras=True)
        parameters = inspect.signature(self.command).parameters
        options, arguments = _declared(hints)
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--":
                self.rest += left
                break
            if not word.startswith("-"):
                self.rest.append(word)
                continue
            flag, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            name = options.get(flag, "")
            self._take(name, _type(hints.get(name)), value if equals else None, left)
        self._take_rest(hints, arguments)
        if any(
            parameter.default is parameter.empty and name not in self.values for name, parameter in parameters.items()
        ):
            raise NotPlainError
        return self.values

    def _take(self, name: str, kind: object, value: str | None, left: list[str]) -> None:
        if kind is bool:
            if value is not None:
                raise NotPlainError
            self.values[name] = True
            return
        if value is None:
            if not left or left[0].startswith("-"):
                raise NotPlainError
            value = left.pop(0)
        self._put(name, kind, value)

    def _put(self, name: str, kind: object, value: str) -> None:
        if kind == list[str]:
            known = self.values.setdefault(name, [])
            assert isinstance(known, list)
            known.append(value)
        elif kind is str and name not in self.values:
            self.values[name] = value
        else:
            raise NotPlainError

    def _take_rest(self, hints: Mapping[str, object], arguments: Sequence[str]) -> None:
        if self.rest and len(arguments) != 1:
            raise NotPlainError
        for word in self.rest:
            self._put(arguments[0], _type(hints[arguments[0]]), word)


def _declared(hints: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    """Flag -> parameter, and the parameters that take words without a flag."""
    options: dict[str, str] = {}
    arguments: list[str] = []
    for name, hint in hints.items():
        for info in getattr(hint, "__metadata__", ()):
            if isinstance(info, OptionInfo):
                texts = (info.default, *(info.param_decls or ()))
                flags = [text for text in texts if isinstance(text, str) and text.startswith("-")]
                usual = [f"--{name.replace('_', '-')}"] if _type(hint) is not bool else []
                options |= dict.fromkeys(flags or usual, name)
            elif isinstance(info, ArgumentInfo):
                arguments.append(name)
    return options, arguments


def _type(hint: object) -> object:
    """The type of a parameter without its annotation and without None."""
    plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    choices = [choice for choice in get_args(plain) if choice is not type(None)]
    return choices[0] if len(choices) == 1 and plain != list[str] else plain
