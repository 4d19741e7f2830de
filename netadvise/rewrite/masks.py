"""Dropout layers as functions: `nn.Dropout2d(0.2)` is `F.dropout2d(x, p=0.2, training=self.training)`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.edit import Edit, Insert, Part, Value
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import RefusedError
from netadvise.rewrite.values import written

FUNCTIONAL = "torch.nn.functional"
VISION = "torchvision.ops"
_IMPORTS = {FUNCTIONAL: "import torch.nn.functional as F", VISION: "from torchvision import ops"}
_USUAL = {FUNCTIONAL: "F", VISION: "ops"}


@dataclass(frozen=True, slots=True)
class _Function:
    """The function of a layer, and the arguments that it cannot be called without."""

    name: str
    owner: str = FUNCTIONAL
    needed: Mapping[str, Value] | None = None
    optional: frozenset[str] = frozenset()


_FUNCTIONS: Mapping[str, _Function] = {
    "Dropout": _Function("dropout"),
    "Dropout1d": _Function("dropout1d"),
    "Dropout2d": _Function("dropout2d"),
    "Dropout3d": _Function("dropout3d"),
    "AlphaDropout": _Function("alpha_dropout"),
    "FeatureAlphaDropout": _Function("feature_alpha_dropout"),
    "StochasticDepth": _Function("stochastic_depth", VISION, {"mode": "row"}),
    "DropBlock2d": _Function("drop_block2d", VISION, {"block_size": 7}, frozenset(("eps",))),
}
_USUAL_RATE = 0.5


@dataclass(frozen=True, slots=True)
class Mask:
    """One dropout, as a call of its function."""

    part: Part

    @staticmethod
    def of(edit: Edit) -> Mask | None:
        """The dropout that an edit inserts; None for everything else, and for arguments that the function lacks."""
        if not isinstance(edit, Insert) or len(edit.chain) != 1:
            return None
        part = edit.chain[0]
        function = _FUNCTIONS.get(part.type)
        if function is None:
            return None
        known = {"p", *(function.needed or ()), *function.optional}
        plain = all(name in known or (name == "inplace" and value is False) for name, value in part.args.items())
        return Mask(part) if plain else None

    @property
    def is_torch(self) -> bool:
        """Whether torch.nn has it as a layer."""
        return self._function.owner == FUNCTIONAL

    def around(self, names: Names, node: ast.expr, owner: str) -> tuple[str, str]:
        """What stands before and behind an expression that it drops; `owner` is the module whose mode counts.

        Raises `RefusedError`, with the line to write by hand, where the file cannot spell the function.
        """
        function = self._function
        spelled = names.reached(f"{function.owner}.{function.name}", node)
        if not spelled:
            source = names.source
            head, tail = self._text(f"{_USUAL[function.owner]}.{function.name}", owner)
            said = " ".join(source.said(node).split())
            raise RefusedError(
                f"{source.file} does not import {function.owner}: add `{_IMPORTS[function.owner]}` and write "
                f"`{head}{said}{tail}`",
                source.location(node),
            )
        return self._text(spelled, owner)

    def by_hand(self, said: str, owner: str) -> str:
        """The line to write by hand around an expression."""
        head, tail = self._text(f"{_USUAL[self._function.owner]}.{self._function.name}", owner)
        return f"{head}{said}{tail}"

    def _text(self, spelled: str, owner: str) -> tuple[str, str]:
        function, args = self._function, self.part.args
        given: dict[str, Value] = {"p": args.get("p", _USUAL_RATE), **(function.needed or {})}
        given |= {name: value for name, value in args.items() if name != "inplace"}
        said = "".join(f", {name}={written(name, value)}" for name, value in given.items())
        return f"{spelled}(", f"{said}, training={owner}.training)"

    @property
    def _function(self) -> _Function:
        return _FUNCTIONS[self.part.type]
