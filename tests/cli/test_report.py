"""`netadvise report`, and `-f html` of the other commands, as a user runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT, clean_environment, netadvise
from tests.render.html.reading import read

EXAMPLE = str(ROOT / "examples" / "digits_cnn.py")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("profiles") / "digits.json"
    assert netadvise("profile", EXAMPLE, "-f", f"json:{file}", "-q").returncode == 0
    return file


def test_a_model_becomes_one_file(tmp_path: Path) -> None:
    done = netadvise("report", EXAMPLE, "-o", "report.html", "--isolated", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("wrote report.html (")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    found = read((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert found.sections() == ["summary", "findings", "network", "field", "costs", "kernels", "places", "layers"]


def test_a_saved_profile_needs_no_torch(saved: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['numpy'] = None; sys.argv = ['netadvise', 'report', "
        f"{str(saved)!r}, '-o', 'report.html', '-q']; from netadvise.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = read((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "findings" in found.sections()
    assert "kernels" not in found.sections()
    assert "which a saved profile does not hold" in found.text


def test_a_page_goes_to_stdout_when_asked(saved: Path) -> None:
    done = netadvise("report", str(saved), "-o", "-", "-q")
    assert done.returncode == 0
    assert read(done.stdout).sections()


def test_a_report_needs_a_file_to_go_to(saved: Path) -> None:
    done = netadvise("report", str(saved))
    assert done.returncode == 2
    assert "--output" in done.stderr


@pytest.mark.parametrize(
    ("argv", "section"),
    [
        (("profile", EXAMPLE), "network"),
        (("lint", EXAMPLE, "--fail-on", "never"), "findings"),
        (("suggest-kernels", EXAMPLE), "kernels"),
        (("suggest-dropout", EXAMPLE), "places"),
    ],
    ids=["profile", "lint", "suggest-kernels", "suggest-dropout"],
)
def test_every_command_writes_a_page(argv: tuple[str, ...], section: str, tmp_path: Path) -> None:
    done = netadvise(*argv, "--isolated" if argv[0] != "profile" else "-q", "-f", "html:page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert section in read((tmp_path / "page.html").read_text(encoding="utf-8")).sections()


def test_other_formats_do_not_wait_for_what_writes_pages() -> None:
    code = (
        "import sys; from netadvise.render import FORMATS; from netadvise.render.lint import LINT_FORMATS; "
        "from netadvise.render.suggest import SUGGEST_FORMATS; from netadvise.render.dropout import DROPOUT_FORMATS; "
        "import netadvise.cli; heavy = {'jinja2', 'vl_convert', 'netadvise.render.html.page'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout == "[]\n", done.stderr
