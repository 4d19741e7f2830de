"""Errors cross the process boundary unchanged, each with its exit code."""

from __future__ import annotations

import pytest

from netadvise.errors import (
    CaptureError,
    ExitCode,
    InternalError,
    NetadviseError,
    TargetError,
    UsageError,
    ValuesNeededError,
    WorkerError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, ExitCode.USAGE),
        (TargetError, ExitCode.MODEL),
        (CaptureError, ExitCode.MODEL),
        (ValuesNeededError, ExitCode.MODEL),
        (WorkerError, ExitCode.MODEL),
        (InternalError, ExitCode.INTERNAL),
    ],
)
def test_round_trip(kind: type[NetadviseError], code: ExitCode) -> None:
    error = kind("what", where="model.py:3", notes=("tried",), hint="do this")
    again = NetadviseError.from_json(error.to_json())
    assert type(again) is kind
    assert again.exit_code == code
    assert again.to_json() == error.to_json()


def test_an_unknown_type_is_our_fault() -> None:
    document = UsageError("what").to_json()
    document["type"] = "Newer"
    assert isinstance(NetadviseError.from_json(document), InternalError)
