# ruff: noqa: E501
"""Targets, inputs and model files that are wrong, and what the command must answer to each.

`write_files` puts the files in a folder; every case is run there, as `netadvise profile *argv`. A case fails with
`exit_code` and one message on stderr with all its fragments; one with exit code 0 must show its fragments on stdout
or stderr. None may show a traceback, and none may hang.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEAD = "import torch\nfrom torch import nn\n\n\n"
NET = HEAD + (
    "class Net(nn.Module):\n"
    "    def __init__(self, width=8):\n"
    "        super().__init__()\n"
    "        self.conv = nn.Conv2d(3, width, 3)\n"
    "        self.head = nn.Linear(width, 10)\n"
    "\n"
    "    def forward(self, x):\n"
    "        return self.head(self.conv(x).mean((2, 3)))\n"
)


def _forward(body: str, head: str = HEAD) -> str:
    """A module whose forward is `body`, at line 11."""
    return head + (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(4, 4)\n"
        "\n"
        "    def forward(self, x):\n"
        f"        {body}\n"
    )


def _init(body: str) -> str:
    """A module whose `__init__` runs `body` at line 8."""
    return HEAD + (
        "class Net(nn.Module):\n"
        "    def __init__(self, pretrained=True):\n"
        "        super().__init__()\n"
        f"        {body}\n"
        "\n"
        "    def forward(self, x):\n"
        "        return x\n"
    )


FILES: dict[str, str | bytes] = {
    "net.py": NET,
    "syntax_error.py": HEAD + "class Net(nn.Module)\n    pass\n",
    "indentation_error.py": "import torch\n  x = 1\n",
    "tab_error.py": "if True:\n        x = 1\n\ty = 2\n",
    "imports_syntax_error.py": "from syntax_error import Net\n",
    "binary.py": b"\x7fELF\x02\x01\x01\x00\x00\x00",
    "latin.py": b"# caf\xe9\nx = 1\n",
    "empty.py": "",
    "only_spaces.py": "\n   \n",
    "no_module.py": "import torch\n\nx = torch.zeros(3)\n\n\nclass Config:\n    depth = 3\n",
    "text.txt": "hello\n",
    "weights.pth": b"PK\x03\x04",
    "notebook.ipynb": "{}",
    "folder.py/inner.py": NET,
    "package/__init__.py": "",
    "package/net.py": "from .missing_part import Block\n",
    "broken_package/__init__.py": "raise RuntimeError('the package is broken')\n",
    "broken_package/net.py": NET,
    "missing_import.py": "import torch\nimport no_such_package_anywhere\n",
    "circular_a.py": "from circular_b import helper\n" + NET,
    "circular_b.py": "from circular_a import Net\n\nhelper = Net\n",
    "shadows/sched.py": "x = 1\n",
    "shadows/net.py": "from sched import scheduler\n" + NET,
    "raises_at_import.py": HEAD + "widths = [8, 16]\nwidth = widths[2]\n" + NET,
    "exits_at_import.py": "import sys\n\nsys.exit(3)\n",
    "hard_exit_at_import.py": "import os\n\nos._exit(7)\n",
    "hangs_at_import.py": "while True:\n    pass\n",
    "sleeps_at_import.py": "import time\n\ntime.sleep(1000)\n",
    "segfault_at_import.py": "import ctypes\n\nctypes.string_at(0)\n",
    "interrupts.py": "raise KeyboardInterrupt\n",
    "base_exception.py": "class Stop(BaseException):\n    pass\n\n\nraise Stop('no further')\n",
    "warnings_as_errors.py": "import warnings\n\nwarnings.simplefilter('error')\nwarnings.warn('old', stacklevel=1)\n" + NET,
    "recursion_at_import.py": "def f(n):\n    return f(n + 1)\n\n\nf(0)\n",
    "trap.py": "def __getattr__(name):\n    raise ZeroDivisionError('a trap')\n",
    "raises_in_init.py": _init("raise ValueError('depth must be odd')"),
    "exits_in_init.py": _init("raise SystemExit(0)"),
    "no_super.py": HEAD + "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(2, 2)\n",
    "needs_arguments.py": HEAD + "class Net(nn.Module):\n    def __init__(self, depth, width, act='relu'):\n        super().__init__()\n",
    "downloads.py": _init("import urllib.request; urllib.request.urlopen('http://nowhere.invalid/w.pth')"),
    "missing_weights.py": _init("torch.load('no_such_weights.pth')"),
    "allocates.py": _init("self.table = bytearray(10**15)"),
    "two_nets.py": NET + "\n\n" + NET.split("\n\n\n", 1)[1].replace("Net", "Other"),
    "instance.py": NET + "\n\nmodel = Net()\n",
    "not_modules.py": "answer = 42\nnothing = None\n\n\nclass Plain:\n    pass\n\n\ndef build_model():\n    return 'a string'\n",
    "raises_in_forward.py": _forward("raise ValueError('bad day')"),
    "exits_in_forward.py": _forward("raise SystemExit(0)"),
    "hard_exit_in_forward.py": _forward("__import__('os')._exit(0)"),
    "hangs_in_forward.py": _forward("while True: pass"),
    "segfault_in_forward.py": _forward("__import__('ctypes').string_at(0)"),
    "recursion_in_forward.py": _forward("return self.forward(x)"),
    "interrupts_in_forward.py": _forward("raise KeyboardInterrupt"),
    "asserts_in_forward.py": _forward("assert x.shape[1] == 77, 'want 77'; return self.fc(x)"),
    "allocates_in_forward.py": _forward("return bytearray(10**15)"),
    "no_forward.py": HEAD + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n",
    "two_inputs.py": HEAD + (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(4, 4)\n"
        "\n"
        "    def forward(self, image, mask):\n"
        "        return self.fc(image) * mask\n"
    ),
    "unicode.py": "from torch import nn\n\n\nclass Größe(nn.Module):\n    def __init__(self):\n        super().__init__()\n        raise ValueError('zu groß')\n",
    "prints.py": "print('{\"schema\": \"forged\"}')\n" + NET,
    "writes_to_descriptor.py": "import os\n\nos.write(1, b'noise')\n" + NET,
    "trains_without_guard.py": NET + "\n\nmodel = Net()\nfor step in range(10**9):\n    model.conv.weight.sum().item()\n",
    "fails_after_definition.py": NET + "\n\nopen('no_such_data.csv')\n",
    "exits_after_definition.py": NET + "\n\nraise SystemExit(1)\n",
    "prints_in_forward.py": _forward("print('noise'); return self.fc(x)"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One command and its answer."""

    id: str
    argv: tuple[str, ...]
    exit_code: int
    fragments: tuple[str, ...]


