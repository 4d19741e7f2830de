"""A fix is offered only where the edit is certain, and then it changes that argument alone."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from torch import nn

from netadvise.finding import Finding, ModelReport
from netadvise.graph import Location
from netadvise.render.findings.edits import POSITIONAL, edit, with_argument
from netadvise.render.lint import LintView
from netadvise.rule import Option
from tests.render import lint_sample as sample
from tests.render.sample import layer

REFUSED = [
    "nn.Conv2d(*sizes)",
    "nn.Conv2d(3, 8, 3, **options)",
    "nn.Conv2d(3, 8, 3, bias=bias)",
    "nn.Conv2d(3, 8, 3, 1, 0, 1, 1, bias)",
    "make_conv(3, 8)",
    "nn.Identity()",
    "nn.Conv2d(3, 8, (3))",
    "nn.Conv2d",
    "nn.Conv2d(3, 8",
]
CHANGED: list[tuple[str, str, Option, str]] = [
    ("nn.Conv2d(3, 8, 3)", "bias", False, "nn.Conv2d(3, 8, 3, bias=False)"),
    ("nn.Conv2d(3, 8, 3, )", "bias", False, "nn.Conv2d(3, 8, 3, bias=False, )"),
    ("Conv2d(3, 8, 3, bias=True)", "bias", False, "Conv2d(3, 8, 3, bias=False)"),
    ("nn.Linear(8, 10, True)", "bias", False, "nn.Linear(8, 10, False)"),
    ("nn.Linear(\n    größe,  # in\n    10,\n)", "bias", False, "nn.Linear(\n    größe,  # in\n    10, bias=False,\n)"),
    ("MyConv(3, bias=True)", "bias", False, "MyConv(3, bias=False)"),
    ("nn.ReLU()", "inplace", False, "nn.ReLU(inplace=False)"),
    ("nn.Softmax(-1)", "dim", 1, "nn.Softmax(1)"),
]


@pytest.mark.parametrize("call", REFUSED)
def test_an_uncertain_edit_is_not_offered(call: str) -> None:
    assert with_argument(call, "bias", False) is None


@pytest.mark.parametrize(("call", "name", "value", "expected"), CHANGED, ids=[case[0] for case in CHANGED])
def test_an_argument_is_set(call: str, name: str, value: Option, expected: str) -> None:
    assert with_argument(call, name, value) == expected


def bias_finding() -> tuple[Finding, ModelReport, LintView]:
    model = sample.report().models[0]
    return model.findings[2], model, sample.view()


def test_no_edit_where_the_line_builds_other_layers_too() -> None:
    found, model, view = bias_finding()
    assert edit(found, model, view) is not None
    other = replace(layer("stage.9.conv", "Conv2d"), location=Location(sample.FILE, 9, 21))
    profile = replace(model.profile, layers=(*model.profile.layers, other))
    assert edit(found, replace(model, profile=profile), view) is None


def test_no_edit_without_the_source_or_outside_the_project() -> None:
    found, model, view = bias_finding()
    assert edit(found, model, LintView()) is None
    outside = Location("/lib/net.py", 9, 21)
    moved = replace(found, hits=tuple(replace(hit, location=outside) for hit in found.hits))
    assert edit(moved, model, replace(view, sources={"/lib/net.py": view.sources[sample.FILE]})) is None


@pytest.mark.parametrize("name", sorted(POSITIONAL))
def test_positions_are_those_of_torch(name: str) -> None:
    parameters = [*inspect.signature(getattr(nn, name)).parameters]
    if "args" in parameters:
        parameters = ["input_size", "hidden_size", *list(inspect.signature(nn.RNNBase).parameters)[3:]]
    assert tuple(parameters[: len(POSITIONAL[name])]) == POSITIONAL[name]
