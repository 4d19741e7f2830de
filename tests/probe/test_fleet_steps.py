"""How long runs may be: as long as the baseline where it is cut off, longer where it has turned."""

from __future__ import annotations

from pathlib import Path

from netadvise.edit import SetArgs
from netadvise.probe.execute import Inline, one_by_one
from netadvise.probe.fleet import Fleet
from netadvise.probe.ledger import Ledger
from netadvise.probe.price import Prices
from netadvise.study import RecipeRequest, StudyRequest

EDITS = (SetArgs("conv", {"kernel_size": 3}),)


def fleet(tmp_path: Path, best: int, budget: int) -> Fleet:
    request = StudyRequest(target="net.py", recipe=RecipeRequest(data="d.npz"), arms=())
    prices = Prices(request, budget, 1)
    prices.know(best, 0.01)
    return Fleet(Ledger(tmp_path, ""), Inline(one_by_one(lambda spec, tell: None)), prices, lambda _: None)


def test_an_arm_of_a_baseline_that_is_cut_off_gets_no_more_steps_than_it(tmp_path: Path) -> None:
    found = fleet(tmp_path, best=100, budget=100)
    found.cut_off = True
    spec = found.spec(EDITS, 0)
    assert (spec.least, spec.most) == (100, 100)
    assert found.baseline_spec(0).most == spec.most


def test_an_arm_may_stop_later_than_a_baseline_that_has_turned(tmp_path: Path) -> None:
    spec = fleet(tmp_path, best=80, budget=100).spec(EDITS, 0)
    assert (spec.least, spec.most) == (100, 200)
