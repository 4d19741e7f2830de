"""Recording without sympy and torch._dynamo, and without any effect that outlives it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT, clean_environment

EXAMPLES = ("digits_cnn.py", "inception_bottleneck.py", "lstm_tagger.py")

RECORD = """
import sys
import netadvise
netadvise.record(sys.argv[1])
print([name for name in ("sympy", "torch._dynamo", "torch.fx.experimental.symbolic_shapes") if name in sys.modules])
"""

COMPARE = """
import sys, itertools, torch
from torch import _prims_common
from netadvise.capture.lean import PlainShapes, lean
promote = _prims_common.elementwise_dtypes
with lean():
    plain = sys.modules["torch.fx.experimental.symbolic_shapes"]
    assert isinstance(plain, PlainShapes)
    try:
        torch.empty(2, 3, device="meta") @ torch.empty(4, 5, device="meta")
    except RuntimeError:
        pass
    assert torch.empty(3, device="meta").add(1.5).dtype is torch.float32
    assert "sympy" not in sys.modules
assert "torch.fx.experimental.symbolic_shapes" not in sys.modules
assert _prims_common.elementwise_dtypes is promote
import torch.fx.experimental.symbolic_shapes as solver
assert not isinstance(solver, PlainShapes)
for one in (True, False):
    for name in ("expect_true", "guard_or_false", "guard_or_true", "guard_size_oblivious", "statically_known_true"):
        assert getattr(plain, name)(one) is getattr(solver, name)(one), name
    for other in (True, False):
        assert plain.sym_and(one, other) is solver.sym_and(one, other)
        assert plain.sym_or(one, other) is solver.sym_or(one, other)
for one, other in itertools.product([3, 4, (3, 4), [3, 4], (3,), ()], repeat=2):
    if type(one) is int and type(other) is not int or type(other) is int and type(one) is not int:
        continue
    assert plain.sym_eq(one, other) == solver.sym_eq(one, other), (one, other)
for size in (0, 5):
    for name in ("guard_int", "is_nested_int", "has_guarding_hint", "guarding_hint_or_throw", "has_free_symbols"):
        assert getattr(plain, name)(size) == getattr(solver, name)(size), name
print("same")
"""

FALLS_BACK = """
import sys
from netadvise.capture.lean import lean
with lean():
    from torch.fx.experimental.symbolic_shapes import ShapeEnv
    env = ShapeEnv()
    import torch.fx.experimental.symbolic_shapes as solver
    assert solver.ShapeEnv is ShapeEnv
assert sys.modules["torch.fx.experimental.symbolic_shapes"].ShapeEnv is ShapeEnv
print("real")
"""


def printed(code: str, *argv: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", EXAMPLES)
def test_recording_imports_neither_the_solver_nor_the_compiler(name: str) -> None:
    assert printed(RECORD, str(Path(ROOT) / "examples" / name)).endswith("[]")


def test_plain_answers_are_the_solvers_own_and_nothing_is_left_behind() -> None:
    assert printed(COMPARE) == "same"


def test_code_that_asks_for_the_solver_gets_it() -> None:
    assert printed(FALLS_BACK) == "real"
