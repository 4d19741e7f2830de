"""`[tool.netadvise]`: what a project asks of the linter, from its pyproject.toml, the environment and the command line.

pyproject.toml --read--> Config     environment --> Config     command line --> Config
settings = command_line.over(environment).over(pyproject)
"""

from __future__ import annotations

from netadvise.config.discover import configuration, from_environment, nearest
from netadvise.config.read import read_config
from netadvise.config.settings import (
    FAIL_ON,
    Config,
    Declared,
    LayerIgnore,
    ModelConfig,
    Options,
    RuleSource,
    Selection,
)
from netadvise.config.values import declarations, declared, number, option_settings

__all__ = [
    "FAIL_ON",
    "Config",
    "Declared",
    "LayerIgnore",
    "ModelConfig",
    "Options",
    "RuleSource",
    "Selection",
    "configuration",
    "declarations",
    "declared",
    "from_environment",
    "nearest",
    "number",
    "option_settings",
    "read_config",
]
