"""Processes and what they have started, as the kernel knows it."""

from __future__ import annotations

from pathlib import Path


def generations(process: int) -> list[list[int]]:
    """A process, its children, their children, and so on; without those that have ended."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(status.parent.name))
    found = [[process]]
    while further := [child for each in found[-1] for child in children.get(each, [])]:
        found.append(further)
    return found


def descendants(process: int) -> list[int]:
    """A process and all that it started, in the order of generations."""
    return [each for generation in generations(process) for each in generation]
