"""Profile and facts of one model: from the cache when nothing has changed, else from a worker."""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec

from netadvise.api.rule_index import digest_of
from netadvise.api.running import Watch, respond
from netadvise.cache import Cache, cache_key, witness
from netadvise.document import profile_from_document, profile_from_json
from netadvise.document.facts import facts_from_json
from netadvise.errors import InternalError
from netadvise.facts import NetworkFacts
from netadvise.profiles import Profile
from netadvise.worker.protocol import Request, Response


@dataclass(frozen=True, slots=True)
class Answer:
    """One network, as rules see it."""

    profile: Profile
    facts: NetworkFacts
    digest: str = ""
    """Stands for the facts; empty where nothing is kept of them."""
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Runner:
    """How models are run: where, and whether what was found out before still counts."""

    watch: Watch
    cache: Cache | None = None
    in_process: bool = False
    quiet: bool = False

    def answer(self, request: Request) -> Answer:
        """The answer to a request for facts; raises what `respond` raises."""
        key = _key(request)
        known = None if self.cache is None else self.cache.load(key)
        answer = None if known is None else _decoded(known)
        return self._fresh(request, key) if answer is None else answer

    def _fresh(self, request: Request, key: str) -> Answer:
        started = time.time_ns()
        response = respond(request, in_process=self.in_process, watch=self.watch, quiet=self.quiet)
        if response.profile is None or response.facts is None:
            raise InternalError("the worker answered without a profile or without facts")
        if self.cache is not None:
            _keep(self.cache, key, response, started)
        facts = facts_from_json(response.facts)
        return Answer(profile_from_document(response.profile), facts, digest_of(response.facts.encode()))


def _keep(cache: Cache, key: str, response: Response, started: int) -> None:
    if response.files is None:
        return
    files = [(file.path, file.size, file.mtime_ns) for file in response.files]
    seen = witness(files, response.path, response.folders, started_ns=started)
    if seen is not None:
        cache.store(key, seen, (msgspec.json.encode(response.profile), (response.facts or "").encode()))


def _decoded(content: tuple[bytes, ...]) -> Answer | None:
    try:
        profile, facts = content
        return Answer(profile_from_json(profile), facts_from_json(facts), digest_of(facts), cached=True)
    except ValueError:
        return None


def _key(request: Request) -> str:
    return cache_key((request.target, *request.arguments, "", *request.inputs, "", request.mode))
