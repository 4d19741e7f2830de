"""Where the samples stand in each layer: what follows the batch size when the same model runs on another."""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.graph import Op
from netadvise.measure.facts.batch_pair import Pair
from netadvise.measure.facts.reshapes import swaps
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.quantity import Unknown

_RESHAPES = "reshape"


def place_samples(survey: Survey, pair: Pair | Unknown) -> None:
    """`batch_axis` and `dim_is_batch` of every layer, `folds_batch` and `reduces_to_batch` of reshapes."""
    for entry in survey.entries:
        if not survey.data_operands(entry):
            continue
        found = pair if isinstance(pair, Unknown) else _placed(survey, entry, pair)
        entry.facts["batch_axis"] = found if isinstance(found, Unknown) else found.get("batch_axis")
        if entry.get("dim") is not None:
            entry.facts["dim_is_batch"] = found if isinstance(found, Unknown) else found["dim_is_batch"]
        if entry.get("op") == _RESHAPES:
            for name in ("folds_batch", "reduces_to_batch"):
                entry.facts[name] = found if isinstance(found, Unknown) else found[name]
            if not isinstance(pair, Unknown):
                _look_again(survey, entry, pair)


def _placed(survey: Survey, entry: Entry, pair: Pair) -> dict[str, Fact] | Unknown:
    other = pair.partner.get(entry.op.id)
    if other is None and entry.op.kind != "copy":
        return Unknown(f"other operations ran here at batch size {pair.new}")
    if other is None:
        return {"dim_is_batch": False}
    position = next(place for place, operand in enumerate(entry.op.inputs) if operand.value in survey.data)
    if len(other.inputs) <= position:
        return Unknown(f"other operands were read here at batch size {pair.new}")
    axes = pair.samples(entry.op.inputs[position].value, other.inputs[position].value)
    axis = axes[0] if axes else None
    return {
        "batch_axis": axis,
        "dim_is_batch": axis is not None and entry.get("dim") == axis,
        "folds_batch": _folds(entry.op, other, position, pair),
        "reduces_to_batch": _infers_the_batch(entry.op, other, pair),
    }


def _look_again(survey: Survey, entry: Entry, pair: Pair) -> None:
    """With one sample an axis of size 1 hides that two axes changed places."""
    other = pair.partner.get(entry.op.id)
    if other is not None and entry.get("swaps_axes") is False:
        before, after = (pair.other.values[value].shape for value in (other.inputs[0].value, other.outputs[0]))
        entry.facts["swaps_axes"] = swaps(survey, entry, before, after)


def _folds(op: Op, other: Op, position: int, pair: Pair) -> bool:
    """A batch axis of its own goes in, and none comes out."""
    had = pair.alone(op.inputs[position].value, other.inputs[position].value)
    return had and not pair.alone(op.outputs[0], other.outputs[0])


def _infers_the_batch(op: Op, other: Op, pair: Pair) -> bool:
    """-1 is written where the samples come out, and every other size is the same at both batch sizes."""
    sizes, others = op.attrs.get("requested"), other.attrs.get("requested")
    if not isinstance(sizes, tuple) or sizes != others:
        return False
    return sizes.index(-1) in pair.samples(op.outputs[0], other.outputs[0])


def place_samples_alike(survey: Survey, training: Survey) -> None:
    """The same facts for the layers of the training pass, taken from the same calls in evaluation mode."""
    known = {(entry.name, entry.get("call_index")): entry for entry in survey.entries}
    for entry in training.entries:
        twin = known.get((entry.name, entry.get("call_index")))
        if twin is not None and twin.op.kind == entry.op.kind:
            entry.facts.update((name, fact) for name, fact in twin.facts.items() if name in _NAMES)


_NAMES = frozenset(("batch_axis", "dim_is_batch", "folds_batch", "reduces_to_batch"))
