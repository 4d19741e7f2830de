"""Aten operators: their kinds, and attributes in the form of the kind."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netadvise.capture.aten_kinds import ATEN_KINDS
from netadvise.capture.record import record
from netadvise.kinds import KINDS


def attributes(forward, shape: tuple[int, ...] = (2, 3, 8, 10)) -> tuple[str, dict[str, object]]:
    class Probe(nn.Module):
        def forward(self, x):
            return forward(x)

    op = record(Probe(), (torch.rand(shape),)).ops[-1]
    return op.kind, op.attrs


def test_every_kind_is_in_the_vocabulary() -> None:
    assert set(ATEN_KINDS.values()) <= set(KINDS)


def test_an_operator_without_a_kind_keeps_its_name() -> None:
    kind, _ = attributes(lambda x: torch.linalg.matrix_exp(x[0, :, :3, :3]))
    assert kind == "aten.linalg_matrix_exp"


@pytest.mark.parametrize(
    ("forward", "kind", "expected"),
    [
        (lambda x: x.flatten(1), "view", {"shape": (2, 240)}),
        (lambda x: x.transpose(1, -1), "permute", {"dims": (0, 3, 2, 1)}),
        (lambda x: x.permute(0, 2, 3, 1), "permute", {"dims": (0, 2, 3, 1)}),
        (lambda x: x[:, :, 1:-1:2], "slice", {"dim": 2, "start": 1, "end": 7, "step": 2}),
        (lambda x: x.narrow(-1, 2, 3), "slice", {"dim": 3, "start": 2, "end": 5, "step": 1}),
        (lambda x: x[..., -1], "select", {"dim": 3, "index": 9}),
        (lambda x: x.chunk(3, 2)[0], "split", {"dim": 2, "sizes": (3, 3, 2), "squeeze": False}),
        (lambda x: x.unbind(1)[0], "split", {"dim": 1, "sizes": (1, 1, 1), "squeeze": True}),
        (lambda x: torch.cat([x, x], -1), "cat", {"dim": 3}),
        (lambda x: torch.stack([x, x], -1), "stack", {"dim": 4}),
        (lambda x: x.flip(-1), "flip", {"dims": (3,)}),
        (lambda x: x.roll((1, -2), (2, 3)), "roll", {"shifts": (1, -2), "dims": (2, 3)}),
        (lambda x: x.mean((-2, -1)), "reduce", {"dim": (2, 3), "keepdim": False}),
        (lambda x: x.sum(), "reduce", {"dim": (0, 1, 2, 3)}),
        (lambda x: x.softmax(-1), "softmax", {"dim": 3}),
        (lambda x: x.cumsum(-2), "scan", {"dim": 2}),
        (lambda x: torch.nn.functional.glu(x, -1), "activation", {"dim": 3}),
        (lambda x: x.expand(4, 2, 3, 8, 10), "expand", {"shape": (4, 2, 3, 8, 10)}),
        (lambda x: x / 3, "div", {"other": 3}),
        (lambda x: torch.ops.aten.upsample_bilinear2d(x, [16, 20], True), "interpolate", {"mode": "bilinear"}),
        (lambda x: torch.ops.aten.reflection_pad2d(x, [1, 2, 0, 3]), "pad", {"pad": (1, 2, 0, 3), "mode": "reflect"}),
        (lambda x: torch.ops.aten.avg_pool2d(x, [2, 2]), "avg_pool", {"kernel_size": (2, 2), "stride": (2, 2)}),
    ],
)
def test_attributes(forward, kind: str, expected: dict[str, object]) -> None:
    found, attrs = attributes(forward)
    assert found == kind
    assert expected.items() <= attrs.items()
