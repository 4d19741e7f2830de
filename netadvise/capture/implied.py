"""What the code left to torch: a softmax without dim, a squeeze of every axis, a size given as -1.

Below the level of the call nothing of it is left, so it is noticed on the way and put on the op that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch.nn.functional as F

from netadvise.graph import Attr

RESHAPES = frozenset(("view", "reshape"))
_CHOICE = "_get_softmax_dim"
"""torch's function that is asked only where no dim was given."""
_SQUEEZES = frozenset(("aten.squeeze", "aten.squeeze_"))


class Implied:
    """What the function that is running left open."""

    def __init__(self) -> None:
        self._sizes: tuple[int, ...] = ()
        self._chosen_dim = False

    def attributes(self, kind: str, func: Any) -> dict[str, Attr]:
        """Attributes of an op of that kind, which is the aten operator `func`."""
        if kind == "softmax" and self._chosen_dim:
            self._chosen_dim = False
            return {"implicit_dim": True}
        if kind != "view":
            return {}
        if str(func._overloadpacket) in _SQUEEZES and func._overloadname == "default":
            return {"all_axes": True}
        return {"requested": self._sizes} if self._sizes else {}

    def reshape(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Run a reshape, with the sizes it was asked for at hand where one of them is -1."""
        sizes = args[1] if len(args) == 2 and isinstance(args[1], tuple | list) else args[1:] or kwargs.get("shape", ())
        asked = tuple(sizes) if all(isinstance(size, int) for size in sizes) else ()
        self._sizes = asked if -1 in asked else ()
        try:
            return func(*args, **kwargs)
        finally:
            self._sizes = ()

    @contextmanager
    def dims_seen(self) -> Iterator[None]:
        """While active, notice where `torch.nn.functional` chooses the dim of a softmax itself."""
        original = getattr(F, _CHOICE)

        def choosing(*args: Any) -> int:
            self._chosen_dim = True
            return int(original(*args))

        setattr(F, _CHOICE, choosing)
        try:
            yield
        finally:
            setattr(F, _CHOICE, original)
