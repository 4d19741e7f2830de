"""`diff` composed: refusals first, then saved profiles, targets, and a target at two revisions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from netadvise.api import record
from netadvise.api.comparing import DiffRequest, diff, diff_targets
from netadvise.comparison import Comparison, FindingsDiff
from netadvise.errors import NetadviseError, TargetError, UsageError
from netadvise.measure import measure
from netadvise.quantity import Unknown
from netadvise.render.json import json
from netadvise.render.view import View
from tests.api.gitted import committed, repository, state, written

ROOT = Path(__file__).resolve().parents[2]
NET = """\
import torch
from torch import nn


class Net(nn.Module):
    example_inputs = torch.zeros(1, 3, 32, 32)

    def __init__(self, width: int = 8):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.act = nn.ReLU()
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.act(self.stem(x)).mean((2, 3)))
"""
WIDER = NET.replace("nn.Conv2d(3, width, 3, padding=1)", "nn.Conv2d(3, width, 5, padding=2)")
RESNET = (ROOT / "benchmarks" / "models" / "resnet50.py").read_text()
HAND_EDITED = RESNET.replace("nn.MaxPool2d(3, 2, 1)", "nn.AvgPool2d(3, 2, 1)").replace(
    "self.blocks = nn.Sequential(*blocks)\n",
    "self.blocks = nn.Sequential(*blocks)\n"
    "        self.blocks[4].spatial[0] = nn.Conv2d(128, 128, 5, padding=2, bias=False)\n"
    "        self.blocks[9].reduce[1] = nn.GroupNorm(32, 256)\n",
)
EDITED = {"stem.2", "blocks.4.spatial.0", "blocks.9.reduce.1"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    monkeypatch.chdir(folder)
    return folder


def run(new: str, old: str | None = None, **options: object) -> Comparison:
    request = DiffRequest(new=new, old=old, isolated=True, cache=False, **options)  # type: ignore[arg-type]
    return diff_targets(request)


def edited(found: Comparison) -> set[str]:
    return {change.layer.name for change in found.of("edited", "added", "removed")}


@pytest.mark.parametrize(
    ("request_of", "said"),
    [
        (lambda: DiffRequest(new="a.py"), "there is nothing to compare"),
        (lambda: DiffRequest(new="a.py", old="b.py", base="main"), "--base compares one target"),
        (lambda: DiffRequest(new="a.json", base="main"), "--base compares one target"),
        (lambda: DiffRequest(new="a.json", old="b.json", inputs=("1,3",)), "both sides are saved"),
        (lambda: DiffRequest(new="a.py", old="b.py", fail_if=("weight > 3",)), "there is no weight"),
        (lambda: DiffRequest(new="a.json", old="b.json"), "cannot read b.json"),
    ],
)
def test_what_cannot_be_compared_is_refused(here: Path, request_of: Callable[[], DiffRequest], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        diff_targets(request_of())


def test_modules_are_compared_in_this_process_and_left_alone() -> None:
    def made(kernel: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 8, kernel, padding=kernel // 2), nn.ReLU())

    old, new = made(3), made(5)
    before = {name: value.clone() for name, value in new.state_dict().items()}
    found = diff(old, new, "1,3,16,16")
    assert edited(found) == {"0"}
    assert isinstance(found.findings, FindingsDiff)
    assert all(torch.equal(value, before[name]) for name, value in new.state_dict().items())


def test_a_module_does_not_differ_from_itself() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    found = diff(module, module, "1,3,16,16")
    assert found.identical
    assert isinstance(found.findings, FindingsDiff)
    assert found.findings.changes == ()


def test_a_profile_saved_without_facts_has_no_findings_to_compare(here: Path) -> None:
    for name, kernel in (("old.json", 3), ("new.json", 5)):
        profile = measure(record(nn.Sequential(nn.Conv2d(3, 8, kernel)), "1,3,16,16"))
        (here / name).write_text(json(profile, View()))
    found = run("new.json", "old.json", fail_if=("params > +1%", "new_errors > 0"))
    assert edited(found) == {"0"}
    assert isinstance(found.findings, Unknown)
    assert [isinstance(item.holds, Unknown) for item in found.conditions] == [False, True]


@pytest.mark.slow
def test_a_hand_edited_resnet50_differs_in_exactly_the_edited_layers(here: Path) -> None:
    written(here, {"old.py": RESNET, "new.py": HAND_EDITED})
    found = run("new.py:ResNet50", "old.py:ResNet50", inputs=("1,3,224,224",))
    assert edited(found) == EDITED
    assert {change.status for change in found.layers if change.layer.name not in EDITED} == {"same", "follows"}
    back = run("old.py:ResNet50", "new.py:ResNet50", inputs=("1,3,224,224",))
    assert [item.delta for item in back.totals] == [-item.delta for item in found.totals if isinstance(item.delta, int)]


@pytest.mark.slow
def test_the_same_at_a_revision(here: Path) -> None:
    repository(here, {"nets/model.py": RESNET})
    committed(here, {"README": "the model has not changed since\n"})
    written(here, {"nets/model.py": HAND_EDITED})
    before = state(here)
    found = run("nets/model.py:ResNet50", base="HEAD~1", inputs=("1,3,224,224",))
    assert edited(found) == EDITED
    assert state(here) == before
    assert found.new.label == "nets/model.py:ResNet50"
    assert found.old.label.startswith("nets/model.py:ResNet50 at HEAD~1 (")
    files = {layer.location.file for side in (found.old, found.new) for layer in side.profile.layers if layer.location}
    assert files == {"nets/model.py"}


@pytest.mark.slow
def test_paths_start_at_the_top_of_the_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "sub/net.py": NET.replace("nn.ReLU()", "blocks.Act()").replace(
            "import torch\n", "import blocks\nimport torch\n", 1
        )
    }
    act = "from torch import nn\n\n\nclass Act(nn.ReLU):\n    pass\n"
    repository(here, {**files, "sub/blocks.py": act})
    written(here, {"sub/blocks.py": act.replace("ReLU", "SiLU")})
    monkeypatch.chdir(here / "sub")
    found = run("net.py", base="main")
    (layer,) = found.of("edited")
    assert [(item.name, item.old, item.new) for item in layer.own] == [("computes", "relu", "silu")]
    assert layer.old is not None and layer.new is not None
    assert layer.old.location == layer.new.location
    assert layer.old.location is not None
    assert layer.old.location.file == "sub/net.py"


@pytest.mark.slow
def test_code_beside_the_target_is_that_of_the_revision(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = NET.replace("import torch\n", "import torch\nfrom lib.widths import WIDTH\n", 1).replace(
        "width: int = 8", "width: int = WIDTH"
    )
    repository(here, {"scripts/net.py": net, "src/lib/widths.py": "WIDTH = 8\n", "src/lib/__init__.py": ""})
    written(here, {"src/lib/widths.py": "WIDTH = 16\n"})
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(here / "src"))))
    found = run("scripts/net.py", base="HEAD")
    assert found.total("params").old == 8 * 28 + 90
    assert found.total("params").new == 16 * 28 + 170


@pytest.mark.slow
def test_code_of_the_present_never_counts_as_that_of_a_revision(here: Path) -> None:
    present = here / "hidden"
    net = f"import sys\nsys.path.insert(0, {str(present)!r})\nimport widths\n" + NET
    repository(here, {"net.py": net, "hidden/widths.py": "WIDTH = 8\n"})
    with pytest.raises(TargetError, match=r"imported code of the present work tree: hidden/widths\.py"):
        run("net.py", base="HEAD")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "base", "said"),
    [
        ("new.py", "HEAD", "new.py does not exist at HEAD"),
        ("net.py", "nowhere", "git knows no revision 'nowhere'"),
        ("net.py:Broken", "HEAD", "at HEAD .*Broken"),
        ("gone.py", "HEAD", "there is no file gone.py"),
        ("torch.nn:ReLU", "HEAD", "nothing of torch.nn comes from the repository"),
    ],
)
def test_what_is_not_there_is_said(here: Path, target: str, base: str, said: str) -> None:
    repository(here, {"net.py": NET})
    broken = NET + "\n\nclass Broken(Net):\n    pass\n"
    written(here, {"new.py": NET, "net.py": broken})
    before = state(here)
    inputs = ("1,3,4,4",) if target.startswith("torch") else ()
    with pytest.raises(NetadviseError, match=said) as caught:
        run(target, base=base, inputs=inputs)
    assert (
        "netadvise-diff-" not in f"{caught.value.message} {caught.value.where} {caught.value.notes} {caught.value.hint}"
    )
    assert state(here) == before


@pytest.mark.slow
def test_findings_are_new_where_the_rules_are_those_of_the_project(here: Path) -> None:
    written(here, {"old.py": NET, "new.py": WIDER})
    (here / "pyproject.toml").write_text('[tool.netadvise]\nextend-select = ["KER001"]\n')
    found = diff_targets(DiffRequest(new="new.py", old="old.py", cache=False))
    assert isinstance(found.findings, FindingsDiff)
    before = diff_targets(DiffRequest(new="old.py", old="new.py", cache=False)).findings
    assert isinstance(before, FindingsDiff)
    assert {change.rule for change in found.findings.changes if change.status == "new"} == {
        change.rule for change in before.changes if change.status == "fixed"
    }
    assert found.findings.rules > 0
