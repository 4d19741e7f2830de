"""The configuration of a project: nothing and mistakes first, then what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.config import Config, configuration, from_environment, read_config
from netadvise.errors import UsageError
from netadvise.version import __version__


def read(folder: Path, text: str) -> Config | None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_config(folder / "pyproject.toml", "pyproject.toml")


def complaint(folder: Path, text: str) -> list[str]:
    """Everything that is said against a configuration, line by line."""
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    error = caught.value
    return list(error.notes or (f"{error.where}: {error.message}" if error.where else error.message,))


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\nselect = 1\n"])
def test_a_file_without_our_table_says_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) is None


def test_an_empty_table_leaves_everything_open(tmp_path: Path) -> None:
    config = read(tmp_path, "[tool.netadvise]\n")
    assert config == Config(path=tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tool.netadvise = 3\n", ["pyproject.toml: tool.netadvise must be a table"]),
        ("[tool.netadvise]\n\nselct = ['A']\n", ["pyproject.toml:3: unknown key 'selct' (did you mean 'select'?)"]),
        (
            "[tool.netadvise]\nselect = 'NRM'\n",
            ["pyproject.toml:2: select must be a list of texts, not 'NRM'"],
        ),
        (
            "[tool.netadvise]\nignore = ['A', 3]\n",
            ["pyproject.toml:2: ignore must be a list of texts, not ['A', 3]"],
        ),
        (
            "[tool.netadvise]\nfail-on = 'warn'\n",
            ["pyproject.toml:2: fail-on must be one of error, warning, advice, never, not 'warn'"],
        ),
        (
            "[tool.netadvise.severity]\nNRM001 = 'off'\n",
            [
                "pyproject.toml:2: the severity of NRM001 must be one of error, warning, advice, not 'off'; "
                "to turn a rule off, put it under ignore"
            ],
        ),
        (
            "[tool.netadvise.options]\nBUD001 = 3\n",
            ["pyproject.toml:2: the options of BUD001 must be a table of numbers, texts, true and false"],
        ),
        (
            "[tool.netadvise.context]\ntask.los = 'MSELoss'\n",
            ["pyproject.toml:2: unknown context 'task.los' (did you mean 'task.loss'?)"],
        ),
        (
            "[tool.netadvise.context]\ntrain.batch_size = 'many'\n",
            ["pyproject.toml:2: train.batch_size must be a number, not 'many'"],
        ),
        (
            "[tool.netadvise.context]\ntask.type = 'regresion'\n",
            [
                "pyproject.toml:2: task.type must be one of classification, regression, segmentation, detection, "
                "generation, embedding, language, not 'regresion'"
            ],
        ),
        (
            "[tool.netadvise]\nmodels = ['a.py']\n",
            ["pyproject.toml:2: models must be an array of tables: write [[tool.netadvise.models]]"],
        ),
        ("[tool.netadvise]\n[[tool.netadvise.models]]\nname = 'a'\n", ["pyproject.toml:2: models needs 'target'"]),
        (
            "[[tool.netadvise.models]]\ntarget = 'a.py'\nargs = { a = 2026-11-23 }\n",
            [
                "pyproject.toml:3: the argument a = datetime.date(2026, 11, 23) cannot be written as a Python literal",
            ],
        ),
        (
            "[[tool.netadvise.models]]\ntarget = 'a'\n[[tool.netadvise.models]]\ntarget = 'b'\nname = 'a'\n",
            ["pyproject.toml:5: two models are named 'a'"],
        ),
        (
            "[[tool.netadvise.layer-ignores]]\nlayer = 'a.*'\nrules = ['X']\n",
            ["pyproject.toml:1: layer-ignores needs 'reason'"],
        ),
        (
            "[[tool.netadvise.layer-ignores]]\nlayer = 'a.*'\nrules = []\nreason = ''\n",
            ["pyproject.toml:3: layer-ignores needs 'rules'", "pyproject.toml:4: layer-ignores needs 'reason'"],
        ),
        (
            "[tool.netadvise]\nrequired-version = '>=x'\n",
            ["pyproject.toml:2: '>=x' is not a version specifier such as '>=0.3' or '~=0.3.1'"],
        ),
        (
            "[tool.netadvise]\nrequired-version = '>=99'\nunknown = 1\n",
            [f"pyproject.toml:2: this project requires netadvise >=99, and this is {__version__}"],
        ),
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert complaint(tmp_path, text) == expected


def test_all_mistakes_come_at_once_in_order_of_lines(tmp_path: Path) -> None:
    text = (
        "[tool.netadvise]\nfail-on = 1\n[[tool.netadvise.models]]\ntarget = 'a'\nimput = '1'\n[tool.netadvise.extra]\n"
    )
    assert complaint(tmp_path, text) == [
        "pyproject.toml:2: fail-on must be one of error, warning, advice, never, not 1",
        "pyproject.toml:5: unknown key 'imput' (did you mean 'input'?)",
        "pyproject.toml:6: unknown key 'extra'",
    ]


def test_what_is_no_toml_is_said_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in complaint(tmp_path, "[tool.netadvise]\nselect = = 1\n")[0]


FULL = """
[project]
name = "nets"

