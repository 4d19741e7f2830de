"""`netadvise explain` and `netadvise rules ...`, as typer sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from netadvise.errors import ExitCode

Job = Callable[[], ExitCode]
Sources = Annotated[
    list[str] | None,
    typer.Option("--rules", metavar="PATH", help="A rule file or folder beside those of netadvise; may be repeated."),
]
_PATHS = "Rule files or folders; none: the rules that come with netadvise."


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(explain)
    rules = typer.Typer(help="List, check, test and write rules.", no_args_is_help=True)
    rules.command("list")(list_rules)
    for command in (check, test, schema, new, docs):
        rules.command()(command)
    app.add_typer(rules, name="rules")


def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="An id or a name: NRM001.", show_default=False)],
    sources: Sources = None,
    kind: Annotated[str, typer.Option("--format", "-f", help="text, markdown or json.")] = "text",
) -> Job:
    """Explain a rule: what it says, why, how sure it is, what to do."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.explain(rule, tuple(sources or ()), kind)

    return job


def list_rules(
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="SET", help="Only rules of this set.")] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="RULES", help="Only these: ids, names, prefixes, sets; with commas."),
    ] = None,
    sources: Sources = None,
    kind: Annotated[str, typer.Option("--format", "-f", help="text, markdown or json.")] = "text",
) -> Job:
    """List the rules."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.list_rules(tuple(sets or ()), tuple(select or ()), tuple(sources or ()), kind)

    return job


def check(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH]...", help=_PATHS, show_default=False)] = None,
) -> Job:
    """Check that rule files are well formed; nothing in them is run."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.check(tuple(paths or ()))

    return job


def test(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH]...", help=_PATHS, show_default=False)] = None,
    keyword: Annotated[
        str, typer.Option("--keyword", "-k", metavar="TEXT", help="Only examples whose rule or net contains this.")
    ] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="One line for every example.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> Job:
    """Run every rule's examples on real modules: the Python files that rule files name are run."""

    def job() -> ExitCode:
        from netadvise.cli.rules_test import run_tests

        return run_tests(tuple(paths or ()), keyword, verbose=verbose, quiet=quiet)

    return job


def schema() -> Job:
    """Print a JSON Schema of rule files, for editors."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.schema()

    return job


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="dropout-before-softmax", show_default=False)],
    file: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="A new .yaml file; default: stdout.")
    ] = None,
) -> Job:
    """Write a rule file to start from."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.new(name, file)

    return job


def docs(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Made if need be.", show_default=False)],
    sources: Sources = None,
) -> Job:
    """Write a Markdown page for each rule, an index, and the table of facts."""

    def job() -> ExitCode:
        from netadvise.cli import rules

        return rules.docs(folder, tuple(sources or ()))

    return job
