"""One line on the terminal about what is going on, for runs of more than a second."""

from __future__ import annotations

import sys

_PATIENCE_S = 1.0


class StatusLine:
    """Shows the phase while the user waits; silent when stderr is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = ""
        self._silent = quiet or sys.stderr is None or not sys.stderr.isatty()

    def __call__(self, phase: str, elapsed: float) -> None:
        """Show `phase` once a second has passed."""
        if not self._silent and elapsed > _PATIENCE_S and phase != self._shown:
            self._write(f"{phase} ...")
            self._shown = phase

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._write("")
            self._shown = ""

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
