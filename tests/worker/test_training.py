"""What the runs of a study share, and what each has of its own."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest
import torch

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from netadvise.errors import TargetError, UsageError
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import in_one_thread, same_weights, weights
from netadvise.probe.spec import RunSpec
from netadvise.worker.training import Session, _failure
from tests.worker.study_source import request, written

DROPOUT = Insert(Place("after", "net.1"), (Part("Dropout", {"p": 0.5}),))


def session(folder: Path, **given: object) -> Session:
    """Of a file with these changes."""
    changes = {name: given.pop(name) for name in ("forward", "item", "count", "more") if name in given}
    file = written(folder, **changes)  # type: ignore[arg-type]
    return Session(request(file, folder / "study", **given), Ledger(folder / "study", "key"))  # type: ignore[arg-type]


def silent(_: int) -> None:
    pass


def test_a_network_belongs_to_its_seed(tmp_path: Path) -> None:
    made = session(tmp_path)
    assert same_weights(made.fresh(3), made.fresh(3))
    assert not same_weights(made.fresh(3), made.fresh(4))
    assert made.shared is None
    assert not any("same weights" in note for note in made.recipe.notes)


@pytest.mark.parametrize("target", ["net", "build", "wrapped"])
def test_a_network_that_is_made_once_is_copied_for_each_run(tmp_path: Path, target: str) -> None:
    """A module-level instance that an imported module has, a function that returns it, and one that wraps it."""
    written(tmp_path, name="once.py", more="net = Net()")
    more = "from once import net\ndef build():\n    return net\ndef wrapped():\n    return nn.Sequential(net)"
    made = session(tmp_path, more=more, target=target)
    assert made.shared is not None
    first, before = made.fresh(0), weights(made.fresh(1))
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.add_(1)
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(made.fresh(0)).items())
    assert any("every run starts from the same weights" in note for note in made.recipe.notes)


def test_a_function_that_seeds_itself_is_said_to(tmp_path: Path) -> None:
    made = session(tmp_path, more="def build():\n    torch.manual_seed(0)\n    return Net()", target="build")
    assert made.shared is None
    assert any("every run starts from the same weights" in note for note in made.recipe.notes)


def test_a_split_that_is_drawn_without_a_seed_is_the_same_in_every_session(tmp_path: Path) -> None:
    more = "def split():\n    return torch.utils.data.random_split(Rows(80, 0), (50, 30))"
    torch.manual_seed(1)
    first = session(tmp_path, more=more, data="split").data.fingerprint
    torch.manual_seed(2)
    assert session(tmp_path, more=more, data="split").data.fingerprint == first


@pytest.mark.parametrize(
    "edits",
    [
        (DROPOUT,),
        (Insert(Place("before", "net.2"), (Part("AlphaDropout", {"p": 0.5}),)),),
        (Replace("net.1", (Part("GELU"),)),),
        (SetArgs("net.2", {"bias": False}),),
        (Insert(Place("after", "net.1"), (Part("LayerNorm", {"normalized_shape": 32}),)),),
    ],
    ids=str,
)
def test_what_an_edit_leaves_alone_starts_as_in_the_baseline(tmp_path: Path, edits: tuple[object, ...]) -> None:
    made = session(tmp_path)
    with made.network((), 0) as (plain, _):
        before = weights(plain)
    with made.network(edits, 0) as (module, _):  # type: ignore[arg-type]
        after = weights(module)
    assert all(torch.equal(before[name], tensor) for name, tensor in after.items())
    assert len(after) >= 3


def test_an_argument_of_an_lstm_starts_from_the_weights_of_the_baseline(tmp_path: Path) -> None:
    more = """
class Recurrent(nn.Module):
    example_inputs = torch.zeros(1, 5, 8)
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 6, 2, batch_first=True), nn.Linear(6, 3)
    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])
