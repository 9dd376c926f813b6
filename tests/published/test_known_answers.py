"""The authors' code gave known values for 33 of its run folders; skipped where these folders are absent."""

import csv
import tarfile
from pathlib import Path

import pytest

from .test_import import import_all, score

ARCHIVE = Path(__file__).parents[3] / "shared" / "authors" / "run-folders.tar.xz"
METRICS = {"SpearmanCorrelation": "spearman", "KendallTau": "kendall", "MAE": "mae", "OffByOne": "off_by_one"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    if not ARCHIVE.is_file():
        pytest.skip("the run folders with known values are absent")
    folder = tmp_path_factory.mktemp("authors")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def read_known(folders, name):
    with (folders / "known_fixture" / name).open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_every_score_of_33_runs_is_that_of_the_authors_functions(folders, tmp_path):
    imported = import_all(folders / "fixture", tmp_path)
    assert len(imported) == 33
    scores, compared = score(imported), 0
    for row in read_known(folders, "known_per_run_step_criterion.csv"):
        mode = "single" if "-task=" in row["run_name"] else row["mode"]
        for theirs, ours in METRICS.items():
            value = scores[mode, row["val"], int(row["run"]), int(row["step"]), row["task"], ours]["value"]
            # Their code gives an undefined correlation the value 0.
            assert (0.0 if value is None else value) == pytest.approx(float(row[theirs]), abs=1e-9)
            compared += 1
    assert compared == 4 * 336
