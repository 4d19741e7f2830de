"""`netadvise lint` and what belongs to it: mistakes first, then reports, suppressions, baseline, settings, cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from netadvise.cli import app
from netadvise.errors import NetadviseError
from tests.cli.command import clean_environment, netadvise

MODEL = """\
import torch
from torch import nn

print("a model that prints")


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, bias=True)
        self.norm = nn.BatchNorm2d(width)
        self.late = nn.Dropout(0.5)

    def forward(self, x):
        return self.late(self.norm(self.conv(x)))
"""
RULES = """\
version: 1
set: house
prefix: MY
rules:
  - id: MY001
    name: no-bias
    title: No bias here
    severity: warning
    confidence: A
    options: {least: 1}
    match: {op: conv, bias: true}
    where: "out_channels >= opt.least"
    message: "has a bias"
    why: It is the rule of this house.
    refs: [algebra]
    tests: {input: [3, 8, 8], fires: ["Conv2d(3, 8, 3)"], silent: ["Conv2d(3, 8, 3, bias=False)"]}
  - id: MY002
    name: any-dropout
    title: No dropout here
    severity: advice
    confidence: C
    match: {op: dropout}
    message: "drops"
    why: It is the rule of this house.
    refs: [algebra]
    tests: {input: [3, 8, 8], fires: ["Dropout()"], silent: ["ReLU()"]}
  - id: MY003
    name: needs-the-loss
    title: Cannot be told without the loss
    severity: error
    confidence: A
    match: {op: conv}
    where: "task.loss == 'MSELoss'"
    message: "and its loss is the mean squared error"
    why: It is the rule of this house.
    refs: [algebra]
    tests: {input: [3, 8, 8], context: {task.loss: MSELoss}, fires: ["Conv2d(3, 8, 3)"], silent: ["ReLU()"]}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and a saved profile of its model."""
    folder = tmp_path_factory.mktemp("lint")
    (folder / "model.py").write_text(MODEL)
    (folder / "house.yaml").write_text(RULES)
    done = netadvise("profile", "model.py:Net", "-i", "1,3,8,8", "-f", "json:saved.json", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which the test works."""
    for name in ("model.py", "house.yaml", "saved.json"):
        shutil.copy(original / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in ("NETADVISE_FAIL_ON", "NETADVISE_FORMAT", "FORCE_COLOR", "COLUMNS", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*argv: str) -> int:
    """The exit code of a command line, in this process."""
    job = typer.main.get_command(app).main(list(argv), prog_name="netadvise", standalone_mode=False)
    return int(job() if callable(job) else job or 0)


SAVED = ("lint", "--from", "saved.json", "--rules", "house.yaml", "-f", "concise")


def concise(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    """The exit code, and the rules that concise lines name."""
    code = run(*SAVED, *argv)
    words = [
        line.split() for line in capsys.readouterr().out.splitlines() if line.startswith(("model.py:", "pyproject"))
    ]
    return code, [f"{line[2]} {line[1]}" for line in words]


@pytest.mark.parametrize(
    ("argv", "fragments"),
    [
        (("lint",), ("nothing to lint", "no [tool.netadvise] was found")),
        (("lint", "-i", "1,3"), ("need a TARGET",)),
        (("lint", "--from", "saved.json", "model.py"), ("--from takes a saved profile",)),
        (("lint", "--from", "nowhere.json"), ("cannot read nowhere.json",)),
        (("lint", "--from", "house.yaml"), ("not a saved profile",)),
        (("lint", "--from", "saved.json", "--rules", "hous.yaml"), ("no rule file hous.yaml", "house.yaml")),
        (
            ("lint", "--from", "saved.json", "--rules", "netadvise:1999.01"),
            ("no rule set 'netadvise:1999.01'", "2026.11"),
        ),
        (("lint", "--from", "saved.json", "--rules", "gpux"), ("--rules: there is no rule set", "'gpu'")),
        (("lint", "--from", "saved.json", "--select", "XYZ"), ("on the command line: no rule, prefix or set",)),
        (("lint", "--from", "saved.json", "--option", "MY001"), ("RULE.key=value",)),
        ((*SAVED, "--option", "MY001.lest=3"), ("no option 'lest'", "least")),
        ((*SAVED, "--option", "MY001.least=many"), ("MY001.least", "number")),
        ((*SAVED, "--severity", "MY001=fatal"), ("'fatal' is none of error, warning, advice",)),
        ((*SAVED, "--severity", "=error"), ("RULE=WORD",)),
        ((*SAVED, "--fail-on", "warn"), ("--fail-on 'warn' is none of",)),
        ((*SAVED, "--show", "never"), ("--show 'never' is none of",)),
        ((*SAVED, "--context", "task.los=MSELoss"), ("did you mean 'task.loss'",)),
        ((*SAVED, "--baseline", "none.json"), ("there is no baseline none.json", "baseline create")),
        (("lint", "model.py", "-f", "xml"), ("no format 'xml'", "sarif")),
        (("lint", "model.py", "--memory-limit", "much"), ("'much'",)),
        (("baseline", "update", "model.py"), ("there is no baseline .netadvise-baseline.json",)),
    ],
)
def test_a_wrong_command_line_is_one_message(project: Path, argv: tuple[str, ...], fragments: tuple[str, ...]) -> None:
    with pytest.raises(NetadviseError) as caught:
        run(*argv)
    error = caught.value
    said = "\n".join((error.message, error.where, *error.notes, error.hint))
    assert error.exit_code == 2
    assert all(fragment in said for fragment in fragments), said


def test_a_broken_rule_file_exits_with_2_and_its_places(project: Path) -> None:
    (project / "house.yaml").write_text(RULES.replace("op: dropout", "opp: dropout").replace("set: house", "set: home"))
    done = netadvise(*SAVED, cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "house.yaml:22:" in done.stderr
    assert "house.yaml:2:" in done.stderr


def test_a_selection_of_nothing_finds_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert concise(capsys, "--ignore", "ALL") == (0, [])


def test_findings_exit_with_1_and_advice_with_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert concise(capsys) == (1, ["MY001 warning", "MY002 advice"])
    assert concise(capsys, "--ignore", "no-bias") == (0, ["MY002 advice"])
    assert concise(capsys, "--ignore", "MY001", "--fail-on", "advice") == (0, ["MY002 advice"])
    assert concise(capsys, "--severity", "any-dropout=error") == (1, ["MY002 error", "MY001 warning"])
    assert concise(capsys, "--fail-on", "error") == (0, ["MY001 warning", "MY002 advice"])
    assert concise(capsys, "--show", "warning") == (1, ["MY001 warning"])


def test_options_and_context_reach_the_rules(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert concise(capsys, "--option", "no-bias.least=1K") == (0, ["MY002 advice"])
    assert concise(capsys, "--context", "task.loss=MSELoss", "--ignore", "MY001,MY002") == (1, ["MY003 error"])


def test_our_own_rules_are_selected_on_top_of_rule_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert concise(capsys, "--extend-select", "NRM001")[1] == ["MY001 warning", "MY002 advice", "NRM001 advice"]


def test_rules_of_a_folder_and_of_a_set(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "rules").mkdir()
    shutil.move(project / "house.yaml", project / "rules" / "house.yaml")
    assert run("lint", "--from", "saved.json", "--rules", "rules", "--rules", "netadvise:2026.11", "-f", "json") == 1
    (model,) = json.loads(capsys.readouterr().out)["models"]
    found = {finding["rule"] for finding in model["findings"]}
    assert {"MY001", "NRM001"} <= found


def test_an_edited_rule_file_counts_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text, expected in (
        (RULES, ["MY001 warning", "MY002 advice"]),
        (RULES.replace("least: 1", "least: 9"), ["MY002 advice"]),
        (RULES.replace("severity: warning", "severity: error"), ["MY001 error", "MY002 advice"]),
    ):
        (project / "house.yaml").write_text(text)
        os.utime(project / "house.yaml", ns=(10**18, 10**18))
        assert concise(capsys)[1] == expected
        assert concise(capsys)[1] == expected


def test_several_formats_in_one_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SAVED, "-f", "json:out.json", "-f", "sarif:out.sarif") == 1
    assert "MY001" in capsys.readouterr().out
    assert json.loads((project / "out.json").read_text())["schema"].startswith("netadvise.lint/")
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"


def test_the_environment_gives_way_to_the_command_line(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETADVISE_FAIL_ON", "error")
    monkeypatch.setenv("NETADVISE_FORMAT", "json")
    assert run("lint", "--from", "saved.json", "--rules", "house.yaml") == 0
    json.loads(capsys.readouterr().out)
    assert concise(capsys, "--fail-on", "warning")[0] == 1


COMMENTED = MODEL.replace("bias=True)", "bias=True)  # netadvise: ignore[MY001] old checkpoints").replace(
    "nn.Dropout(0.5)", "nn.Dropout(0.5)  # netadvise: ignore[MY001, MY9] why not"
)


def test_comments_suppress(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "model.py").write_text(COMMENTED)
    assert concise(capsys) == (1, ["MY002 advice", "NA003 warning"])
    assert concise(capsys, "--ignore", "NA") == (0, ["MY002 advice"])
    assert concise(capsys, "--no-suppress") == (1, ["MY001 warning", "MY002 advice"])


PYPROJECT = """
[tool.netadvise]
rules = ["house.yaml"]
baseline = "old.json"

[tool.netadvise.options.MY001]
least = 4

[[tool.netadvise.layer-ignores]]
layer = "la*"
rules = ["MY"]
reason = "it is late"
"""


def test_what_the_project_says_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(
        PYPROJECT.replace('baseline = "old.json"', "").replace("least = 4", "least = 9")
    )
    assert run("lint", "--from", "saved.json", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["findings"] == []
    assert concise(capsys, "--isolated") == (1, ["MY001 warning", "MY002 advice"])
    assert concise(capsys, "--option", "MY001.least=1") == (1, ["MY001 warning"])
    run("config", "show")
    assert 'reason = "it is late"' in capsys.readouterr().out


def test_a_mistake_in_the_configuration_exits_with_2(project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT + "nonsense = 1\n[tool.netadvise.context]\ntask.loss = 1\n")
    done = netadvise("lint", cwd=project)
    assert done.returncode == 2
    assert "pyproject.toml:13: unknown key 'nonsense'" in done.stderr
    assert "pyproject.toml:15: task.loss must be a text, not 1" in done.stderr


def test_a_baseline_hides_what_was_there_and_says_what_is_gone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [
        {"model": "saved.json", "rule": "MY001", "layer": "conv", "count": 1},
        {"model": "saved.json", "rule": "MY002", "layer": "gone", "count": 2},
    ]
    (project / "old.json").write_text(json.dumps({"schema": "netadvise.baseline/1", "findings": entries}))
    assert run(*SAVED, "--baseline", "old.json") == 0
    out = capsys.readouterr().out
    assert "MY001" not in out
    assert "NA004" in out


def test_a_saved_profile_is_linted_without_torch(project: Path) -> None:
    (project / "torch.py").write_text("raise SystemExit('torch was imported')")
    done = netadvise(*SAVED, cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("model.py:10:21: warning MY001")


LOADED = "print([name for name in ('rich', 'msgspec', 'yaml', 'torch', 'numpy') if name in sys.modules])"


def test_the_help_loads_no_rules() -> None:
    code = f"import sys, typer.main; from netadvise.cli import app; typer.main.get_command(app); {LOADED}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


MODELS = """
[tool.netadvise]
rules = ["house.yaml"]

[[tool.netadvise.models]]
name = "small"
target = "nets/model.py:Net"
input = "1,3,8,8"
args = { width = 4 }

[[tool.netadvise.models]]
name = "broken"
target = "nets/broken.py:Net"
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_configured_models_their_baseline_and_the_cache(project: Path) -> None:
    (project / "nets").mkdir()
    shutil.move(project / "model.py", project / "nets" / "model.py")
    (project / "nets" / "broken.py").write_text("raise RuntimeError('out of order')\n")
    (project / "pyproject.toml").write_text(MODELS)
    done = netadvise("lint", "-f", "concise", cwd=project)
    assert done.returncode == 3, "an incomplete report outweighs findings"
    assert "error: broken: " in done.stderr
    assert "out of order" in done.stderr
    assert "a model that prints" in done.stderr
    assert "nets/model.py:10:21: warning MY001" in done.stdout

    (project / "pyproject.toml").write_text(MODELS.partition('[[tool.netadvise.models]]\nname = "broken"')[0])
    (project / "nets" / "model.py").write_text(MODEL.replace("(0.5)", "(0.5)  # netadvise: ignore[MY001] why not"))
    inner = netadvise("lint", "-f", "concise", cwd=project / "nets")
    assert inner.returncode == 1
    assert "model.py:10:21: warning MY001" in inner.stdout
    assert "model.py:12:38: warning NA001" in inner.stdout
    assert "a model that prints" in netadvise("lint", "-f", "concise", cwd=project).stderr
    cached = netadvise("lint", "-f", "concise", cwd=project)
    assert (cached.returncode, cached.stderr) == (1, ""), "nothing ran, so nothing was printed"
    fresh = netadvise("lint", "-f", "concise", "--no-cache", cwd=project)
    assert "a model that prints" in fresh.stderr
    assert fresh.stdout == cached.stdout.replace(" (unchanged since the last run)", "")

    assert netadvise("baseline", "create", cwd=project).returncode == 0
    entries = json.loads((project / ".netadvise-baseline.json").read_text())["findings"]
    assert [(entry["model"], entry["rule"], entry["layer"]) for entry in entries] == [
        ("small", "MY001", "conv"),
        ("small", "MY002", "late"),
    ]
    assert netadvise("lint", "--baseline", ".netadvise-baseline.json", "--ignore", "NA", cwd=project).returncode == 0
    model = project / "nets" / "model.py"
    model.write_text(MODEL.replace("bias=True", "bias=False"))
    os.utime(model, ns=(10**18, 10**18))
    pruned = netadvise("baseline", "prune", cwd=project)
    assert ".netadvise-baseline.json: 1 findings, 0 new, 1 gone" in pruned.stdout
