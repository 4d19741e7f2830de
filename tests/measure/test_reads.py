"""Code that reads a value of its input takes one path of several, and the profile says so."""

from __future__ import annotations

from netadvise.measure.reads import value_reads
from tests.measure.sketch import Sketch


def test_a_value_of_a_constant_is_no_matter() -> None:
    sketch = Sketch()
    sketch.input(1, 3)
    sketch.op("item", {"input": sketch.constant(1)})
    assert value_reads(sketch.graph()) == ()


def test_the_shape_of_the_input_is_no_matter() -> None:
    sketch = Sketch()
    zeros = sketch.op("shape_only", {"input": sketch.input(1, 3)}, (1, 3))
    sketch.op("item", {"input": zeros})
    assert value_reads(sketch.graph()) == ()


def test_a_value_computed_from_the_input_is_named_with_its_line() -> None:
    sketch = Sketch()
    mean = sketch.op("reduce", {"input": sketch.input(1, 3)}, ())
    sketch.op("item", {"input": mean})
    (note,) = value_reads(sketch.graph())
    assert "model.py:101" in note


def test_many_places_are_counted() -> None:
    sketch = Sketch()
    value = sketch.input(1)
    for _ in range(5):
        sketch.op("item", {"input": value})
    (note,) = value_reads(sketch.graph())
    assert note.count("model.py:") == 3
    assert "and 2 more" in note
