"""The difference of two profiles: exact numbers, and the layers behind an edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture.record import record
from netadvise.edit import Affected
from netadvise.measure import measure
from netadvise.measure.difference import difference
from netadvise.profiles import Layer, Profile
from netadvise.quantity import Unknown


class Small(nn.Module):
    def __init__(self, first: nn.Module, last: nn.Module | None = None, calls: int = 1) -> None:
        super().__init__()
        self.first, self.norm, self.calls = first, nn.BatchNorm2d(8), calls
        self.last = last or nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for _ in range(self.calls):
            x = self.norm(x)
        return self.last(x).relu()


def profiled(first: nn.Module, last: nn.Module | None = None, calls: int = 1) -> Profile:
    return measure(record(Small(first, last, calls), (torch.rand(1, 3, 12, 12),)))


WIDE = profiled(nn.Conv2d(3, 8, 5, padding=2))


def with_layer(profile: Profile, name: str, change: Callable[[Layer], Layer]) -> Profile:
    layers = tuple(change(layer) if layer.name == name else layer for layer in profile.layers)
    return replace(profile, layers=layers)


def test_nothing_changed_is_zero_and_no_layer() -> None:
    effect, affected = difference(WIDE, WIDE, ("first",))
    assert (effect.params, effect.macs, effect.activation_bytes) == (0, 0, 0)
    assert effect.receptive_field == effect.receptive_field_here == (0, 0)
    assert affected == ()


def test_every_number_is_after_minus_before() -> None:
    narrow = profiled(nn.Conv2d(3, 8, 3, padding=1, bias=False))
    effect, affected = difference(WIDE, narrow, ("first",))
    assert effect.params == 3 * 8 * (9 - 25) - 8
    assert effect.macs == 3 * 8 * (9 - 25) * 144
    assert effect.activation_bytes == 0
    assert effect.receptive_field == effect.receptive_field_here == (-2, -2)
    assert [each.layer for each in affected] == ["norm", "last", "relu"]
    assert {each.what for each in affected} == {"receptive field 5x5 -> 3x3"}


def test_a_layer_behind_says_shape_and_macs_before_and_after() -> None:
    _, affected = difference(WIDE, profiled(nn.Conv2d(3, 8, 5, stride=2, padding=2)), ("first",))
    assert affected[0] == Affected("norm", "output 1x8x12x12 -> 1x8x6x6")
    assert affected[1] == Affected("last", "output 1x4x12x12 -> 1x4x6x6; MACs 4.61 k -> 1.15 k")


def test_the_parts_of_a_chain_belong_to_the_layer_they_replace() -> None:
    chain = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 5, padding=2))
    effect, affected = difference(WIDE, profiled(chain), ("first",))
    assert effect.params == 3 * 8 * (9 - 25) + 8 * 8 * 25 + 8
    assert effect.receptive_field_here == (2, 2)
    assert [each.layer for each in affected] == ["norm", "last", "relu"]
    back, _ = difference(profiled(chain), WIDE, ("first",))
    assert back.macs == -effect.macs if isinstance(effect.macs, int) else False


def test_layers_elsewhere_that_come_or_go_are_said() -> None:
    chain = profiled(nn.Sequential(nn.Conv2d(3, 8, 5, padding=2), nn.ReLU()))
    _, affected = difference(WIDE, chain, ("last",))
    assert [(each.layer, each.what) for each in affected] == [
        ("first", "does not run any more"),
        ("first.0", "runs only after the edit"),
        ("first.1", "runs only after the edit"),
    ]


def test_calls_of_one_layer_are_told_apart() -> None:
    once, twice = (profiled(nn.Conv2d(3, 8, kernel, padding=kernel // 2), calls=2) for kernel in (5, 3))
    _, affected = difference(once, twice, ("first",))
    assert [each.layer for each in affected[:2]] == ["norm", "norm (call 1)"]


def test_a_second_call_of_the_edited_layer_is_behind_it() -> None:
    before, after = (profiled(nn.Conv2d(3, 8, 3, stride=stride, padding=1), calls=2) for stride in (1, 2))
    _, affected = difference(before, after, ("norm",))
    assert [each.layer for each in affected] == ["first", "norm (call 1)", "last", "relu"]


def test_an_unknown_quantity_that_the_edit_does_not_reach_cancels_out() -> None:
    narrow = profiled(nn.Conv2d(3, 8, 3, padding=1))
    lost = [
        with_layer(each, "relu", lambda layer: replace(layer, macs=Unknown("no formula"))) for each in (WIDE, narrow)
    ]
    assert difference(lost[0], lost[1], ("first",))[0].macs == 3 * 8 * (9 - 25) * 144


def test_an_unknown_quantity_that_the_edit_reaches_makes_the_difference_unknown() -> None:
    small = profiled(nn.Conv2d(3, 8, 5, stride=2, padding=2))
    lost = [
        with_layer(each, "relu", lambda layer: replace(layer, macs=Unknown("no formula"))) for each in (WIDE, small)
    ]
    effect, _ = difference(lost[0], lost[1], ("first",))
    assert effect.macs == Unknown("no formula")
    assert effect.params == 0 and isinstance(effect.activation_bytes, int)


@pytest.mark.parametrize("swapped", [False, True])
def test_an_unknown_receptive_field_spreads(swapped: bool) -> None:
    gone = replace(WIDE, totals=replace(WIDE.totals, receptive_field=Unknown("sorted")))
    pair = (gone, WIDE) if swapped else (WIDE, gone)
    assert difference(*pair, ("first",))[0].receptive_field == Unknown("sorted")


def test_another_number_of_axes_is_no_difference() -> None:
    flat = replace(WIDE, totals=replace(WIDE.totals, receptive_field=(5,)))
    found = difference(WIDE, flat, ("first",))[0].receptive_field
    assert isinstance(found, Unknown) and "1 spatial axes after the edit, 2 before" in found.reason


def test_an_edited_layer_that_does_not_run_has_no_field() -> None:
    assert difference(WIDE, WIDE, ("nowhere",))[0].receptive_field_here == Unknown("the edited layer does not run")
