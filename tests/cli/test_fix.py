"""`lint --diff`, `--fix` and `--fix unsafe`: refusals first, then a diff alone, then files that change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import typer

from netadvise.cli import app
from netadvise.cli.shortcut import spelled_out
from netadvise.errors import UsageError
from tests.cli.command import netadvise

MODEL = """\
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, 8, 3)  # größer
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.norm(self.conv(x))


class Net(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.first = Block(3)
        self.last = Block(8)
        self.head = nn.Conv2d(8, 8, 1, bias=bias)
        self.norm = nn.BatchNorm2d(8)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.norm(self.head(self.last(self.first(x)))))


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.only = Block(3)

    def forward(self, x):
        return self.only.conv(x)
"""
RULE = """\
version: 1
set: house
prefix: MY
rules:
  - id: MY001
    name: no-bias
    title: No bias here
    severity: warning
    confidence: A
    match: {op: conv, bias: true}
    message: "has a bias"
    why: It is the rule of this house.
    refs: [algebra]
    fix: {text: "bias=False", set_args: {bias: false}, safety: safe}
    tests: {input: [3, 8, 8], fires: ["Conv2d(3, 8, 3)"], silent: ["Conv2d(3, 8, 3, bias=False)"]}
  - id: MY002
    name: larger-kernel
    title: A larger kernel
    severity: warning
    confidence: A
    match: {op: conv, kernel_size: 3}
    message: "is small"
    why: It is the rule of this house.
    refs: [algebra]
    fix: {text: "kernel_size=99", set_args: {kernel_size: 99}, safety: changes-function}
    tests: {input: [3, 8, 8], fires: ["Conv2d(3, 8, 3)"], silent: ["Conv2d(3, 8, 1)"]}
"""
LINT = ("lint", "--rules", "house.yaml", "-f", "concise", "--isolated")
AFTER = MODEL.replace("width, 8, 3)", "width, 8, 3, bias=False)")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The profile of `Net`, as JSON."""
    folder = tmp_path_factory.mktemp("fix")
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    done = netadvise("profile", "model.py:Net", "-i", "1,3,8,8", "-f", "json:saved.json", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "saved.json").read_text()


@pytest.fixture
def project(saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the model, the rules and the saved profile, in which the test works."""
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "house.yaml").write_text(RULE)
    (tmp_path / "saved.json").write_text(saved)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv("NETADVISE_FORMAT", raising=False)
    return tmp_path


def run(*argv: str) -> int:
    """The exit code of a command line, in this process."""
    job = typer.main.get_command(app).main(spelled_out(argv), prog_name="netadvise", standalone_mode=False)
    return int(job() if callable(job) else job or 0)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--diff", "--fix"), "give one of the two"),
        (("--unsafe-fixes",), "give it with one of the two"),
        (("--fix",), "in place of --from"),
    ],
)
def test_options_that_contradict_each_other(project: Path, argv: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(*LINT, "--from", "saved.json", *argv)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["lint", "unsafe", "--fix"], ["lint", "unsafe", "--fix"]),
        (["lint", "--fix", "model.py"], ["lint", "--fix", "model.py"]),
        (["lint", "--fix", "unsafe", "model.py"], ["lint", "--fix", "--unsafe-fixes", "model.py"]),
        (["lint", "--fix=unsafe"], ["lint", "--fix", "--unsafe-fixes"]),
    ],
)
def test_fix_unsafe_is_two_options(argv: list[str], expected: list[str]) -> None:
    assert spelled_out(argv) == expected


def test_a_file_that_changed_since_the_profile_was_saved(
    project: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    later = (project / "saved.json").stat().st_mtime_ns + 1_000_000
    os.utime(project / "model.py", ns=(later, later))
    assert run(*LINT, "--from", "saved.json", "--diff") == 1
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert b"model.py has changed since the model was recorded" in err


def test_diff_prints_the_diff_alone(project: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(*LINT, "--from", "saved.json") == run(*LINT, "--from", "saved.json", "--diff") == 1
    _, err = capfdbinary.readouterr()
    assert run(*LINT, "--from", "saved.json", "--diff") == 1
    out, err = capfdbinary.readouterr()
    assert (project / "model.py").read_text(encoding="utf-8") == MODEL
    told = err.decode()
    assert "not fixed model.py:19 MY001 no-bias head: bias is given by the name bias at line 19" in told
    assert "1 more fix changes the weights or what the model computes: --unsafe-fixes takes them in" in told
    assert "warning MY001 no-bias" in told
    subprocess.run(["patch", "-p0"], input=out, check=True, capture_output=True)
    assert (project / "model.py").read_text(encoding="utf-8") == AFTER


@pytest.mark.slow
def test_what_a_fix_breaks_is_put_back(project: Path) -> None:
    done = netadvise(*LINT, "model.py:Net", "-i", "1,3,8,8", "--fix", "unsafe", cwd=project)
    assert done.returncode == 1
    assert "nothing was changed: model.py:Net fails then" in done.stderr
    assert "MY002 larger-kernel" in done.stdout
    assert (project / "model.py").read_text(encoding="utf-8") == MODEL
    assert [path.name for path in project.glob(".*netadvise-*")] == []


@pytest.mark.slow
def test_a_call_that_another_model_needs_as_it_is(project: Path) -> None:
    pyproject = '[[tool.netadvise.models]]\nname = "{0}"\ntarget = "model.py:{0}"\ninput = "1,3,8,8"\n'
    ignored = '[[tool.netadvise.layer-ignores]]\nlayer = "only.*"\nrules = ["MY001"]\nreason = "trained"\n'
    (project / "pyproject.toml").write_text(pyproject.format("Net") + pyproject.format("Half") + ignored)
    done = netadvise("lint", "--rules", "house.yaml", "-f", "concise", "--diff", cwd=project)
    assert done.stdout == ""
    assert "the same call builds Half: only.conv, which stay as they are" in done.stderr


@pytest.mark.slow
def test_a_call_that_two_models_share_is_changed_for_both(project: Path) -> None:
    pyproject = '[[tool.netadvise.models]]\nname = "{0}"\ntarget = "model.py:{0}"\ninput = "1,3,8,8"\n'
    (project / "pyproject.toml").write_text(pyproject.format("Net") + pyproject.format("Half"))
    done = netadvise("lint", "--rules", "house.yaml", "-f", "concise", "--fix", "--select", "MY001", cwd=project)
    assert (project / "model.py").read_text(encoding="utf-8") == AFTER
    assert "fixed model.py:7 MY001 no-bias first.conv (+2 more): bias=False" in done.stderr


@pytest.mark.slow
def test_fix_writes_what_it_can_and_lints_again(project: Path) -> None:
    done = netadvise(*LINT, "model.py:Net", "-i", "1,3,8,8", "--select", "MY001", "--fix", cwd=project)
    assert done.returncode == 1
    assert (project / "model.py").read_text(encoding="utf-8") == AFTER
    assert "fixed model.py:7 MY001 no-bias first.conv (+1 more): bias=False" in done.stderr
    assert "no-bias  head: has a bias" in done.stdout
    assert "first.conv" not in done.stdout
