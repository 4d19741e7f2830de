"""What a worker found out, kept in a file until anything that it depends on changes.

    entry ::= header newline content ...       one file per key, `<digest of the key>.entry`
    key   ::= target, arguments, inputs, working folder, and the versions of netadvise, Python and torch
    valid ::= every file read is unchanged, every folder looked into lists the same names, the environment is the same

A file of the project counts by its content, an installed one by its size and time.
"""

from __future__ import annotations

from netadvise.cache.key import cache_key
from netadvise.cache.pack import pack, unpack
from netadvise.cache.store import Cache, cache_folder
from netadvise.cache.witness import Read, Witness, witness

__all__ = ["Cache", "Read", "Witness", "cache_folder", "cache_key", "pack", "unpack", "witness"]
