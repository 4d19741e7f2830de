"""The command line: usage errors first, then reports, files, streams and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netadvise.cli.output import stdout_width
from netadvise.document import profile_document, profile_from_json
from netadvise.render.view import SORT_KEYS
from netadvise.version import __version__
from tests.cli.command import clean_environment
from tests.cli.command import netadvise_cold as netadvise
from tests.render.sample import sample

MODEL = """
import torch
from torch import nn

print("a model that prints")


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, stride=2)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.conv(x).relu().mean((2, 3)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and a saved profile."""
    path = tmp_path_factory.mktemp("command")
    (path / "model.py").write_text(MODEL)
    (path / "saved.json").write_text(json.dumps(profile_document(sample())))
    (path / "broken.json").write_text("{}")
    return path


@pytest.mark.parametrize(
    ("argv", "fragments"),
    [
        ((), ("Usage",)),
        (("prophile",), ("prophile",)),
        (("profile",), ("TARGET",)),
        (("profile", "model.py", "--nonsense"), ("--nonsense",)),
        (("profile", "model.py", "-f", "xml"), ("no format 'xml'", "table, json, csv, markdown")),
        (("profile", "model.py", "-f", "json:"), ("names no file",)),
        (("profile", "model.py", "-f", "json:nowhere/out.json"), ("no folder nowhere",)),
        (("profile", "model.py", "-f", "json:."), ("is a folder",)),
        (("profile", "model.py", "-f", "json", "-f", "csv"), ("two formats go to stdout",)),
        (("profile", "model.py", "-f", "json:a", "-f", "csv:./a"), ("two formats go to",)),
        (("profile", "model.py", "--sort", "speed"), ("'speed'", "macs")),
        (("profile", "model.py", "--top", "0"), ("--top",)),
        (("profile", "model.py", "--depth", "0"), ("--depth",)),
        (("profile", "model.py", "--mode", "predict"), ("'predict'",)),
        (("profile", "model.py", "--timeout", "0"), ("--timeout",)),
        (("profile", "model.py", "--memory-limit", "much"), ("'much'", "8G")),
        (("profile", "model.py", "--graph", "nowhere/graph.json"), ("no folder nowhere",)),
        (("profile", "missing.json"), ("cannot read missing.json",)),
        (("profile", "broken.json"), ("not a saved profile", "schema")),
        (("profile", "saved.json", "-i", "1,3"), ("is a saved profile",)),
    ],
)
def test_a_wrong_command_line_exits_with_2_and_one_message(
    folder: Path, argv: tuple[str, ...], fragments: tuple[str, ...]
) -> None:
    done = netadvise(*argv, cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(fragment in done.stderr for fragment in fragments)
    assert "Traceback" not in done.stderr


def test_the_version(folder: Path) -> None:
    assert netadvise("--version", cwd=folder).stdout == f"netadvise {__version__}\n"
    assert netadvise("version", cwd=folder).stdout == f"netadvise {__version__}\n"


def test_help_names_every_sort_key_and_exits_with_0(folder: Path) -> None:
    done = netadvise("profile", "--help", cwd=folder, COLUMNS="200")
    assert done.returncode == 0
    assert all(key in done.stdout for key in SORT_KEYS)


LOADED = "print([name for name in ('rich', 'msgspec', 'torch', 'numpy') if name in sys.modules])"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sys, netadvise.cli.profile", "['rich', 'msgspec']"),
        ("import sys, netadvise.cli", "[]"),
        ("import sys, netadvise", "[]"),
    ],
)
def test_the_front_process_imports_nothing_heavy(code: str, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {LOADED}"], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{expected}\n"


def test_a_saved_profile_is_shown_again_without_torch(folder: Path) -> None:
    (folder / "torch.py").write_text("raise SystemExit('torch was imported')")
    try:
        done = netadvise("profile", "saved.json", "-f", "json", cwd=folder)
    finally:
        (folder / "torch.py").unlink()
    assert done.returncode == 0
    assert profile_from_json(done.stdout) == sample()


def test_strict_exits_with_1_on_a_gap_and_still_reports(folder: Path) -> None:
    done = netadvise("profile", "saved.json", "--strict", cwd=folder)
    assert done.returncode == 1
    assert "natten.na2d" in done.stdout
    assert netadvise("profile", "saved.json", cwd=folder).returncode == 0


def test_a_piped_table_is_not_cut(folder: Path) -> None:
    done = netadvise("profile", "saved.json", cwd=folder)
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 120


@pytest.mark.parametrize(("argv", "environment"), [(("--width", "60"), {}), ((), {"COLUMNS": "60"})])
def test_a_width_is_kept_to(folder: Path, argv: tuple[str, ...], environment: dict[str, str]) -> None:
    done = netadvise("profile", "saved.json", *argv, cwd=folder, **environment)
    assert max(map(len, done.stdout.splitlines())) <= 60


@pytest.mark.parametrize(("columns", "expected"), [("", None), ("wide", None), ("0", None), ("132", 132)])
def test_columns_of_a_pipe(columns: str, expected: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert stdout_width() == expected


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -m netadvise profile saved.json -f json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


def test_an_encoding_without_the_ellipsis_is_no_error(folder: Path) -> None:
    done = netadvise("profile", "saved.json", "--width", "60", cwd=folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "\\u2026" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_stdout_is_one_message(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "netadvise", "profile", "saved.json"],
            cwd=folder, env=clean_environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "error: cannot write the report: No space left on device\n"


def test_a_file_that_cannot_be_written_stays_as_it_was(folder: Path) -> None:
    (folder / "kept.json").write_text("old")
    limit = f"ulimit -f 1; {sys.executable} -m netadvise profile saved.json -f json:kept.json"
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; {limit}"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write kept.json: ")
    assert (folder / "kept.json").read_text() == "old"
    assert not [name for name in os.listdir(folder) if name.startswith(".kept")]


def test_a_written_file_keeps_the_mode_of_the_one_it_replaces(folder: Path) -> None:
    target = folder / "group.csv"
    target.write_text("old")
    target.chmod(0o664)
    assert netadvise("profile", "saved.json", "-f", "csv:group.csv", cwd=folder).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o664
    assert target.read_text().startswith("name,")


def test_one_run_writes_several_reports_and_the_graph(folder: Path) -> None:
    done = netadvise(
        "profile", "model.py:Net(width=4)", "-i", "1,3,32,32",
        "-f", "json", "-f", "csv:rows.csv", "-f", "markdown:report.md", "--graph", "graph.json", cwd=folder,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "a model that prints\n")
    document = json.loads(done.stdout)
    conv = document["layers"][0]
    assert (conv["kernel_size"], conv["stride"], conv["in_channels"], conv["out_channels"]) == ([3, 3], [2, 2], 3, 4)
    assert conv["macs"] == 3 * 3 * 3 * 4 * 15 * 15
    assert conv["receptive_field"] == [3, 3]
    assert next(csv.DictReader(io.StringIO((folder / "rows.csv").read_text())))["name"] == "conv"
    assert "| conv | Conv2d |" in (folder / "report.md").read_text()
    assert json.loads((folder / "graph.json").read_text())["target"] == "model.py:Net(width=4)"


def test_quiet_hides_what_the_model_prints(folder: Path) -> None:
    done = netadvise("profile", "model.py", "-q", "--depth", "1", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "INFERRED" in done.stdout


def test_in_process_gives_the_same_document(folder: Path) -> None:
    here = netadvise("profile", "model.py", "-i", "1,3,32,32", "--in-process", "-f", "json", cwd=folder)
    there = netadvise("profile", "model.py", "-i", "1,3,32,32", "-f", "json", cwd=folder)
    assert here.stdout == there.stdout
    assert here.stderr == "a model that prints\n"


def test_debug_shows_the_traceback_after_the_message(folder: Path) -> None:
    done = netadvise("profile", "model.py:Net(depth=3)", "--debug", cwd=folder)
    assert done.returncode == 3
    assert done.stderr.index("error: ") < done.stderr.index("Traceback")
