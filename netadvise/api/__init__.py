"""The verbs composed. What the `netadvise` command does, and what a notebook or a test suite calls.

`record` and `profile` run the model in the caller's process and leave it as it was; `profile_target` runs it in a
worker process, for models whose code is not to be trusted with the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from netadvise.api.running import Watch, respond
from netadvise.api.saved import Outcome as Outcome
from netadvise.api.saved import open_outcome as open_outcome
from netadvise.api.saved import open_profile as open_profile
from netadvise.document import profile_from_document
from netadvise.document.facts import facts_from_json
from netadvise.errors import InternalError, UsageError
from netadvise.graph import Graph, Mode
from netadvise.profiles import Profile
from netadvise.target import make_target
from netadvise.worker.protocol import Request

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


def profile_target(request: Request, *, in_process: bool = False, watch: Watch, quiet: bool = False) -> Outcome:
    """The profile that `request` asks for, from a worker process.

    Raises the worker's error, with Python's traceback as its note, and `WorkerError` when the worker gave no answer.
    """
    response = respond(request, in_process=in_process, watch=watch, quiet=quiet)
    if response.profile is None:
        raise InternalError("the worker answered with neither a profile nor an error")
    facts = None if response.facts is None else facts_from_json(response.facts)
    return Outcome(profile_from_document(response.profile), response.graph, response.opinion, facts)


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
