"""What the two batch sizes say about the model as a whole.

Which axis holds the samples is the model's own convention: axis 0 is taken for it only where something says so. A
recurrent layer that reads axis 0 as time, in a model whose output keeps both axes, is no evidence of a mistake.
"""

from __future__ import annotations

from netadvise.facts import Fact
from netadvise.graph import Graph, Value
from netadvise.measure.facts.batch_axis import primary
from netadvise.measure.facts.batch_pair import Pair
from netadvise.measure.facts.samples import verdict
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.quantity import Unknown

_OVER_MAPS = frozenset(("conv", "conv_transpose", "pool_max", "pool_avg", "pool_adaptive", "upsample"))


def paired(base: Graph, other: Graph | Unknown, old: int | Unknown) -> Pair | Unknown:
    """The two passes together; Unknown where one of them is missing."""
    if isinstance(old, Unknown):
        return old
    if isinstance(other, Unknown):
        return Unknown(f"the pass at another batch size failed: {other.reason}")
    size = other.values[other.inputs[base.inputs.index(_primary(base).id)]].shape[0]
    return Pair(base, other, old, size)


def _primary(graph: Graph) -> Value:
    found = primary(graph)
    assert found is not None, "a batch size without an input"
    return found


def doubt(survey: Survey, pair: Pair) -> Unknown | None:
    """Why axis 0 of the input may not hold the samples. Reads the `batch_axis` of every layer."""
    if any(_slides_beside_the_samples(entry) for entry in survey.entries):
        return None
    if not pair.outputs or not _follows(pair):
        return Unknown("the output does not follow axis 0 of the input, which may hold no samples")
    if len(pair.base.values[pair.outputs[0][0]].shape) > 2 and any(map(_takes_samples_for_time, survey.entries)):
        return Unknown("axis 0 of the input may be time: a recurrent or attention layer reads it as positions")
    return None


def _follows(pair: Pair) -> bool:
    """Whether axis 0 of the first output has the length of the batch."""
    own, other = pair.outputs[0]
    return 0 in pair.samples(own, other) and pair.base.values[own].shape[0] == pair.old


def _preserved(pair: Pair) -> bool | Unknown:
    """Outputs of a sequence may well have the time first, as a CTC loss wants them."""
    own, other = pair.outputs[0]
    if not _follows(pair) and pair.alone(own, other):
        return Unknown(f"the samples stand on axis {pair.samples(own, other)[0]} of the output")
    return _follows(pair)


def _slides_beside_the_samples(entry: Entry) -> bool:
    """A convolution or pool over a map with axis 0 beside it: torch says that this axis holds the samples."""
    rank, ndim = entry.get("rank"), entry.get("ndim")
    if entry.get("op") not in _OVER_MAPS or entry.get("batch_axis") != 0 or not isinstance(rank, int):
        return False
    return ndim is None or ndim == rank - 2


def _takes_samples_for_time(entry: Entry) -> bool:
    axis, rank = entry.get("batch_axis"), entry.get("rank")
    if not isinstance(axis, int):
        return False
    if entry.get("op") == "rnn":
        return axis == (1 if entry.get("batch_first") else 0)
    return entry.get("op") == "attention" and isinstance(rank, int) and axis == rank - 2


def batch_facts(survey: Survey, pair: Pair | Unknown, other: Graph | Unknown, old: int | Unknown) -> dict[str, Fact]:
    """Of the model: whether its batch axis lasts, whether its samples stay apart, and whether it ran at all."""
    ran = old if isinstance(old, Unknown) else not isinstance(other, Unknown)
    facts: dict[str, Fact] = {"works_at_other_batch": ran}
    if ran is False and isinstance(other, Unknown):
        facts["other_batch_error"] = other.reason
    if isinstance(pair, Unknown):
        return facts | dict.fromkeys(("batch_dim_preserved", "batch_independent", "first_mixing_layer"), pair)
    if not pair.outputs:
        return facts
    told = verdict(pair)
    return facts | {
        "batch_dim_preserved": _preserved(pair),
        "batch_independent": told.independent,
        "first_mixing_layer": _name(survey, pair, None if told.meeting is None else told.meeting.id),
    }


def _name(survey: Survey, pair: Pair, op: int | None) -> str | None:
    """The layer of an op of the other pass."""
    if op is None:
        return None
    own = pair.origin.get(op)
    if own is not None and own in survey.entry_of:
        return survey.entry_of[own].name
    call = pair.other.calls[pair.other.ops[op].call]
    return f"{call.module}/{pair.other.ops[op].function}" if call.module else pair.other.ops[op].function
