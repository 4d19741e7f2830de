"""Command lines read without typer: those left to typer first, then the same values as typer's."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer

from netadvise.cli.shortcut import commands_of, shortcut

app = typer.Typer()


@app.command()
def run(
    targets: Annotated[list[str] | None, typer.Argument()] = None,
    inputs: Annotated[list[str] | None, typer.Option("--input", "-i")] = None,
    file: Annotated[str | None, typer.Option("--from")] = None,
    fail_on: Annotated[str | None, typer.Option(metavar="WORD")] = None,
    mode: Annotated[str, typer.Option()] = "eval",
    timeout: Annotated[float, typer.Option(min=0.1)] = 300.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
    loud: bool = False,
) -> dict[str, object]:
    return dict(locals())


@app.command("show-one")
def show(name: Annotated[str, typer.Argument()], debug: Annotated[bool, typer.Option("--debug")] = False) -> object:
    return name, debug


COMMANDS = commands_of(app)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "walk",
        "--help",
        "run --help",
        "run --nonsense",
        "run -i",
        "run -i1,3",
        "run -i=x",
        "run -qi 1,3",
        "run -i -q",
        "run --quiet=yes",
        "run --no-quiet",
        "run --loud",
        "run --timeout 3",
        "run --timeout soon",
        "run --mode a --mode b",
        "run --from",
        "show-one",
        "show-one a b",
        "show-one a --debu",
    ],
)
def test_left_to_typer(line: str) -> None:
    assert shortcut(COMMANDS, line.split()) is None


def test_left_to_typer_while_a_shell_completes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_NETADVISE_COMPLETE", "complete_bash")
    assert shortcut(COMMANDS, ["run"]) is None


@pytest.mark.parametrize(
    "line",
    [
        "run",
        "run model.py",
        "run model.py:Net(a=1) other.py -i 1,3 -i x",
        "run -i 1,3 a --input mask=1,20:bool b --input=1,1",
        "run --fail-on error --mode=train --from saved.json",
        "run a -q",
        "run --mode= --from= --input=",
        "run -q -- -a --from b",
        "show-one NRM001 --debug",
        "show-one -- --debug",
    ],
)
def test_as_typer_reads_it(line: str) -> None:
    words = line.split()
    expected = typer.main.get_command(app).main(words, prog_name="x", standalone_mode=False)
    found = shortcut(COMMANDS, words)
    assert found is not None
    assert found() == expected
