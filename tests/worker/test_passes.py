"""The further recordings: what they run on, what may fail, and that they leave no trace."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netadvise.errors import CaptureError
from netadvise.facts import Fact, Sheet
from netadvise.quantity import Unknown
from netadvise.target import make_target
from netadvise.worker.answer import answer, given_inputs, live
from netadvise.worker.facts import facts_of_module, facts_of_target
from netadvise.worker.protocol import Request


class Counting(nn.Module):
    """Refuses one sample in training, as a batch norm on single values does."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.seen = nn.BatchNorm1d(4), []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(tuple(x.shape))
        return self.norm(x)


def norm_shape(sheet: Sheet) -> Fact:
    return next(layer.get("input_shape") for layer in sheet.layers if layer.get("op") == "norm")


def test_one_sample_becomes_two_for_training() -> None:
    _, found = facts_of_module(Counting(), ("1,4",))
    assert isinstance(found.training, Sheet)
    assert norm_shape(found.training) == (2, 4)
    assert norm_shape(found.evaluation) == (1, 4)


def test_several_samples_stay_as_many() -> None:
    _, found = facts_of_module(Counting(), ("5,4",))
    assert isinstance(found.training, Sheet)
    assert norm_shape(found.training) == (5, 4)


def test_the_module_is_left_as_it_was() -> None:
    module = Counting()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    facts_of_module(module, ("2,4",))
    assert module.seen == []
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_every_input_of_the_batch_is_resized() -> None:
    class Two(nn.Module):
        def forward(self, x: Tensor, mask: Tensor, table: Tensor) -> Tensor:
            assert x.shape[0] == mask.shape[0]
            return x * mask + table

    _, found = facts_of_module(Two(), ("2,4", "2,4", "1,4"))
    assert found.model.get("works_at_other_batch") is True


def test_failures_of_further_passes_are_told_as_unknown() -> None:
    class Particular(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            if self.training or len(x) != 2:
                raise RuntimeError("only two samples, and no training")
            return super().forward(x)

    _, found = facts_of_module(Particular(4, 2), ("2,4",))
    assert isinstance(found.training, Unknown)
    assert "test_passes.py" in found.training.reason
    assert found.model.get("works_at_other_batch") is False


def test_a_failure_of_the_first_pass_is_an_error() -> None:
    with pytest.raises(CaptureError):
        facts_of_module(nn.Linear(4, 2), ("2,5",))


def test_a_model_that_reads_values_is_run_for_real_each_time() -> None:
    class Reading(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            y = super().forward(x)
            return y if float(y.sum()) > -1e9 else -y

    recording = live(Reading(400, 300), make_target("module", ("64,400",)).inputs, None, "eval")
    assert recording.real
    _, found = facts_of_module(Reading(400, 300), ("64,400",))
    assert found.model.get("works_at_other_batch") is True
    assert isinstance(found.training, Sheet)


def test_the_callers_tensors_are_resized_too() -> None:
    recording = live(nn.Linear(4, 2), (), given_inputs((torch.rand(3, 4),), {}), "eval")
    assert recording.graph.values[recording.graph.inputs[0]].shape == (3, 4)


def test_facts_are_only_told_when_asked_for(root: object) -> None:
    target = f"{root}/examples/digits_cnn.py"
    plain = answer(Request(target=target), lambda _: None, confined=False)
    asked = answer(Request(target=target, facts=True), lambda _: None, confined=False)
    training = answer(Request(target=target, facts=True, mode="train"), lambda _: None, confined=False)
    assert (plain.facts, training.facts) == (None, None)
    assert asked.facts is not None
    assert plain.profile is not None and asked.profile is not None
    assert plain.profile["totals"] == asked.profile["totals"]


def test_a_target_has_the_same_facts(root: object) -> None:
    profile, found = facts_of_target(make_target(f"{root}/examples/digits_cnn.py"))
    assert found.model.get("params") == profile.totals.params
