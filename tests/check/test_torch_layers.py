"""The table of layer classes says what the constructors of torch say."""

from __future__ import annotations

import inspect

import pytest
from torch import nn

from netadvise.check.torch_layers import CLASSES, OF_FUNCTION, arguments, candidates
from netadvise.vocabulary import ACTIVATIONS, OPS

LEFT_OUT = {
    "self",
    "args",
    "kwargs",
    "device",
    "dtype",
    "process_group",
    "recompute_scale_factor",
    "min_value",
    "max_value",
}
"""Where a layer lives is not an edit's business; the rest is no number and no text, or an old name."""

NEWER = {"Batch": {"bias"}, "Group": {"bias"}, "Insta": {"bias"}, "SyncB": {"bias"}}
"""Arguments that older versions of torch do not have."""


@pytest.mark.parametrize("name", CLASSES)
def test_arguments_are_torchs(name: str) -> None:
    taken = set(inspect.signature(getattr(nn, name).__init__).parameters) - LEFT_OUT
    assert taken - NEWER.get(name[:5], set()) == set(CLASSES[name].args)


def test_ops_are_those_of_the_vocabulary() -> None:
    assert {op for each in CLASSES.values() for op in each.ops} <= set(OPS.split())


def test_functions_are_activations_with_a_class() -> None:
    assert set(OF_FUNCTION) <= set(ACTIVATIONS.split())
    assert all(name in CLASSES for name in OF_FUNCTION.values())


def test_candidates_are_narrowed_by_op_and_type() -> None:
    assert len(candidates(None, None)) == len(CLASSES)
    assert {each.name for each in candidates({"conv"}, None)} == {"Conv1d", "Conv2d", "Conv3d"}
    assert [each.name for each in candidates({"conv"}, {"Conv2d", "Linear"})] == ["Conv2d"]
    assert "output_padding" in arguments(candidates({"conv_transpose"}, None))
    assert "output_padding" not in arguments(candidates({"conv"}, None))
