"""Small networks written as text, for the examples that rules carry: `Conv2d(3, 8, 3) | BatchNorm2d(8) | ReLU()`.

    net      ::= part ("|" part)*                  one after the other; of a tuple result the first goes on
    part     ::= Class(literal, ..., name=literal)  any class of torch.nn
               | Residual(net) | Residual(net, net) x + net(x), or the sum of both
               | Sum(net, ...) | Cat(net, ...)      branches on one input, added, or concatenated on axis 1
               | Gate(net)                          x * net(x)
               | Call("function", name=literal)     a function of torch.nn.functional

The text is parsed, never evaluated: nothing but the names above can be reached from it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from netadvise.errors import UsageError

_LENGTH = 2_000


class Chain(nn.Sequential):
    """Modules one after the other; of a tuple result the first goes on."""

    def forward(self, x: Any) -> Any:
        """Shapes as the modules say."""
        for module in self:
            x = module(x[0] if isinstance(x, tuple) else x)
        return x


class _Branches(nn.Module):
    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def results(self, x: Any) -> list[Any]:
        found = [branch(x) for branch in self.branches]
        return [item[0] if isinstance(item, tuple) else item for item in found]


class Sum(_Branches):
    """The branches' results added."""

    def forward(self, x: Any) -> Any:
        """All branches give one shape."""
        first, *others = self.results(x)
        for other in others:
            first = first + other
        return first


class Cat(_Branches):
    """The branches' results concatenated on axis 1."""

    def forward(self, x: Any) -> Any:
        """(N, C1, ...), (N, C2, ...) -> (N, C1 + C2, ...)."""
        return torch.cat(self.results(x), 1)


class Residual(nn.Module):
    """x + body(x), or shortcut(x) + body(x)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Any) -> Any:
        """Both sides give one shape."""
        return self.body(x) + (x if self.shortcut is None else self.shortcut(x))


class Gate(nn.Module):
    """x * gate(x), as squeeze-and-excitation does."""

    def __init__(self, gate: nn.Module) -> None:
        super().__init__()
        self.gate = gate

    def forward(self, x: Any) -> Any:
        """The gate's result broadcasts to x."""
        return x * self.gate(x)


class Call(nn.Module):
    """One function of torch.nn.functional on the running tensor."""

    def __init__(self, name: str, **arguments: Any) -> None:
        super().__init__()
        function = getattr(F, name, None)
        if name.startswith("_") or not callable(function):
            raise UsageError(f"torch.nn.functional has no function {name[:80]!r}")
        self.function: Callable[..., Any] = function
        self.arguments = arguments

    def forward(self, x: Any) -> Any:
        """Shapes as the function says."""
        return self.function(x, **self.arguments)


_COMBINERS: dict[str, type[nn.Module]] = {"Residual": Residual, "Sum": Sum, "Cat": Cat, "Gate": Gate}


def build_net(text: str) -> nn.Module:
    """The network that `text` describes, on the meta device: shapes are all that its recording needs.

    Raises `UsageError` for text outside the grammar and for arguments that a constructor refuses.
    """
    if len(text) > _LENGTH:
        raise UsageError(f"a net of {len(text):,} characters; {_LENGTH:,} are allowed")
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"cannot read the net {text[:80]!r}: {error}") from None
    with torch.device("meta"):
        return Chain(*_parts(parsed))


def _parts(node: ast.expr) -> list[nn.Module]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_parts(node.left), *_parts(node.right)]
    return [_part(node)]


def _part(node: ast.expr) -> nn.Module:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise UsageError(f"a net is made of calls such as ReLU(), not {ast.unparse(node)[:80]!r}")
    name = node.func.id
    if name in _COMBINERS:
        return _COMBINERS[name](*(_branch(argument) for argument in node.args))
    kind = Call if name == "Call" else getattr(nn, name, None)
    if not isinstance(kind, type) or not issubclass(kind, nn.Module):
        raise UsageError(f"torch.nn has no class {name[:80]!r}")
    return _constructed(kind, node)


def _branch(node: ast.expr) -> nn.Module:
    parts = _parts(node)
    return parts[0] if len(parts) == 1 else Chain(*parts)


def _constructed(kind: type[nn.Module], node: ast.Call) -> nn.Module:
    try:
        positional = _literals(node.args)
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg}
        return kind(*positional, **named)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{ast.unparse(node)[:120]}: {error}") from None


def _literals(nodes: Sequence[ast.expr]) -> list[Any]:
    return [ast.literal_eval(node) for node in nodes]
