"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TARGET]...",
        help="model.py, model.py:Name, 'model.py:Name(depth=18)', package.module:Name, or the name of a configured "
        "model; none: every model under [[tool.netadvise.models]].",
        show_default=False,
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", "-i", metavar="SHAPE", help="1,3,224,224, or mask=1,20:bool; once per input."),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option("--arg", metavar="K=V", help="A constructor argument: num_classes=10; may be repeated."),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rules", metavar="SOURCE", help="netadvise:2026.11, a set (gpu), a rule file or a folder; may be repeated."
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULES", help="Apply only these: ids, names, prefixes, sets, ALL; with commas."),
]
ExtendSelect = Annotated[
    list[str] | None, typer.Option("--extend-select", metavar="RULES", help="Apply these as well.")
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="RULES", help="Do not apply these.")]
RuleOptions = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="RULE.KEY=V", help="Set an option of a rule: BUD001.params=25M."),
]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="NAME=V", help="Say what the model is for: task.loss=CrossEntropyLoss."),
]
BaselineFile = Annotated[str | None, typer.Option("--baseline", metavar="FILE", help="Findings that do not count.")]
ConfigFile = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="The pyproject.toml to read; default: the nearest one.")
]
Isolated = Annotated[bool, typer.Option("--isolated", help="Read no pyproject.toml.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run the model even when nothing has changed.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Stop the model's code after so many seconds.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory for the model's code: 8G, or 0 for no limit; default: what is free."),
]
InProcess = Annotated[bool, typer.Option("--in-process", help="Run the model's code in this process, for debuggers.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Nothing but errors on stderr: not what the model prints either.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show Python's traceback of an error.")]
Diff = Annotated[
    bool, typer.Option("--diff", help="Print what --fix would write as a diff; the report goes to stderr.")
]
Fix = Annotated[bool, typer.Option("--fix", help="Write the fixes into the source, and check that they hold.")]
UnsafeFixes = Annotated[
    bool,
    typer.Option("--unsafe-fixes", help="Also fixes that change weights or results; `--fix unsafe` is the same."),
]
