"""From a recorded network to changes of its files: what must be left alone first."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from netadvise.api.fixing import named, planned, sites
from netadvise.edit import Edit, Replace, SetArgs
from netadvise.facts import NetworkFacts
from netadvise.graph import Location
from netadvise.profiles import Profile
from netadvise.rewrite import Plan
from netadvise.target import make_target
from netadvise.worker.facts import facts_of_target

LIBRARY = """\
from torch import nn


def body(width):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
"""
MODEL = """\
from torch import nn
import rewritten_library


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.body = nn.ModuleDict({"a": rewritten_library.body(width)})
        self.head = nn.Conv2d(width, 4, 3, padding=1, padding_mode="reflect")
        self.spare = [nn.Linear(3, 4) for _ in range(2)]
        self.unused = nn.Linear(3, 4)

    def forward(self, x):
        return self.head(self.body["a"](x))
"""
Measured = tuple[Profile, NetworkFacts]


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Measured:
    """`Net`, part of which an installed library builds."""
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "rewritten_library.py").write_text(LIBRARY)
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(library))
    monkeypatch.delitem(sys.modules, "rewritten_library", raising=False)
    return facts_of_target(make_target("model.py:Net", ("1,3,8,8",)))


def reason(found: Plan) -> str:
    """Why the only group is refused."""
    assert found.changes == ()
    return found.refused[0].reason


def test_a_library_is_left_alone(measured: Measured) -> None:
    found = planned([[SetArgs("body.a.0", {"bias": False})]], *measured)
    assert "it is built by a library, at" in reason(found)
    assert found.refused[0].location == Location("model.py", 8, 21)


def test_a_file_outside_the_project_is_left_alone(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    profile, facts = measured
    inside = Path("model.py").absolute()
    monkeypatch.chdir(elsewhere)
    moved = Location(str(inside), 9, 21)
    modules = tuple(replace(module, location=moved) if module.name == "head" else module for module in facts.modules)
    profile, facts = replace(profile, target="package.module:Net"), replace(facts, modules=modules)
    assert "lies outside the project" in reason(planned([[SetArgs("head", {"bias": False})]], profile, facts))


def test_a_file_that_changed_since_is_left_alone(measured: Measured) -> None:
    since = Path("model.py").stat().st_mtime_ns - 1
    found = planned([[SetArgs("head", {"bias": False})]], *measured, since_ns=since)
    assert reason(found) == "model.py has changed since the model was recorded: run the command again"


def test_a_layer_that_the_forward_pass_never_called_counts_as_built(measured: Measured) -> None:
    found = planned([[SetArgs("spare[0]", {"bias": False})]], *measured)
    assert reason(found) == "the same call builds spare[1], which stay as they are"
    assert planned([[SetArgs("unused", {"bias": False})]], *measured).written == (0,)


def test_the_arguments_of_a_padded_convolution_are_not_taken_for_its_op_s(measured: Measured) -> None:
    known = sites([("", *measured)])["head"].known
    assert (known["in_channels"], known["padding_mode"]) == (8, "reflect")
    assert "padding" not in known


def test_a_change_holds_the_file_before_and_after(measured: Measured) -> None:
    groups: list[list[Edit]] = [[SetArgs("head", {"bias": False})], [Replace("unused", ())]]
    found = planned(groups, *measured, since_ns=time.time_ns())
    assert found.written == (0, 1)
    assert [change.file for change in found.changes] == ["model.py"]
    expected = MODEL.replace('"reflect")', '"reflect", bias=False)').replace("= nn.Linear(3, 4)\n", "= nn.Identity()\n")
    assert found.changes[0].after.decode() == expected


def test_modules_of_several_networks_go_by_both_names(measured: Measured) -> None:
    found = sites([("one", *measured), ("two", *measured)])
    assert found[named("one", "head")].built == {"one: head", "two: head"}
