"""The inputs of two recorded passes, and what is said when they differ."""

from __future__ import annotations

from collections.abc import Iterator

from netadvise.profiles import InputInfo, Profile

_WHAT = "MACs, memory and shapes differ for that alone; arguments, parameters and receptive fields still compare"

_Input = InputInfo | None


def input_notes(old: Profile, new: Profile) -> Iterator[str]:
    """A sentence for each input that is not the same in both."""
    for name, before, after in _apart(old, new):
        if before is None or after is None:
            side, there = ("OLD", before) if after is None else ("NEW", after)
            shown = "" if there is None else _shown(there)
            yield f"only {side} has an input {name} ({shown}): {_WHAT}"
        else:
            chosen = " (netadvise chose a shape: give both the same with -i)" if _is_guess(before, after) else ""
            yield f"the input {name} is {_shown(before)} in OLD and {_shown(after)} in NEW{chosen}: {_WHAT}"


def guessed_apart(old: Profile, new: Profile) -> bool:
    """Whether the inputs differ and netadvise chose one of them: a difference in cost then says nothing."""
    return any(_is_guess(before, after) for _, before, after in _apart(old, new))


def _apart(old: Profile, new: Profile) -> Iterator[tuple[str, _Input, _Input]]:
    """The inputs that differ, by name."""
    one, other = _named(old), _named(new)
    for name in {**one, **other}:
        before, after = one.get(name), other.get(name)
        if before is None or after is None or (before.shape, before.dtype) != (after.shape, after.dtype):
            yield name, before, after


def _named(profile: Profile) -> dict[str, InputInfo]:
    return {item.name or f"number {position}": item for position, item in enumerate(profile.inputs, 1)}


def _shown(item: InputInfo) -> str:
    return f"{'x'.join(map(str, item.shape)) or 'scalar'} {item.dtype}"


def _is_guess(*items: _Input) -> bool:
    return any(item is not None and item.source == "inferred" for item in items)
