"""The page about Python: the public names of `netadvise`, as their signatures and docstrings have them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import netadvise

_WIDE = 96
_HEAD = """# Python API

The public names of `netadvise`, made from their docstrings. Importing the package imports neither torch nor your model;
the first call does.
"""


class _Bare(str):
    """An annotation that is printed without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def api_page() -> str:
    """Functions first, then the classes of what they return and raise."""
    public = {name: getattr(netadvise, name) for name in netadvise.__all__ if not name.startswith("__")}
    functions = [_function(name, value) for name, value in public.items() if inspect.isfunction(value)]
    classes = [_class(name, value) for name, value in public.items() if inspect.isclass(value)]
    return "\n\n".join([_HEAD, "## Functions", *functions, "## Classes", *classes]) + "\n"


def _function(name: str, function: object) -> str:
    return f"### {name}\n\n```python\n{_signature(f'netadvise.{name}', function)}\n```\n\n{_said(function)}"


def _class(name: str, kind: type) -> str:
    parts = [f"### {name}", _said(kind)]
    if is_dataclass(kind):
        rows = [f"| `{field.name}` | `{str(field.type).replace('|', chr(92) + '|')}` |" for field in fields(kind)]
        parts.append("\n".join(["| field | type |", "| --- | --- |", *rows]))
    parts.extend(_members(kind))
    return "\n\n".join(part for part in parts if part)


def _members(kind: type) -> Iterator[str]:
    lines = [f"- `{_called(name, member)}`: {_first(member)}" for name, member in sorted(_own(kind)) if _first(member)]
    if lines:
        yield "\n".join(lines)


def _own(kind: type) -> Iterator[tuple[str, object]]:
    """Methods and properties of the class itself."""
    for name, member in vars(kind).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, (property, classmethod))):
            yield name, getattr(kind, name)


def _called(name: str, member: object) -> str:
    return name if isinstance(member, property) else _signature(name, member, wide=10_000)


def _signature(name: str, function: object, wide: int = _WIDE) -> str:
    assert callable(function)
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=_bare(parameter.annotation))
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    shown = signature.replace(parameters=parameters, return_annotation=_bare(signature.return_annotation))
    line = f"{name}{shown}"
    if len(line) <= wide:
        return line
    inner = "".join(f"    {part},\n" for part in _parts(shown))
    returned = f" -> {shown.return_annotation}" if shown.return_annotation is not shown.empty else ""
    return f"{name}(\n{inner}){returned}"


def _parts(signature: inspect.Signature) -> Iterator[str]:
    """The parameters, with the star before those that go by name only."""
    starred = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        yield str(parameter)


def _bare(annotation: object) -> object:
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def _said(value: object) -> str:
    return inspect.getdoc(value) or ""


def _first(value: object) -> str:
    return _said(value).split("\n\n")[0].replace("\n", " ")
