"""The inputs of a forward pass: as given, else as the author declared them, else inferred and tried in order.

What was given or declared by the author is never replaced by a guess: when it fails, that is the error. Of inferred
inputs, the first that a forward pass accepts is taken, and the result says that they were inferred.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from torch import nn

from netadvise.capture.adapt import SizeSearch, revisions
from netadvise.capture.blueprint import (
    Blueprint,
    Candidate,
    Slot,
    Source,
    Tree,
    candidate,
    describe,
    smallest_vocabulary,
)
from netadvise.capture.declared import author_declared, library_declared
from netadvise.capture.failures import chain, target_error
from netadvise.capture.given import given
from netadvise.capture.inferred import all_guesses
from netadvise.capture.load import Loaded
from netadvise.capture.structure import parameters_of
from netadvise.capture.tensors import flat_tensors
from netadvise.errors import CaptureError, ValuesNeededError
from netadvise.target import InputSpec

T = TypeVar("T")
_MOST_TRIES = 48
_MOST_SECONDS = 90.0


def find_inputs(loaded: Loaded, specs: Sequence[InputSpec], attempt: Callable[[Candidate], T]) -> tuple[Candidate, T]:
    """The inputs that the forward pass accepts, and what `attempt` made of them.

    `attempt` runs one forward pass and raises `CaptureError` when it fails. Raises `UsageError` for given inputs
    that do not fit forward's signature, and `CaptureError` when given inputs fail, or all that were tried.
    """
    module = loaded.module
    if specs:
        return _first(given(module, specs), "given", module, attempt)
    declared = author_declared(loaded)
    if declared is not None:
        return _first([declared], "declared", module, attempt)
    failures: list[tuple[Blueprint, CaptureError]] = []
    for blueprint in library_declared(module):
        try:
            return _try(blueprint, "declared", module, attempt)
        except CaptureError as error:
            failures.append((blueprint, error))
            if isinstance(error, ValuesNeededError):
                raise
    return _search(module, attempt, failures)


def _first(
    blueprints: Sequence[Blueprint], source: Source, module: nn.Module, attempt: Callable[[Candidate], T]
) -> tuple[Candidate, T]:
    """The first of several readings of the same inputs; when all fail, the error of the first."""
    failed: CaptureError | None = None
    for blueprint in blueprints:
        try:
            return _try(blueprint, source, module, attempt)
        except CaptureError as error:
            failed = failed or error
            if isinstance(error, ValuesNeededError):
                break
    assert failed is not None
    failed.notes = (*failed.notes, f"{source} inputs: {describe(blueprints[0])}")
    raise failed


def _try(
    blueprint: Blueprint, source: Source, module: nn.Module, attempt: Callable[[Candidate], T]
) -> tuple[Candidate, T]:
    made = candidate(blueprint, source, smallest_vocabulary(module))
    try:
        return made, attempt(made)
    except Exception:
        raise
    except BaseException as error:
        failure = target_error("running the forward pass", error)
        raise CaptureError(failure.message, where=failure.where, notes=failure.notes, hint=failure.hint) from error


def _search(
    module: nn.Module, attempt: Callable[[Candidate], T], failures: list[tuple[Blueprint, CaptureError]]
) -> tuple[Candidate, T]:
    queue: deque[Blueprint] = deque()
    guesses = all_guesses(module)
    searches: dict[str, SizeSearch] = {}
    seen: set[str] = {describe(blueprint) for blueprint, _ in failures}
    end = time.monotonic() + _MOST_SECONDS
    while len(failures) < _MOST_TRIES and time.monotonic() < end:
        blueprint = queue.popleft() if queue else next(guesses, None)
        if blueprint is None:
            break
        if describe(blueprint) in seen:
            continue
        seen.add(describe(blueprint))
        try:
            return _try(blueprint, "inferred", module, attempt)
        except ValuesNeededError:
            raise
        except CaptureError as error:
            failures.append((blueprint, error))
            search = searches.setdefault(_form(blueprint), SizeSearch())
            queue.extendleft(reversed(list(revisions(blueprint, _texts(error), search))))
    raise _nothing_fits(module, failures)


def _form(blueprint: Blueprint) -> str:
    """What stays the same when only sizes vary."""
    return ",".join(f"{argument.name}:{_kind(argument.tree)}" for argument in blueprint)


def _kind(tree: Tree) -> str:
    if isinstance(tree, Slot):
        fixed = [extent for axis, extent in enumerate(tree.shape) if axis not in tree.free]
        return f"{len(tree.shape)}{tree.dtype}{fixed}"
    return type(tree).__name__


def _texts(error: CaptureError) -> str:
    return " | ".join(dict.fromkeys(str(item) for item in chain(error)))


def _nothing_fits(module: nn.Module, failures: list[tuple[Blueprint, CaptureError]]) -> CaptureError:
    hint = "Give the inputs: -i 1,3,224,224, or by name -i mask=1,20:bool; or declare example_inputs in the file."
    name = f"{type(module).__name__}({', '.join(item.name for item in parameters_of(module)[0] if item.required)})"
    if not failures:
        return CaptureError(f"no inputs could be inferred for the forward of {name}", hint=hint)
    first = failures[0][1]
    return CaptureError(
        f"no inferred input passes the forward of {name}; {first.message}",
        where=first.where,
        notes=_tried(failures),
        hint=hint,
    )


def _tried(failures: list[tuple[Blueprint, CaptureError]]) -> tuple[str, ...]:
    """What was tried, under each error that differs in more than its numbers."""
    groups: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for blueprint, error in failures:
        key = re.sub(r"\d+", "#", error.message) + error.where
        groups.setdefault(key, []).append(describe(blueprint))
        first.setdefault(key, error.message[:200] + (f" ({error.where})" if error.where else ""))
    return tuple(f"tried {_listed(groups[key])}: {message}" for key, message in first.items())[:12]


def _listed(shapes: list[str]) -> str:
    return "; ".join(shapes[:4]) + (f" and {len(shapes) - 4} more" if len(shapes) > 4 else "")


def memory_needed(module: nn.Module, made: Candidate) -> int:
    """Bytes that a real forward pass needs: parameters, buffers and inputs, and as much again for activations."""
    held = [*module.parameters(), *module.buffers(), *flat_tensors((made.args, made.kwargs))]
    sizes = {id(tensor): tensor.numel() * tensor.element_size() for tensor in held}
    return 2 * sum(sizes.values())
