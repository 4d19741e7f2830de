"""Edits tried on a live model: applied, recorded and measured again, and taken back.

A front that wants edits tried runs two workers: one for the facts, from which rules choose the alternatives, and one
that loads the model again and tries them (`Request.tries`). So the first answer may come from the cache, a crash in a
tried model costs nothing that is known already, and the protocol stays one request with one response. The second load
costs as much as `netadvise profile` (2 to 3 s, most of it the import of torch) against one recording for each try.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netadvise.capture.edits import edited
from netadvise.capture.insertions import row_of
from netadvise.capture.lazy import has_uninitialised, materialised
from netadvise.capture.record import record
from netadvise.edit import Affected, Dropped, Edit, Insert, Place, Tried, modules_of
from netadvise.errors import NetadviseError
from netadvise.graph import Graph, Module
from netadvise.measure import measure
from netadvise.measure.difference import difference
from netadvise.profiles import Profile
from netadvise.rule import Safety
from netadvise.worker.passes import Recording

Alternative = tuple[Edit, ...]
"""Edits that are applied together."""
Tell = Callable[[int, Tried | Dropped], None]
"""Told the position of an alternative and what became of it."""


def tries_of(
    recording: Recording, profile: Profile, alternatives: Sequence[Alternative], tell: Tell | None = None
) -> tuple[Tried | Dropped, ...]:
    """What each alternative would change in a recorded module of this profile; `tell` hears each at once."""
    recording = _with_shapes(recording)
    found: list[Tried | Dropped] = []
    for position, edits in enumerate(alternatives):
        found.append(_try(recording, profile, edits))
        if tell is not None:
            tell(position, found[-1])
    return tuple(found)


def _with_shapes(recording: Recording) -> Recording:
    """With a copy of the module in which lazy layers have their shapes, as in the recording, where there are such."""
    module, inputs = recording.module, recording.inputs
    if not has_uninitialised(module):
        return recording
    return Recording(materialised(module, inputs.args, inputs.kwargs), inputs, recording.graph, recording.real)


def _try(recording: Recording, profile: Profile, edits: Alternative) -> Tried | Dropped:
    try:
        with edited(recording.module, edits, recording.graph):
            graph = _recorded_again(recording)
    except NetadviseError as error:
        return Dropped(edits, error.message + (f" ({error.where})" if error.where else ""))
    effect, affected = difference(profile, measure(graph), [_row_of(edit, recording.graph) for edit in edits])
    notes = (*_output_change(recording.graph, graph), *_occurrences(recording.graph, edits))
    return Tried(edits, effect, _safety(recording.graph, graph, edits), (*notes, *affected))


def _recorded_again(recording: Recording) -> Graph:
    inputs = recording.inputs.realised() if recording.real else recording.inputs
    return record(
        recording.module,
        inputs.args,
        inputs.kwargs,
        target=recording.graph.target,
        mode=recording.graph.mode,
        input_names=inputs.names,
        input_source=recording.graph.input_source,
        real=recording.real,
    )


def _row_of(edit: Edit, graph: Graph) -> str:
    """The row of the profile that an edit changes, under the first name of its module."""
    place = edit.place if isinstance(edit, Insert) else None
    if place is not None and place.where == "after-call":
        return row_of(place)
    path = modules_of(edit)
    module = _module_at(graph, path)
    return path if module is None else module.path


def _module_at(graph: Graph, path: str) -> Module | None:
    return next((each for each in graph.modules if path == each.path or path in each.aliases), None)


def _output_change(before: Graph, after: Graph) -> tuple[Affected, ...]:
    """What the edit does to the shapes that the model returns: most often a loss that fails, so it comes first."""
    shapes = [[graph.values[value].shape for value in graph.outputs] for graph in (before, after)]
    if shapes[0] == shapes[1]:
        return ()
    told = [", ".join("x".join(map(str, shape)) for shape in each) or "nothing" for each in shapes]
    model = before.module_at[""]
    return (Affected(model.type, f"the output of the model: {told[0]} -> {told[1]}", model.location),)


def _occurrences(graph: Graph, edits: Alternative) -> tuple[Affected, ...]:
    """The edited modules that run more than once, or go by several names: every occurrence changes."""
    found: list[Affected] = []
    for path in dict.fromkeys(map(modules_of, edits)):
        module = _module_at(graph, path)
        if module is None:
            continue
        calls = sum(call.module == module.path for call in graph.calls)
        names = "".join(f", also as {name}" for name in (module.path, *module.aliases) if name != path)
        if calls > 1 or names:
            found.append(Affected(path, f"one layer that runs {calls} times{names}: all change", module.location))
    return tuple(found)


def _safety(before: Graph, after: Graph, edits: Alternative) -> Safety:
    """Whether a checkpoint of the one still loads into the other, by the names and shapes of what it holds.

    That an edit computes the same is for its rule to say: it does not show in a recording. Nor does it show that a
    layer beside which others are inserted moves into an `nn.Sequential` when the edit is written, and its tensors get
    other names.
    """
    moved = any(_moves_tensors(before, edit.place) for edit in edits if isinstance(edit, Insert))
    return "changes-weights" if moved or _held(before) != _held(after) else "changes-function"


def _moves_tensors(graph: Graph, place: Place) -> bool:
    module = _module_at(graph, place.module)
    inside = f"{module.path}." if module is not None and module.path else ""
    names = (graph.values[value].name for module in graph.modules for value in (*module.parameters, *module.buffers))
    return place.where != "after-call" and any(name.startswith(inside) for name in names)


def _held(graph: Graph) -> set[tuple[str, tuple[int, ...]]]:
    owned = {value for module in graph.modules for value in (*module.parameters, *module.buffers)}
    return {(graph.values[value].name, graph.values[value].shape) for value in owned}
