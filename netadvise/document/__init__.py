"""The machine-readable form of a profile, written and read."""

from __future__ import annotations

from netadvise.document.read import profile_from_document, profile_from_json
from netadvise.document.schema import ProfileDocument
from netadvise.document.write import profile_document

__all__ = ["ProfileDocument", "profile_document", "profile_from_document", "profile_from_json"]
