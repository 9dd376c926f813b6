"""Memory and time that a job asks a cluster for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def ask_for(mem_mb: int, minutes: int) -> dict[str, Callable[[Any, int], int]]:
    """Return the resources of a rule; each further attempt of a job asks for as much again."""
    # Snakemake passes the attempt by the name of this argument.
    return {
        "mem_mb": lambda wildcards, attempt: mem_mb * attempt,
        "runtime": lambda wildcards, attempt: minutes * attempt,
    }
