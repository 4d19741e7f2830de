"""Facts of small live modules, for the tests of the layer passes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from netadvise.capture.record import record
from netadvise.facts import Fact
from netadvise.graph import Graph, Mode
from netadvise.measure.facts.local import LAYER_PASSES
from netadvise.measure.facts.survey import Entry, Survey, survey
from netadvise.measure.receptive import receptive_fields
from netadvise.profiles import ReceptiveField


def facts_of(graph: Graph, fields: Mapping[int, ReceptiveField] | None) -> Survey:
    """The survey of a graph after all passes over its layers."""
    found = survey(graph, fields)
    for run in LAYER_PASSES:
        run(found)
    return found


def surveyed(module: nn.Module, *shapes: tuple[int, ...], mode: Mode = "eval") -> Survey:
    """The survey of a module, recorded on inputs of zeros."""
    graph = record(module, [torch.zeros(shape) for shape in shapes], mode=mode)
    return facts_of(graph, receptive_fields(graph) if mode == "eval" else None)


def named(found: Survey, name: str) -> Entry:
    """The one entry of that name."""
    entries = [entry for entry in found.entries if entry.name == name]
    assert len(entries) == 1, [entry.name for entry in found.entries]
    return entries[0]


def with_op(found: Survey, op: str) -> list[Entry]:
    """The entries of one op, in order."""
    return [entry for entry in found.entries if entry.get("op") == op]


def only(found: Survey, op: str) -> Entry:
    """The one entry of that op."""
    (entry,) = with_op(found, op)
    return entry


def fact(module: nn.Module, shape: tuple[int, ...], name: str, op: str, mode: Mode = "eval") -> Fact:
    """One fact of the only entry of that op."""
    return only(surveyed(module, shape, mode=mode), op).get(name)
