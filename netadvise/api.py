"""The verbs composed. What the `netadvise` command does, and what a notebook or a test suite calls.

`record` and `profile` run the model in the caller's process and leave it as it was; `profile_target` runs it in a
worker process, for models whose code is not to be trusted with the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netadvise.capture.files import check_file
from netadvise.document import profile_from_document, profile_from_json
from netadvise.errors import InternalError, NetadviseError, TargetError, UsageError
from netadvise.graph import Graph, Mode
from netadvise.opinion import SecondOpinion
from netadvise.profiles import Profile
from netadvise.target import Target, make_target
from netadvise.worker.protocol import Phase, Request, Response

if TYPE_CHECKING:
    from torch import nn

Inputs = object
"""None; shapes as text, "1,3,224,224" or ["1,3,224,224", "mask=1,20:bool"]; a tensor, a tuple of them, or a dict."""


def record(model: str | nn.Module, inputs: Inputs = None, *, mode: Mode = "eval") -> Graph:
    """One forward pass of a module, or of what a target text such as "model.py:Net" names, in this process.

    A module is left bit for bit as it was. Without `inputs`, those that its author declared are taken, else shapes
    are inferred; `Graph.input_source` says which. Raises `UsageError`, `TargetError` or `CaptureError`.
    """
    from netadvise.worker.answer import given_inputs, recorded, recorded_live

    specs, args, kwargs = _sorted_out(inputs)
    if not isinstance(model, str):
        parsed = make_target("module", specs).inputs
        given = None if args is None else given_inputs(args, kwargs)
        return recorded_live(model, parsed, given, mode)
    if args is not None:
        raise UsageError("a target text takes its inputs as shapes", hint='For example: inputs="1,3,224,224"')
    return recorded(make_target(model, specs, (), mode), lambda _: None).graph


def profile(model: str | nn.Module, inputs: Inputs = None, *, mode: Mode = "eval") -> Profile:
    """As `record`, measured: parameters, MACs, memory and receptive fields of every layer."""
    from netadvise.measure import measure

    return measure(record(model, inputs, mode=mode))


def measure(graph: Graph) -> Profile:
    """The measures of a recorded graph; needs no torch."""
    from netadvise.measure import measure as measured

    return measured(graph)


def register_formula(operator: str, flops: Callable[..., int]) -> None:
    """Count `operator` ("namespace::name") as `flops(input_shapes, output_shapes)` floating-point operations.

    A multiply-accumulate is two. Formulas registered with torch's own `register_flop_formula` count as well. Raises
    `ValueError` when the operator already has a formula.
    """
    from netadvise.capture.formulas import register_formula as register

    register(operator, flops)


def open_profile(path: Path) -> Profile:
    """The profile of a file that `-f json:FILE` wrote; raises `UsageError` when it is none."""
    try:
        return profile_from_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(
            f"{path} is not a saved profile: {error}", hint="netadvise profile TARGET -f json:FILE writes one."
        ) from error


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker, or this process in its place, made of a request."""

    profile: Profile
    graph: str | None = None
    """The graph's JSON, when it was asked for."""
    opinion: SecondOpinion | None = None


def profile_target(
    request: Request, *, in_process: bool = False, watch: Callable[[Phase, float], None], quiet: bool = False
) -> Outcome:
    """The profile that `request` asks for, from a worker process.

    Raises the worker's error, with Python's traceback as its note, and `WorkerError` when the worker gave no answer.
    """
    _check_early(make_target(request.target, request.inputs, request.arguments, request.mode))
    response = _here(request) if in_process else _elsewhere(request, watch, quiet)
    if response.error is not None:
        error = NetadviseError.from_json(response.error)
        error.add_note(response.traceback)
        raise error
    if response.profile is None:
        raise InternalError("the worker answered with neither a profile nor an error")
    return Outcome(profile_from_document(response.profile), response.graph, response.opinion)


def _check_early(target: Target) -> None:
    """Raises `TargetError` for a source that is no Python file, before a worker starts."""
    path = Path(target.source)
    try:
        if path.suffix == ".py" or path.exists():
            check_file(path, target.source)
    except OSError as error:
        raise TargetError(f"{target.source[:200]} cannot be read: {error.strerror or error}") from None


def _here(request: Request) -> Response:
    from netadvise.worker.answer import answer
    from netadvise.worker.process import stdout_aside

    with stdout_aside():
        return answer(request, lambda _: None, confined=False)


def _elsewhere(request: Request, watch: Callable[[Phase, float], None], quiet: bool) -> Response:
    from netadvise.worker.process import run

    return run(request, watch=watch, quiet=quiet)


def _sorted_out(inputs: Inputs) -> tuple[tuple[str, ...], tuple[object, ...] | None, Mapping[str, object]]:
    """Input texts, or else positional and named tensors."""
    if inputs is None:
        return (), None, {}
    if isinstance(inputs, str):
        return (inputs,), None, {}
    if isinstance(inputs, Mapping):
        return (), (), inputs
    if not isinstance(inputs, list | tuple):
        return (), (inputs,), {}
    texts = tuple(item for item in inputs if isinstance(item, str))
    return (texts, None, {}) if inputs and len(texts) == len(inputs) else ((), tuple(inputs), {})
