"""Counts against what is known: torchvision's weight tables, and networks that are counted from their definition."""

from __future__ import annotations

import pytest

import netadvise
from benchmarks.accuracy import ROUNDING, TOLERANCE, build, torchvision_models
from benchmarks.models.awkward import CASES, Case


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize("name", torchvision_models())
def test_torchvisions_weight_tables(name: str) -> None:
    model, weights, size = build(name)
    totals = netadvise.profile(model, f"1,3,{size},{size}").totals
    assert totals.params == weights.meta["num_params"]
    assert totals.macs == pytest.approx(weights.meta["_ops"] * 1e9, rel=TOLERANCE, abs=ROUNDING)
    assert [gap for gap in totals.gaps if gap.quantity == "macs"] == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.gap], ids=lambda case: case.name)
def test_networks_counted_from_their_definition(case: Case) -> None:
    totals = netadvise.profile(case.build(), case.kwargs() or case.args()).totals
    assert totals.macs == case.macs
    assert totals.flops == 2 * case.macs
    assert [gap for gap in totals.gaps if gap.quantity == "macs"] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.gap], ids=lambda case: case.name)
def test_an_operator_that_nobody_knows_is_a_gap_with_its_line(case: Case) -> None:
    totals = netadvise.profile(case.build(), case.args()).totals
    (gap,) = [gap for gap in totals.gaps if gap.quantity == "macs"]
    assert (gap.op, gap.count, totals.macs) == (case.gap, 1, case.macs)
    assert gap.location is not None
    assert gap.location.file.endswith("awkward.py")
