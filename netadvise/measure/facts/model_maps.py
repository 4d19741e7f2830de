"""Facts of the model: its feature maps, from the input's size down to the last map before the head."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from netadvise.facts import Fact
from netadvise.measure.facts.network import MODEL_FACTS, Network, number, numbers
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.facts.walk import ahead, has_weights, source
from netadvise.quantity import Unknown

_CONVS = frozenset(("conv", "conv_transpose"))
_KEEPING = frozenset("norm activation dropout drop_path add mul cat pointwise identity copy".split())
_SHRINKING = frozenset(("pool_max", "pool_avg", "pool_adaptive"))
_LETTING = frozenset(("norm", "activation", "dropout", "pointwise", "reshape"))


@dataclass(frozen=True, slots=True)
class LastMap:
    """The last feature map on the way to the first output, before global pooling, flattening or resampling."""

    size: Fact
    jump: Fact
    field: Fact


NO_MAP = LastMap(None, None, None)


def last_map(survey: Survey) -> LastMap:
    """The result of the last convolution over a map, and of what keeps or pools that map before the head takes it."""
    on_map = [entry for entry in survey.entries if _is_on_map(entry)]
    pooled = _behind_global_pools(survey)
    convs = [place for place, each in enumerate(on_map) if each.get("op") in _CONVS and each.id not in pooled]
    if not convs:
        return NO_MAP
    last = on_map[convs[-1]]
    for entry in on_map[convs[-1] + 1 :]:
        if entry.id in pooled or entry.get("op") not in _KEEPING | _SHRINKING:
            break
        last = entry
    return LastMap(last.get("out_spatial"), last.get("jump"), _last_field(survey, last, pooled))


def _last_field(survey: Survey, last: Entry, pooled: frozenset[int]) -> Fact:
    """What that map sees, or what layers with weights that work on its positions as a sequence see after it."""
    reading = [entry for entry in survey.entries[last.id + 1 :] if entry.id not in pooled and _is_wide(entry)]
    after = [entry for entry in reading if has_weights(entry, survey) and not _is_aside(entry)]
    return (after[-1] if after else last).get("receptive_field")


def _is_wide(entry: Entry) -> bool:
    """Whether its operand has an axis beside samples and features."""
    return (number(entry.get("rank")) or 0) > 2


def _is_on_map(entry: Entry) -> bool:
    """Whether it makes a map with positions on the way to the first output."""
    return bool(numbers(entry.get("out_spatial"))) and not _is_aside(entry)


def _is_aside(entry: Entry) -> bool:
    """Whether it is not on the way to the first output, or only weighs what is."""
    return entry.get("used") is False or any(entry.get(name) is True for name in ("in_aux_head", "is_gate"))


def _behind_global_pools(survey: Survey) -> frozenset[int]:
    """Entries whose map is a single position because all of an earlier map was pooled, the pool included."""
    found: set[int] = set()
    for entry in survey.entries:
        single = prod(numbers(entry.get("out_spatial")) or (1,)) == 1
        if entry.get("op") == "pool_global" or (single and any(producer in found for producer in entry.producers)):
            found.add(entry.id)
    return frozenset(found)


def _last_map(network: Network) -> LastMap:
    return last_map(network.survey)


MODEL_FACTS("total_stride_at_head")(lambda network: _last_map(network).jump)
MODEL_FACTS("final_feature_map")(lambda network: _last_map(network).size)
MODEL_FACTS("final_receptive_field")(lambda network: _last_map(network).field)


@MODEL_FACTS("rf_aspect_ratio")
def _rf_aspect_ratio(network: Network) -> Fact:
    field = _last_map(network).field
    if isinstance(field, Unknown):
        return field
    sizes = numbers(field)
    return sizes[0] / sizes[1] if len(sizes) == 2 and sizes[1] else None


@MODEL_FACTS("total_stride")
def _total_stride(network: Network) -> Fact:
    """Per axis. What pools the whole map has no stride of its own, nor has what spreads a single value over a map."""
    pooled = _behind_global_pools(network.survey)
    found = (each for each in network.survey.entries if _is_on_map(each) and each.id not in pooled)
    jumps = [each.get("jump") for each in found if pooled.isdisjoint(each.producers)]
    unknown = next((jump for jump in jumps if isinstance(jump, Unknown)), None)
    known = [numbers(jump) for jump in jumps if numbers(jump)]
    if unknown is not None or not known:
        return unknown
    return tuple(max(axis) for axis in zip(*known, strict=False))


@MODEL_FACTS("flattens_map")
def _flattens_map(network: Network) -> Fact:
    return any(_flattens(network.survey, entry) for entry in network.layers("reshape"))


def _flattens(survey: Survey, entry: Entry) -> bool:
    """A map of more than one position becomes a row of features that a linear layer reads."""
    sizes, shape = numbers(entry.get("in_spatial")), numbers(entry.get("output_shape"))
    if prod(sizes or (1,)) == 1 or len(shape) != 2:
        return False
    before = source(survey, entry, _LETTING)
    fixed = before is not None and before.get("op") == "pool_adaptive"
    return not fixed and any(each.get("op") == "linear" for each in ahead(survey, entry, _LETTING))


MODEL_FACTS("stage_widths")(lambda network: tuple(stage.width for stage in network.stages))
MODEL_FACTS("stage_depths")(lambda network: tuple(stage.depth for stage in network.stages))
MODEL_FACTS("inner_stage_depths")(lambda network: tuple(stage.depth for stage in network.stages[:-1]))
MODEL_FACTS("stage_resolutions")(lambda network: tuple(stage.resolution for stage in network.stages))
