"""`netadvise profile`: options to a request, the answer to reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from netadvise import api
from netadvise.cli.output import Destination, destinations, stdout_width, writable, write_file, write_reports
from netadvise.cli.sizes import size_in_bytes
from netadvise.cli.status import StatusLine
from netadvise.errors import ExitCode, UsageError
from netadvise.graph import Mode
from netadvise.profiles import Profile
from netadvise.render import FORMATS, Renderer, View
from netadvise.render.view import SORT_KEYS, SortKey
from netadvise.worker.protocol import Request

_WITH_FACTS = ("json", "html")
"""Formats that hold, or show, what rules may ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line of `netadvise profile`, as given."""

    target: str
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    mode: str
    formats: tuple[str, ...]
    sort: str | None
    top: int | None
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    depth: int | None
    width: int | None
    timeout: float
    memory_limit: str | None
    in_process: bool
    strict: bool
    graph: str | None
    quiet: bool
    second_opinion: bool


def run_profile(options: Options) -> ExitCode:
    """Profile the target and write every report that was asked for; what to tell the shell."""
    places = destinations(options.formats, FORMATS)
    graph_file = None if options.graph is None else writable(options.graph)
    view = _view(options)
    outcome = _outcome(options)
    _write(outcome.profile, places, replace(view, opinion=outcome.opinion, facts=outcome.facts))
    if graph_file is not None and outcome.graph is not None:
        write_file(graph_file, outcome.graph)
    return ExitCode.FINDINGS if options.strict and outcome.profile.totals.gaps else ExitCode.OK


def _outcome(options: Options) -> api.Outcome:
    if options.target.endswith(".json"):
        return _saved(options)
    status = StatusLine(quiet=options.quiet)
    try:
        return api.profile_target(_request(options), in_process=options.in_process, watch=status, quiet=options.quiet)
    finally:
        status.clear()


def _saved(options: Options) -> api.Outcome:
    if options.graph is not None or options.inputs or options.arguments or options.second_opinion:
        needs = "-i, --arg, --graph and --second-opinion need the model"
        raise UsageError(f"{options.target} is a saved profile: {needs}", hint="Give the .py file.")
    return api.open_outcome(Path(options.target))


def _request(options: Options) -> Request:
    return Request(
        target=options.target,
        arguments=options.arguments,
        inputs=options.inputs,
        mode=_mode(options.mode),
        graph=options.graph is not None,
        second_opinion=options.second_opinion,
        facts=options.mode == "eval" and any(text.partition(":")[0] in _WITH_FACTS for text in options.formats),
        timeout=options.timeout,
        memory=None if options.memory_limit is None else size_in_bytes(options.memory_limit, "--memory-limit"),
    )


def _view(options: Options) -> View:
    if options.sort is not None and options.sort not in SORT_KEYS:
        raise UsageError(f"cannot sort by {options.sort!r}", hint=f"One of {', '.join(SORT_KEYS)}.")
    return View(
        sort=cast(SortKey | None, options.sort),
        top=options.top,
        kinds=options.kinds,
        names=options.names,
        depth=options.depth,
        width=options.width,
    )


def _write(profile: Profile, places: tuple[Destination[Renderer], ...], view: View) -> None:
    on_screen = replace(view, width=view.width or stdout_width())
    write_reports(
        [(place.file, place.renderer(profile, on_screen if place.file is None else view)) for place in places]
    )


def _mode(text: str) -> Mode:
    if text not in ("eval", "train"):
        raise UsageError(f"there is no mode {text!r}", hint="--mode eval or --mode train")
    return cast(Mode, text)
