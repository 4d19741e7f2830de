"""The plot of receptive fields: what it says, and when there is none."""

from __future__ import annotations

from dataclasses import replace

from netadvise.profiles import InputInfo, Profile, ReceptiveField
from netadvise.quantity import Unknown
from netadvise.render.html.fields import fields
from tests.render.sample import conv, field, sample


def network(*views: ReceptiveField | None, size: tuple[int, ...] = (1, 3, 64, 64)) -> Profile:
    layers = tuple(conv(f"conv{index}", view) for index, view in enumerate(views))
    return replace(sample(), layers=layers, inputs=(InputInfo("x", size, "float32", "given"),))


def said(profile: Profile) -> str:
    plot = fields(profile)
    assert plot is not None
    return plot.sentence


def test_there_is_none_where_no_image_goes_in() -> None:
    assert fields(network(None, None)) is None


def test_there_is_none_where_every_field_is_unknown() -> None:
    unknown = Unknown("no formula")
    assert fields(network(replace(field(3), size=unknown))) is None


def test_the_first_layer_that_sees_everything_is_named() -> None:
    text = said(network(field(3), field(65), field(99)))
    assert "One unit of conv2 sees the most: 99 pixels; the input has 64." in text
    assert "conv1 is the first to see as much as the whole input along the spatial path." in text
    assert "Counting every path, the fields are the same." in text


def test_a_network_that_sees_less_than_its_input_is_said_to() -> None:
    assert "No layer sees as much as the whole input" in said(network(field(3), field(5)))


def test_a_side_path_is_named() -> None:
    text = said(network(field(3), field(5, culprit="gate")))
    assert "Counting every path, conv1 is the first, through gate." in text


def test_what_the_plot_leaves_out_is_counted() -> None:
    lost = replace(field(3), size=Unknown("no formula"))
    assert "unknown for 1 layer, which the plot leaves out" in said(network(field(3), lost))


def test_axes_that_differ_are_told_apart() -> None:
    long = replace(field(9), size=(3, 9), strict=(3, 9), clipped=(3, 9))
    plot = fields(network(long, size=(1, 3, 16, 64)))
    assert plot is not None
    assert "3x9 pixels; the input has 16x64" in plot.sentence
    assert "axis 1" in str(plot.wide)
    assert "axis 2" in str(plot.wide)


def test_sequences_have_positions() -> None:
    view = ReceptiveField((5,), (5,), (12,), (5,), (), (), culprit="lstm")
    text = said(network(view, size=(1, 12, 512)))
    assert "5 positions; the input has 12." in text
