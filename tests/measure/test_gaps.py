from __future__ import annotations

from netadvise.graph import Location
from netadvise.measure import measure
from netadvise.profiles import Gap
from tests.measure.sketch import Sketch


def test_known_ops_leave_no_gap() -> None:
    sketch = Sketch()
    x = sketch.op("linear", {"input": sketch.input(2, 3), "weight": sketch.parameter("w", 4, 3)}, (2, 4))
    sketch.op("activation", {"input": x}, (2, 4), function="relu")
    assert measure(sketch.graph()).totals.gaps == ()


def test_an_unknown_operator_is_named_once_with_its_count_and_first_line() -> None:
    sketch = Sketch()
    x = sketch.op("add", {"input": sketch.input(2, 3)}, (2, 3))
    for _ in range(3):
        x = sketch.op("mine.op", {"input": x}, (2, 3), function="op")
    gaps = measure(sketch.graph()).totals.gaps
    first = Location("model.py", 101)
    assert gaps[:2] == (
        Gap("macs", "mine.op", 3, "no formula for op", first),
        Gap("other_ops", "mine.op", 3, "no formula for op", first),
    )


def test_registered_flops_close_the_gap_in_macs() -> None:
    sketch = Sketch()
    sketch.op("mine.op", {"input": sketch.input(2, 3)}, (2, 3), registered_flops=8)
    totals = measure(sketch.graph()).totals
    assert (totals.macs, totals.flops) == (4, 8)
    assert not [gap for gap in totals.gaps if gap.quantity in ("macs", "other_ops")]


def test_what_autograd_keeps_is_a_gap_where_a_gradient_flows() -> None:
    sketch = Sketch()
    sketch.op("mine.op", {"input": sketch.parameter("w", 2, 3)}, (2, 3), function="op", registered_flops=8)
    (gap,) = measure(sketch.graph()).totals.gaps
    assert (gap.quantity, gap.op, gap.count) == ("saved_activation_bytes", "mine.op", 1)


def test_a_receptive_field_is_a_gap_only_where_it_is_lost() -> None:
    sketch = Sketch()
    x, weight = sketch.input(1, 3, 8, 8), sketch.parameter("w", 3, 3, 1, 1)
    window = {"kernel_size": (1, 1), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    x = sketch.op("conv", {"input": x, "weight": weight}, (1, 3, 8, 8), **window)
    x = sketch.op("mine.op", {"input": x}, (1, 3, 8, 8), function="op", registered_flops=8)
    for _ in range(2):
        x = sketch.op("activation", {"input": x}, (1, 3, 8, 8), function="relu")
    lost = [gap for gap in measure(sketch.graph()).totals.gaps if gap.quantity == "receptive_field"]
    assert [(gap.op, gap.count) for gap in lost] == [("mine.op", 1)]
