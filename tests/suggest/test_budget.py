"""Meeting a budget: its texts, and the set that loses the least receptive field."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from netadvise.edit import conflicts
from netadvise.errors import UsageError
from netadvise.profiles import Gap
from netadvise.quantity import Unknown
from netadvise.suggest import budget
from netadvise.suggest.budget import check_budgets, choose, limits
from netadvise.suggestion import Suggestion
from tests.suggest.made import effect, rule, suggestion, totals

B, C = rule("KER902", "B"), rule("KER903", "C")


@pytest.mark.parametrize(
    "text", ["", "macs", "macs=", "macs=30%", "macs=-100%", "macs=-5", "macs=+3%", "time=-3%", "params=much"]
)
def test_a_budget_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--budget"):
        check_budgets([text])


@pytest.mark.parametrize(
    ("text", "key", "most"),
    [
        ("macs=-30%", "macs", 7000),
        ("params=-12.5%", "params", 875),
        (" params = 0.5K ", "params", 500),
        ("macs=5M", "macs", 5_000_000),
        ("macs=0", "macs", 0),
    ],
)
def test_a_budget_is_a_share_that_goes_or_a_limit(text: str, key: str, most: int) -> None:
    (found,) = limits([text], totals())
    assert (found.key, found.most, found.text) == (key, most, text)


def layers(items: tuple[Suggestion, ...]) -> list[str]:
    return sorted(item.layer for item in items)


def test_no_budget_is_met_by_what_is_not_known() -> None:
    gapped = replace(totals(), gaps=(Gap("macs", "stencil.laplace", 1, "no formula"),))
    with pytest.raises(UsageError, match=r"not all macs .*stencil\.laplace: no formula"):
        limits(["macs=-30%"], gapped)
    assert limits(["params=500"], gapped) == limits(["params=500"], totals())


def test_what_is_met_already_takes_nothing() -> None:
    found = choose([suggestion("a")], {"macs": 0})
    assert (found.items, found.enough, found.exact) == ((), True, True)


def test_what_saves_nothing_is_never_taken() -> None:
    found = choose([suggestion("a", B, effect(0, 5)), suggestion("b", B, effect(0, Unknown("?")))], {"macs": 100})
    assert (found.items, found.enough) == ((), False)


def test_the_least_field_is_lost_whatever_else_it_costs() -> None:
    wide = suggestion("a", B, effect(0, -1000, field=(-2, -2)))
    narrow = [suggestion(name, B, effect(0, -400)) for name in "bcd"]
    assert layers(choose([wide, *narrow], {"macs": 1000}).items) == ["b", "c", "d"]


def test_at_equal_loss_better_grades_and_fewer_layers_win() -> None:
    items = [
        suggestion("a", C, effect(0, -1000)),
        suggestion("b", B, effect(0, -1000), layers=("b", "b2")),
        suggestion("c", B, effect(0, -1000)),
    ]
    assert layers(choose(items, {"macs": 900}).items) == ["c"]
    assert layers(choose(items[:2], {"macs": 900}).items) == ["b"]


def test_alternatives_of_one_layer_are_never_taken_together() -> None:
    found = choose([suggestion("a", B, effect(0, -600)), suggestion("a", C, effect(0, -700))], {"macs": 1000})
    assert not found.enough
    assert [item.rule for item in found.items] == ["KER903"]


def test_several_budgets_count_together() -> None:
    items = [
        suggestion("a", B, effect(-900, 0)),
        suggestion("b", B, effect(0, -900)),
        suggestion("c", B, effect(-1, -1)),
    ]
    found = choose(items, {"params": 500, "macs": 500})
    assert (layers(found.items), found.enough) == (["a", "b"], True)


def test_a_budget_out_of_reach_goes_as_far_as_can_be() -> None:
    found = choose([suggestion("a", B, effect(0, -300)), suggestion("b", B, effect(0, -200))], {"macs": 1000})
    assert (layers(found.items), found.enough) == (["a", "b"], False)


def test_the_search_finds_what_trying_every_set_finds() -> None:
    draws = random.Random(4)
    for _ in range(60):
        items = [_drawn(draws, index) for index in range(7)]
        needs = {"macs": draws.randrange(1, 2500), "params": draws.randrange(1, 1500)}
        found = choose(items, needs)  # type: ignore[arg-type]
        best = _by_hand(items, needs)
        assert found.exact
        assert found.enough == (best is not None)
        if best is not None:
            assert _lost(found.items) == best


def test_a_search_that_is_cut_short_still_meets_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_STEPS", 30)
    items = [suggestion(f"l{index}", B, effect(0, -100 - index, field=(-index, 0))) for index in range(20)]
    found = choose(items, {"macs": 1500})
    assert found.enough
    assert not found.exact
    assert sum(100 + int(item.layer[1:]) for item in found.items) >= 1500


def test_hundreds_of_candidates_are_no_trouble() -> None:
    items = [suggestion(f"l{index}", C, effect(0, -100 - index % 7)) for index in range(1500)]
    assert choose(items, {"macs": 5000}).enough


def _drawn(draws: random.Random, index: int) -> Suggestion:
    change = effect(draws.randrange(-500, 50), draws.randrange(-900, 100), field=(-draws.randrange(4), 0))
    return suggestion(f"layer{index % 5}", draws.choice([B, C]), change)


def _by_hand(items: list[Suggestion], needs: dict[str, int]) -> float | None:
    sets = [
        chosen
        for size in range(len(items) + 1)
        for chosen in itertools.combinations(items, size)
        if not any(conflicts(one.edits, other.edits) for one, other in itertools.combinations(chosen, 2))
        and all(_saved(chosen, key) >= need for key, need in needs.items())
    ]
    return min(map(_lost, sets), default=None)


def _lost(items: tuple[Suggestion, ...]) -> float:
    fields = [item.tried.effect.receptive_field for item in items]
    return sum(max(0, -axis) for field in fields if isinstance(field, tuple) for axis in field)


def _saved(items: tuple[Suggestion, ...], key: str) -> int:
    return sum(-getattr(item.tried.effect, key) for item in items)
