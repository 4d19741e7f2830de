"""Dropouts written into files: the model that was recorded again has them, or the files are as they were."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import torch

from netadvise.api.answers import Runner
from netadvise.api.attempts import WorkerBench
from netadvise.api.dropout_fixes import Groups, dropout_fixes, written
from netadvise.api.fixing import Fixed, Restored
from netadvise.edit import Insert, Part, Place, SetArgs
from netadvise.rewrite import Plan
from netadvise.worker.protocol import Request

EXAMPLES = Path(__file__).parents[2] / "examples"
FUNCTIONAL = """\
import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv(x)) + x


class Net(nn.Module):
    example_inputs = torch.zeros(2, 3, 8, 8)

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.one, self.two = Block(), Block()
        self.lstm = nn.LSTM(32, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        x = self.two(self.one(x)).flatten(2)
        states, _ = self.lstm(x.reshape(2, 4, 32))
        return self.head(states[:, -1])
"""


def drop(where: str, module: str, function: str = "", kind: str = "Dropout") -> Insert:
    return Insert(Place(where, module, function), (Part(kind, {"p": 0.4}),))  # type: ignore[arg-type]


def write(target: str, groups: Groups) -> tuple[Plan, Fixed | Restored | None, WorkerBench]:
    """What becomes of writing these groups into the files of a target."""
    since = time.time_ns()
    runner = Runner(lambda *_: None, in_process=True, quiet=True)
    bench = WorkerBench(Request(target=target, facts=True), runner)
    answer = bench.answer()
    plan = dropout_fixes(groups, answer, since_ns=since)
    return plan, written(groups, plan, answer, bench), bench


def test_nothing_is_written_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model_of_nothing.py").write_text(FUNCTIONAL)
    plan, outcome, _ = write("model_of_nothing.py:Net", [[drop("after-call", "", "tanh")]])
    assert (plan.changes, outcome) == ((), None)


def test_a_functional_network_with_blocks_and_an_lstm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("functional_model.py")
    path.write_text(FUNCTIONAL)
    before = _net(path)
    groups: Groups = [
        [drop("after-call", "", "max_pool2d", "Dropout2d")],
        [drop("after-call", "one", "relu"), drop("after-call", "two", "relu")],
        [drop("after", "lstm")],
        [SetArgs("lstm", {"dropout": 0.2})],
        [drop("after", "stem", kind="Dropout2d")],
        [drop("after", "one.conv")],
    ]
    plan, outcome, _ = write("functional_model.py:Net", groups)
    assert outcome == Fixed(("functional_model.py",))
    assert (plan.written, plan.renaming) == ((0, 1, 2, 3, 4), ())
    assert plan.refused[5].reason.startswith("the same code runs two.conv, which stay as they are")
    expected = (
        ("num_layers=2, batch_first=True", "num_layers=2, batch_first=True, dropout=0.2"),
        ("F.max_pool2d(F.relu(self.stem(x)), 2)", "F.dropout2d(F.max_pool2d(F.relu(STEM), 2)END"),
        ("STEM", "F.dropout2d(self.stem(x)END"),
        ("F.relu(self.conv(x))", "F.dropout(F.relu(self.conv(x))END"),
        ("x.reshape(2, 4, 32))\n", "x.reshape(2, 4, 32))\n        states = F.dropout(statesEND\n"),
        ("END", ", p=0.4, training=self.training)"),
    )
    text = FUNCTIONAL
    for old, new in expected:
        text = text.replace(old, new)
    assert path.read_text() == text
    after = _net(path)
    after.load_state_dict(before.state_dict(), strict=True)
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(after.eval()(x), before.eval()(x))
    torch.manual_seed(0)
    assert not torch.equal(after.train()(x), before.eval()(x))


def test_the_note_s_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "note_cnn.py", "copied_note_cnn.py")
    groups: Groups = [
        [drop("after", "features.1", kind="Dropout2d")],
        [drop("after", "features.4", kind="Dropout2d")],
        [drop("before", "classifier")],
        [drop("after-call", "", "relu")],
        [SetArgs("dropout", {"p": 0.2})],
    ]
    plan, outcome, bench = write("copied_note_cnn.py:NoteCNN", groups)
    assert outcome == Fixed(("copied_note_cnn.py",))
    assert (plan.written, plan.renaming) == ((0, 1, 2, 3, 4), ())
    text = Path("copied_note_cnn.py").read_text()
    assert text.count("nn.Sequential(nn.ReLU(), nn.Dropout2d(p=0.4))") == 1
    assert text.count("nn.Sequential(nn.Dropout2d(p=0.4), nn.ReLU())") == 1
    assert "self.classifier(F.dropout(x, p=0.4, training=self.training))" in text
    assert "self.dropout(F.dropout(F.relu(self.hidden(x)), p=0.4, training=self.training))" in text
    rows = [layer.name for layer in Runner(lambda *_: None, quiet=True).answer(bench.request).profile.layers]
    assert {"features.1.1", "features.5.0", "dropout"} <= set(rows)


def test_a_file_goes_back_when_the_dropout_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("two_faced_model.py")
    text = FUNCTIONAL.replace(
        "        x = F.max_pool2d",
        "        if 'F.drop' + 'out' in open(__file__).read(): x = x * 1\n        x = F.max_pool2d",
    )
    path.write_text(text)
    _, outcome, _ = write("two_faced_model.py:Net", [[drop("after-call", "", "relu")]])
    assert isinstance(outcome, Restored)
    assert path.read_text() == text


def _net(path: Path) -> torch.nn.Module:
    scope: dict[str, object] = {"__name__": "copied"}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    torch.manual_seed(0)
    build = scope["Net"]
    assert callable(build)
    found: torch.nn.Module = build()
    return found
