"""Models whose counts are known from their definition, and models to time."""
