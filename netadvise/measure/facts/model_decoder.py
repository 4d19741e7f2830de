"""Facts of the model: whether up-sampled maps meet earlier ones, and whether they fit."""

from __future__ import annotations

from math import prod

from netadvise.facts import Fact
from netadvise.measure.facts.network import MODEL_FACTS, Network, numbers
from netadvise.measure.facts.survey import Entry, Survey

_RISING = frozenset(("upsample", "conv_transpose", "pixel_shuffle"))
_FITTING = frozenset(("pad", "slice"))
_MEETING = frozenset(("cat", "add"))


@MODEL_FACTS("has_skip_decoder")
def _has_skip_decoder(network: Network) -> Fact:
    return any(True for _ in _skips(network.survey))


@MODEL_FACTS("skip_scale_mismatch")
def _skip_scale_mismatch(network: Network) -> Fact:
    """Only where the up-sampled side was fitted: cropping the earlier map is how a U-Net without padding is meant."""
    fitted = _fitted(network.survey)
    return any(each.id in fitted for _, raised in _skips(network.survey) for each in raised)


def _skips(survey: Survey) -> list[tuple[Entry, tuple[Entry, ...]]]:
    """Every join of an up-sampled map and an earlier one, with its up-sampled operands."""
    risen = _risen(survey)
    found = []
    for entry in survey.entries:
        if entry.get("op") in _MEETING and len(entry.producers) > 1:
            raised = tuple(survey.entries[each] for each in entry.producers if each in risen)
            earlier = [survey.entries[each] for each in entry.producers if each not in risen]
            if raised and any(prod(numbers(each.get("out_spatial")) or (1,)) > 1 for each in earlier):
                found.append((entry, raised))
    return found


def _risen(survey: Survey) -> frozenset[int]:
    """Entries behind an up-sampling of a map; one value spread over a map (image pooling) is no map."""
    found: set[int] = set()
    for entry in survey.entries:
        if any(each in found for each in entry.producers) or _rises(entry):
            found.add(entry.id)
    return frozenset(found)


def _rises(entry: Entry) -> bool:
    before, behind = prod(numbers(entry.get("in_spatial")) or (0,)), prod(numbers(entry.get("out_spatial")) or (0,))
    return entry.get("op") in _RISING and 1 < before < behind


def _fitted(survey: Survey) -> frozenset[int]:
    """Up-sampled maps whose size was then changed by padding or cropping, and what only rearranges them."""
    risen = _risen(survey)
    found: set[int] = set()
    for entry in survey.entries:
        behind = any(each in risen for each in entry.producers)
        resized = entry.get("in_spatial") != entry.get("out_spatial")
        keeps = entry.get("op") in ("copy", "identity", "norm", "activation")
        if (entry.get("op") in _FITTING and behind and resized and numbers(entry.get("out_spatial"))) or (
            keeps and any(each in found for each in entry.producers)
        ):
            found.add(entry.id)
    return frozenset(found)
