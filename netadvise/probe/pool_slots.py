"""How many processes of a pool there may be on each device: as planned, and fewer once memory has run short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

Device = str | None
"""None: the one that the study names."""


class Slots:
    """The device of each process that there may be. `busy` are the devices of those that there are."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._planned = list(devices)

    def __len__(self) -> int:
        return len(self._planned)

    def planned(self, device: Device) -> int:
        """Processes that a device may have."""
        return self._planned.count(device)

    def free(self, busy: Iterable[Device]) -> list[Device]:
        """The devices of processes that there may be and are not, those that have least to do first."""
        now = Counter(busy)
        left = list((Counter(self._planned) - now).elements())
        return sorted(left, key=lambda device: now[device])

    def drop(self, device: Device) -> None:
        """One fewer on a device, but for the last one of all."""
        if len(self._planned) > 1 and device in self._planned:
            self._planned.remove(device)

    def limit(self, device: Device, most: int) -> bool:
        """At most so many on a device; whether there were to be more."""
        surplus = self.planned(device) - most
        for _ in range(surplus):
            self._planned.remove(device)
        return surplus > 0
