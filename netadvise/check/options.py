"""Options that users change: checked against what the rules declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from netadvise.check.names import option_type
from netadvise.check.problems import hint, short
from netadvise.check.scalars import ScalarError, resolve, with_suffix
from netadvise.check.types import VALUES
from netadvise.errors import UsageError
from netadvise.rule import Option, Rule


def check_options(rules: Sequence[Rule], options: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, Option]]:
    """Changes to options by rule id, name or older name, as changes by id.

    A number may be given as the text "25M", a flag as the text "true". Raises `UsageError` for an unknown rule or
    option and for a value of another type.
    """
    by_word = {word: rule for rule in rules for word in (rule.id, rule.name, *rule.aliases)}
    found: dict[str, dict[str, Option]] = {}
    for word, changes in options.items():
        rule = by_word.get(word)
        if rule is None:
            raise UsageError(f"options for an unknown rule '{short(word)}'{hint(word, by_word)}")
        for name, value in changes.items():
            found.setdefault(rule.id, {})[name] = _checked(rule, name, value)
    return found


def _checked(rule: Rule, name: str, value: object) -> Option:
    default = rule.options.get(name)
    if default is None:
        known = ", ".join(rule.options) or "none"
        raise UsageError(
            f"{rule.id} {rule.name} has no option '{short(name)}'{hint(name, rule.options)}", hint=f"it has: {known}"
        )
    wanted = option_type(default)
    reader = _READERS.get(wanted)
    read = None if reader is None else reader(value)
    if read is None:
        raise UsageError(f"option {rule.id}.{name} is {VALUES[wanted]}, not {short(repr(value))}")
    return read


def _flag(value: object) -> Option | None:
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else _only(bool, value)


def _only(kind: type[bool] | type[str], value: object) -> Option | None:
    return value if isinstance(value, kind) else None


def _number(value: object) -> Option | None:
    if isinstance(value, str):
        value = _number_text(value.strip())
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return value if known and isinstance(value, int | float) else None


def _number_text(text: str) -> object:
    try:
        number = with_suffix(text)
        return resolve(text) if number is None else number
    except ScalarError:
        return None


_READERS: Mapping[str, Callable[[object], Option | None]] = {
    "bool": _flag,
    "number": _number,
    "text": lambda value: _only(str, value),
}
