"""What the user asked to look at: a model, how to build it, and the inputs to run it on. Nothing here needs torch.

target   ::= source [":" name [ "(" literal arguments ")" ]]
source   ::= path of a .py file | dotted module
name     ::= identifier ("." identifier)*
input    ::= [place "="] sizes [":" dtype]
place    ::= parameter of forward ("." key)*                "batch.image" is a dict, "frames.0" a list
sizes    ::= "1,3,224,224" | "1x3x224x224" | "scalar"
argument ::= name "=" literal                               what is no literal is text; true and false are literals
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import prod
from typing import NoReturn

from netadvise.errors import UsageError
from netadvise.graph import Mode

Literal = None | bool | int | float | str | list["Literal"] | tuple["Literal", ...] | dict[str, "Literal"]
"""What may stand as an argument in a target: Python literals only."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input tensor: `shape` and `dtype` ("float32"); `name` is empty for a positional input."""

    shape: tuple[int, ...]
    dtype: str = ""
    """Empty: the loader chooses (float32, or int64 where an embedding reads it)."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A model and how to run it, as the command line or `[tool.netadvise]` gave it."""

    source: str
    """A path that ends in .py, or a dotted module name."""
    name: str = ""
    """The attribute to take; empty: by convention (see `capture.load`)."""
    args: tuple[Literal, ...] = ()
    kwargs: tuple[tuple[str, Literal], ...] = ()
    """The call's literal arguments, `Name(18, num_classes=10)`, and `--arg k=v`."""
    called: bool = False
    """Whether the target has parentheses: `Name()` must be called even when it could be taken as it is."""
    inputs: tuple[InputSpec, ...] = ()
    mode: Mode = "eval"

    def __str__(self) -> str:
        arguments = [repr(value) for value in self.args] + [f"{key}={value!r}" for key, value in self.kwargs]
        suffix = f"({', '.join(arguments)})" if self.called or arguments else ""
        return self.source + (f":{self.name}{suffix}" if self.name else "")


DTYPES = (
    *("float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128", "bool"),
    *("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"),
)
"""The dtypes an input may have, by torch's names."""

_DTYPE_ALIASES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "byte": "uint8",
    "fp32": "float32",
    "fp16": "float16",
    "bf16": "bfloat16",
    "boolean": "bool",
}
_LITERALS = "None, True, False, numbers, 'text', and lists, tuples and {'key': value} dicts of them"
_SOURCE = re.compile(
    r"(?P<path>.*?\.py)(?=:|$)|(?P<drive>[A-Za-z]:[\\/][^:]*)|(?P<module>[^:]*)", re.IGNORECASE | re.DOTALL
)
_LARGEST = 2**62


def make_target(text: str, inputs: Sequence[str] = (), arguments: Sequence[str] = (), mode: Mode = "eval") -> Target:
    """The target of a command line: TARGET, each `-i` and each `--arg`.

    Raises `UsageError` as the three parsers do, and for an argument or input that is given twice.
    """
    target = parse_target(text)
    kwargs = list(target.kwargs)
    for key, value in map(parse_argument, arguments):
        if key in dict(kwargs):
            raise UsageError(f"the constructor argument {key!r} is given twice", where=text)
        kwargs.append((key, value))
    specs = tuple(map(parse_input, inputs))
    names = [spec.name for spec in specs if spec.name]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"the input {name!r} is given twice", hint="Give each input one -i option.")
    return replace(target, kwargs=tuple(kwargs), inputs=specs, mode=mode)


def parse_target(text: str) -> Target:
    """The target that `text` names; nothing is run or looked up.

    Raises `UsageError` for an empty source, a name that is none, or arguments that are not literals.
    """
    if not text.strip() or "\0" in text:
        raise UsageError(f"the target is empty: {text!r}", hint="Give a file (model.py) or a module (package.module).")
    match = _SOURCE.match(text)
    source = match.group() if match else text
    rest = text[len(source) :]
    if not source:
        _reject_target(text, 0, "there is no file or module before the colon")
    if not rest:
        return Target(source)
    start = len(source) + 1
    call = _parse_expression(text, start)
    if not isinstance(call, ast.Call):
        return Target(source, name=_dotted_name(call, text, start))
    name = _dotted_name(call.func, text, start)
    args = tuple(_literal(node, text, start) for node in call.args)
    kwargs = tuple((_keyword(node, text, start), _literal(node.value, text, start)) for node in call.keywords)
    return Target(source, name=name, args=args, kwargs=kwargs, called=True)


