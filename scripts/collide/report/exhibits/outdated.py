"""Tables and figures of a data set whose file has changed: a run that would leave some of them as they were is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from collide.experiment.datasets import dataset_name
from collide.experiment.files import EMBEDDED, is_url, resolve_file
from collide.report.exhibits.registry import list_all_exhibits

# Paths that a message names; there may be hundreds.
SHOWN_PATHS = 3


def describe_outdated(config: Mapping[str, Any], source: str, made: Collection[str]) -> str:
    """Return a sentence on the files that a run would leave beside those of a changed data set; empty if there are none.

    `made` are the paths of the files that the run makes.
    """
    for dataset in config["datasets"]:
        if not _has_changed(config, dataset, source, made):
            continue
        left = [
            path for path in dict.fromkeys(_list_results(config, dataset, source)) if path not in made and Path(path).exists()
        ]
        if left:
            more = f" and {len(left) - SHOWN_PATHS} more" if len(left) > SHOWN_PATHS else ""
            return (
                f"the file of the data set {dataset} has changed, but {', '.join(left[:SHOWN_PATHS])}{more} were made from the"
                " one before and would stay: describe the new file under another name in `datasets`, make all of the data set's"
                " studies again (`all`, with these studies in active_studies), or move the old files away"
            )
    return ""


def _has_changed(config: Mapping[str, Any], dataset: str, source: str, made: Collection[str]) -> bool:
    """Return whether the run reads another file than the one that the pairs on disk were read from."""
    folder = f"results/{source}/corpus/{dataset}"
    manifest = Path(folder, "manifest.json")
    if str(manifest) not in made or not manifest.exists():
        return False
    file, known = resolve_file(config, dataset, source), json.loads(manifest.read_text(encoding="utf-8"))
    if file != known["corpus"]:
        return True
    if file == EMBEDDED:
        # It is written again only where its settings have changed, or its code.
        return f"{folder}/embedded.jsonl" in made
    # A folder's checksum is that of its list of files: a change of one of them starts the run anyway, so it counts as one.
    if is_url(file) or not Path(file).is_file():
        return not is_url(file)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() != known["sha256"]


def _list_results(config: Mapping[str, Any], dataset: str, source: str) -> Iterator[str]:
    """Yield the files that show numbers of the studies of a data set, active or not."""
    studies = [study for study in config["studies"] if dataset_name(config, study) == dataset]
    for exhibit in list_all_exhibits(config).values():
        if set(exhibit.studies) & set(studies):
            yield from exhibit.list_files(source)
    for study in studies:
        yield from (f"results/{source}/{kind}/{study}.csv" for kind in ("scores", "quality", "lengths"))
