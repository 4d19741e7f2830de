"""What a Python target names that is no model: data, a loss, a metric, a training step."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.capture.imports import import_source
from netadvise.errors import TargetError
from netadvise.target import parse_target


def resolve(text: str) -> object:
    """The object that `file.py:name` or `package.module:name` names; a call with literals is made.

    Raises `UsageError` for a text that is no target, and `TargetError` for a source that cannot be imported, or that
    does not define the name.
    """
    target = parse_target(text)
    first = target.name.partition(".")[0]

    def is_wanted(names: Mapping[str, object]) -> bool:
        return first in names

    found: object = import_source(target.source, is_wanted).module
    for part in filter(None, target.name.split(".")):
        try:
            found = getattr(found, part)
        except AttributeError:
            defined = ", ".join(sorted(name for name in vars(found) if not name.startswith("_"))[:20])
            raise TargetError(f"{target.source} defines no {target.name}", hint=f"It defines: {defined}.") from None
    if not target.called:
        return found
    if not callable(found):
        raise TargetError(f"{text} is called, but {target.name} is a {type(found).__name__}")
    made: object = found(*target.args, **dict(target.kwargs))
    return made