def _case(name: str, exit_code: int, argv: str, *fragments: str) -> Case:
    return Case(name, tuple(argv.split(" ")), exit_code, fragments)


IMAGE = "-i 1,3,16,16"
CASES: tuple[Case, ...] = (
    # The target's text: usage errors.
    _case("empty-name", 2, "net.py:", "no name after the colon"),
    _case("no-source", 2, ":Net", "no file or module before the colon"),
    _case("unclosed-call", 2, "net.py:Net(", "never closed"),
    _case("code-as-argument", 2, "net.py:Net(width=print(1))", "not a literal", "print(1)"),
    _case("name-as-argument", 2, "net.py:Net(width=big)", "not a literal", "in quotes"),
    _case("star-arguments", 2, "net.py:Net(**options)", "'**' is not allowed"),
    _case("number-as-name", 2, "net.py:3", "is not a name"),
    _case("arg-without-value", 2, "net.py:Net --arg width", "name=value"),
    _case("arg-bad-literal", 2, "net.py:Net --arg width=[1,2", "not a literal"),
    _case("arg-given-twice", 2, "net.py:Net(width=1) --arg width=2", "'width' is given twice"),
    # The inputs' text, and inputs that do not fit forward's signature.
    _case("size-not-a-number", 2, "net.py:Net -i 1,3,a,16", "'a' is not a size", "character 5"),
    _case("negative-size", 2, "net.py:Net -i=-1,3,16,16", "'-1' is not a size"),
    _case("zero-size", 2, "net.py:Net -i 0,3,16,16", "'0' is not a size"),
    _case("unknown-dtype", 2, "net.py:Net -i 1,3,16,16:flaot32", "'flaot32' is not a dtype", "float32"),
    _case("huge-input", 2, "net.py:Net -i 9999999999,9999999999", "larger than torch can describe"),
    _case("unknown-input", 2, f"net.py:Net {IMAGE} -i y=1,3", "no parameter 'y'", "Its parameters: x"),
    _case("misspelt-input", 2, "two_inputs.py:Net -i image=1,4 -i msak=1,4", "Did you mean mask?"),
    _case("too-many-inputs", 2, f"net.py:Net {IMAGE} {IMAGE}", "2 inputs are given", "takes 1"),
    _case("missing-input", 2, "two_inputs.py:Net -i 1,4", "requires mask"),
    _case("input-given-twice", 2, "net.py:Net -i x=1,3,8,8 -i x=1,3,8,8", "'x' is given twice"),
    # What is not a Python file.
    _case("no-file", 3, "nest.py:Net", "there is no file nest.py", "net.py"),
    _case("folder", 3, "package", "is a folder"),
    _case("folder-named-like-a-file", 3, "folder.py", "is a folder"),
    _case("binary-file", 3, "binary.py:Net", "is a binary file"),
    _case("wrong-encoding", 3, "latin.py:Net", "latin.py"),
    _case("empty-file", 3, "empty.py", "is empty"),
    _case("blank-file", 3, "only_spaces.py", "is empty"),
    _case("text-file", 3, "text.txt:Net", "not a Python file"),
    _case("weights-file", 3, "weights.pth", "saved weights"),
    _case("notebook", 3, "notebook.ipynb", "nbconvert"),
    _case("no-python-module", 3, "no_such_module_anywhere:Net", "there is no module no_such_module_anywhere"),
    _case("dotted-name-of-an-object", 3, "torch.nn.Linear", "torch.nn:Linear"),
    # Files that do not import.
    _case("syntax-error", 3, "syntax_error.py:Net", "SyntaxError", "syntax_error.py:5", "class Net(nn.Module)"),
    _case("indentation-error", 3, "indentation_error.py", "IndentationError", "indentation_error.py:2"),
    _case("tab-error", 3, "tab_error.py", "TabError", "tab_error.py:3"),
    _case("syntax-error-in-an-import", 3, "imports_syntax_error.py:Net", "SyntaxError", "syntax_error.py:5"),
    _case("missing-package", 3, "missing_import.py", "missing_import.py:2", "pip install no_such_package_anywhere"),
    _case("missing-relative-module", 3, "package/net.py:Net", "missing_part", "net.py:1"),
    _case("broken-package", 3, "broken_package/net.py:Net", "the package is broken", "__init__.py:1"),
    _case("circular-import", 3, "circular_a.py:Net", "circular import", "circular_b.py:1"),
    _case("hides-a-standard-module", 3, "shadows/net.py:Net", "hides the module 'sched'", "net.py:1"),
    _case("raises-at-import", 3, "raises_at_import.py:Net", "IndexError", "raises_at_import.py:6", "width = widths[2]"),
    _case("exits-at-import", 3, "exits_at_import.py:Net", "exits_at_import.py:3", "exit"),
    _case("hard-exit-at-import", 3, "hard_exit_at_import.py:Net", "exit code 7"),
    _case("hangs-at-import", 3, "hangs_at_import.py:Net --timeout 8", "hangs_at_import.py:", "--timeout"),
    _case("sleeps-at-import", 3, "sleeps_at_import.py:Net --timeout 8", "sleeps_at_import.py:3", "--timeout"),
    _case("segfault-at-import", 3, "segfault_at_import.py:Net", "segmentation fault", "segfault_at_import.py:3"),
    _case("keyboard-interrupt", 3, "interrupts.py:Net", "KeyboardInterrupt", "interrupts.py:1"),
    _case("base-exception", 3, "base_exception.py:Net", "Stop: no further", "base_exception.py:5"),
    _case("warnings-as-errors", 3, "warnings_as_errors.py:Net", "UserWarning: old", "warnings_as_errors.py:4"),
    _case("recursion-at-import", 3, "recursion_at_import.py:Net", "RecursionError", "recursion_at_import.py:2"),
    # Names.
    _case("missing-name", 3, "net.py:Nett", "no name 'Nett'", "Did you mean Net?"),
    _case("missing-attribute", 3, "net.py:Net.Inner", "no name 'Inner'"),
    _case("attribute-trap", 3, "trap.py:Net", "ZeroDivisionError: a trap", "trap.py:2"),
    _case("no-module-class", 3, "no_module.py", "defines no torch.nn.Module"),
    _case("several-candidates", 3, "two_nets.py", "several candidates", "class Net(width=8)", "class Other(width=8)"),
    _case("number", 3, "not_modules.py:answer", "of type int, not a torch.nn.Module"),
    _case("none", 3, "not_modules.py:nothing", "is None, not a torch.nn.Module"),
    _case("plain-class", 3, "not_modules.py:Plain", "is a class (of object), not a torch.nn.Module"),
    _case("factory-returns-text", 3, "not_modules.py", "build_model()", "of type str"),
    _case("instance-with-arguments", 3, "instance.py:model(width=3)", "is an instance of Net"),
    # Constructors.
    _case("raises-in-init", 3, "raises_in_init.py:Net", "depth must be odd", "raises_in_init.py:8"),
    _case("exits-in-init", 3, "exits_in_init.py:Net", "SystemExit", "exits_in_init.py:8"),
    _case("no-super-init", 3, "no_super.py:Net", "before Module.__init__() call", "no_super.py:7"),
    _case("missing-arguments", 3, "needs_arguments.py:Net", "(depth, width, act='relu')", "--arg depth=... --arg width=..."),
    _case("unknown-argument", 3, "net.py:Net(depth=3)", "unexpected keyword argument 'depth'", "(width=8)"),
    _case("wrong-argument-type", 3, "net.py:Net(width='wide')", "TypeError", "net.py:8"),
    _case("downloads-weights", 3, "downloads.py:Net", "--arg pretrained=false", "downloads.py:8"),
    _case("missing-weights-file", 3, "missing_weights.py:Net", "no_such_weights.pth", "missing_weights.py:8"),
    _case("allocates-in-init", 3, "allocates.py:Net", "memory", "allocates.py:8"),
    _case("unicode-names", 3, "unicode.py:Größe", "zu groß", "unicode.py:7"),
    # The forward pass.
    _case("wrong-channels", 3, "net.py:Net -i 1,1,16,16", "to have 3 channels", "net.py:12", "1x1x16x16"),
    _case("wrong-rank", 3, "net.py:Net -i 1,3", "net.py:12", "1x3"),
    _case("wrong-dtype", 3, "net.py:Net -i 1,3,16,16:int64", "net.py:12", "int64"),
    _case("too-small", 3, "net.py:Net -i 1,3,2,2", "net.py:12", "Kernel size"),
    _case("raises-in-forward", 3, "raises_in_forward.py:Net -i 1,4", "ValueError: bad day", "raises_in_forward.py:11"),
    _case("raises-for-every-input", 3, "raises_in_forward.py:Net", "bad day", "raises_in_forward.py:11", "tried x=1x4"),
    _case("exits-in-forward", 3, "exits_in_forward.py:Net -i 1,4", "SystemExit", "exits_in_forward.py:11"),
    _case("hard-exit-in-forward", 3, "hard_exit_in_forward.py:Net -i 1,4", "exit code 0"),
    _case("hangs-in-forward", 3, "hangs_in_forward.py:Net -i 1,4 --timeout 10", "hangs_in_forward.py:11", "--timeout"),
    _case("segfault-in-forward", 3, "segfault_in_forward.py:Net -i 1,4", "segmentation fault", "segfault_in_forward.py:11"),
    _case("recursion-in-forward", 3, "recursion_in_forward.py:Net -i 1,4", "RecursionError", "recursion_in_forward.py:11"),
    _case("keyboard-interrupt-in-forward", 3, "interrupts_in_forward.py:Net -i 1,4", "KeyboardInterrupt"),
    _case("assertion-in-forward", 3, "asserts_in_forward.py:Net -i 1,4", "want 77", "asserts_in_forward.py:11"),
    _case("allocates-in-forward", 3, "allocates_in_forward.py:Net -i 1,4", "Memory", "allocates_in_forward.py:11"),
    _case("no-forward", 3, "no_forward.py:Net -i 1,4", "forward"),
    # Ill-behaved, but they can be profiled.
    _case("prints", 0, f"prints.py:Net {IMAGE} -f json", '"netadvise.profile/1"', "forged"),
    _case("writes-to-descriptor-1", 0, f"writes_to_descriptor.py:Net {IMAGE} -f json", '"netadvise.profile/1"'),
    _case("trains-without-a-guard", 0, f"trains_without_guard.py:Net {IMAGE}", "did not run to its end"),
    _case("fails-after-definition", 0, f"fails_after_definition.py:Net {IMAGE}", "no_such_data.csv", "fails_after_definition.py:15"),
    _case("exits-after-definition", 0, f"exits_after_definition.py:Net {IMAGE}", "did not run to its end"),
    _case("prints-in-forward", 0, "prints_in_forward.py:Net -i 1,4 -f json", '"netadvise.profile/1"'),
)  # fmt: skip


def write_files(folder: Path) -> None:
    """Write every file of the cases under `folder`."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