"""
    made = session(tmp_path, more=more, target="Recurrent")
    with made.network((), 2) as (plain, _):
        before = weights(plain)
    with made.network((SetArgs("lstm", {"dropout": 0.5}),), 2) as (module, _):
        assert module.lstm.dropout == 0.5  # type: ignore[union-attr]
        assert all(torch.equal(before[name], tensor) for name, tensor in weights(module).items())


def test_an_arm_is_trained_into_the_ledger_and_the_file_is_left_alone(tmp_path: Path) -> None:
    made = session(tmp_path)
    content = (tmp_path / "net.py").read_bytes()
    specs = [RunSpec((), 0, 20, 20), RunSpec((DROPOUT,), 0, 20, 20)]
    with in_one_thread():
        assert [made.train(spec, silent) for spec in specs] == [None, None]
    plain, dropped = map(made.ledger.result, specs)
    assert plain is not None and dropped is not None
    assert plain.losses.tolist() != dropped.losses.tolist()
    assert (tmp_path / "net.py").read_bytes() == content


def test_rate_0_is_the_baseline_bit_by_bit(tmp_path: Path) -> None:
    nothing = Insert(DROPOUT.place, (Part("Dropout", {"p": 0.0}),))
    made = session(tmp_path, forward="x = nn.functional.dropout(x, 0.3, self.training)")
    specs = [RunSpec((), 0, 20, 20), RunSpec((nothing,), 0, 20, 20)]
    for spec in specs:
        assert made.train(spec, silent) is None
    one, other = map(made.ledger.result, specs)
    assert one is not None and other is not None
    assert one.losses.tolist() == other.losses.tolist()
    assert one.numbers.curve == other.numbers.curve


def test_checks_are_kept(tmp_path: Path) -> None:
    made, spec = session(tmp_path), RunSpec((), 0, 0, 0, checks=True)
    assert made.train(spec, silent) is None
    checks = made.ledger.checks(spec)
    assert checks is not None
    assert checks.one_batch_ratio < 0.9 and checks.eval_leak == checks.replicate == 0.0


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"item": "assert index < 45, 'no 45'"}, "crash", "fetching item 4[5-9] of 50: AssertionError: no 45"),
        ({"forward": "if self.training: raise SystemExit(3)"}, "crash", "SystemExit"),
        ({"forward": "if self.training: raise MemoryError('too much')"}, "crash", "MemoryError: too much"),
        ({"forward": "if self.training: raise ValueError('x' * 100_000)"}, "crash", "ValueError: x{600}"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line_with_its_place(
    tmp_path: Path, changes: dict[str, str], kind: str, message: str
) -> None:
    made = session(tmp_path)
    _ = made.material
    made = session(tmp_path, **changes)
    failure = made.train(RunSpec((), 0, 20, 20), silent)
    assert failure is not None and failure.kind == kind
    assert re.search(message, failure.message), failure.message
    assert len(failure.message) < 1000 and "\n" not in failure.message
    assert "net.py:" in failure.where


def test_errors_are_told_apart() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert _failure(MemoryError()).kind == "memory"
    assert _failure(RuntimeError("CUDA out of memory")).kind == "memory"
    assert _failure(OSError(28, "No space left on device", "/x/y")).kind == "disk"
    assert _failure(Silent()).message == "Silent: (its message cannot be shown)"
    assert _failure(TargetError("a", where="b")).where == "b"


def test_a_device_that_there_is_not_is_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing can be trained on the device 'nonsense'"):
        _ = session(tmp_path, recipe={"device": "nonsense"}).material


def test_runs_leave_no_networks_behind(tmp_path: Path) -> None:
    made = session(tmp_path)

    def living() -> int:
        gc.collect()
        return sum(isinstance(each, torch.nn.Module) for each in gc.get_objects())

    for seed in range(3):
        made.train(RunSpec((DROPOUT,), seed, 5, 5), silent)
    before = living()
    for seed in range(3, 9):
        made.train(RunSpec((DROPOUT,), seed, 5, 5), silent)
    assert living() <= before


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_a_dropout_behind_a_call_in_forward_is_trained_where_it_was_recorded(tmp_path: Path, p: float) -> None:
    more = """
class Functional(nn.Module):
    example_inputs = torch.zeros(1, 8)
    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Linear(8, 16), nn.Linear(16, 3)
    def forward(self, x):
        x = torch.relu(self.first(x))
        return self.head(torch.dropout(torch.relu(x), 0.2, self.training))
"""
    made = session(tmp_path, more=more, target="Functional")
    parts = (Part("Dropout", {"p": p}),)
    edits = tuple(Insert(Place("after-call", "", "relu", index), parts) for index in (0, 1))
    specs = [RunSpec((), 0, 15, 15), RunSpec(edits, 0, 15, 15)]
    assert [made.train(spec, silent) for spec in specs] == [None, None]
    one, other = map(made.ledger.result, specs)
    assert one is not None and other is not None
    assert (one.losses.tolist() == other.losses.tolist()) == (p == 0)
