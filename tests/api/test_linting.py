"""`netadvise.lint`: what it refuses and what it is silent about first."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

import netadvise
from netadvise.api.linting import LintRequest, lint_targets
from netadvise.errors import UsageError


class Fine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.norm(self.conv(x))


class Biased(Fine):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)


def rules(report: netadvise.LintReport) -> list[str]:
    return [finding.rule for model in report.models for finding in model.findings]


def test_a_sound_module_has_no_findings() -> None:
    report = netadvise.lint(Fine(), "1,3,8,8", select=["NRM", "DRP"])
    assert rules(report) == []
    assert (report.failing, report.failed, report.problems) == (0, {}, ())
    assert {rule.id[:3] for rule in report.rules} == {"NRM", "DRP"}


def test_a_module_is_left_in_its_mode() -> None:
    module = Fine().train()
    netadvise.lint(module, "2,3,8,8", select=["NRM001"])
    assert module.training
    assert int(module.norm.num_batches_tracked) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"select": ["NRX"]}, "no rule, prefix or set is called 'NRX'"),
        ({"rules": ["nowhere.yaml"]}, "no rule file nowhere.yaml"),
        ({"options": {"NRM001": {"nothing": 1}}}, "has no option 'nothing'"),
        ({"context": {"task.los": "MSELoss"}}, "did you mean 'task.loss'"),
    ],
)
def test_a_wrong_argument(given: dict[str, list[str]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        netadvise.lint(Fine(), "1,3,8,8", **given)  # type: ignore[arg-type]


def test_a_finding_of_a_module_built_before_is_where_it_is_called() -> None:
    report = netadvise.lint(Biased(), "1,3,8,8", select=["NRM001"])
    (finding,) = report.models[0].findings
    assert finding.layer == "conv"
    assert finding.location is not None
    assert Path(finding.location.file).name == "test_linting.py"
    line = Path(__file__).read_text().splitlines()[finding.location.line - 1]
    assert line.strip() == "return self.norm(self.conv(x))"


def test_a_model_that_fails_leaves_the_others_their_report(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(
        "from torch import nn\nmodel = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))\n"
    )
    (tmp_path / "bad.py").write_text("raise RuntimeError('out of order')\n")
    told = []
    request = LintRequest(
        targets=(f"{tmp_path}/bad.py", f"{tmp_path}/good.py"),
        inputs=("1,3,8,8",),
        isolated=True,
        in_process=True,
        cache=False,
    )
    report = lint_targets(request, tell=lambda model, error: told.append((model, type(error).__name__)))
    assert [(Path(model).name, error) for model, error in told] == [("bad.py", "TargetError")]
    assert [Path(model).name for model in report.failed] == ["bad.py"]
    assert "NRM001" in rules(report)
