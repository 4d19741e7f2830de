from __future__ import annotations

import os
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from netadvise.capture.load import Loaded, load
from netadvise.errors import TargetError
from netadvise.target import make_target
from tests.bad_targets import CASES, Case, write_files

MODELS = Path(__file__).resolve().parent.parent / "models"
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def own_imports() -> Iterator[None]:
    """What a load leaves in `sys` does not reach the next test."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if "site-packages" not in (getattr(sys.modules[name], "__file__", None) or "site-packages"):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes `model.py` in a working folder of its own."""
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        path = tmp_path / "model.py"
        path.write_text("import torch\nfrom torch import nn\n" + textwrap.dedent(text))
        return path

    return write


def _load(text: str, *arguments: str, real: bool = False) -> Loaded:
    return load(make_target(text, (), arguments), real=real, import_seconds=1.0)


def _refused(text: str, *arguments: str) -> TargetError:
    with pytest.raises(TargetError) as caught:
        _load(text, *arguments)
    return caught.value


ONE_PROCESS = [
    case
    for case in CASES
    if case.exit_code == 3 and "-i" not in case.argv and "--timeout" not in case.argv
    and not any(word in case.id for word in ("hard-exit", "segfault", "raises-for-every-input", "allocates"))
]  # fmt: skip


@pytest.mark.parametrize("case", ONE_PROCESS, ids=lambda case: case.id)
def test_a_bad_target_gives_one_clear_error(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    error = _refused(case.argv[0])
    told = "\n".join((error.message, error.where, *error.notes, error.hint))
    for fragment in case.fragments:
        assert fragment in told
    assert "Traceback" not in told
    assert "\n" not in error.message


CLASS = """
class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = {part}
"""


def _class(name: str, part: str = "nn.Linear(2, 2)") -> str:
    return CLASS.format(name=name, part=part)


CONVENTIONS = [
    (_class("Net"), "Net", "the only class"),
    (_class("Net") + "model = Net()", "model", "an instance called model"),
    (_class("Net") + "def build_model():\n    return Net()", "build_model", "a factory comes before the class"),
    (_class("Net") + "def get_model():\n    return Net()", "get_model", "get_model"),
    (_class("Net") + "net = Net()\ndef get_model():\n    return Net()", "get_model", "get_model comes before net"),
    (_class("Net") + "trained = Net()", "trained", "the only instance of a class of the file"),
    (_class("Net") + "relu = nn.ReLU()", "Net", "an instance of a library class is no model"),
    (_class("Net") + "model = 3", "Net", "a number called model is no model"),
    (_class("Block") + _class("Net", "Block()"), "Net", "the one that is not a building block"),
    (_class("Base") + "class Net(Base):\n    pass\n", "Net", "the one that is not a base"),
    (_class("Block") + _class("Net", "Block()") + "Alias = Net\n", "Net", "an alias is no second candidate"),
    ("class LightningModule(nn.Module):\n    pass\nclass Lit(LightningModule):\n    pass\n" + _class("Other"),
     "Lit", "the only LightningModule"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "reason"), CONVENTIONS)
def test_a_bare_file_is_resolved_by_convention(text: str, name: str, reason: str, write: Write) -> None:
    assert _load(str(write(text))).name == name, reason


def test_the_choice_among_building_blocks_is_noted(write: Write) -> None:
    loaded = _load(str(write(_class("Block") + _class("Net", "Block()"))))
    assert "no other class of the file uses" in loaded.notes[0]


def test_imported_classes_are_no_candidates(write: Write) -> None:
    error = _refused(str(write("from torch.nn import Linear, Conv2d")))
    assert "defines no torch.nn.Module" in error.message
    assert ":Linear" in error.hint


def test_candidates_are_listed_with_signature_and_line(write: Write) -> None:
    error = _refused(str(write(_class("One") + _class("Two"))))
    assert "several candidates" in error.message
    assert any(note.startswith("class One()") and note.endswith("line 4") for note in error.notes)


NAMED = [
    ("Decorated", 4, "a decorated class with a decorated forward"),
    ("Decorated(9)", 9, "positional argument"),
    ("Decorated(width=9)", 9, "named argument"),
    ("build", 5, "a factory is called without parentheses"),
    ("build(6)", 6, "a factory with an argument"),
    ("build_with_extras", 7, "the module in a tuple"),
    ("Factories.small", 3, "a nested name"),
    ("class_alias", 4, "an alias"),
    ("wrapped", 8, "the module inside a wrapper"),
    ("Configured", 6, "the file's config class with its defaults"),
]


@pytest.mark.parametrize(("name", "width", "reason"), NAMED)
def test_a_name_becomes_a_module(name: str, width: int, reason: str) -> None:
    module = _load(f"{MODELS}/named.py:{name}").module
    assert module.fc.in_features == width, reason


def test_arguments_come_from_the_option() -> None:
    assert len(_load(f"{MODELS}/named.py:Required", "depth=3", "width=2").module.layers) == 3


def test_a_missing_argument_shows_the_command_to_write() -> None:
    error = _refused(f"{MODELS}/named.py:Required")
    assert "Required(depth: 'int', *, width: 'int' = 4)" in error.message
    assert "named.py:Required --arg depth=..." in error.hint
    assert error.where.endswith("named.py:35")


@pytest.mark.parametrize("folder", ["package", "loose"])
def test_relative_imports_work_with_and_without_an_init_file(folder: str) -> None:
    loaded = _load(f"{MODELS}/{folder}/net.py")
    assert type(loaded.module).__module__ == f"{folder}.net"
    assert type(loaded.module.block).__name__ == "Block"


def test_a_dotted_module_is_imported_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts_of_mine").mkdir()
    (tmp_path / "parts_of_mine/net.py").write_text("from torch import nn\nmodel = nn.Linear(2, 2)\n")
    monkeypatch.chdir(tmp_path)
    assert isinstance(_load("parts_of_mine.net:model").module, nn.Linear)


def test_a_file_named_like_a_library_is_loaded_and_hides_nothing(tmp_path: Path) -> None:
    text = "import random\nfrom torch import nn\nwidth = random.randint(3, 3)\n" + _class("Net")
    (tmp_path / "random.py").write_text(text)
    assert _load(f"{tmp_path}/random.py").name == "Net"
    assert sys.modules["random"].__file__ != str(tmp_path / "random.py")


def test_the_file_sees_itself_as_the_script(write: Write) -> None:
    before = list(sys.argv)
    path = write("import sys\nassert len(sys.argv) == 1 and sys.argv[0] == __file__\n" + _class("Net"))
    assert _load(str(path)).name == "Net"
    assert sys.argv == before


def test_code_under_a_main_guard_does_not_run(write: Write) -> None:
    assert not _load(str(write(_class("Net") + "if __name__ == '__main__':\n    raise ValueError\n"))).notes


STOPPED = [
    ("raise ValueError('no data')", "ValueError: no data", "raises"),
    ("raise SystemExit(2)", "SystemExit", "exits"),
    ("import no_such_module_x", "No module named 'no_such_module_x'", "an import that fails"),
    ("while True: pass", "still running after 1 s", "runs on"),
    ("while True:\n    try:\n        pass\n    except Exception:\n        pass", "still running", "swallows Exception"),
    ("nn.Linear(999, 999).weight.sum().item()", "value", "needs real weights"),
]


@pytest.mark.parametrize(("body", "fragment", "reason"), STOPPED)
def test_a_script_that_stops_after_the_definition_is_used_with_a_note(
    body: str, fragment: str, reason: str, write: Write
) -> None:
    loaded = _load(str(write(_class("Net") + body)) + ":Net")
    assert "did not run to its end" in loaded.notes[0], reason
    assert fragment in loaded.notes[0]
    assert "model.py:" in loaded.notes[0]


def test_a_file_that_stops_before_its_last_class_is_not_used(write: Write) -> None:
    error = _refused(str(write(_class("Block") + "depth = 1 / 0\n" + _class("Net", "Block()"))))
    assert "ZeroDivisionError" in error.message
    assert error.where == "model.py:8"
    assert error.notes == ("> depth = 1 / 0",)


def test_loading_works_outside_the_main_thread(write: Write) -> None:
    path, found = write(_class("Net")), []
    thread = threading.Thread(target=lambda: found.append(_load(str(path)).name))
    thread.start()
    thread.join()
    assert found == ["Net"]


def test_a_deleted_working_folder_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text("from torch import nn\n" + _class("Net"))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert _load(f"{tmp_path}/net.py").name == "Net"
    assert "there is no file net.py" in _refused("net.py").message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(write: Write) -> None:
    path = write(_class("Net"))
    path.chmod(0)
    assert "Permission denied" in _refused(str(path)).message


def test_a_name_too_long_for_the_file_system_is_refused() -> None:
    assert "cannot be read" in _refused("x" * 5000 + ".py").message


def test_large_weights_are_not_allocated() -> None:
    module = _load("torch.nn:Linear(100000, 100000)").module
    assert module.weight.device.type == "meta"


def test_a_real_load_allocates_and_initialises() -> None:
    loaded = _load("torch.nn:Linear(300, 300)", real=True)
    assert loaded.real
    assert loaded.module.weight.device.type == "cpu"


def test_a_constructor_that_reads_weights_is_built_for_real() -> None:
    loaded = _load(f"{MODELS}/named.py:Grows")
    assert loaded.real
    assert loaded.module.scale > 0
    assert "the constructor needs real weights" in loaded.notes


def test_modules_know_the_line_that_constructs_them() -> None:
    from netadvise.capture import locate

    place = locate.constructor_of(_load(f"{MODELS}/named.py:Decorated").module.fc)
    assert place is not None
    assert (Path(place.file).name, place.line) == ("named.py", 27)


def test_loading_leaves_torch_as_it_was() -> None:
    before = nn.Module.__init__, torch.get_default_dtype(), torch.empty(1).device
    _load(f"{MODELS}/named.py:Decorated")
    assert (nn.Module.__init__, torch.get_default_dtype(), torch.empty(1).device) == before
