"""The house rules that a program can check: import direction, types, style, sizes, and what stays out of a file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "netadvise").rglob("*.py"))
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def fails_with(result: subprocess.CompletedProcess[str]) -> str:
    return result.stdout + result.stderr


def test_the_import_contracts_hold() -> None:
    result = run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo")
    assert result.returncode == 0, fails_with(result)
    assert "0 broken" in result.stdout


def test_ruff_finds_nothing() -> None:
    result = run("-m", "ruff", "check", ".")
    assert result.returncode == 0, fails_with(result)


def test_every_file_is_formatted() -> None:
    result = run("-m", "ruff", "format", "--check", ".")
    assert result.returncode == 0, fails_with(result)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_mypy_finds_nothing() -> None:
    result = run("-m", "mypy")
    assert result.returncode == 0, fails_with(result)


@pytest.mark.parametrize(
    "module", ["netadvise", "netadvise.cli", "netadvise.api", "netadvise.measure", "netadvise.render"]
)
def test_importing_the_front_loads_no_torch(module: str) -> None:
    heavy = "{'torch', 'numpy', 'scipy', 'sympy', 'fvcore'}"
    result = run("-c", f"import sys, {module}; print(sorted({heavy} & sys.modules.keys()))")
    assert result.stdout == "[]\n", fails_with(result)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_short(source: Path) -> None:
    text = source.read_text()
    assert len(text.splitlines()) <= MOST_LINES_OF_A_FILE
    assert list(long_functions(ast.parse(text))) == []


@pytest.mark.parametrize(
    "source",
    [source for source in SOURCES if not {"capture", "probe"} & set(source.parts)],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_any_stays_where_the_users_objects_are_handled(source: Path) -> None:
    names = {node.id for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Name)}
    assert "Any" not in names


def test_long_functions_are_seen() -> None:
    body = "    x = 1\n" * (MOST_LINES_OF_A_FUNCTION + 1)
    assert list(long_functions(ast.parse(f"def f():\n{body}"))) == ["f: 41 lines"]


def long_functions(tree: ast.AST) -> Iterator[str]:
    """Functions whose body is too long; a signature that declares command-line options is no logic."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield f"{node.name}: {lines} lines"
