"""`netadvise baseline`: the file is written whole, and what changed is said."""

from __future__ import annotations

from pathlib import Path

from netadvise.api.baselines import Changed, changed_baseline
from netadvise.api.linting import LintRequest
from netadvise.cli.ending import say
from netadvise.cli.output import write_file, write_stdout
from netadvise.cli.status import StatusLine
from netadvise.config import Config
from netadvise.errors import ExitCode, NetadviseError


def run_baseline(
    change: str,
    targets: tuple[str, ...],
    inputs: tuple[str, ...],
    arguments: tuple[str, ...],
    file: str | None,
    config_file: str | None,
) -> ExitCode:
    """Create, update or prune a baseline; what to tell the shell."""
    request = LintRequest(
        targets=targets,
        inputs=tuple(text.removeprefix("=") for text in inputs),
        arguments=arguments,
        command=Config(baseline=None if file is None else Path(file)),
        config_file=config_file,
    )
    status = StatusLine(quiet=False)

    def tell(model: str, error: NetadviseError) -> None:
        status.clear()
        say(error, model)

    try:
        changed = changed_baseline(change, request, status, tell)
    finally:
        status.clear()
    if change == "create" and changed.failed:
        return ExitCode.MODEL
    write_file(changed.path, changed.after.to_json())
    write_stdout(_told(changed))
    return ExitCode.MODEL if changed.failed else ExitCode.OK


def _told(changed: Changed) -> str:
    before, after = changed.before.counts, changed.after.counts
    came = sum(max(0, count - before.get(key, 0)) for key, count in after.items())
    went = sum(max(0, count - after.get(key, 0)) for key, count in before.items())
    return f"{changed.path}: {sum(after.values())} findings, {came} new, {went} gone\n"
