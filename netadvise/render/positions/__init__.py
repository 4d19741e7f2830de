"""A dropout report as text, markdown and JSON."""
