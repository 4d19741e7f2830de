"""Facts of whole networks for the tests: a live module, recorded as `netadvise lint` does it."""

from __future__ import annotations

from torch import nn

from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.worker.facts import facts_of_module


def facts(module: nn.Module, *inputs: str) -> NetworkFacts:
    return facts_of_module(module, inputs)[1]


def fact(module: nn.Module, name: str, *inputs: str) -> Fact:
    """One fact of the model."""
    return facts(module, *inputs).model.get(name)


def training(found: NetworkFacts) -> Sheet:
    assert isinstance(found.training, Sheet), found.training
    return found.training


def layer(sheet: Sheet, op: str, nth: int = 0) -> Subject:
    """The n-th layer of an op."""
    return [each for each in sheet.layers if each.get("op") == op][nth]


def module(found: NetworkFacts, name: str) -> Subject:
    return next(each for each in found.modules if each.name == name)
