"""netadvise installed from a wheel, from an sdist and in place: each finds its rules and has its command.

The fresh environments borrow the dependencies of the one that runs the tests, so that only netadvise is installed.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import netadvise

ROOT = Path(__file__).resolve().parent.parent
PRINT_RULES = "from netadvise.rulepath import rules_directory as d; print(d()); print((d() / 'README.md').is_file())"


def run(*command: str | Path, cwd: Path) -> str:
    result = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment with netadvise in it."""

    root: Path
    editable: bool

    def run(self, *command: str) -> str:
        return run(self.root / "bin" / command[0], *command[1:], cwd=self.root)


def install(folder: Path, *what: str | Path) -> Installation:
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / "bin" / "python"
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--ignore-installed"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *what, cwd=folder)
    return Installation(folder, editable="-e" in what)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("archives")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module", params=["wheel", "sdist", "editable"])
def installation(
    request: pytest.FixtureRequest, archives: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    sources: dict[str, list[str | Path]] = {
        "wheel": list(archives.glob("*.whl")),
        "sdist": list(archives.glob("*.tar.gz")),
        "editable": ["-e", ROOT],
    }
    return install(tmp_path_factory.mktemp(request.param), *sources[request.param])


@pytest.mark.slow
def test_the_rules_are_found(installation: Installation) -> None:
    folder, found = installation.run("python", "-c", PRINT_RULES).splitlines()
    assert found == "True"
    assert Path(folder).is_relative_to(ROOT if installation.editable else installation.root)


@pytest.mark.slow
def test_an_editable_install_keeps_no_copy_that_could_go_stale(installation: Installation) -> None:
    copies = list(installation.root.rglob("site-packages/netadvise"))
    assert len(copies) == (0 if installation.editable else 1)


@pytest.mark.slow
def test_the_command_is_installed(installation: Installation) -> None:
    assert "profile" in installation.run("netadvise", "--help")


@pytest.mark.slow
def test_the_version_is_the_one_of_the_sources(installation: Installation) -> None:
    command = "import importlib.metadata as m; print(m.version('netadvise'))"
    assert installation.run("python", "-c", command).strip() == netadvise.__version__


def test_the_rules_are_found_in_a_checkout() -> None:
    assert run(sys.executable, "-c", PRINT_RULES, cwd=ROOT).splitlines() == [str(ROOT / "rules"), "True"]


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"netadvise", f"netadvise-{netadvise.__version__}.dist-info"}
    assert {"netadvise/py.typed", "netadvise/rules/README.md"} <= set(names)


@pytest.mark.slow
def test_the_wheel_holds_every_rule_file_and_every_template(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path for top in ("netadvise", "rules") for path in (ROOT / top).rglob("*") if path.is_file()]
    places = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    expected = {place if place.startswith("netadvise/") else f"netadvise/{place}" for place in places}
    assert {name for name in names if name.startswith("netadvise/")} == expected


@pytest.mark.slow
def test_the_sdist_holds_what_the_tests_need(archives: Path) -> None:
    (sdist,) = archives.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    needed = {"netadvise", "rules", "tests", "examples", "docs", "website", "mkdocs.yml", "constraints.txt"}
    assert needed | {"LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md"} <= tops