def parse_input(text: str) -> InputSpec:
    """The input that `-i text` describes.

    Raises `UsageError` for sizes that are not positive integers and for a dtype that torch does not have.
    """
    place, equals, rest = text.rpartition("=")
    place = place.strip()
    if equals and not all(part.isidentifier() or part.isdigit() for part in place.split(".")):
        _reject_input(text, 0, f"{place!r} is not the name of an input")
    sizes, colon, dtype = rest.partition(":")
    offset = len(text) - len(rest)
    shape = _shape(sizes, text, offset)
    return InputSpec(shape, dtype=_dtype(dtype, text, offset + len(sizes) + 1) if colon else "", name=place)


def parse_argument(text: str) -> tuple[str, Literal]:
    """The name and value of `--arg name=value`: a Python literal if it is one, the text itself otherwise.

    Raises `UsageError` when there is no name, or when brackets or quotes are opened but hold no literal.
    """
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not name.isidentifier():
        raise UsageError(f"--arg {text!r} does not have the form name=value", hint="For example: --arg num_classes=10")
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    try:
        return name, _literal(ast.parse(value, mode="eval").body, value, 0)
    except (SyntaxError, ValueError, UsageError, RecursionError, MemoryError):
        if value[:1] in ("[", "(", "{", "'", '"'):
            message = f"--arg {name}: {value!r} is not a literal"
            raise UsageError(message, hint=f"Allowed: {_LITERALS}.") from None
        return name, value


def _parse_expression(text: str, start: int) -> ast.expr:
    rest = text[start:]
    try:
        return ast.parse(rest, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        position = start + (getattr(error, "offset", None) or 1) - 1
        if not rest.strip():
            _reject_target(text, start, "there is no name after the colon")
        _reject_target(text, position, f"{rest!r} is not a name or a call (" + str(getattr(error, "msg", error)) + ")")


def _dotted_name(node: ast.expr, text: str, start: int) -> str:
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name):
        position = _position(node, text, start)
        _reject_target(text, position, f"{ast.unparse(node)!r} is not a name; write {'Name'!r} or {'Name(arg=1)'!r}")
    return ".".join([inner.id, *reversed(parts)])


def _keyword(node: ast.keyword, text: str, start: int) -> str:
    if node.arg is None:
        _reject_target(text, _position(node.value, text, start), "'**' is not allowed among the arguments")
    return node.arg


def _literal(node: ast.expr, text: str, start: int) -> Literal:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        value = ...
    if not _is_literal(value):
        found = ast.unparse(node)
        hint = f"Did you mean {found!r} in quotes?" if isinstance(node, ast.Name) else ""
        _reject_target(text, _position(node, text, start), f"the argument {found!r} is not a literal", hint)
    return value  # type: ignore[no-any-return]


def _is_literal(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_literal, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_literal(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int | float | str)


def _position(node: ast.expr, text: str, start: int) -> int:
    """The index in `text` of a node whose columns count UTF-8 bytes after `start`."""
    return start + len(text[start:].encode()[: node.col_offset].decode(errors="ignore"))


def _reject_target(text: str, position: int, found: str, hint: str = "") -> NoReturn:
    raise UsageError(
        f"in the target {text!r}, at character {position + 1}: {found}",
        hint=hint or f"Write file.py:Name or file.py:Name(arg=1); arguments may be {_LITERALS}.",
    )


def _shape(sizes: str, text: str, offset: int) -> tuple[int, ...]:
    if sizes.strip() in ("scalar", "()"):
        return ()
    shape: list[int] = []
    for match in re.finditer(r"([^,xX×]*)(?:[,xX×]|$)", sizes.rstrip(", ")):
        part = match.group(1).strip(" ()[]")
        if match.start() == len(sizes.rstrip(", ")) and shape:
            break
        if not part.isdecimal() or int(part) == 0:
            _reject_input(text, offset + match.start(), f"{part!r} is not a size" if part else "a size is missing")
        shape.append(int(part))
    if prod(shape) > _LARGEST:
        _reject_input(text, offset, f"a tensor of {prod(shape):.0e} elements is larger than torch can describe")
    return tuple(shape)


def _dtype(name: str, text: str, position: int) -> str:
    name = name.strip().removeprefix("torch.")
    dtype = _DTYPE_ALIASES.get(name.lower(), name.lower())
    if dtype not in DTYPES:
        near = get_close_matches(dtype, [*DTYPES, *_DTYPE_ALIASES], n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        _reject_input(text, position, f"{name!r} is not a dtype", f"{meant}Dtypes: {', '.join(DTYPES)}.")
    return dtype


def _reject_input(text: str, position: int, found: str, hint: str = "") -> NoReturn:
    raise UsageError(
        f"in the input {text!r}, at character {position + 1}: {found}",
        hint=hint or "Write sizes, optionally a name and a dtype: 1,3,224,224 or mask=1,20:bool or ids=1,128:int64.",
    )
