"""The command line of `suggest-dropout`: what is accepted first, then what is refused, and in which words."""

from __future__ import annotations

import pytest

from netadvise.cli.dropout_options import Options, check
from netadvise.errors import UsageError


def options(**given: object) -> Options:
    """A command line with a target."""
    return Options(**{"target": "net.py", **given})  # type: ignore[arg-type]


STUDY = {"data": "data.py:load"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"layers": ("features.*",), "diff": True},
        {"layers": ("features.*",), "fix": True, "unsafe_fixes": True},
        STUDY,
        STUDY | {"effort": "quick", "engine": "inline", "device": "cuda:1", "train_step": "steps.py:step"},
        STUDY
        | {"learning_rate": 1e-3, "weight_decay": 0.0, "batch_size": 1, "max_steps": 1, "seeds": 2, "delta": 0.01},
        STUDY | {"rates": (0.1, 0.99), "time_limit": 0.5, "workers": 1, "fix": True},
        STUDY | {"engine": "ray", "address": "auto", "gpu_fraction": 0.5, "device": "cuda"},
        STUDY | {"address": "ray://head:10001"},
        STUDY | {"stack": "never"},
        {"target": None, "resume": "studies/3f2a", "stack": "always"},
        STUDY | {"force": True},
        STUDY | {"force": True, "layers": ("norm",)},
        {"target": None, "resume": "studies/3f2a", "time_limit": 60.0, "workers": 2, "verbose": True, "diff": True},
        {"target": None, "resume": "studies/3f2a", "engine": "ray", "address": "auto", "gpu_fraction": 1.0},
    ],
)
def test_accepted(given: dict[str, object]) -> None:
    check(options(**given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": None}, "no TARGET"),
        ({"target": "saved.json"}, "a saved profile"),
        ({"learning_rate": 0.1, "rates": (0.5,), "workers": 2}, "no use for --lr, --rate, --workers"),
        ({"seeds": 4, "force": True}, "no use for --seeds, --force"),
        ({"engine": "local"}, "no use for --engine"),
        (STUDY | {"together": True}, "--together takes the places that --layer names"),
        ({"weight_decay": 0.0}, "no use for --weight-decay"),
        (STUDY | {"learning_rate": 0.0}, "--lr 0.0 is not a number above 0"),
        (STUDY | {"learning_rate": float("nan")}, "--lr nan"),
        (STUDY | {"learning_rate": float("inf")}, "--lr inf"),
        (STUDY | {"weight_decay": -0.1}, "--weight-decay -0.1"),
        (STUDY | {"batch_size": 0}, "--batch-size 0"),
        (STUDY | {"max_steps": 0}, "--max-steps 0"),
        (STUDY | {"seeds": 1}, "--seeds 1 is not at least 2"),
        (STUDY | {"delta": 0.0}, "--delta 0.0"),
        (STUDY | {"time_limit": 0.0}, "--time-limit 0.0"),
        (STUDY | {"workers": 0}, "--workers 0"),
        (STUDY | {"rates": (0.5, 1.0)}, "--rate 1.0 is not between 0 and 1"),
        (STUDY | {"rates": (0.0,)}, "--rate 0.0 is not between 0 and 1"),
        (STUDY | {"rates": (float("nan"),)}, "--rate nan"),
        (STUDY | {"effort": "full"}, "--effort 'full' is none of quick, screen, confirm"),
        (STUDY | {"engine": "ray", "device": "cuda:1"}, "chooses the device of each run: not cuda:1"),
        (STUDY | {"address": "auto", "device": "mps"}, "chooses the device of each run: not mps"),
        (STUDY | {"engine": "local", "address": "auto"}, "--address is for --engine ray, not for --engine local"),
        (STUDY | {"gpu_fraction": 0.5}, "--gpu-fraction is for --engine ray, not for --engine local"),
        (STUDY | {"engine": "ray", "gpu_fraction": 0.0}, "--gpu-fraction 0.0"),
        (STUDY | {"engine": "ray", "gpu_fraction": 2.0}, "--gpu-fraction 2.0"),
        ({"address": "auto"}, "no use for --address"),
        (STUDY | {"stack": "yes"}, "--stack 'yes' is none of auto, always, never"),
        ({"stack": "always"}, "no use for --stack"),
        (STUDY | {"engine": "dask"}, "none of local, inline"),
        (STUDY | {"device": "tpu"}, "--device 'tpu'"),
        (STUDY | {"train_step": "step"}, "module:function"),
        ({"diff": True}, "--diff without --data"),
        ({"fix": True}, "--fix without --data"),
        ({"diff": True, "fix": True, "layers": ("a",)}, "give one of the two"),
        ({"unsafe_fixes": True}, "give it with one of the two"),
        ({"resume": "d"}, "it takes no TARGET"),
        ({"target": None, "resume": "d", "data": "x", "seeds": 4, "layers": ("a",)}, "no --layer, --data, --seeds"),
    ],
)
def test_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        check(options(**given))
    assert said in raised.value.message


def test_only_data_and_a_study_that_goes_on_are_trained() -> None:
    assert not options().probing
    assert options(**STUDY).probing
    assert options(target=None, resume="d").probing
