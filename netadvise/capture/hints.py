"""Why an import failed, when its cause lies beside the file: a name that hides another, a module further up."""

from __future__ import annotations

import importlib.machinery
import re
import sys
from difflib import get_close_matches
from pathlib import Path


def misspelt(name: str, missing: str) -> str:
    """A hint for a dotted module that does not exist."""
    parent, _, last = missing.rpartition(".")
    if Path(name.replace(".", "/") + ".py").exists():
        return f"Give the file instead: {name.replace('.', '/')}.py"
    if parent and hasattr(sys.modules.get(parent), last):
        return f"{last} is a name in the module {parent}: write {parent}:{last}"
    if not parent:
        near = get_close_matches(missing, [*sys.modules, "timm", "torchvision", "transformers"], n=1)
        return f"Did you mean {near[0]}? Otherwise install it." if near else f"Install it, or give a file ({name}.py)."
    return ""


def shadowed(error: BaseException, folder: Path, itself: str = "") -> str:
    """A hint when a file in the user's folder has the name of an installed or standard module."""
    names = {getattr(error, "name", None) or ""}
    trace = error.__traceback__
    while trace is not None:
        names.add(Path(trace.tb_frame.f_code.co_filename).stem)
        trace = trace.tb_next
    match = re.search(r"module '([\w.]+)'|from '([\w.]+)'|from partially initialized module '([\w.]+)'", str(error))
    names.update(item.partition(".")[0] for item in (match.groups() if match else ()) if item)
    for name in sorted(names - {itself, ""}):
        own = next((item for item in (folder / f"{name}.py", folder / name / "__init__.py") if item.exists()), None)
        if own and _exists_elsewhere(name, folder):
            return f"{own.name if own.stem == name else own} hides the module {name!r}; rename it."
    return ""


def _exists_elsewhere(name: str, folder: Path) -> bool:
    if name in sys.stdlib_module_names:
        return True
    others = [item for item in sys.path if item and Path(item).resolve() != folder.resolve()]
    try:
        return importlib.machinery.PathFinder.find_spec(name, others) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def found_further_up(error: BaseException, path: Path) -> str:
    """A hint when the missing module is a folder or file further up (a repository run from elsewhere)."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    top = error.name.partition(".")[0]
    for folder in list(path.parents)[1:6]:
        if (folder / f"{top}.py").exists() or (folder / top).is_dir():
            return f"{top} is in {folder}: run from there, or set PYTHONPATH={folder}"
    return ""
