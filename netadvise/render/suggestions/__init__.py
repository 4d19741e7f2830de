"""A suggestion report as text, markdown and JSON."""
