"""Message templates: `cancelled by {bn.name}, {out_channels:,} parameters do nothing`.

Only names of the language may stand in braces, with one of a closed list of formats; `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netadvise.check.expr_syntax import MAX_CHARACTERS
from netadvise.check.names import Names
from netadvise.check.problems import short
from netadvise.check.types import WORDS, ExprError, Frame, Piece
from netadvise.facts import Fact
from netadvise.quantity import Unknown

FORMATS = (",", ".0f", ".1f", ".2f", ".3f", ",.0f", ".0%", ".1%", ".2%")
LONGEST_TEXT = 200
"""How much of a text fact a message shows."""

LISTS = frozenset(
    ("stage_widths", "stage_depths", "inner_stage_depths", "stage_resolutions", "dilation_chain", "kernel_sizes")
    + ("dropout_rates", "drop_path_rates"),
)
"""Fields that are one number after the other, not sizes of axes: shown as 64, 128, not as 64x128."""

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{|\}")
_FIELD = re.compile(r"([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(?::(.*))?")

Show = Callable[[Frame], str]


@dataclass(frozen=True, slots=True)
class Message:
    """A compiled template."""

    parts: tuple[str | Show, ...]

    def of(self, frame: Frame) -> str:
        """The message for one subject."""
        return "".join(part if isinstance(part, str) else part(frame) for part in self.parts)


def compile_message(text: str, names: Names) -> Message:
    """Compile a template; raises `ExprError` at the place of a part that is wrong."""
    parts: list[str | Show] = []
    end = 0
    for found in _PART.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(found[0][0])
        elif found[1] is None:
            raise ExprError(f"a lone '{found[0]}': write {found[0] * 2} for a brace", found.start())
        else:
            parts.append(_located(found[1], names, found.start() + 1))
    parts.append(text[end:])
    return Message(tuple(part for part in parts if part))


def _located(text: str, names: Names, offset: int) -> Show:
    try:
        return _field(text, names)
    except ExprError as error:
        raise ExprError(error.text, offset) from None


def _field(text: str, names: Names) -> Show:
    found = _FIELD.fullmatch(text) if len(text) < MAX_CHARACTERS else None
    if found is None:
        raise ExprError(f"'{{{short(text)}}}' is no field: write {{name}}, {{witness.name}} or {{name:,}}")
    first, second, style = found[1], found[2], found[3] or ""
    piece = names.bare(first) if second is None else names.dotted(first, second)
    if style and style not in FORMATS:
        raise ExprError(f"unknown format '{short(style)}': one of {'  '.join(FORMATS)}")
    if style and piece.type not in ("number", "numbers"):
        raise ExprError(f"{short(piece.said)} is a {WORDS[piece.type]}: a format is for numbers")
    return _shower(piece, style, ", " if (second or first) in LISTS else "x")


def _shower(piece: Piece, style: str, joint: str) -> Show:
    run = piece.run
    return lambda frame: show(run(frame), style, joint)


def show(value: Fact, style: str = "", joint: str = "x") -> str:
    """A fact as a message shows it: sizes as 3x3, whole numbers plain, what is unknown as such."""
    if value is None:
        return "none"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, tuple):
        return _joined(value, style, joint)
    return _single(value, style)


def _joined(values: Sequence[int | float | str], style: str, joint: str) -> str:
    if any(isinstance(value, str) for value in values):
        joint = ", "
    shown = [_single(value, style) for value in values[:8]]
    return joint.join(shown + (["..."] if len(values) > len(shown) else []))


def _single(value: bool | int | float | str, style: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "..."
    if style and not (style == "," and isinstance(value, float) and not value.is_integer()):
        return format(int(value) if style == "," else value, style)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    return str(value)
