"""A report as one HTML file: self-contained, and readable without a network, without scripts and on paper."""

from __future__ import annotations

from netadvise.render.html.page import page

__all__ = ["page"]
