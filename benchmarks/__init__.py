"""What netadvise is measured against: counts that are known, other tools, and the clock."""
