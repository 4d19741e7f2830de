"""Which layers make the head, lead to a further output, or are the classifier."""

from __future__ import annotations

from collections.abc import Iterable

from netadvise.measure.facts.kernel import sizes
from netadvise.measure.facts.structure import Structure
from netadvise.measure.facts.survey import Entry, Survey

_CLASSIFYING = frozenset({"linear", "conv", "matmul"})


def heads(survey: Survey, found: Structure) -> None:
    """What stands behind the last layer that looks at several positions."""
    features = _features(survey, found)
    behind = _reached(found, features)
    before = _needed_by(found, features)
    for entry in survey.entries:
        inside = entry.id in behind and entry.id not in before and entry.id not in features
        entry.facts["in_head"] = inside


def _features(survey: Survey, found: Structure) -> set[int]:
    """Convolutions over positions, attention, recurrent layers, and the blocks on maps and sequences."""
    features = {entry.id for entry in survey.entries if _looks_around(entry) or entry.id in found.attention}
    if not features:
        return {entry for part in found.parts if part.type != "gate" for entry in part.members} or _last_but_one(survey)
    graph = survey.graph
    for part in found.parts:
        if part.fork is not None and len(graph.values[part.fork].shape) > 2:
            features.update((*part.members, part.join))
    return features


def _looks_around(entry: Entry) -> bool:
    """Whether it is a convolution of more than one position, or recurrent."""
    op = entry.get("op")
    if op in ("conv", "conv_transpose"):
        inside, outside = sizes(entry, "in_spatial"), sizes(entry, "out_spatial")
        return not inside or max(inside) > 1 or max(outside, default=1) > 1
    return op in ("rnn", "rnn_cell")


def _last_but_one(survey: Survey) -> set[int]:
    """In a plain chain of linear layers the head is the last of them: the others are what it stands behind."""
    return {entry.id for entry in survey.entries if entry.get("is_hidden") is True}


def _reached(found: Structure, start: Iterable[int]) -> set[int]:
    reached = set(start)
    for entry in sorted(found.paths.useful):
        if any(found.paths.maker(value) in reached for value in found.paths.reads[entry]):
            reached.add(entry)
    return reached


def _needed_by(found: Structure, targets: set[int]) -> set[int]:
    """The entries from which a target can be reached."""
    needed: set[int] = set()
    for entry in sorted(found.paths.useful, reverse=True):
        if any(reader in targets or reader in needed for reader in found.paths.readers[entry]):
            needed.add(entry)
    return needed


def outputs(survey: Survey, found: Structure) -> None:
    """What leads to further outputs alone, which layers classify, and which linear layers are hidden."""
    graph = survey.graph
    first = _sources(survey, graph.outputs[:1])
    further = _sources(survey, graph.outputs[1:])
    classifying = _last_weights(survey, found)
    for entry in survey.entries:
        entry.facts["in_aux_head"] = entry.id in further and entry.id not in first
        entry.facts["is_classifier"] = entry.id in classifying
        place = entry.get("depth_from_output")
        if entry.get("op") == "linear" and isinstance(place, int):
            entry.facts["is_hidden"] = place > 1


def _sources(survey: Survey, values: Iterable[int]) -> set[int]:
    wanted = set(values)
    found: set[int] = set()
    for entry in reversed(survey.entries):
        if not wanted.isdisjoint(entry.op.outputs):
            found.add(entry.id)
            wanted.update(survey.data_operands(entry))
    return found


def _last_weights(survey: Survey, found: Structure) -> set[int]:
    """The layers with weights from which an output of shape (N, K) is reached without passing another.

    A residual sum ends the search: the stream of a feature extractor has no one last layer.
    """
    graph, paths = survey.graph, found.paths
    waiting = [value for value in graph.outputs if len(graph.values[value].shape) == 2]
    seen: set[int] = set()
    last: set[int] = set()
    while waiting:
        maker = paths.maker(waiting.pop())
        if maker is None or maker in seen or maker in found.sums:
            continue
        seen.add(maker)
        if not paths.weighted(maker):
            waiting.extend(paths.reads[maker])
        elif paths.op(maker) in _CLASSIFYING:
            last.add(maker)
    return last
