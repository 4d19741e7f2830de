"""One line on the terminal about what is going on, for runs of more than a second."""

from __future__ import annotations

import shutil
import sys

_PATIENCE_S = 1.0


class StatusLine:
    """Shows the phase while the user waits; silent when stderr is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = ""
        self._counts = False
        self.live = not quiet and sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, phase: str, elapsed: float) -> None:
        """Show `phase` once a second has passed."""
        if self.live and elapsed > _PATIENCE_S and phase != self._shown and not self._counts:
            self._write(f"{phase} ...")
            self._shown = phase

    def step(self, done: int, total: int, left: float) -> None:
        """Show how many alternatives were tried, and the seconds that the others will take; Ctrl-C ends the trying."""
        self.show(
            f"tried {done} of {total}, about {left:.0f} s left (Ctrl-C reports what was tried)", counts=done < total
        )

    def show(self, text: str, *, counts: bool) -> None:
        """Show `text`, as much as the terminal is wide; while something is counted, no phase takes its place."""
        if self.live:
            self._shown, self._counts = text, counts
            self._write(text[: shutil.get_terminal_size().columns - 1])

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._write("")
            self._shown = ""

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
