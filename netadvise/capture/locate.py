"""Where in the user's source something was called: a constructor, a forward, an error.

A frame counts as the user's when its file belongs neither to torch, nor to netadvise, nor to the interpreter.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any

import torch
from torch import nn

from netadvise.capture import arguments
from netadvise.graph import Location

_PACKAGES = tuple(os.path.dirname(os.path.abspath(module.__file__ or "")) + os.sep for module in (torch,)) + (
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
)
_STDLIB = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})
_SITE = tuple({sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib")})

_constructed: weakref.WeakKeyDictionary[nn.Module, Location] = weakref.WeakKeyDictionary()


@lru_cache(maxsize=4096)
def is_user_file(filename: str) -> bool:
    """Whether `filename` holds code of the user's, or of a library that defines models."""
    if filename.startswith(("<frozen", "<string>")) or filename.startswith(_PACKAGES):
        return False
    return filename.startswith(_SITE) or not filename.startswith(_STDLIB)


@lru_cache(maxsize=4096)
def short_path(filename: str) -> str:
    """`filename` relative to the working directory when it lies inside, absolute otherwise."""
    if filename.startswith("<"):
        return filename
    try:
        relative = os.path.relpath(filename)
    except (ValueError, OSError):
        return filename
    return os.path.abspath(filename) if relative.startswith(os.pardir) else relative


@lru_cache(maxsize=65536)
def _position(code: CodeType, instruction: int) -> tuple[int | None, int | None]:
    """Line and 0-based column of an instruction, in characters: Python counts the bytes of UTF-8."""
    line, _, column, _ = next(islice(code.co_positions(), instruction // 2, None))
    if line is None or not column:
        return line, column
    text = linecache.getline(code.co_filename, line)
    return line, column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))


def location_of(frame: FrameType) -> Location:
    """The line and column that `frame` is executing."""
    line, column = _position(frame.f_code, frame.f_lasti)
    file = short_path(frame.f_code.co_filename)
    return Location(file, line or frame.f_lineno, None if column is None else column + 1)


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of user code at or above `frame`."""
    while frame is not None and not is_user_file(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def caller() -> Location | None:
    """The user's line that led to the caller of this function."""
    frame = user_frame(sys._getframe(1))
    return None if frame is None else location_of(frame)


def blame(error: BaseException) -> Location | None:
    """The innermost line of user code in the traceback of `error`."""
    found: FrameType | None = None
    line = 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if is_user_file(trace.tb_frame.f_code.co_filename):
            found, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return None if found is None else Location(short_path(found.f_code.co_filename), line)


def constructor_of(module: nn.Module) -> Location | None:
    """Where `module` was constructed, if `constructors()` was active then."""
    return _constructed.get(module)


def carry_over(module: nn.Module, twin: nn.Module) -> None:
    """Let the submodules of `twin`, a copy, have the constructor locations and arguments of those of `module`."""
    for original, copied in zip(module.modules(), twin.modules(), strict=True):
        arguments.carry_over(original, copied)
        if original in _constructed:
            _constructed[copied] = _constructed[original]


def take_place(module: nn.Module, place: nn.Module) -> None:
    """Let `module`, made by an edit, have the constructor location of the one in whose place it stands."""
    if place in _constructed:
        _constructed[module] = _constructed[place]


@contextmanager
def constructors() -> Iterator[None]:
    """While active, remember the line that constructs each `nn.Module`, and its arguments (30 microseconds a module).

    `nn.Module.__init__` is wrapped for the duration and put back afterwards.
    """
    original = nn.Module.__init__

    def remembering_init(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        frame = _constructing_frame(self, sys._getframe(1))
        original(self, *args, **kwargs)
        if frame is not None:
            _constructed[self] = location_of(frame)

    nn.Module.__init__ = remembering_init  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.__init__ = original  # type: ignore[method-assign]


def _constructing_frame(module: nn.Module, frame: FrameType | None) -> FrameType | None:
    """The first user frame that is not part of the object's own chain of `__init__` methods.

    The outermost of those is the constructor of the object's class: its arguments are remembered.
    """
    outermost: FrameType | None = None
    while frame is not None:
        own_init = frame.f_code.co_name == "__init__" and next(iter(frame.f_locals.values()), None) is module
        if own_init:
            outermost = frame
        elif is_user_file(frame.f_code.co_filename):
            break
        frame = frame.f_back
    if outermost is not None:
        arguments.remember(module, outermost)
    return frame
