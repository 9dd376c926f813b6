"""Criteria: the dimensions of quality that a judge rates."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collide.experiment.scales import Scale, read_scales

# Longest identifier of a criterion, in characters: it is a part of names of folders.
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Criterion:
    """One dimension of quality. `name` is shown to models and readers."""

    name: str
    description: str
    scale: Scale
    initial_instruction: str


def read_criteria(config: Mapping[str, Mapping]) -> dict[str, Criterion]:
    """Return the criteria of a data set's section `criteria`, in its order."""
    scales = read_scales({name: facts["scale"] for name, facts in config.items()})
    return {
        name: Criterion(name, facts["description"], scales[name], facts["initial_instruction"])
        for name, facts in config.items()
    }


def identify_criterion(name: str) -> str:
    """Return the name of a criterion in paths: lower-case ASCII letters, digits and underscores.

    A name that other names could share an identifier with gets a digest of itself at the end.

    >>> identify_criterion("fluency"), identify_criterion("Self-Coherence")
    ('fluency', 'self_coherence_ed1c')
    """
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) and len(name) <= LONGEST_ID:
        return name
    ascii_letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", ascii_letters).strip("_")[:LONGEST_ID]
    digest = hashlib.blake2b(name.encode(), digest_size=2).hexdigest()
    return "_".join(filter(None, [words, digest]))


def identify_criteria(names: Iterable[str]) -> dict[str, str]:
    """Return the names of criteria by identifier."""
    return {identify_criterion(name): name for name in names}
