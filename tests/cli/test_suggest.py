"""`netadvise suggest-kernels`: refusals first, then reports, budgets, and edits in the source."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import ROOT, netadvise

MODEL = """\
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 5, padding=2, bias=False)  # five by five
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return x + torch.relu(self.norm(self.conv(x)))


class Net(nn.Module):
    example_inputs = torch.zeros(1, 3, 32, 32)

    def __init__(self):
        super().__init__()
        print("a model that prints")
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.blocks = nn.Sequential(Block(16), Block(16))
        self.quiet = nn.Conv2d(16, 16, 5, padding=2)  # netadvise: ignore[KER102] the point of this net
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.quiet(self.blocks(torch.relu(self.stem(x))))
        return self.head(torch.relu(x).mean((2, 3)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--lr", "0.1"), "no use for --lr"),
        (("--workers", "2", "--effort", "quick"), "no use for --effort, --workers"),
        (("--data", "data.py:load", "--max-steps", "0"), "--max-steps 0"),
        (("--data", "data.py:load", "--batch-size", "many"), "--batch-size"),
        (("--data", "data.py:load", "--effort", "full"), "none of quick, screen, confirm"),
        (("--data", "data.py:load", "--engine", "dask"), "none of local, inline, ray"),
        (("--budget", "time=-3%"), "--budget"),
        (("--diff", "--fix"), "give one of the two"),
        (("--unsafe-fixes",), "give it with one of the two"),
        (("-f", "sarif"), "there is no format"),
        (("--select", "NRM002"), "none of the selected rules"),
        (("--select", "XYZ999"), "XYZ999"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_model_runs(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    done = netadvise("suggest-kernels", "net.py:Net", *options, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "a model that prints" not in done.stderr


def test_a_saved_profile_cannot_be_edited(folder: Path) -> None:
    done = netadvise("suggest-kernels", "profile.json", cwd=folder)
    assert done.returncode == 2
    assert "no model to try edits on" in done.stderr


def test_a_model_that_is_not_there_exits_with_3(folder: Path) -> None:
    assert netadvise("suggest-kernels", "gone.py:Net", cwd=folder).returncode == 3


def test_help_needs_no_torch(folder: Path) -> None:
    done = netadvise("suggest-kernels", "--help", cwd=folder)
    assert done.returncode == 0
    assert "--budget" in done.stdout


@pytest.mark.slow
def test_a_report_in_every_format_from_one_run(folder: Path) -> None:
    done = netadvise(
        *("suggest-kernels", "net.py:Net", "-f", "table", "-f", "json:s.json", "-f", "markdown:s.md"), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "blocks.0.conv (+1 more)" in done.stdout
    assert "net.py:8:21" in done.stdout
    assert "not measured" in done.stdout
    assert "a model that prints" not in done.stdout
    document = json.loads((folder / "s.json").read_text())
    (found,) = [item for item in document["suggestions"] if item["rule"] == "KER102"]
    assert found["layers"] == ["blocks.0.conv", "blocks.1.conv"]
    assert found["location"] == {"file": "net.py", "line": 8, "column": 21}
    assert document["suppressed"] == 1
    assert "| 1 | blocks.0.conv" in (folder / "s.md").read_text()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_a_diff_applies_and_gives_the_promised_numbers(folder: Path) -> None:
    report = ("-f", "json:before.json")
    shown = netadvise(*("suggest-kernels", "net.py:Net", "--select", "KER102", "--diff", *report), cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert (folder / "net.py").read_text() == MODEL
    subprocess.run(["patch", "-p0"], cwd=folder, input=shown.stdout, text=True, check=True, capture_output=True)
    profiled = netadvise("profile", "net.py:Net", "-f", "json", cwd=folder)
    after = json.loads(profiled.stdout)["totals"]
    before = json.loads((folder / "before.json").read_text())
    effect = before["combined"]["effect"]
    for key in ("params", "macs", "activation_bytes"):
        assert after[key] == before["totals"][key] + effect[key]


@pytest.mark.slow
def test_only_safe_edits_are_written_unless_asked(folder: Path) -> None:
    done = netadvise("suggest-kernels", "net.py:Net", "--select", "KER102", "--fix", cwd=folder)
    assert done.returncode == 0
    assert "1 edit left out" in done.stderr
    assert (folder / "net.py").read_text() == MODEL


@pytest.mark.slow
def test_a_fix_is_written_and_checked(folder: Path) -> None:
    done = netadvise(
        *("suggest-kernels", "net.py:Net", "--budget", "macs=-10%", "--select", "KER102", "--fix", "unsafe"), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "wrote net.py" in done.stderr
    written = (folder / "net.py").read_text()
    assert "nn.Conv2d(width, width, 3, padding=1, bias=False)" in written
    assert "# five by five" in written
    assert "macs=-10%: met" in done.stdout


@pytest.mark.slow
def test_a_budget_that_is_not_met_writes_nothing(folder: Path) -> None:
    done = netadvise("suggest-kernels", "net.py:Net", "--budget", "params=10", "--fix", "unsafe", cwd=folder)
    assert done.returncode == 0
    assert "NOT met" in done.stdout
    assert "the budget is not met" in done.stderr
    assert (folder / "net.py").read_text() == MODEL


@pytest.mark.slow
def test_the_example_of_the_documentation_is_what_is_printed() -> None:
    text = (ROOT / "docs" / "suggest.md").read_text()
    command, *shown = text.partition("```console\n$ netadvise ")[2].partition("```")[0].splitlines()
    done = netadvise(*command.split(), cwd=ROOT)
    # what stands there for torch's version is one of many
    expected = [line for line in shown if not line.startswith("model ")]
    assert done.stdout.splitlines()[1 : len(shown)] == expected
