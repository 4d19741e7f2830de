"""A study on 1,000 simulated workers; prints Markdown tables.

python -m benchmarks.cluster growth     how long a study takes on more and more workers
python -m benchmarks.cluster faults     what slow workers, delays and failures cost
python -m benchmarks.cluster driver     where one driver, or its ledger, is too slow for short runs
python -m benchmarks.cluster intake     what the driver takes for a finished run
python -m benchmarks.cluster record     train the runs that all this is drawn from, anew
"""

from __future__ import annotations

import argparse

from benchmarks.cluster import recorded, tables

TABLES = {"growth": tables.growth, "faults": tables.faults, "driver": tables.driver, "intake": tables.intake}


def main() -> None:
    """One table."""
    parser = argparse.ArgumentParser(description="Simulate a study on a large cluster.")
    parser.add_argument("part", choices=[*TABLES, "record"])
    part = parser.parse_args().part
    if part == "record":
        recorded.record()
        return
    for line in TABLES[part]():
        print(line, flush=True)


if __name__ == "__main__":
    main()
