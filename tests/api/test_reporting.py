"""`report`: one dossier from a model, or from a saved profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.api.reporting import ReportRequest, reported
from netadvise.config import Config, Selection
from netadvise.errors import UsageError
from tests.cli.command import netadvise

MODEL = """
from torch import nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 8, 7, padding=3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 5, padding=2))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("reported") / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def saved(model: Path) -> Path:
    file = model.with_suffix(".json")
    assert netadvise("profile", f"{model}:Net", "-i", "2,3,16,16", "-f", f"json:{file}").returncode == 0
    return file


def request(target: str, **changes: object) -> ReportRequest:
    asked = {"target": target, "isolated": True, "cache": False, "in_process": True, **changes}
    return ReportRequest(**asked)  # type: ignore[arg-type]


def test_a_model_is_profiled_linted_and_its_kernels_are_tried(model: Path) -> None:
    found = reported(request(f"{model}:Net", inputs=("2,3,16,16",)))
    assert found.profile is not None
    assert found.facts is not None
    assert found.lint is not None
    assert "NRM001" in {finding.rule for finding in found.lint.models[0].findings}
    assert found.kernels is not None
    assert found.kernels.suggestions
    assert found.dropout is not None
    assert found.notes == ()


def test_kernels_can_be_left_alone(model: Path) -> None:
    found = reported(request(f"{model}:Net", inputs=("2,3,16,16",), kernels=False))
    assert found.kernels is None
    assert found.notes == ()


def test_selected_rules_count_and_a_missing_section_is_explained(model: Path) -> None:
    command = Config(selections=(Selection(("SHP",), (), (), "test"),))
    found = reported(request(f"{model}:Net", inputs=("2,3,16,16",), command=command))
    assert found.lint is not None
    assert {rule.id[:3] for rule in found.lint.rules} == {"SHP"}
    assert found.kernels is None
    assert found.notes[0].startswith("no kernel suggestions: ")


def test_a_saved_profile_gives_everything_but_kernels(saved: Path) -> None:
    found = reported(request(str(saved)))
    assert found.lint is not None
    assert "NRM001" in {finding.rule for finding in found.lint.models[0].findings}
    assert found.dropout is not None
    assert found.kernels is None
    assert "does not hold" in found.notes[0]


def test_a_saved_profile_without_facts_says_what_is_missing(saved: Path, tmp_path: Path) -> None:
    file = tmp_path / "bare.json"
    text = saved.read_text(encoding="utf-8")
    file.write_text(text[: text.index(',\n "facts"')] + "}\n", encoding="utf-8")
    found = reported(request(str(file)))
    assert found.profile is not None
    assert (found.lint, found.dropout, found.kernels) == (None, None, None)
    assert "holds no facts" in found.notes[0]


def test_a_saved_profile_takes_no_inputs(saved: Path) -> None:
    with pytest.raises(UsageError, match="-i and --arg need the model"):
        reported(request(str(saved), inputs=("1,3,8,8",)))
