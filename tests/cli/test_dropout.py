"""`netadvise suggest-dropout`: refusals first, then reports without data, and dropouts in the source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import ROOT, netadvise

MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    example_inputs = torch.zeros(1, 64)

    def __init__(self):
        super().__init__()
        print("a model that prints")
        self.hidden = nn.Sequential(nn.Linear(64, 128), nn.ReLU())
        self.drop = nn.Dropout(0.0)
        self.wide = nn.Sequential(nn.Linear(128, 128), nn.BatchNorm1d(128), nn.ReLU())
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.wide(self.drop(self.hidden(x))))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "no TARGET"),
        (("net.py:Net", "--lr", "0.1"), "no use for --lr"),
        (("net.py:Net", "--data", "data.py:load", "--rate", "1.5"), "--rate 1.5 is not between 0 and 1"),
        (("net.py:Net", "--data", "data.py:load", "--lr", "fast"), "--lr"),
        (("net.py:Net", "--data", "data.py:load", "--engine", "dask"), "none of local, inline, ray"),
        (("net.py:Net", "--resume", "studies"), "it takes no TARGET"),
        (("net.py:Net", "--fix"), "--fix without --data"),
        (("net.py:Net", "-f", "sarif"), "there is no format"),
        (("net.py:Net", "--context", "task"), "--context"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_model_runs(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    done = netadvise("suggest-dropout", *options, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "a model that prints" not in done.stderr


def test_a_model_that_is_not_there_exits_with_3(folder: Path) -> None:
    assert netadvise("suggest-dropout", "gone.py:Net", cwd=folder).returncode == 3


def test_help_needs_no_torch(folder: Path) -> None:
    (folder / "torch.py").write_text("raise SystemExit('torch was imported')\n")
    done = netadvise("suggest-dropout", "--help", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "--effort" in done.stdout


@pytest.mark.slow
def test_a_report_in_every_format_from_one_run(folder: Path) -> None:
    done = netadvise(
        *("suggest-dropout", "net.py:Net", "-f", "table", "-f", "json:d.json", "-f", "markdown:d.md"), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "not evidence: nothing was trained" in done.stdout
    assert "a model that prints" not in done.stdout
    assert (folder / "net.py").read_text() == MODEL
    document = json.loads((folder / "d.json").read_text())
    assert document["schema"] == "netadvise.dropout/1"
    assert document["basis"] == "convention"
    assert document["evidence"] == []
    assert [item["layer"] for item in document["existing"]] == ["drop"]
    assert any(item["accepted"] for item in document["positions"])
    assert any(not item["accepted"] for item in document["positions"])
    assert "convention, not evidence" in (folder / "d.md").read_text()


@pytest.mark.slow
def test_a_fix_is_left_out_unless_it_may_change_results(folder: Path) -> None:
    done = netadvise("suggest-dropout", "net.py:Net", "--layer", "wide*", "--fix", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "--unsafe-fixes takes it in" in done.stderr
    assert (folder / "net.py").read_text() == MODEL


@pytest.mark.slow
def test_a_diff_inserts_what_is_usual_at_the_named_place(folder: Path) -> None:
    done = netadvise("suggest-dropout", "net.py:Net", "--layer", "wide*", "--diff", cwd=folder)
    assert done.returncode == 0, done.stderr
    added = [line for line in done.stdout.splitlines() if line.startswith("+") and "Dropout" in line]
    assert added, done.stderr
    assert (folder / "net.py").read_text() == MODEL


@pytest.mark.slow
def test_the_example_of_the_documentation_is_what_is_printed() -> None:
    text = (ROOT / "docs" / "dropout.md").read_text()
    command, *shown = text.partition("```console\n$ netadvise ")[2].partition("```")[0].splitlines()
    done = netadvise(*command.split(), cwd=ROOT)
    # what stands there for torch's version is one of many
    expected = [line for line in shown if not line.startswith("model ")]
    assert done.stdout.splitlines()[1 : len(shown)] == expected
