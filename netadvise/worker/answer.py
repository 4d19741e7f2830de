"""A request answered: target to module, module to graph, graph to profile. Both the worker and `api` do it this way."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from netadvise.capture.blueprint import Candidate
from netadvise.capture.inputs import find_inputs, memory_needed
from netadvise.capture.load import Loaded, load
from netadvise.capture.record import record
from netadvise.document import profile_document
from netadvise.document.edits import alternatives_from_json, tries_json
from netadvise.document.facts import facts_json
from netadvise.errors import CaptureError, InternalError, NetadviseError, ValuesNeededError, WorkerError
from netadvise.graph import Graph, Mode
from netadvise.measure import measure
from netadvise.measure.receptive import receptive_fields
from netadvise.opinion import SecondOpinion
from netadvise.profiles import Profile
from netadvise.target import InputSpec, Target, make_target
from netadvise.worker import memory
from netadvise.worker.passes import Recording, facts_of
from netadvise.worker.protocol import Phase, Request, Response
from netadvise.worker.tries import Tell, tries_of

if TYPE_CHECKING:
    from torch import nn

Report = Callable[[Phase], None]
T = TypeVar("T")


def answer(request: Request, report: Report, *, confined: bool, tell: Tell | None = None) -> Response:
    """The response to `request`; an error of whatever kind is part of it.

    With `confined`, the process's memory is limited first. `tell` hears what became of each alternative at once.
    """
    return guarded(lambda: _answer(request, report, tell), request, confined=confined)


def guarded(act: Callable[[], Response], request: Request, *, confined: bool) -> Response:
    """What `act` responds, or the error that it raised, as a response."""
    allowed = memory.confine(request.memory) if confined else None
    try:
        return act()
    except NetadviseError as error:
        return _failure(_out_of_memory(error, allowed), error)
    except MemoryError as error:
        return _failure(_out_of_memory(WorkerError("out of memory"), allowed), error)
    except Exception as error:
        told = f"netadvise itself failed: {type(error).__name__}: {error}"
        hint = "This is a bug of netadvise. --debug shows the traceback that a report of it needs."
        return _failure(InternalError(told, hint=hint), error)


def _answer(request: Request, report: Report, tell: Tell | None) -> Response:
    target = make_target(request.target, request.inputs, request.arguments, request.mode)
    recording = recorded(target, report)
    report("measuring")
    fields = receptive_fields(recording.graph)
    profile = measure(recording.graph, fields)
    return Response(
        profile=dict(profile_document(profile)),
        graph=recording.graph.to_json().decode() if request.graph else None,
        opinion=_second_opinion(recording, profile, report) if request.second_opinion else None,
        facts=facts_json(facts_of(recording, fields, profile)) if request.facts and target.mode == "eval" else None,
        tries=_tries(request, recording, profile, report, tell) if request.tries else None,
    )


def _tries(request: Request, recording: Recording, profile: Profile, report: Report, tell: Tell | None) -> str:
    report("trying edits")
    return tries_json(tries_of(recording, profile, alternatives_from_json(request.tries), tell))


def _second_opinion(recording: Recording, profile: Profile, report: Report) -> SecondOpinion:
    from netadvise.capture.second_opinion import second_opinion

    report("asking fvcore")
    inputs = recording.inputs
    return second_opinion(recording.module, inputs.args, inputs.kwargs, recording.graph, profile)


def recorded(target: Target, report: Report) -> Recording:
    """The recording of a target: on shapes alone where that is enough, else for real.

    Raises `TargetError` and `CaptureError` for what is wrong with the model, and `CaptureError` when only a real run
    would do and there is no memory for it.
    """
    report("loading the model")
    loaded = load(target)
    report("recording the forward pass")
    return on_shapes_or_real(lambda: _recorded(target, loaded, real=False), lambda: _real(target, loaded, report))


def recorded_live(module: nn.Module, specs: Sequence[InputSpec], given: Candidate | None, mode: Mode) -> Graph:
    """The recording of a module of the caller's, on `given` tensors, or on what `specs` and the module say."""
    return live(module, specs, given, mode).graph


def live(module: nn.Module, specs: Sequence[InputSpec], given: Candidate | None, mode: Mode) -> Recording:
    """As `recorded_live`, with what another pass needs."""
    loaded = Loaded(module, type(module).__name__)
    target = Target(type(module).__module__, type(module).__name__, inputs=tuple(specs), mode=mode)
    return on_shapes_or_real(
        lambda: _recorded(target, loaded, real=False, given=given),
        lambda: _recorded(target, loaded, real=True, given=given),
    )


def given_inputs(args: tuple[object, ...], kwargs: Mapping[str, object]) -> Candidate:
    """Tensors of the caller's, as the inputs of a forward pass."""
    return Candidate(args, dict(kwargs), (), "given", "the caller's tensors")


def on_shapes_or_real(on_shapes: Callable[[], T], real: Callable[[], T]) -> T:
    """What `on_shapes` gives; what `real` gives when the code needs values.

    When the real run fails as well, its error says why the first one did.
    """
    try:
        return on_shapes()
    except ValuesNeededError as needed:
        try:
            return real()
        except NetadviseError as error:
            error.notes = (*error.notes, f"run for real, because on shapes alone: {needed.message}")
            raise


def _real(target: Target, on_shapes: Loaded, report: Report) -> Recording:
    check_memory(memory_needed(on_shapes.module, given_inputs((), {})), memory.available())
    report("loading the model")
    loaded = load(target, real=True)
    report("recording the forward pass")
    return _recorded(target, loaded, real=True)


def _recorded(target: Target, loaded: Loaded, *, real: bool, given: Candidate | None = None) -> Recording:
    notes = (*loaded.notes, "ran with real values: the code reads them") if real else loaded.notes

    def attempt(inputs: Candidate) -> Graph:
        if real:
            check_memory(memory_needed(loaded.module, inputs), memory.available())
            inputs = inputs.realised()
        return record(
            loaded.module,
            inputs.args,
            inputs.kwargs,
            target=str(target),
            mode=target.mode,
            input_names=inputs.names,
            input_source=inputs.source,
            notes=notes,
            real=real,
        )

    inputs, graph = find_inputs(loaded, target.inputs, attempt) if given is None else (given, attempt(given))
    return Recording(loaded.module, inputs, graph, real)


def check_memory(needed: int, free: int | None) -> None:
    """Raises `CaptureError` unless `needed` bytes are free, as far as that is known."""
    if free is not None and needed > free:
        raise CaptureError(
            f"the forward pass reads values, and a real run of it needs about {needed / 1e9:.1f} GB of memory; "
            f"{free / 1e9:.1f} GB are free",
            hint="Profile a smaller configuration of the same architecture, with --arg, or a smaller input, with -i.",
        )


def _failure(error: NetadviseError, cause: BaseException) -> Response:
    return Response(error=error.to_json(), traceback="".join(traceback.format_exception(cause)))


def _out_of_memory(error: NetadviseError, allowed: int | None) -> NetadviseError:
    """The error with the worker's limit named, when it was the limit that was hit."""
    text = error.message.lower()
    if allowed is not None and ("memoryerror" in text or "allocate memory" in text or "out of memory" in text):
        error.notes = (*error.notes, f"the model's code may allocate {allowed / 1e9:.1f} GB here (--memory-limit)")
    return error
