"""Files of data sets: where a source finds each one."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from collide.corpus.files.folder import list_files
from collide.errors import InputError
from collide.experiment.configuration.fault import Fault
from collide.experiment.datasets import DEFAULT_DATASET, dataset_name
from collide.experiment.sources import DOWNLOADED, PUBLISHED

# The corpus that the pipeline writes itself.
EMBEDDED = "embedded"
# The value of `corpus` that leaves the data set's own file in force.
NO_OVERRIDE = "default"


def list_active_datasets(config: Mapping[str, Any]) -> list[str]:
    """Return the data sets of the active studies, in the order of the studies."""
    return list(dict.fromkeys(dataset_name(config, study) for study in config["active_studies"]))


def find_file_key(config: Mapping[str, Any], dataset: str) -> tuple[str, ...]:
    """Return the path of the key that names the file of a data set."""
    overridden = dataset == DEFAULT_DATASET and str(config["corpus"]) != NO_OVERRIDE
    return ("corpus",) if overridden else ("datasets", dataset, "file")


def resolve_file(config: Mapping[str, Any], dataset: str, source: str) -> str:
    """Return the file of a data set in a source: `embedded`, a path or a URL; empty where the configuration names none.

    In source `published`, the pairs of all data sets are read from the folder of the authors' logs.
    """
    if source == PUBLISHED:
        return str(config["published"] or DOWNLOADED)
    if find_file_key(config, dataset) == ("corpus",):
        return read_address(str(config["corpus"]))
    file = config["datasets"][dataset]["file"]
    return read_address((file[source] if isinstance(file, Mapping) else file) or "")


def read_address(written: str) -> str:
    """Return a path without file:// and with the home folder in place of ~, a URL with its scheme in lower case.

    >>> read_address("HTTPS://example.org/a"), read_address("file:///data/a%20b.csv"), read_address("a.csv")
    ('https://example.org/a', '/data/a b.csv', 'a.csv')
    """
    scheme, separator, rest = written.partition("://")
    if not separator:
        return str(Path(written).expanduser()) if written.startswith("~") else written
    return urllib.parse.unquote(rest) if scheme.lower() == "file" else f"{scheme.lower()}://{rest}"


def is_url(file: str) -> bool:
    """Return True for a file that must be downloaded."""
    return file.startswith(("http://", "https://"))


def find_missing_file(config: Mapping[str, Any], datasets: Iterable[str]) -> Fault | None:
    """Return the fault of the first of these data sets whose path leads to no file and to no folder of files."""
    if config["source"] == PUBLISHED:
        return None
    for dataset in datasets:
        file = resolve_file(config, dataset, config["source"])
        if file == EMBEDDED or is_url(file) or Path(file).is_file():
            continue
        path = find_file_key(config, dataset)
        if not file:
            return Fault(f"{'.'.join(path)} names no file; expected a path, or a URL that names a revision", path)
        if Path(file).is_dir():
            try:
                list_files(Path(file))
                continue
            except InputError as error:
                return Fault(str(error), path)
        return Fault(
            f"{'.'.join(path)} is {file!r}, which is no file; expected the path of a file or of a folder, or a URL that names a"
            " revision",
            path,
        )
    return None
