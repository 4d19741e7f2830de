"""Values of options and of the declared context, from TOML or from the texts of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from netadvise.config.settings import Declared
from netadvise.errors import UsageError
from netadvise.rule import Option
from netadvise.vocabulary import CONTEXT
from netadvise.vocabulary.field import Field

_NUMBER = re.compile(r"([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([KMGT]?)")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_TRUTHS = {"true": True, "false": False}


def number(text: str) -> int | float | None:
    """The number that a text writes, `25M`, `1e6`, `0.5`; None when it writes none."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    value = float(match[1]) * _UNITS[match[2]]
    return int(value) if value.is_integer() and abs(value) < 2**63 else value


def meant(wrong: str, known: Iterable[str]) -> str:
    """ " (did you mean 'select'?)", or nothing when no known word is near."""
    near = get_close_matches(wrong, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def declared(name: str, value: object) -> Declared:
    """The value of a context field as the vocabulary wants it.

    Raises `ValueError` for a field that there is none of, and for a value of another type.
    """
    field = CONTEXT.get(name)
    if field is None:
        raise ValueError(f"unknown context {name!r}{meant(name, CONTEXT)}")
    found = _as_field(field, value)
    if found is None:
        raise ValueError(f"{name} must be {_expected(field)}, not {shown(value)}")
    return found


def option_settings(texts: Sequence[str], flag: str = "--option") -> dict[str, dict[str, Option]]:
    """The options of `--option RULE.key=value` texts; raises `UsageError` for another form."""
    found: dict[str, dict[str, Option]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        rule, dot, key = place.strip().rpartition(".")
        if not (equals and dot and rule and key):
            raise UsageError(f"{flag} {text!r} does not have the form RULE.key=value", hint=f"{flag} BUD001.params=25M")
        found.setdefault(rule, {})[key] = _TRUTHS.get(value.strip().lower(), value.strip())
    return found


def declarations(texts: Sequence[str]) -> dict[str, Declared]:
    """The context of `--context task.loss=CrossEntropyLoss` texts; raises `UsageError`."""
    found: dict[str, Declared] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(
                f"--context {text!r} does not have the form name=value", hint="--context task.type=detection"
            )
        try:
            found[name.strip()] = declared(name.strip(), value.strip())
        except ValueError as error:
            raise UsageError(f"--context {text}: {error}") from None
    return found


def shown(value: object) -> str:
    """A wrong value, short enough for a message, as TOML writes it."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _as_field(field: Field, value: object) -> Declared | None:
    reading = {"bool": _truth, "number": _amount, "text": _word, "numbers": _amounts}[field.type]
    found = reading(value)
    return None if field.values and found not in field.values else found


def _truth(value: object) -> bool | None:
    return _TRUTHS.get(value.lower()) if isinstance(value, str) else value if isinstance(value, bool) else None


def _amount(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    return value if isinstance(value, int | float) else number(value) if isinstance(value, str) else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _amounts(value: object) -> tuple[int | float, ...] | None:
    items: Iterable[object] = (
        re.split(r"[,x]", value) if isinstance(value, str) else value if isinstance(value, list) else ()
    )
    found = [_amount(item) for item in items]
    known = tuple(item for item in found if item is not None)
    return known if len(known) == len(found) and isinstance(value, str | list) else None


def _expected(field: Field) -> str:
    names = {"bool": "true or false", "number": "a number", "text": "a text", "numbers": "a list of numbers"}
    return f"one of {', '.join(field.values)}" if field.values else names[field.type]


def plain_options(value: object) -> Mapping[str, Option] | None:
    """The options of one rule, if that is what a TOML table holds."""
    if not isinstance(value, dict) or not all(isinstance(item, bool | int | float | str) for item in value.values()):
        return None
    return value