[tool.netadvise]
required-version = ">=0.1,<99"
rules = ["netadvise:2026.11", "rules/"]
extend-select = ["DRP"]
ignore = ["bias-before-batchnorm"]
fail-on = "error"
baseline = "old.json"

[tool.netadvise.severity]
DRP001 = "error"

[tool.netadvise.options.BUD001]
params = "25M"

[tool.netadvise.context]
train.batch_size = 8
"task.target_shape" = []

[[tool.netadvise.models]]
name = "small"
target = "src/small.py:Small"
input = "1,3,32,32"
args = { classes = 10, name = "10", sizes = [1, 2] }
options = { BUD001.params = "5M" }
context = { task.loss = "CrossEntropyLoss", task.mc_dropout = true }
ignore = ["ALL"]

[[tool.netadvise.models]]
target = "nets.large"
input = ["1,3", "mask=1"]

[[tool.netadvise.layer-ignores]]
layer = "backbone.*"
rules = ["NRM"]
reason = "weights of others"
"""


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    config = read(tmp_path, FULL)
    assert config is not None
    assert [(source.text, source.folder, source.where) for source in config.rules] == [
        ("netadvise:2026.11", tmp_path, "pyproject.toml:7"),
        ("rules/", tmp_path, "pyproject.toml:7"),
    ]
    assert config.selections[0].extend == ("DRP",)
    assert config.selections[0].ignore == ("bias-before-batchnorm",)
    assert (config.fail_on, config.baseline) == ("error", tmp_path / "old.json")
    assert config.severity == {"DRP001": "error"}
    assert config.options == {"BUD001": {"params": "25M"}}
    assert config.context == {"train.batch_size": 8, "task.target_shape": ()}
    small, large = config.models
    assert (small.name, small.target, small.inputs) == ("small", "src/small.py:Small", ("1,3,32,32",))
    assert small.arguments == ("classes=10", "name='10'", "sizes=[1, 2]")
    assert small.options == {"BUD001": {"params": "5M"}}
    assert small.context == {"task.loss": "CrossEntropyLoss", "task.mc_dropout": True}
    assert small.selection.ignore == ("ALL",)
    assert (large.name, large.inputs) == ("nets.large", ("1,3", "mask=1"))
    (ignore,) = config.layer_ignores
    assert (ignore.layer, ignore.rules, ignore.reason) == ("backbone.*", ("NRM",), "weights of others")
    assert str(ignore.location) == "pyproject.toml:37"


def test_the_nearest_file_with_our_table_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.netadvise]\nfail-on = 'never'\n")
    inner = tmp_path / "services" / "vision"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\nname = 'vision'\n")
    monkeypatch.chdir(tmp_path)
    assert configuration(["services/vision/model.py:Net"]).path == Path("pyproject.toml")
    monkeypatch.chdir(inner)
    assert configuration([]).path == tmp_path / "pyproject.toml"
    assert configuration([], isolated=True).path is None


def test_targets_of_two_projects_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text("[tool.netadvise]\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="different configurations"):
        configuration(["a/model.py", "b/model.py"])
    assert configuration(["a/model.py", "a/other.py"]).path == Path("a/pyproject.toml")
    assert configuration(["a/model.py", "b/model.py"], "a/pyproject.toml").path == Path("a/pyproject.toml")


def test_the_environment() -> None:
    assert from_environment({}) == Config()
    found = from_environment({"NETADVISE_FAIL_ON": "never", "NETADVISE_FORMAT": "github, sarif:out.sarif"})
    assert (found.fail_on, found.formats) == ("never", ("github", "sarif:out.sarif"))
    with pytest.raises(UsageError, match="NETADVISE_FAIL_ON is 'sometimes'"):
        from_environment({"NETADVISE_FAIL_ON": "sometimes"})


def test_the_command_line_goes_before_the_project() -> None:
    project = Config(fail_on="error", options={"A": {"x": 1, "y": 2}}, context={"task.loss": "MSELoss"})
    command = Config(fail_on="never", options={"A": {"x": 3}, "B": {"z": True}})
    both = command.over(project)
    assert both.fail_on == "never"
    assert both.options == {"A": {"x": 3, "y": 2}, "B": {"z": True}}
    assert both.context == {"task.loss": "MSELoss"}
