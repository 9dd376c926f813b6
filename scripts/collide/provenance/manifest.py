"""The manifest of results: configuration, code, corpora, models, replies, and the runs behind every table, figure and claim.

Everything but the part `machine` depends on the configuration, the code, the corpora and the replies alone.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX, SIMULATED_NOTICE
from collide.experiment.files import list_active_datasets
from collide.experiment.jobs import list_model_jobs
from collide.experiment.paths import manifest_file
from collide.provenance.replies import (
    describe_jobs,
    describe_models,
    describe_times,
    format_time,
    read_journal_facts,
    sum_usage,
)
from collide.provenance.trace import trace_claims, trace_exhibits, trace_picked, trace_runs

CORPUS_KEYS = ("corpus", "sha256", "bytes", "format", "documents", "pairs")


def build_manifest(
    config: Mapping[str, Any], source: str, code: Mapping[str, Any], deployment: Sequence[str], outputs: Iterable[Path]
) -> dict[str, Any]:
    """Return the manifest of a source.

    `code` is the version of the code, `deployment` Snakemake's --sdm, and `outputs` are the files to record with a checksum.
    Files are read relative to the working directory. Raises InputError for a damaged journal.
    """
    jobs = list_model_jobs(config, source)
    facts = {job.journal: read_journal_facts(Path(job.journal)) for job in jobs}
    described = describe_jobs(jobs, facts)
    models = describe_models(jobs, described)
    simulated = any(name.startswith(SIMULATED_MODEL_PREFIX) for model in models for name in (model["asked"], *model["served"]))
    runs, picked = trace_runs(config, source), trace_picked(config, source)
    exhibits = trace_exhibits(config, source)
    described_files = describe_files(
        {*(Path(path) for entry in (*runs, *picked, *exhibits) for path in entry["files"]), *outputs}
    )
    written = {file["path"] for file in described_files}
    for entry in (*runs, *picked):
        # Runs that were imported have no ratings or initial predictions of their own.
        entry["files"] = [path for path in entry["files"] if path in written]
    return {
        **({"simulated": SIMULATED_NOTICE} if simulated else {}),
        "source": source,
        "config": make_plain(config),
        "code": dict(code),
        "corpora": [_describe_corpus(dataset, source) for dataset in list_active_datasets(config)],
        "models": models,
        "usage": sum_usage(jobs),
        "jobs": described,
        "runs": runs,
        "picked": picked,
        "exhibits": exhibits,
        "claims": trace_claims(config),
        "outputs": described_files,
        "machine": {**describe_times(facts.values()), **_describe_machine(deployment)},
    }


def write_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Write a manifest as JSON."""
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def make_plain(value: Any) -> Any:
    """Return a configuration in values of JSON. Infinity, which JSON lacks, is written as YAML writes it.

    >>> make_plain({"ratios": (2, math.inf)})
    {'ratios': [2, '.inf']}
    """
    if isinstance(value, Mapping):
        return {str(key): make_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [make_plain(inner) for inner in value]
    return ".inf" if isinstance(value, float) and math.isinf(value) else value


def describe_files(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return path, SHA-256 and size in bytes of files, in the order of their paths; a missing file is left out."""
    described = []
    for path in sorted(paths):
        if path.is_file():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            described.append({"path": path.as_posix(), "sha256": digest, "bytes": len(content)})
    return described


def _describe_corpus(dataset: str, source: str) -> dict[str, Any]:
    """Return origin, checksum and size of the file of a data set, from the manifest of the corpus."""
    facts = json.loads(Path(manifest_file(dataset, source)).read_text(encoding="utf-8"))
    return {"dataset": dataset, **{key: facts[key] for key in CORPUS_KEYS}}


def _describe_machine(deployment: Sequence[str]) -> dict[str, Any]:
    """Return what may differ between two machines with the same results. Neither the machine nor its user is named."""
    installed = {found.metadata["Name"]: found.version for found in importlib.metadata.distributions()}
    return {
        "written": format_time(time.time()),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "deployment": sorted(deployment),
        "packages": dict(sorted(installed.items(), key=lambda item: item[0].lower())),
    }
