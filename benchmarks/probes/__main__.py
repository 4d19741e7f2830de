"""What probes say, held against long training; writes docs/probe_evidence.md.

    python -m benchmarks.probes aa [--count 40] [--folder FOLDER]
    python -m benchmarks.probes coverage [--count 100] [--many 30]
    python -m benchmarks.probes planted [--only mlp300,cnn] [--without-long]
    python -m benchmarks.probes cost

What was measured is kept in the folder, and not measured again.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Container, Iterable
from pathlib import Path

from benchmarks.probes import cost, cost_page, coverage, kept, nulls, page, planted


def main() -> None:
    """One part of the page."""
    parser = argparse.ArgumentParser(description="Write a section of docs/probe_evidence.md.")
    parser.add_argument("part", choices=sorted(page.TITLES))
    parser.add_argument("--count", type=int, help="studies")
    parser.add_argument("--many", type=int, default=30, help="studies with many seeds, of coverage")
    parser.add_argument("--only", default="", help="cases, by comma")
    parser.add_argument("--without-long", action="store_true", help="leave the long runs of planted truths out")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "netadvise-probes")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    PARTS[options.part](options)


def _aa(options: argparse.Namespace) -> None:
    file = options.folder / "aa.jsonl"
    page.write("aa", nulls.section(kept.measured(file, range(options.count or 40), nulls.Null, nulls.null_study)))


def _coverage(options: argparse.Namespace) -> None:
    count = options.count or 100
    file, many = options.folder / "coverage.jsonl", range(coverage.FROM_MANY, coverage.FROM_MANY + options.many)
    keys = [*range(count), *many]
    page.write("coverage", coverage.section(kept.measured(file, keys, coverage.Covered, coverage.covered_study)))


def _missing(wanted: Iterable[str], known: Container[str]) -> str:
    """What a section cannot show yet."""
    missing = [each for each in wanted if each not in known]
    return f"not yet measured are {', '.join(missing)}." if missing else ""


def _planted(options: argparse.Namespace) -> None:
    file = options.folder / "planted.jsonl"

    def measure(name: str) -> planted.Planted:
        return planted.planted(name, options.folder, long=not options.without_long)

    for name in options.only.split(",") if options.only else planted.BY_NAME:
        kept.measured(file, [name], planted.Planted, measure)
        known = {each.key: each for each in kept.read(file, planted.Planted)}
        there = [known[each] for each in planted.BY_NAME if each in known]
        page.write("planted", planted.section(there), partial=_missing(planted.BY_NAME, known))


def _cost(options: argparse.Namespace) -> None:
    file = options.folder / "cost.jsonl"
    for name in options.only.split(",") if options.only else cost.BY_NAME:
        kept.measured(file, [name], cost.Cost, lambda each: cost.cost(each, options.folder))
        known = {each.key: each for each in kept.read(file, cost.Cost)}
        there = [known[each] for each in cost.BY_NAME if each in known]
        page.write("cost", cost_page.section(there), partial=_missing(cost.BY_NAME, known))


PARTS = {"aa": _aa, "coverage": _coverage, "planted": _planted, "cost": _cost}


if __name__ == "__main__":
    main()
