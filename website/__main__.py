"""Builds the site: `python -m website [FOLDER]` writes build/docs and build/site below it. A warning is an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from website.pages import ROOT, contents

CONFIG = "mkdocs.yml"


def build(folder: Path) -> int:
    """The exit code is that of the site generator."""
    sources = folder / "build" / "docs"
    shutil.rmtree(sources, ignore_errors=True)
    for name, data in contents():
        page = sources / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(data)
    if folder != ROOT:
        shutil.copy(ROOT / CONFIG, folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=folder, env={**os.environ, "NO_COLOR": "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT))
