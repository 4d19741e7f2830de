"""What the documents show: commands with their output, files to write, edits to make; and running them.

A block that starts with `$ ` is one command line with everything that it prints on stdout. `pytest --regild` writes the
present output into the document.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import warm

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
FENCED = re.compile(r"^```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what its fence says, and its text."""

    language: str
    text: str

    @property
    def command(self) -> str:
        """The command line that it shows the output of; empty if it is another kind of block."""
        first = self.text.partition("\n")[0]
        return first.removeprefix("$ ") if self.language == "console" and first.startswith("$ ") else ""

    @property
    def output(self) -> str:
        return self.text.partition("\n")[2]


def pages() -> list[Path]:
    """The README and the documents, in all languages, and the page beside the rules."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md")), ROOT / "rules" / "README.md"]


def blocks(document: Path) -> list[Block]:
    return [Block(match["language"], match["text"]) for match in FENCED.finditer(document.read_text(encoding="utf-8"))]


def commands(document: Path) -> list[Block]:
    return [block for block in blocks(document) if block.command]


def printed(command: str, folder: Path = ROOT) -> str:
    """What a line of the shell prints on stdout, 80 columns wide; `netadvise` is the one that is tested."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHON": warm.python(), "PYTHONPATH": str(ROOT)}
    script = f'netadvise() {{ "$PYTHON" -m netadvise "$@"; }}\n{command}'
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), f"{command}\n{done.stderr}"
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def compare(document: Path, shown: dict[str, str], regild: bool) -> None:
    """The output of each command line as the document has it and as it is; the first difference fails."""
    if regild:
        document.write_text("".join(_regilded(document.read_text(encoding="utf-8"), shown)), encoding="utf-8")
        return
    for block in commands(document):
        if block.command in shown:
            now = shown[block.command]
            assert without_versions(block.output) == without_versions(now), f"{document.name}: {block.command}"


def _regilded(text: str, shown: dict[str, str]) -> Iterator[str]:
    end = 0
    for match in FENCED.finditer(text):
        command = Block(match["language"], match["text"]).command
        if command in shown:
            yield text[end : match.start("text")] + f"$ {command}\n{shown[command]}"
            end = match.end("text")
    yield text[end:]


def without_versions(text: str) -> str:
    return re.sub(r"torch \d[\w.+]*", "torch", text)


def needs(module: str) -> pytest.MarkDecorator:
    """Skips where an optional package is not installed."""
    from importlib.util import find_spec

    return pytest.mark.skipif(find_spec(module) is None, reason=f"{module} is not installed: pip install -e '.[docs]'")
