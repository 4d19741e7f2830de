"""Random networks of one axis: every position of the output against an experiment on the real module."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from netadvise.capture.record import record  # noqa: E402
from netadvise.measure.receptive import intervals, receptive_fields  # noqa: E402
from netadvise.quantity import Unknown  # noqa: E402
from tests.oracle.receptive import by_pulse  # noqa: E402

LONGEST = 40
Numbers = tuple[int, int, int, int]
Step = Callable[[Tensor, Numbers], Tensor]


def _weight(kernel: int, x: Tensor) -> Tensor:
    return torch.ones(2, x.shape[1], kernel, dtype=x.dtype)


def _conv(x: Tensor, n: Numbers) -> Tensor:
    kernel, stride, padding, dilation = n[0] % 5 + 1, n[1] % 3 + 1, n[2] % 4, n[3] % 3 + 1
    return F.conv1d(x, _weight(kernel, x), stride=stride, padding=padding, dilation=dilation)


def _same(x: Tensor, n: Numbers) -> Tensor:
    return F.conv1d(x, _weight(n[0] % 5 + 1, x), padding="same", dilation=n[1] % 3 + 1)


def _max_pool(x: Tensor, n: Numbers) -> Tensor:
    kernel = n[0] % 4 + 1
    return F.max_pool1d(x, kernel, n[1] % 3 + 1, n[2] % (kernel // 2 + 1), n[3] % 2 + 1, ceil_mode=bool(n[3] % 3))


def _avg_pool(x: Tensor, n: Numbers) -> Tensor:
    kernel = n[0] % 4 + 1
    return F.avg_pool1d(x, kernel, n[1] % 4 + 1, n[2] % (kernel // 2 + 1), ceil_mode=bool(n[3] % 2))


def _transposed(x: Tensor, n: Numbers) -> Tensor:
    stride, dilation = n[1] % 3 + 1, n[3] % 2 + 1
    weight = _weight(n[0] % 5 + 1, x).transpose(0, 1)
    extra = n[2] % max(stride, dilation)
    return F.conv_transpose1d(x, weight, stride=stride, padding=n[2] % 3, output_padding=extra, dilation=dilation)


def _nearest(x: Tensor, n: Numbers) -> Tensor:
    mode = "nearest-exact" if n[1] % 2 else "nearest"
    if n[2] % 2:
        return F.interpolate(x, scale_factor=(1.5, 2, 3, 0.5, 0.7, 1.0)[n[0] % 6], mode=mode)
    return F.interpolate(x, size=n[0] % 30 + 1, mode=mode)


def _linear(x: Tensor, n: Numbers) -> Tensor:
    corners = bool(n[1] % 2)
    if n[2] % 2:
        return F.interpolate(x, scale_factor=(1.5, 2, 3, 0.5, 0.25)[n[0] % 5], mode="linear", align_corners=corners)
    return F.interpolate(x, size=n[0] % 30 + 1, mode="linear", align_corners=corners)


def _cubic(x: Tensor, n: Numbers) -> Tensor:
    smooth, corners = bool(n[1] % 2), bool(n[2] % 2)
    mode = "bicubic" if n[3] % 2 else "bilinear"
    size = (1, n[0] % 30 + 1)
    return F.interpolate(x.unsqueeze(2), size=size, mode=mode, antialias=smooth, align_corners=corners).squeeze(2)


def _adaptive(x: Tensor, n: Numbers) -> Tensor:
    pool = F.adaptive_max_pool1d if n[1] % 2 else F.adaptive_avg_pool1d
    return pool(x, n[0] % 12 + 1)


def _shuffle(x: Tensor, n: Numbers) -> Tensor:
    factor = n[0] % 3 + 2
    wide = x[:, :1].expand(-1, factor, -1) if n[1] % 2 else x.repeat(1, factor, 1)[:, :factor]
    up = wide.transpose(1, 2).reshape(x.shape[0], 1, -1)
    return up.expand(-1, 2, -1)


def _unshuffle(x: Tensor, n: Numbers) -> Tensor:
    factor = n[0] % 3 + 2
    cut = x[:, :, : x.shape[2] // factor * factor]
    deep = cut.reshape(x.shape[0], 2, -1, factor).permute(0, 1, 3, 2).flatten(1, 2)
    return F.conv1d(deep, _weight(1, deep))


def _pad(x: Tensor, n: Numbers) -> Tensor:
    mode = ("constant", "reflect", "replicate", "circular")[n[0] % 4]
    return F.pad(x, (n[1] % 4, n[2] % 4), mode)


def _crop(x: Tensor, n: Numbers) -> Tensor:
    return x[:, :, n[0] % 4 : x.shape[2] - n[1] % 3 : n[2] % 3 + 1]


def _flip(x: Tensor, n: Numbers) -> Tensor:
    return x.flip(2)


def _roll(x: Tensor, n: Numbers) -> Tensor:
    return x.roll(n[0] % 7 - 3, 2)


def _norm(x: Tensor, n: Numbers) -> Tensor:
    return F.relu(F.batch_norm(x, torch.zeros(2, dtype=x.dtype), torch.ones(2, dtype=x.dtype)))


def _windows(x: Tensor, n: Numbers) -> Tensor:
    """A mixing of all positions within windows, as window attention does it."""
    size = n[0] % 4 + 2
    cut = x[:, :, : x.shape[2] // size * size]
    blocks = cut.reshape(x.shape[0], 2, -1, size).transpose(1, 2).flatten(0, 1)
    mixed = blocks.sum(2, keepdim=True) + blocks
    return mixed.reshape(x.shape[0], -1, 2, size).transpose(1, 2).flatten(2)


STEPS: list[Step] = [_conv, _conv, _same, _max_pool, _avg_pool, _transposed, _nearest, _linear, _cubic, _adaptive]
STEPS += [_shuffle, _unshuffle, _pad, _crop, _flip, _roll, _norm, _windows]
WRAPPING = (STEPS.index(_roll), STEPS.index(_pad))
"""Steps whose border or seam units see more than the field away from them."""
JOINS = ("keep", "add left", "add right", "channels", "end to end")


class Program(nn.Module):
    """Steps one after the other; a join meets the value that the last "keep" put aside. Illegal steps are left out,
    and those that leave a single position, which is no axis any more.
    """

    def __init__(self, steps: list[tuple[int, Numbers]]) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, x: Tensor) -> Tensor:
        kept = x
        for code, numbers in self.steps:
            if code >= len(STEPS) and JOINS[code - len(STEPS)] == "keep":
                kept = x
                continue
            found = self._step(code, numbers, x, kept)
            if found is not None and 2 <= found.shape[2] <= LONGEST:
                x = _levelled(found)
        return x

    def _step(self, code: int, numbers: Numbers, x: Tensor, kept: Tensor) -> Tensor | None:
        if code >= len(STEPS):
            return _join(JOINS[code - len(STEPS)], x, kept)
        try:
            return STEPS[code](x, numbers)
        except (RuntimeError, ValueError):
            return None


def _join(how: str, x: Tensor, kept: Tensor) -> Tensor:
    length = min(x.shape[2], kept.shape[2])
    if how == "end to end":
        return torch.cat([x, kept], 2)
    if how == "add right":
        return x[:, :, x.shape[2] - length :] + kept[:, :, kept.shape[2] - length :]
    if how == "add left":
        return x[:, :, :length] + kept[:, :, :length]
    both = torch.cat([x[:, :, :length], kept[:, :, :length]], 1)
    return F.conv1d(both, _weight(1, both))


def _levelled(x: Tensor) -> Tensor:
    """Values between 1 and 2 wherever something arrived, so that no weight fades away and nothing cancels.

    The smallest true weight of these networks is about 1e-3; float32 rounding makes weights of up to 4e-6 out of zero.
    """
    weight = torch.linspace(1.0, 2.0, x.shape[2], dtype=x.dtype) ** 1.7
    return (x.abs() > 1e-5).to(x.dtype) * weight


numbers = st.integers(0, 59)
programs = st.lists(
    st.tuples(st.integers(0, len(STEPS) + len(JOINS) - 1), st.tuples(numbers, numbers, numbers, numbers)),
    min_size=1,
    max_size=7,
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs, st.integers(3, 24))
@example(steps=[(5, (8, 2, 1, 1)), (0, (1, 0, 2, 0)), (8, (53, 0, 1, 0))], length=3)
def test_every_position_of_a_random_network(steps: list[tuple[int, Numbers]], length: int) -> None:
    module, shape = Program(steps), (1, 2, length)
    graph = record(module, (torch.zeros(shape),))
    found = intervals(graph, graph.outputs[0])
    assert not isinstance(found, Unknown), found
    seen = by_pulse(module, shape, 2, 2, torch.float32)
    expected = seen if len(found[0]) > 1 else [_all(seen)]
    assert found[0] == expected
    field = receptive_fields(graph)[graph.outputs[0]]
    largest = max(hi - lo + 1 for lo, hi in filter(None, seen)) if any(seen) else 0
    wrapped = any(code in WRAPPING for code, _ in steps)
    assert wrapped or isinstance(field.size, Unknown) or field.size[0] >= largest


def _all(seen: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    known = [extent for extent in seen if extent]
    return (min(lo for lo, _ in known), max(hi for _, hi in known)) if known else None
