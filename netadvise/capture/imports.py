"""Turn a source, a file or a dotted module, into a namespace of live objects.

A file runs as Python would run it: its folder is on `sys.path`, `sys.argv` is `[file]`; inside a package it has its
real dotted name, so relative imports work. A script that trains when imported need not finish: when it raises,
exits or takes longer than its time limit after it has defined the wanted name, what it defined is used, and a note
says where it stopped.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from netadvise.capture.failures import described, let_through, place_of, target_error
from netadvise.capture.files import check_file, nearby, package_of
from netadvise.capture.hints import found_further_up, misspelt, shadowed
from netadvise.errors import TargetError

_PATH_LIKE = re.compile(r"[\\/]|\.py$", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """An imported file or module."""

    module: ModuleType
    shown: str
    """How the user wrote it."""
    path: Path | None
    stopped: BaseException | None = None
    """What ended its execution early, if anything did."""
    note: str = ""

    @property
    def names(self) -> dict[str, Any]:
        return vars(self.module)


class ImportTimeLimit(BaseException):
    """The file was still running when its time was up; no `except Exception` of the user's may swallow this."""


def import_source(source: str, is_wanted: Callable[[Mapping[str, Any]], bool], seconds: float = 10.0) -> Source:
    """The namespace of a file or dotted module.

    `is_wanted` says whether a half-executed namespace already defines what is looked for. Raises `TargetError`
    for what is no Python file, and for a file that fails before that.
    """
    path = Path(source)
    try:
        if not _PATH_LIKE.search(source) and not path.exists():
            return _import_dotted(source)
        check_file(path, source)
    except OSError as error:
        raise TargetError(f"{source[:200]} cannot be read: {error.strerror or error}") from None
    return _run_file(path.resolve(), source, is_wanted, seconds)


def _import_dotted(name: str) -> Source:
    if not all(part.isidentifier() for part in name.split(".")):
        raise TargetError(f"{name} is neither a .py file nor a dotted module name", hint=nearby(Path(name)))
    _add_working_folder(first=True)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and error.name and (name + ".").startswith(error.name + "."):
            raise TargetError(f"there is no module {error.name}", hint=misspelt(name, error.name)) from None
        raise target_error(f"importing {name}", error, hint=shadowed(error, Path())) from error
    file = getattr(module, "__file__", None)
    return Source(module, name, Path(file) if file else None)


def _run_file(path: Path, shown: str, is_wanted: Callable[[Mapping[str, Any]], bool], seconds: float) -> Source:
    root, name = package_of(path)
    _prepend(str(root))
    _add_working_folder(first=False)
    importlib.invalidate_caches()
    if _is_taken(name, path):
        name += "__target"
    parent = name.rpartition(".")[0]
    with _argv(str(path)):
        before = sys.modules.get(name)
        if parent:
            _import_parent(parent, path, shown)
        imported = sys.modules.get(name)
        if imported is not None and imported is not before:
            return Source(imported, shown, path)
        module, stopped = _execute(path, name, is_wanted, seconds)
    if stopped is not None and not is_wanted(vars(module)):
        sys.modules.pop(name, None)
        hint = shadowed(stopped, path.parent, path.stem) or found_further_up(stopped, path)
        raise target_error(f"importing {shown}", stopped, hint=hint) from stopped
    return Source(module, shown, path, stopped, _stop_note(stopped, shown))


def _is_taken(name: str, path: Path) -> bool:
    """Whether another module has the file's name (a file called `random.py` or `torch.py`)."""
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    known = sys.modules.get(name)
    return known is not None and Path(getattr(known, "__file__", None) or "/").resolve() != path


def _import_parent(parent: str, path: Path, shown: str) -> None:
    known = sys.modules.get(parent)
    folders = [Path(item).resolve() for item in getattr(known, "__path__", [])]
    if known is not None and path.parent not in folders and parent not in sys.stdlib_module_names:
        for name in [item for item in sys.modules if item == parent or item.startswith(parent + ".")]:
            del sys.modules[name]
    try:
        importlib.import_module(parent)
    except BaseException as error:
        raise target_error(f"importing the package {parent}, to which {shown} belongs,", error) from error


def _execute(
    path: Path, name: str, is_wanted: Callable[[Mapping[str, Any]], bool], seconds: float
) -> tuple[ModuleType, BaseException | None]:
    """The module of a file, and what stopped its execution if something did."""
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    setattr(spec, "_initializing", True)  # noqa: B010  (what makes Python's message name a circular import)
    try:
        with _time_limit(seconds, lambda: is_wanted(vars(module))):
            loader.exec_module(module)
    except BaseException as error:
        if not isinstance(error, ImportTimeLimit):
            let_through(error)
        return module, error
    finally:
        setattr(spec, "_initializing", False)  # noqa: B010
    return module, None


@contextmanager
def _time_limit(seconds: float, is_ready: Callable[[], bool]) -> Iterator[None]:
    """Raise `ImportTimeLimit` in the block once `seconds` are over and `is_ready()`; main thread only.

    A timer that was running before waits meanwhile, and goes on with what it had left.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_alarm(number: int, frame: FrameType | None) -> None:
        if is_ready():
            raise ImportTimeLimit(f"still running after {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, on_alarm)
    waiting = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, *waiting)


@contextmanager
def _argv(script: str) -> Iterator[None]:
    previous, sys.argv = sys.argv, [script]
    try:
        yield
    finally:
        sys.argv = previous


def _add_working_folder(*, first: bool) -> None:
    """Modules of the working folder can be imported, as under `python -m`."""
    try:
        folder = str(Path.cwd())
    except OSError:
        return
    if folder not in sys.path and "" not in sys.path:
        sys.path.insert(0 if first else len(sys.path), folder)


def _prepend(folder: str) -> None:
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)


def _stop_note(stopped: BaseException | None, shown: str) -> str:
    if stopped is None:
        return ""
    where = place_of(stopped)[0]
    what = str(stopped) if isinstance(stopped, ImportTimeLimit) else described(stopped)
    return f"{shown} did not run to its end: {what}" + (f" ({where})" if where else "")
