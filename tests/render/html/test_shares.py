"""The bars: where parameters, multiply-accumulates and memory sit."""

from __future__ import annotations

from dataclasses import replace

from netadvise.render.html.shares import by_kind, by_stage
from netadvise.render.html.stages import stages
from tests.render.html.samples import long_profile
from tests.render.sample import layer, sample


def test_shares_of_stages_add_up() -> None:
    plot = by_stage(sample())
    assert plot is not None
    assert [row[0] for row in plot.grid.rows] == ["stem", "stem (call 1)", "stage", "up", "natten", "head"]
    assert [row[1] for row in plot.grid.rows] == ["576", "576", "1.73 k", "0", "0", "90"]
    assert "Most parameters: stage, 58 %." in plot.sentence


def test_kinds_are_counted_and_the_heaviest_come_first() -> None:
    plot = by_kind(sample())
    assert plot is not None
    assert [row[0] for row in plot.grid.rows][:2] == ["Conv2d (5)", "Linear (1)"]
    assert plot.grid.right == frozenset(range(1, 7))


def test_many_groups_become_a_few_and_the_rest() -> None:
    layers = tuple(layer(f"layer{index}", f"Kind{index}", params=index, macs=index) for index in range(40))
    plot = by_kind(replace(sample(), layers=layers))
    assert plot is not None
    assert len(plot.grid.rows) == 16
    assert plot.grid.rows[-1][0] == "25 others"
    assert plot.grid.rows[-1][1] == str(sum(range(25)))


def test_a_network_without_layers_has_none() -> None:
    assert by_stage(replace(sample(), layers=())) is None


def test_a_network_without_parameters_has_bars_for_the_rest() -> None:
    plot = by_stage(replace(sample(), layers=(layer("relu", "ReLU"),)))
    assert plot is not None
    assert plot.sentence == "Most activations: relu, 100 %."


def test_one_stage_that_holds_nearly_everything_is_looked_into() -> None:
    names = [f"stages.{index // 20}.{index % 20}.conv" for index in range(80)]
    kinds = {index // 20: f"Kind{index // 20}" for index in range(80)}
    layers = tuple(layer(name, kinds[index // 20]) for index, name in enumerate(names))
    profile = replace(sample(), layers=(layer("stem", "Conv2d"), *layers, layer("head", "Linear")), blocks=())
    found = stages(profile)
    assert [stage.start for stage in found] == [1, 2, 22, 42, 62, 82]


def test_stages_stay_few() -> None:
    assert 1 <= len(stages(long_profile(2000))) <= 24
