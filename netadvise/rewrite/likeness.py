"""`like:bn1`: a layer of the same class and arguments as another one of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netadvise.edit import Edit, Part, SetArgs
from netadvise.rewrite.nouns import RefusedError, Site
from netadvise.rewrite.signatures import SIGNATURES, defaults_of
from netadvise.rewrite.values import same

_LIKE = "like:"


def resolved(edit: Edit, sites: Mapping[str, Site]) -> Edit:
    """The edit with every `like:` part replaced by the class and arguments of the layer it names."""
    if isinstance(edit, SetArgs):
        return edit
    return replace(edit, chain=tuple(_part(part, sites) for part in edit.chain))


def _part(part: Part, sites: Mapping[str, Site]) -> Part:
    if not part.type.startswith(_LIKE):
        return part
    path = part.type.removeprefix(_LIKE)
    model = sites.get(path)
    if model is None or model.type not in SIGNATURES:
        raise RefusedError(f"a layer like {path} cannot be written: it is no layer of torch.nn")
    left_out = defaults_of(model.type)
    kept = {
        name: value
        for name, value in model.known.items()
        if name in SIGNATURES[model.type] and not (name in left_out and same(name, left_out[name], value))
    }
    return Part(model.type, {**kept, **part.args})
