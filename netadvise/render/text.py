"""Numbers and names as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable

_UNITS = ("", "k", "M", "G", "T", "P", "E")


def plain(text: str) -> str:
    """`text` with everything that a terminal could act on, or that cannot be seen, as an escape such as `\\x1b`.

    Names of layers and models are the user's data: control characters, direction marks and lone surrogates stay out
    of every report.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


def human(number: int) -> str:
    """Three digits and a decimal unit: 999, "25.6 M", "4.09 G"."""
    if abs(number) < 1000:
        return str(number)
    scaled, unit = float(number), 0
    while abs(scaled) >= 999.5 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    return f"{scaled:.{digits}f} {_UNITS[unit]}"


def human_bytes(number: int) -> str:
    """As `human`, in bytes: "512 B", "1.02 kB", "102 MB" (1 MB = 1,000,000 B)."""
    text = human(number)
    return f"{text}B" if " " in text else f"{text} B"


def percent(part: int, whole: int) -> str:
    """The share in percent: "0", "<0.1", "9.8", "42", "100"; empty when there is no whole."""
    if whole == 0:
        return ""
    share = 100 * part / whole
    if part == 0:
        return "0"
    if share < 0.1:
        return "<0.1"
    return f"{share:.1f}" if share < 9.95 else f"{share:.0f}"


def joined(sizes: Iterable[object]) -> str:
    """Sizes as "1x3x224x224"."""
    return "x".join(str(size) for size in sizes)


def shape(sizes: tuple[int, ...]) -> str:
    """A shape as "1x3x224x224"; "scalar" for none."""
    return joined(sizes) if sizes else "scalar"


def per_axis(sizes: tuple[object, ...]) -> str:
    """One number when all axes agree, else one per axis: "7", "7x5"."""
    return str(sizes[0]) if len(set(sizes)) == 1 else joined(sizes)


def counted(number: int, noun: str) -> str:
    """ "1 row", "1,204 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """ "0.4 s", "42 s", "12 min", "1 h 20 min"; "?" for what is no time."""
    if not 0 <= seconds < float("inf"):
        return "?"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours and minutes:
        return f"{hours:,} h {minutes} min"
    return f"{hours:,} h" if hours else f"{minutes} min"
