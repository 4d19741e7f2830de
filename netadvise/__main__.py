"""`python -m netadvise` is the `netadvise` command."""

from __future__ import annotations

from netadvise.cli import main

main()
