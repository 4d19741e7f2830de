"""What one training probe measured, as facts that rules of scope probe can be evaluated on."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from netadvise.check.problems import hint
from netadvise.facts import Fact, NetworkFacts, Sheet, Subject
from netadvise.quantity import Unknown
from netadvise.vocabulary import PROBE


def probe_facts(facts: Mapping[str, Fact]) -> NetworkFacts:
    """The facts of one arm or study, for `RuleBook.evaluate`: there is no network in them.

    A name that `facts` does not have is Unknown, since it was not measured; one that is None there does not apply.
    A number that is not finite is Unknown. The subject is called as its `place` is. Raises `ValueError` for a name
    that the vocabulary does not have: no rule could ask for it.
    """
    for name in facts:
        if name not in PROBE:
            raise ValueError(f"the facts of a probe have no name {name!r}{hint(name, PROBE)}")
    told = {name: _finite(facts.get(name, Unknown(f"{name}: not measured"))) for name in PROBE}
    place = told["place"]
    probe = Subject("probe", 0, place if isinstance(place, str) else "", None, None, told)
    network = Subject("model", 0, "", None, None, {})
    return NetworkFacts(network, Sheet("eval", ()), Sheet("train", ()), probes=(probe,))


def _finite(fact: Fact) -> Fact:
    return Unknown(f"it is {fact}") if isinstance(fact, float) and not isfinite(fact) else fact
