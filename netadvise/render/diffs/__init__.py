"""A comparison of two networks as text, markdown and JSON."""
