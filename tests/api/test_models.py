"""Which models a run lints: mistakes first, then targets, names and configured models."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.api.models import chosen_models
from netadvise.config import Config, ModelConfig
from netadvise.errors import UsageError

SMALL = ModelConfig(name="small", target="nets/model.py:Small", inputs=("1,3",), arguments=("width=8",))
DOTTED = ModelConfig(name="dotted", target="package.nets:Net")


def project(folder: Path) -> Config:
    return Config(path=folder / "pyproject.toml", models=(SMALL, DOTTED))


def test_no_target_and_no_configured_model() -> None:
    with pytest.raises(UsageError, match=r"no \[tool.netadvise\] was found"):
        chosen_models(Config(), (), (), ())
    with pytest.raises(UsageError, match=r"pyproject.toml has no \[\[tool.netadvise.models\]\]"):
        chosen_models(Config(path=Path("pyproject.toml")), (), (), ())


@pytest.mark.parametrize("given", [{"inputs": ("1,3",)}, {"arguments": ("a=1",)}])
def test_inputs_need_a_target(given: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError, match="need a TARGET"):
        chosen_models(project(Path()), (), given.get("inputs", ()), given.get("arguments", ()))


def test_a_misspelt_name_of_a_configured_model() -> None:
    with pytest.raises(UsageError, match="no model 'smal'") as caught:
        chosen_models(project(Path()), ("smal",), (), ())
    assert "'small'" in caught.value.hint


def test_every_configured_model_as_the_working_folder_sees_it() -> None:
    small, dotted = chosen_models(project(Path("services")), (), (), ())
    assert (small.name, small.target) == ("small", "services/nets/model.py:Small")
    assert dotted == DOTTED


def test_a_configured_model_by_name_or_target_brings_its_settings() -> None:
    for target in ("small", "nets/model.py:Small", "./nets/../nets/model.py:Small"):
        (model,) = chosen_models(project(Path()), (target,), (), ("width=4",))
        assert (model.name, model.inputs, model.arguments) == ("small", ("1,3",), ("width=4",))


def test_any_other_target_stands_for_itself_seen_from_the_project() -> None:
    (model,) = chosen_models(project(Path("services")), ("nets/model.py:Large",), ("1,1",), ())
    assert (model.name, model.target, model.inputs) == ("../nets/model.py:Large", "nets/model.py:Large", ("1,1",))
