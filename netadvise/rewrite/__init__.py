"""Edits into source: the calls that constructed the modules, changed as their author would have written it; a dropout
also around a call in a forward.

    edits + sites --plan--> changes (file, bytes before, bytes after) + what cannot be written
                              |
                              +--> unified diff

Spans are exact, by `ast` and `tokenize`: formatting, comments and everything outside an edited call stay as they are,
byte for byte. Imports are never added: an edit that needs a name that the file lacks is refused, and says which.
"""

from __future__ import annotations

from netadvise.rewrite.diff import common_base as common_base
from netadvise.rewrite.diff import unified_diff as unified_diff
from netadvise.rewrite.file import rewrite as rewrite
from netadvise.rewrite.nouns import CannotWrite as CannotWrite
from netadvise.rewrite.nouns import FunctionCall as FunctionCall
from netadvise.rewrite.nouns import Rewritten as Rewritten
from netadvise.rewrite.nouns import Site as Site
from netadvise.rewrite.nouns import Splice as Splice
from netadvise.rewrite.nouns import Wanted as Wanted
from netadvise.rewrite.nouns import called as called
from netadvise.rewrite.place import in_library as in_library
from netadvise.rewrite.plan import Change as Change
from netadvise.rewrite.plan import Plan as Plan
from netadvise.rewrite.plan import plan as plan
from netadvise.source import Source as Source
