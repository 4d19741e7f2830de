"""`suggest-kernels` on live modules: what is asked for, what is tried, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from netadvise.api.advising import Advising, Asked
from netadvise.api.answers import Answer
from netadvise.api.attempts import INTERRUPTED, Attempts, Edits, LiveBench, Told
from netadvise.api.rulebook import rulings
from netadvise.api.suggesting import suggest_kernels
from netadvise.config import Config, LayerIgnore, ModelConfig, Selection
from netadvise.edit import Dropped, Edit, Replace, Tried
from netadvise.errors import UsageError
from netadvise.graph import Location
from netadvise.measure import measure
from netadvise.measure.difference import difference
from netadvise.suggestion import SuggestionReport
from netadvise.target import make_target
from netadvise.worker.answer import live

SHAPE = "1,3,32,32"


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 5, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.norm(self.conv(x)))


class Net(nn.Module):
    """Two equal blocks with a 5x5, and one that is wider."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.blocks = nn.Sequential(*(Block(16) for _ in range(2)))
        self.wide = nn.Conv2d(16, 32, 3, padding=1)
        self.late = Block(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.late(torch.relu(self.wide(self.blocks(torch.relu(self.stem(x))))))
        return self.head(x.mean((2, 3)))


class ByHand(Net):
    """The same with the 5x5 of the blocks written as two 3x3."""

    def __init__(self) -> None:
        super().__init__()
        for block, width in ((self.blocks[0], 16), (self.blocks[1], 16), (self.late, 32)):
            block.conv = nn.Sequential(  # type: ignore[union-attr]
                nn.Conv2d(width, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1, bias=False),
            )


@pytest.fixture(scope="module")
def report() -> SuggestionReport:
    return suggest_kernels(Net(), SHAPE, select=["KER102"])


def test_repeated_blocks_are_one_suggestion(report: SuggestionReport) -> None:
    assert [item.layers for item in report.suggestions] == [
        ("late.conv",),
        ("blocks.0.conv", "blocks.1.conv"),
    ]
    assert all(item.best for item in report.suggestions)
    assert report.suggestions[0].change == "Conv2d 3x3 32 -> 32 + BatchNorm2d + ReLU + Conv2d 3x3 32 -> 32"
    assert report.suggestions[0].roles == ("sees_neighbours",)


def test_what_is_said_of_all_together_is_what_the_edit_by_hand_costs(report: SuggestionReport) -> None:
    def profiled(net: nn.Module) -> object:
        return measure(live(net, make_target("module", [SHAPE]).inputs, None, "eval").graph)

    by_hand, _ = difference(profiled(Net()), profiled(ByHand()), ())  # type: ignore[arg-type]
    assert report.combined is not None
    assert isinstance(report.combined.tried, Tried)
    found = report.combined.tried.effect
    assert (found.params, found.macs, found.activation_bytes, found.receptive_field) == (
        by_hand.params,
        by_hand.macs,
        by_hand.activation_bytes,
        by_hand.receptive_field,
    )


def test_the_module_is_left_as_it_was() -> None:
    net = Net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    suggest_kernels(net, SHAPE, everything=True)
    assert list(before) == list(net.state_dict())
    assert all(torch.equal(value, net.state_dict()[name]) for name, value in before.items())


def test_every_convolution_has_a_role(report: SuggestionReport) -> None:
    assert [role.layer for role in report.roles] == ["stem", "blocks.0.conv", "blocks.1.conv", "wide", "late.conv"]


def test_rules_of_thumb_are_left_alone_unless_they_are_asked_for() -> None:
    plain = suggest_kernels(Net(), SHAPE)
    assert {item.confidence for item in plain.suggestions} <= {"A", "B"}
    assert plain.untried > 0
    every = suggest_kernels(Net(), SHAPE, everything=True)
    assert "C" in {item.confidence for item in every.suggestions}
    assert (every.untried, every.hidden) == (0, ())


def test_whoever_names_a_rule_sees_it_whatever_its_grade() -> None:
    found = suggest_kernels(Net(), SHAPE, select=["KER106"])
    assert {item.rule for item in found.suggestions} == {"KER106"}
    assert found.combined is None


def test_layers_can_be_chosen_by_name() -> None:
    found = suggest_kernels(Net(), SHAPE, layers=["blocks.*"])
    assert {layer for item in found.suggestions for layer in item.layers} == {"blocks.0.conv", "blocks.1.conv"}
    assert len(found.roles) == 5


def test_a_glob_that_fits_no_layer_is_a_slip() -> None:
    with pytest.raises(UsageError, match="fits no convolution"):
        suggest_kernels(Net(), SHAPE, layers=["blocks.*", "stage.*"])


def test_rules_without_edits_are_refused() -> None:
    with pytest.raises(UsageError, match="none of the selected rules"):
        suggest_kernels(Net(), SHAPE, select=["NRM002"])


def test_a_budget_of_another_form_is_refused_before_anything_runs() -> None:
    class Explodes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise AssertionError

    with pytest.raises(UsageError, match="--budget"):
        suggest_kernels(Explodes(), SHAPE, budget=["time=-3%"])


def test_a_budget_is_met_by_what_was_measured() -> None:
    found = suggest_kernels(Net(), SHAPE, budget=["macs=-15%"])
    plan = found.plan
    assert plan is not None
    assert plan.met
    assert isinstance(plan.tried, Tried)
    macs = found.profile.totals.macs
    assert dict(plan.reached)["macs"] == macs + plan.tried.effect.macs  # type: ignore[operator]
    assert dict(plan.reached)["macs"] <= 0.85 * macs
    assert not plan.with_grade_c


def test_a_budget_may_draw_on_rules_of_thumb_and_says_so() -> None:
    found = suggest_kernels(Net(), SHAPE, budget=["macs=-70%"])
    assert found.plan is not None
    assert found.plan.met
    assert found.plan.with_grade_c


def test_a_budget_out_of_reach_says_how_far_it_gets() -> None:
    found = suggest_kernels(Net(), SHAPE, budget=["params=10"])
    assert found.plan is not None
    assert not found.plan.met
    assert 10 < dict(found.plan.reached)["params"] < found.profile.totals.params


@dataclass
class Scripted:
    """A bench that fails where a test wants it to."""

    inner: LiveBench
    breaks: frozenset[str] = frozenset()
    """Modules that break whatever is tried with them."""
    at_most: int = 10**6
    """Attempts before Ctrl-C."""
    rounds: list[list[Edits]] = field(default_factory=list)

    def answer(self) -> Answer:
        return self.inner.answer()

    def attempt(self, alternatives: Sequence[Edits], told: Told) -> Attempts:
        self.rounds.append(list(alternatives))
        found = self.inner.attempt(alternatives, told).results
        results = [
            Dropped(edits, "it breaks") if self._is_broken(edits) else result
            for edits, result in zip(alternatives, found, strict=True)
        ]
        kept = results[: self.at_most]
        self.at_most -= len(kept)
        return Attempts(kept, INTERRUPTED if len(kept) < len(results) else "")

    def _is_broken(self, edits: Sequence[Edit]) -> bool:
        return any(isinstance(edit, Replace) and edit.module in self.breaks for edit in edits)


def scripted(bench: Scripted, asked: Asked | None = None, project: Config | None = None) -> SuggestionReport:
    command = Config(selections=(Selection(("KER102",), (), (), "here"),))
    book = rulings(project or Config(), command)
    model = ModelConfig(name="Net", target="Net")
    return Advising(asked or Asked(), book, model, bench, lambda *_: None).suggested().report


def test_a_group_that_breaks_at_one_layer_is_tried_layer_by_layer() -> None:
    bench = Scripted(LiveBench(Net(), (SHAPE,)), frozenset({"blocks.1.conv"}))
    found = scripted(bench)
    assert {item.layers for item in found.suggestions} == {("late.conv",), ("blocks.0.conv",)}
    assert [(item.layers, item.reason) for item in found.rejected] == [(("blocks.1.conv",), "it breaks")]


def test_what_was_tried_before_an_interruption_is_reported() -> None:
    found = scripted(Scripted(LiveBench(Net(), (SHAPE,)), at_most=1))
    assert len(found.suggestions) == 1
    assert found.incomplete == "stopped after 1 alternative of 2: interrupted"
    assert found.interrupted
    assert found.combined is None


def test_an_interruption_while_all_are_tried_together_keeps_each_one() -> None:
    found = scripted(Scripted(LiveBench(Net(), (SHAPE,)), at_most=2))
    assert len(found.suggestions) == 2
    assert found.combined is None
    assert "tried together: interrupted" in found.incomplete


def test_a_suggestion_that_breaks_the_others_is_left_out() -> None:
    @dataclass
    class Quarrels(Scripted):
        def _is_broken(self, edits: Sequence[Edit]) -> bool:
            modules = {edit.module for edit in edits if isinstance(edit, Replace)}
            return {"late.conv", "blocks.0.conv"} <= modules

    found = scripted(Quarrels(LiveBench(Net(), (SHAPE,))))
    assert found.combined is not None
    assert [item.layer for item in found.combined.chosen] == ["late.conv"]
    (excluded,) = found.combined.excluded
    assert excluded.reason == "KER102 at blocks.0.conv does not run with the others: it breaks"


def test_layers_that_the_configuration_ignores_are_not_suggested() -> None:
    ignores = (LayerIgnore("late*", ("KER102",), "mine", Location("pyproject.toml", 1)),)
    found = scripted(Scripted(LiveBench(Net(), (SHAPE,))), project=Config(layer_ignores=ignores))
    assert [item.layer for item in found.suggestions] == ["blocks.0.conv"]
    assert found.suppressed == 1


def test_a_network_without_convolutions_has_nothing_to_suggest() -> None:
    found = suggest_kernels(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), "1,4")
    assert (found.roles, found.suggestions, found.combined) == ((), (), None)
