"""The policy of recording: on shapes first, for real when values are needed and memory allows."""

from __future__ import annotations

import pytest

from netadvise.errors import CaptureError, ValuesNeededError
from netadvise.worker import memory
from netadvise.worker.answer import check_memory, on_shapes_or_real


def raising(error: Exception) -> str:
    """Raise `error`."""
    raise error


def test_a_real_run_is_not_tried_when_shapes_suffice() -> None:
    assert on_shapes_or_real(lambda: "shapes", lambda: raising(AssertionError())) == "shapes"


def test_a_real_run_is_not_tried_for_an_error_of_the_model() -> None:
    with pytest.raises(CaptureError, match="wrong channels"):
        on_shapes_or_real(lambda: raising(CaptureError("wrong channels")), lambda: "real")


def test_a_real_run_follows_when_values_are_needed() -> None:
    assert on_shapes_or_real(lambda: raising(ValuesNeededError("reads x")), lambda: "real") == "real"


def test_a_real_run_that_fails_says_why_it_was_made() -> None:
    with pytest.raises(CaptureError, match="bad day") as caught:
        on_shapes_or_real(lambda: raising(ValuesNeededError("reads x")), lambda: raising(CaptureError("bad day")))
    assert caught.value.notes == ("run for real, because on shapes alone: reads x",)


@pytest.mark.parametrize(("needed", "free"), [(10, 10), (10, None), (0, 0)])
def test_a_real_run_that_fits_is_allowed(needed: int, free: int | None) -> None:
    check_memory(needed, free)


def test_a_real_run_that_does_not_fit_is_refused_with_both_numbers() -> None:
    with pytest.raises(CaptureError, match=r"141\.0 GB.*8\.0 GB are free"):
        check_memory(141 * 10**9, 8 * 10**9)


def test_the_available_memory_is_a_plausible_number() -> None:
    free = memory.available()
    assert free is None or 10**6 < free < 10**15
