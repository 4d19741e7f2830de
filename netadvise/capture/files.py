"""What a path is, before anything of it runs: a Python file that can be read, and its place in a package."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from pathlib import Path

from netadvise.errors import TargetError

_WEIGHTS = {".pt", ".pth", ".ckpt", ".onnx", ".safetensors", ".bin", ".pkl", ".h5", ".pt2", ".gguf"}


def check_file(path: Path, shown: str) -> None:
    """Raises `TargetError`, saying what it is instead, unless `path` is a readable Python text file with code."""
    if path.is_dir():
        files = sorted(item.name for item in path.glob("*.py"))
        hint = (
            f"Name a file: {path / files[0]}" + (f" (also {', '.join(files[1:6])})" if files[1:] else "")
            if files
            else ""
        )
        raise TargetError(f"{shown} is a folder, not a Python file", hint=hint)
    if not path.exists():
        raise TargetError(f"there is no file {shown}", hint=nearby(path))
    if not path.is_file():
        raise TargetError(f"{shown} is not a regular file")
    if path.suffix.lower() != ".py":
        raise TargetError(f"{shown} is not a Python file (.py)", hint=_other_kind(path))
    content = path.read_bytes()
    if b"\0" in content:
        raise TargetError(f"{shown} is a binary file, not Python source")
    if not content.strip():
        raise TargetError(f"{shown} is empty", hint="It must define a torch.nn.Module.")


def nearby(path: Path) -> str:
    """A hint at the files whose names are close to one that does not exist."""
    try:
        names = [item.name for item in path.parent.iterdir() if item.suffix == ".py"]
    except OSError:
        return f"The folder {path.parent} does not exist either." if str(path.parent) != "." else ""
    near = get_close_matches(path.name, names, n=3)
    return f"Did you mean {' or '.join(str(path.parent / name) for name in near)}?" if near else ""


def _other_kind(path: Path) -> str:
    if path.suffix.lower() in _WEIGHTS:
        return "It looks like saved weights; give the .py file that defines the model."
    if path.suffix.lower() == ".ipynb":
        return "Export the notebook first: jupyter nbconvert --to script " + str(path)
    return "Give the .py file that defines the model."


def package_of(path: Path) -> tuple[Path, str]:
    """The folder to put on `sys.path` and the dotted name of a file, deep enough for its relative imports."""
    levels = _relative_levels(path)
    parts = [path.stem]
    folder = path.parent
    while ((folder / "__init__.py").exists() or len(parts) <= levels) and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _relative_levels(path: Path) -> int:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0
    return max((node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)), default=0)
