"""The documents show what the program prints.

`pytest --regild tests/test_shown.py` writes the present output into them.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from netadvise.cli import app
from tests.documents import DOCS, README, ROOT, blocks, commands, compare, printed, without_versions

COMMANDS = DOCS / "commands.md"
TUTORIAL = DOCS / "tutorial.md"


def registered(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that has a help: "rules list"."""
    inner = getattr(command, "commands", None)
    for name, below in (inner or {}).items():
        yield from registered(below, (*words, name))
    if not inner:
        yield " ".join(words)


def helps() -> list[str]:
    return [f"netadvise {name} --help" for name in registered(typer.main.get_command(app))]


@pytest.mark.parametrize("command", sorted(block.command for block in commands(README)))
def test_the_readme_shows_what_is_printed(command: str, regild: bool) -> None:
    fresh = command if "--help" in command or " lint " not in command else f"{command} --no-cache"
    compare(README, {command: printed(fresh)}, regild)


def test_the_readme_shows_the_help_of_the_main_commands() -> None:
    main = ("profile", "lint", "suggest-kernels", "suggest-dropout")
    assert {f"netadvise {name} --help" for name in main} <= {block.command for block in commands(README)}


def test_the_help_of_every_command_is_in_the_documents() -> None:
    expected = ["netadvise --help", *helps()]
    assert [block.command for block in commands(COMMANDS)] == expected


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_help_shown_is_the_present_one(regild: bool) -> None:
    """One process prints all of them: a start for each would take most of the time."""
    shown = {block.command: "" for block in commands(COMMANDS)}
    compare(COMMANDS, {command: printed(command) for command in shown}, regild)


def excerpted() -> list[Path]:
    """Pages that show commands on the shipped examples, with a part of the output, or without it."""
    found = [
        page for page in sorted(DOCS.glob("*.md")) if page not in (COMMANDS, TUTORIAL) and "zh-CN" not in page.name
    ]
    return [page for page in found if any("examples/" in block.command for block in commands(page))]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", excerpted(), ids=lambda page: page.name)
def test_excerpts_are_parts_of_what_is_printed(page: Path, tmp_path: Path) -> None:
    """Wrapped as it may be; a study takes too long to be run here."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for block in commands(page):
        lines = block.text.splitlines()
        run = [line.removeprefix("$ ") for line in lines if line.startswith("$ ") and "--data" not in line]
        output = [printed(line, tmp_path) for line in run if "examples/" in line or "profile.json" in line]
        shown, end = " ".join(without_versions("".join(output)).split()), 0
        for line in lines if output else ():
            words = " ".join(without_versions(line).split())
            if not line.startswith("$ "):
                assert words in shown[end:], f"{page.name}: {block.command}: {line}"
                end = shown.index(words, end) + len(words)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tutorial_from_beginning_to_end(tmp_path: Path, regild: bool) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shown: dict[str, str] = {}
    for block in blocks(TUTORIAL):
        if block.command:
            assert block.command not in shown, f"{block.command} stands there twice"
            shown[block.command] = printed(block.command, tmp_path)
        elif block.language == "toml":
            (tmp_path / "pyproject.toml").write_text(block.text)
        elif block.language == "diff":
            subprocess.run(["git", "apply", "-p0"], input=block.text, text=True, cwd=tmp_path, check=True)
    compare(TUTORIAL, shown, regild)
