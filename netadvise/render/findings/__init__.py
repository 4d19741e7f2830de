"""The formats of a lint report, one to a file."""
