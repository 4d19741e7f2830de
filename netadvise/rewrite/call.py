"""All edits of one call of the source, merged into splices."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netadvise.edit import Insert, Part, Replace, SetArgs, Value
from netadvise.graph import Location
from netadvise.rewrite.arguments import Constructor, set_arguments
from netadvise.rewrite.chains import Chains, laid_out
from netadvise.rewrite.names import Names
from netadvise.rewrite.nouns import RefusedError, Site, Splice, Wanted
from netadvise.rewrite.surroundings import check_replaceable

_MOST_NAMED = 3


@dataclass(slots=True)
class _Asked:
    """What is asked of one module."""

    site: Site
    arguments: dict[str, Value] = field(default_factory=dict)
    chain: tuple[Part, ...] | None = None
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Construction:
    """A call that constructed modules, as something to edit."""

    made: Constructor

    @property
    def node(self) -> ast.expr:
        return self.made.call

    def splices(self, names: Names, wanted: Sequence[Wanted]) -> tuple[Splice, ...]:
        """As `splices_of`."""
        return splices_of(self.made, names, wanted)


def splices_of(made: Constructor, names: Names, wanted: Sequence[Wanted]) -> tuple[Splice, ...]:
    """The splices that make one call what all edits of its modules want.

    Raises `RefusedError` where they contradict each other, or where the call builds modules that stay as they are.
    """
    place = made.source.location(made.call)
    asked = _by_module(wanted, place)
    _covers(asked, place)
    every = tuple(asked.values())
    if every[0].chain is not None:
        return (_replaced(made, names, every),)
    return (*_set(made, every, place), *_wrapped(made, names, every))


def _by_module(wanted: Sequence[Wanted], place: Location) -> dict[str, _Asked]:
    found: dict[str, _Asked] = {}
    for item in wanted:
        asked = found.setdefault(item.site.module, _Asked(item.site))
        if isinstance(item.edit, SetArgs):
            _merge(asked, item.edit.args, place)
        elif isinstance(item.edit, Replace):
            if asked.chain is not None and asked.chain != item.edit.chain:
                raise RefusedError("two edits replace it by different layers", place)
            asked.chain = item.edit.chain
        else:
            _insert(asked, item.edit, place)
    for asked in found.values():
        if asked.chain is not None and (asked.arguments or asked.before or asked.after):
            raise RefusedError("one edit replaces it and another changes it", place)
    return found


def _merge(asked: _Asked, arguments: Mapping[str, Value], place: Location) -> None:
    for name, value in arguments.items():
        if asked.arguments.setdefault(name, value) != value:
            raise RefusedError(f"two edits set {name}: to {asked.arguments[name]} and to {value}", place)


def _insert(asked: _Asked, edit: Insert, place: Location) -> None:
    if edit.place.where == "after-call":
        raise RefusedError(f"a layer behind {edit.place.function}() has to be made in the constructor first", place)
    if edit.place.where == "after":
        asked.after = (*asked.after, *edit.chain)
    else:
        asked.before = (*edit.chain, *asked.before)


def _covers(asked: Mapping[str, _Asked], place: Location) -> None:
    """Refuse when the call also builds modules that are to stay: in a loop, or in a function called several times."""
    built = frozenset[str]().union(*(item.site.built for item in asked.values()))
    others = sorted(built - asked.keys())
    if others:
        named = ", ".join(others[:_MOST_NAMED]) + (
            f" and {len(others) - _MOST_NAMED} more" * (len(others) > _MOST_NAMED)
        )
        raise RefusedError(f"the same call builds {named}, which stay as they are", place)


def _set(made: Constructor, every: Sequence[_Asked], place: Location) -> Iterator[Splice]:
    first = every[0].arguments
    if any(item.arguments != first for item in every):
        raise RefusedError("the layers that this call builds are to get different arguments", place)
    known = [item.site.known for item in every]
    shared = {name: value for name, value in known[0].items() if all(each.get(name) == value for each in known)}
    yield from set_arguments(made, first, shared)


def _replaced(made: Constructor, names: Names, every: Sequence[_Asked]) -> Splice:
    start, end = made.source.span(made.call)
    _known_class(made, every[0].site)
    comment = next((token for token in made.source.tokens_between(start, end) if token.text.startswith("#")), None)
    if comment is not None:
        raise RefusedError(f"a comment inside the call would be lost: {comment.text}", made.source.location(made.call))
    chains = Chains(made, names, tuple(item.site for item in every))
    texts = chains.parts([item.chain or () for item in every])
    if not texts:
        texts = [f"{chains.spelled('Identity')}()"]
    if [part.type for part in every[0].chain or ()] != [made.layer]:
        check_replaceable(made, names)
    chains.check_uses()
    return Splice(start, end, texts[0] if len(texts) == 1 else laid_out(made, chains.spelled("Sequential"), texts))


def _wrapped(made: Constructor, names: Names, every: Sequence[_Asked]) -> Iterator[Splice]:
    """The call inside an `nn.Sequential`; its own text stays as it is."""
    if not any(item.before or item.after for item in every):
        return
    _known_class(made, every[0].site)
    check_replaceable(made, names)
    chains = Chains(made, names, tuple(item.site for item in every))
    before = chains.parts([item.before for item in every])
    after = chains.parts([item.after for item in every])
    start, end = made.source.span(made.call)
    head = f"{chains.spelled('Sequential')}({''.join(f'{text}, ' for text in before)}"
    yield Splice(start, start, head)
    yield Splice(end, end, f"{''.join(f', {text}' for text in after)})")


def _known_class(made: Constructor, site: Site) -> None:
    """Refuse to replace a call of which it is not certain that it makes this layer and nothing else."""
    callee = made.source.said(made.call.func)
    if not made.layer and callee.rpartition(".")[2] != site.type:
        reason = f"it is not certain that {callee}(...) makes this {site.type or 'layer'} and nothing else"
        raise RefusedError(reason, made.source.location(made.call))
