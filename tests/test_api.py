"""The Python API: in the caller's process, on the caller's module."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

import netadvise
from netadvise import api
from netadvise.document import profile_document
from netadvise.errors import CaptureError, TargetError, UsageError
from netadvise.worker.protocol import Request
from tests.render.sample import sample


class Gated(nn.Module):
    """Two inputs, the second one optional."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor, gate: torch.Tensor | None = None) -> torch.Tensor:
        out: torch.Tensor = self.fc(x)
        return out if gate is None else out * gate


class Reads(nn.Module):
    """Takes the path that a large tensor's content says."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(200, 200)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) if x.sum() > 0 else x


@pytest.mark.parametrize(
    ("target", "error"),
    [("no_such_file.py:Net", TargetError), ("net.py:", UsageError), ("no_such_module_anywhere", TargetError)],
)
def test_a_wrong_target_raises(target: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        netadvise.record(target)


def test_tensors_for_a_target_text_are_refused() -> None:
    with pytest.raises(UsageError, match="shapes"):
        netadvise.record("torch.nn:Flatten", torch.zeros(1, 4))


def test_a_failing_forward_raises_a_capture_error() -> None:
    with pytest.raises(CaptureError):
        netadvise.record(Gated(), torch.zeros(1, 5))


@pytest.mark.parametrize(
    ("inputs", "shapes", "source"),
    [
        (torch.zeros(3, 4), [(3, 4)], "given"),
        ((torch.zeros(3, 4), torch.zeros(3, 2)), [(3, 4), (3, 2)], "given"),
        ([torch.zeros(3, 4), torch.zeros(3, 2)], [(3, 4), (3, 2)], "given"),
        ({"x": torch.zeros(3, 4)}, [(3, 4)], "given"),
        ("3,4", [(3, 4)], "given"),
        (["3,4", "gate=3,2"], [(3, 4), (3, 2)], "given"),
        (None, [(1, 4)], "inferred"),
    ],
)
def test_every_form_of_inputs(inputs: object, shapes: list[tuple[int, ...]], source: str) -> None:
    graph = netadvise.record(Gated(), inputs)
    assert [graph.values[value].shape for value in graph.inputs] == shapes
    assert graph.input_source == source


def test_a_module_that_reads_values_is_run_for_real_and_the_profile_says_so() -> None:
    profile = netadvise.profile(Reads(), torch.ones(200, 200))
    assert profile.totals.macs == 200 * 200 * 200
    assert any("real" in note for note in profile.notes)


def test_a_profile_of_a_module_is_that_of_its_graph() -> None:
    assert netadvise.profile(Gated(), "3,4") == api.measure(netadvise.record(Gated(), "3,4"))


def test_a_saved_profile_opens(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(profile_document(sample())))
    assert api.open_profile(file) == sample()


@pytest.mark.parametrize("content", ["", "{}", "\0", '{"schema": "netadvise.profile/1"}'])
def test_a_file_that_is_no_profile_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "saved.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=r"saved\.json is not a saved profile"):
        api.open_profile(file)


def test_a_workers_error_comes_back_as_itself_with_pythons_account(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("raise ValueError('bad day')\n")
    with pytest.raises(TargetError, match="bad day") as caught:
        api.profile_target(Request(target=str(tmp_path / "net.py")), watch=lambda *_: None)
    assert "Traceback" in caught.value.__notes__[0]
