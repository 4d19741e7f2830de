"""`netadvise rules test`: the examples of rules, run, and what came of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from netadvise.api.rule_tests import RuleTest, RuleTestReport, run_rule_tests
from netadvise.check.book import rule_files
from netadvise.cli.output import write_stdout
from netadvise.cli.rules import expanded
from netadvise.cli.status import StatusLine
from netadvise.errors import ExitCode
from netadvise.render.rule_facts import tested_on
from netadvise.render.text import counted, plain
from netadvise.rulepath import rules_directory

_HEADER = f"{'rule':<50}  fires  silent  unknown"


def run_tests(paths: tuple[str, ...], keyword: str, *, verbose: bool, quiet: bool) -> ExitCode:
    """Run the examples of the rules in `paths`, or of those of netadvise; exit 1 when any does not come out."""
    files: Sequence[Path] = expanded(paths) if paths else rule_files(rules_directory())
    status = StatusLine(quiet=quiet)
    started = time.monotonic()

    def progress(position: int, total: int, rule: str) -> None:
        status(f"{position + 1} of {total}: {rule}", time.monotonic() - started)

    try:
        report = run_rule_tests(files, keyword, progress)
    finally:
        status.clear()
    write_stdout("\n".join([*_lines(report, verbose=verbose), ""]))
    return ExitCode.FINDINGS if report.failures else ExitCode.OK


def _lines(report: RuleTestReport, *, verbose: bool) -> Iterator[str]:
    tests: dict[str, list[RuleTest]] = {}
    for test in report.tests:
        tests.setdefault(test.rule, []).append(test)
    yield _HEADER
    for found in tests.values():
        yield _row(found)
        for test in found:
            if verbose or not test.passed:
                yield from _detail(test)
    counts = ", ".join(f"{report.count(kind)} {kind}" for kind in ("fires", "silent", "unknown"))
    ending = f"{len(report.failures)} failed" if report.failures else "all as expected"
    yield f"{counted(report.rules, 'rule')}, {counted(len(report.tests), 'example')} ({counts}): {ending}"


def _row(tests: Sequence[RuleTest]) -> str:
    """How many examples of each kind came out as expected, of how many."""
    all_of = Counter(test.expected for test in tests)
    good = Counter(test.expected for test in tests if test.passed)
    cells = [f"{good[kind]}/{all_of[kind]}" if all_of[kind] else "" for kind in ("fires", "silent", "unknown")]
    name = plain(f"{tests[0].rule} {tests[0].name}")
    return f"{name:<50}  {cells[0]:>5}  {cells[1]:>6}  {cells[2]:>7}".rstrip()


def _detail(test: RuleTest) -> Iterator[str]:
    mark = "ok    " if test.passed else "FAILED"
    place = "" if test.example.location is None else f"{plain(str(test.example.location))}: "
    yield f"  {mark} {place}{tested_on(test.example)}"
    if not test.passed:
        yield f"         expected {test.expected}, was {test.outcome}{f': {plain(test.detail)}' if test.detail else ''}"
    elif test.detail:
        yield f"         {plain(test.detail)}"
