"""Where the rules that come with netadvise stand: `rules/` inside an installed package, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from netadvise.errors import InternalError


def rules_directory() -> Path:
    """The folder of the rules that come with this copy of netadvise.

    Raises `InternalError` when the installation has none.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "README.md").is_file():
            return folder
    raise InternalError("the rules of netadvise are missing from this installation", hint="install it again")
