"""Layers as source text, with the names and expressions of the call in whose place they stand.

`nn.Conv2d(width, width, 5)` replaced by two 3x3 keeps `width` where it gave 64 and 64 is wanted: several layers that
one call builds with different widths then still get the same text.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netadvise.edit import Part, Value
from netadvise.graph import Location
from netadvise.rewrite.arguments import Constructor
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import RefusedError, Site
from netadvise.rewrite.signatures import SIGNATURES, defaults_of
from netadvise.rewrite.values import literal, same, written

_OUTGOING = ("out_channels", "out_features", "num_features", "num_channels")
_INCOMING = ("in_channels", "in_features")
_WIDTHS = frozenset((*_OUTGOING, *_INCOMING, "groups"))
_RATE = "p"
"""Of a dropout: written even where it is the default, since it is what was chosen."""
_WIDEST_LINE = 88
_PURE = frozenset(("int", "max", "min", "round", "abs", "len", "sum", "float", "tuple", "bool"))


@dataclass(frozen=True)
class Chains:
    """The chains that the modules of one call are to become: one text for all of them."""

    made: Constructor
    names: Names
    sites: tuple[Site, ...]
    uses: Counter[str] = field(default_factory=Counter)
    """How often each argument of the call was taken over."""

    def parts(self, chains: Sequence[tuple[Part, ...]]) -> list[str]:
        """The text of each part; raises `RefusedError` where the modules do not become the same text."""
        if len({tuple(part.type for part in chain) for chain in chains}) > 1:
            raise RefusedError("the layers that this call builds are to become different ones", self._place())
        return [self._part(together) for together in zip(*chains, strict=True)]

    def check_uses(self) -> None:
        """Refuse where an argument that is computed by a call would be computed twice, or no more."""
        for name in SIGNATURES.get(self.made.layer, ()):
            given = self.made.given(name)
            if given is not None and self.uses[name] != 1 and not _pure(given):
                said = " ".join(self.made.source.said(given).split())
                raise RefusedError(f"its {name} is computed by {said}", self.made.source.location(given))

    def spelled(self, layer: str) -> str:
        """torch.nn's `layer` as this file can write it."""
        found = self.names.spelled(layer, self.made.call)
        if not found:
            file = self.made.source.file
            raise RefusedError(f"{file} does not import {layer}: add `from torch.nn import {layer}`", self._place())
        return found

    def _part(self, together: Sequence[Part]) -> str:
        layer = together[0].type
        if layer not in SIGNATURES:
            raise RefusedError(f"{layer} is no layer of torch.nn that can be written", self._place())
        left_out = defaults_of(layer)
        order = {name: number for number, name in enumerate(SIGNATURES[layer])}
        wanted = sorted(dict.fromkeys(name for part in together for name in part.args), key=lambda name: order[name])
        texts: list[str] = []
        for name in wanted:
            values = [part.args.get(name, left_out.get(name)) for part in together]
            if name in left_out and name != _RATE and all(same(name, value, left_out[name]) for value in values):
                continue
            required = name not in left_out and order[name] == len(texts)
            texts.append(self._value(name, values) if required else f"{name}={self._value(name, values)}")
        return f"{self.spelled(layer)}({', '.join(texts)})"

    def _value(self, name: str, values: Sequence[Value]) -> str:
        for source in self._sources(name):
            if all(
                source in site.known and same(name, site.known[source], value) for site, value in self._each(values)
            ):
                given = self.made.given(source)
                if given is not None and (source == name or not literal(given)):
                    self.uses[source] += 1
                    return self.made.source.said(given)
        if not all(same(name, value, values[0]) for value in values):
            raise RefusedError(f"the layers that this call builds need different values of {name}", self._place())
        return written(name, values[0])

    def _each(self, values: Sequence[Value]) -> Iterator[tuple[Site, Value]]:
        return zip(self.sites, values, strict=True)

    def _sources(self, name: str) -> Iterator[str]:
        """The arguments of the call whose text may stand for an argument: its namesake, then the widths."""
        places = SIGNATURES.get(self.made.layer, ())
        if name in places:
            yield name
        if name in _WIDTHS:
            yield from (source for source in (*_OUTGOING, *_INCOMING) if source in places and source != name)

    def _place(self) -> Location:
        return self.made.source.location(self.made.call)


def laid_out(made: Constructor, head: str, texts: Sequence[str]) -> str:
    """A call on one line where it fits, else one argument a line, indented as the file is."""
    source = made.source
    start, end = source.span(made.call)
    line = source.line_of(start)
    before, _ = source.line_span(line)
    after = source.text[end : source.line_span(source.line_of(end))[1]]
    short = f"{head}({', '.join(texts)})"
    if "\n" not in short and (start - before) + len(short) + len(after.rstrip()) <= _WIDEST_LINE:
        return short
    outer = source.line(line)[: len(source.line(line)) - len(source.line(line).lstrip())]
    ending, inner = source.line_end(line), outer + ("\t" if "\t" in outer else "    ")
    return f"{head}({ending}{''.join(f'{inner}{text},{ending}' for text in texts)}{outer})"


def _pure(node: ast.expr) -> bool:
    """Whether computing an expression twice, or not at all, makes no difference."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(inner, ast.Call) and not (isinstance(inner.func, ast.Name) and inner.func.id in _PURE):
            return False
    return True
