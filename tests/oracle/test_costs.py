"""Costs of recorded models against torch's own counters and published numbers."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from netadvise.capture.record import record
from netadvise.graph import Graph, Mode, Op
from netadvise.kinds import KINDS
from netadvise.measure import measure
from netadvise.quantity import Unknown
from tests.oracle import costs
from tests.zoo import INDEX, NETWORKS, OFFSETS, OPS, Case

CASES = [*NETWORKS, *OPS]
UNSEEN_BY_TORCH = {"bilinear": 2 * 5 * 6 * 3 * 4, "grouped matmul": 2 * 6 * 8 * 16}
UNUSED = {"called twice": 8 * 3 + 3, "embedding": 1}
MODES: tuple[Mode, ...] = ("eval", "train")


@cache
def recorded(case: Case, mode: Mode) -> tuple[nn.Module, tuple[Tensor, ...], Graph]:
    """The model in that mode, its inputs, and the recording of one pass."""
    model, inputs = case.model().train(mode == "train"), case.tensors()
    return model, inputs, record(model, inputs, mode=mode)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_flops_equal_those_that_torch_counts(case: Case) -> None:
    model, inputs, graph = recorded(case, "eval")
    with torch.no_grad():
        expected = UNSEEN_BY_TORCH.get(case.name) or costs.flops(model, inputs)
    assert measure(graph).totals.flops == expected


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_autograd_keeps_what_was_said(case: Case, mode: Mode) -> None:
    model, inputs, graph = recorded(case, mode)
    found = measure(graph).totals.saved_activation_bytes
    if any(op.kind == "rnn" for op in graph.ops):
        assert isinstance(found, Unknown)
        return
    assert isinstance(found, int)
    extra = sum(_kept_by_the_cpu_alone(graph, op) for op in graph.ops)
    assert found + extra == costs.saved_bytes(model, inputs, held=[INDEX, OFFSETS])


def _kept_by_the_cpu_alone(graph: Graph, op: Op) -> int:
    """The CPU has no fused dropout (its mask is of floats, not of bytes), and no fused RMS norm (keeps x / rms)."""
    elements = graph.result(op).elements if op.outputs else 0
    if op.kind == "rms_norm":
        return 4 * elements
    active = op.kind == "dropout" and op.attrs["training"] and op.attrs["p"] and op.attrs["variant"] == "element"
    return 3 * elements if active else 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_parameter_has_one_row(case: Case) -> None:
    model, _, graph = recorded(case, "eval")
    profile = measure(graph)
    totals = profile.totals
    assert totals.params == sum(parameter.numel() for parameter in model.parameters())
    assert totals.param_bytes == sum(parameter.nbytes for parameter in model.parameters())
    assert totals.buffers == sum(buffer.numel() for buffer in model.buffers())
    assert sum(layer.params for layer in profile.layers) + totals.unused_params == totals.params
    assert totals.unused_params == UNUSED.get(case.name, 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_add_up_to_the_totals(case: Case) -> None:
    _, _, graph = recorded(case, "eval")
    profile = measure(graph)
    listed = [op for layer in profile.layers for op in layer.ops]
    assert len(listed) == len(set(listed))
    assert len({(layer.name, layer.call) for layer in profile.layers}) == len(profile.layers)
    assert not [gap for gap in profile.totals.gaps if gap.quantity in ("macs", "other_ops")]


def test_every_kind_occurs_in_the_zoo() -> None:
    seen = {op.kind for case in CASES for op in recorded(case, "eval")[2].ops}
    assert set(KINDS) <= seen


LETTERS = "abcde"
SIZES = dict(zip(LETTERS, (2, 3, 1, 4, 5), strict=True))


TERMS = st.lists(
    st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4, unique=True).map("".join), min_size=1, max_size=3
)


@given(TERMS, st.data())
def test_einsum_products_equal_those_that_torch_runs(terms: list[str], data: st.DataObject) -> None:
    labels = sorted(set("".join(terms)))
    output = "".join(data.draw(st.lists(st.sampled_from(labels), unique=True)))
    equation = f"{','.join(terms)}->{output}"
    shapes = [tuple(SIZES[label] for label in term) for term in terms]

    class Einsum(nn.Module):
        def forward(self, *operands: Tensor) -> Tensor:
            with torch.backends.opt_einsum.flags(enabled=False):
                return torch.einsum(equation, *operands)

    operands = [torch.rand(shape) for shape in shapes]
    assert measure(record(Einsum(), operands)).totals.flops == costs.flops(Einsum(), operands)
