"""Other arguments for one call: the values that are there exchanged, the others added in the style of the call."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netadvise.edit import Value
from netadvise.rewrite.nouns import RefusedError, Splice
from netadvise.rewrite.signatures import SIGNATURES
from netadvise.rewrite.values import literal, same, value_of, written
from netadvise.source import Source, Token

_NO_CODE = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE))


@dataclass(frozen=True, slots=True)
class Constructor:
    """A call that constructs a layer of torch.nn, or of an unknown class (`layer` is empty)."""

    source: Source
    call: ast.Call
    layer: str

    def given(self, name: str) -> ast.expr | None:
        """What the call gives for an argument, by name or by position; None when it is left out.

        Raises `RefusedError` where `*args` or `**kwargs` may give it.
        """
        for keyword in self.call.keywords:
            if keyword.arg == name:
                return keyword.value
        position = self._position(name)
        before = self.call.args[: position + 1]
        if any(isinstance(item, ast.Starred) for item in before):
            raise RefusedError(f"{name} may be given by {self._starred(before)}", self.source.location(self.call))
        if position < len(before):
            return before[position]
        double = next((keyword.value for keyword in self.call.keywords if keyword.arg is None), None)
        if double is not None:
            raise RefusedError(f"{name} may be given by **{self.source.said(double)}", self.source.location(self.call))
        return None

    def _position(self, name: str) -> int:
        """Where the argument stands when it is given by position; beyond all others where it cannot be."""
        places = SIGNATURES.get(self.layer, ())
        return places.index(name) if name in places else len(self.call.args)

    def _starred(self, items: list[ast.expr]) -> str:
        return next(self.source.said(item) for item in items if isinstance(item, ast.Starred))


def set_arguments(made: Constructor, wanted: Mapping[str, Value], known: Mapping[str, Value]) -> Iterator[Splice]:
    """The splices that give a call the wanted arguments; what already is as wanted stays as it is written."""
    added = []
    for name, value in wanted.items():
        given = made.given(name)
        if given is None:
            if name not in known or not same(name, known[name], value):
                _addable(made, name)
                added.append(f"{name}={written(name, value)}")
        elif not literal(given):
            raise RefusedError(_given_by(made, name, given), made.source.location(made.call))
        elif not same(name, value_of(given), value):
            yield Splice(*made.source.span(given), written(name, value))
    if added:
        yield from _added(made, added)


def _given_by(made: Constructor, name: str, given: ast.expr) -> str:
    said = " ".join(made.source.said(given).split())
    place = made.source.location(given)
    thing = "the name" if isinstance(given, ast.Name) else "the expression"
    return f"{name} is given by {thing} {said} at line {place.line}"


def _addable(made: Constructor, name: str) -> None:
    callee = made.source.said(made.call.func)
    place = made.source.location(made.call)
    if not made.layer:
        raise RefusedError(f"{callee} is no layer of torch.nn here, so it may not take {name}", place)
    if name not in SIGNATURES.get(made.layer, ()):
        raise RefusedError(f"{callee} takes no {name}", place)
    if len(made.call.args) == 1 and isinstance(made.call.args[0], ast.GeneratorExp):
        raise RefusedError(f"{callee} is called with a generator", place)


def _added(made: Constructor, texts: list[str]) -> Iterator[Splice]:
    """Keywords behind the last argument: on lines of their own where every argument stands on its own line."""
    source, inside = made.source, _inside(made)
    code = [token for token in inside if token.kind not in _NO_CODE]
    if not code:
        start, _ = _parentheses(made)
        yield Splice(start.end, start.end, ", ".join(texts))
        return
    last = code[-1]
    comma = last.text == ","
    first = _own_line(made, code)
    if first is None:
        said = f" {', '.join(texts)}," if comma else f", {', '.join(texts)}"
        yield Splice(last.end, last.end, said)
        return
    line = source.line_of(last.start)
    indent, ending = source.text[source.line_span(source.line_of(first))[0] : first], source.line_end(line)
    said = ",".join(f"{ending}{indent}{text}" for text in texts) + ("," if comma else "")
    behind = _behind(made, last)
    if behind == last.end:
        yield Splice(behind, behind, said if comma else f",{said}")
        return
    if not comma:
        yield Splice(last.end, last.end, ",")
    yield Splice(behind, behind, said)


def _own_line(made: Constructor, code: list[Token]) -> int | None:
    """Where the last argument begins, if every argument begins a line of its own; else None."""
    source = made.source
    given: list[ast.expr | ast.keyword] = [*made.call.args, *made.call.keywords]
    starts = sorted(source.span(item)[0] for item in given)
    begins = [_opened(source, code, start) for start in starts]
    lines = [source.line_of(start) for start in begins]
    alone = source.text[source.line_span(lines[-1])[0] : begins[-1]].isspace()
    closing = source.line_of(source.span(made.call)[1] - 1)
    several = len(lines) > 1 or closing > source.line_of(code[-1].start)
    return begins[-1] if alone and several and len(set(lines)) == len(lines) else None


def _opened(source: Source, code: list[Token], start: int) -> int:
    """Where an argument begins with the parentheses around it: `((3))`."""
    tokens = [token for token in code if token.start < start]
    while tokens and tokens[-1].text == "(" and not source.text[tokens[-1].end : start].strip():
        start = tokens.pop().start
    return start


def _behind(made: Constructor, last: Token) -> int:
    """Where new lines go: behind the comment after the last argument, or at once where code follows on its line."""
    source = made.source
    _, end = source.line_span(source.line_of(last.end - 1))
    closing = source.span(made.call)[1] - 1
    rest = source.text[last.end : end].strip()
    return end if end <= closing and (not rest or rest.startswith("#")) else last.end


def _inside(made: Constructor) -> tuple[Token, ...]:
    opening, closing = _parentheses(made)
    return made.source.tokens_between(opening.end, closing)


def _parentheses(made: Constructor) -> tuple[Token, int]:
    """The parenthesis that opens the arguments, and where the one that closes them stands."""
    _, behind = made.source.span(made.call.func)
    _, end = made.source.span(made.call)
    opening = next(token for token in made.source.tokens_between(behind, end) if token.text == "(")
    return opening, end - 1
