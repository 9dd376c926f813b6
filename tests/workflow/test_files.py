"""The files that the pipeline writes, as docs/files.md describes them and as pandas reads them."""

import shutil

import pandas as pd
import pytest
import yaml

from collide.common.csv_json import read_csv

from .conftest import succeed
from .described_files import find_missing, find_owner, find_undescribed, matches, read_columns, read_page

# A simulated run from the embedded corpus downloads no file and costs nothing.
ABSENT = [
    # No run makes these but one of the authors' logs.
    *(path for path in read_page()[0] if path.startswith("results/published/")),
    "results/{source}/corpus/{dataset}/download",
    *(path for path in read_page()[0] if path.endswith((".spent", "spending.lock"))),
]
if not shutil.which("pdflatex"):
    ABSENT += [path for path in read_page()[0] if any(name in path for name in ("appendix", "artifact", "make_document"))]


@pytest.fixture(scope="module")
def written(finished, tmp_path_factory):
    """All files below results and paper_figures, relative to the folder of the finished run."""
    succeed(finished, "forecast")
    succeed(finished, "costs")
    succeed(finished, "benchmarks")
    succeed(finished, "bundle")
    succeed(finished, "browse")
    succeed(finished, "check_endpoints")
    succeed(finished, "annotation_sheet")
    sheet = read_csv(finished / "results/simulated/annotation/sheet.csv")
    filled = tmp_path_factory.mktemp("annotation") / "filled.csv"
    filled.write_text("item,score\n" + "".join(f"{row['item']},7\n" for row in sheet), encoding="utf-8")
    config = filled.with_name("config.yaml")
    config.write_text(yaml.safe_dump({"annotation": {"filled": str(filled)}}), encoding="utf-8")
    succeed(finished, "ppi", configs=[config])
    files = (path for root in ("results", "paper_figures") for path in (finished / root).rglob("*"))
    return [path.relative_to(finished).as_posix() for path in files if path.is_file()]


def test_every_written_file_is_described(written):
    paths, _ = read_page()
    assert not [name for name in written if not any(matches(path, name, "/") for path in paths)]


def test_every_described_file_is_written(written):
    paths, _ = read_page()
    assert {path for path in paths if not any(matches(path, name, "/") for name in written)} == set(ABSENT)


def list_made_tables():
    """Return the numbers of the tables of columns whose files a run makes."""
    return [number for number, (owners, _) in enumerate(read_page()[1]) if not set(owners) <= set(ABSENT)]


@pytest.mark.parametrize("table", list_made_tables())
def test_files_have_the_described_columns_and_no_others(written, finished, table):
    owners, described = read_page()[1][table]
    columns = {name: read_columns(finished / name) for name in written if find_owner(name) in owners}
    assert {find_owner(name) for name in columns} == set(owners)
    for name, found in columns.items():
        assert not find_undescribed(found, described), name
        if name.endswith((".csv", ".parquet")):
            assert not find_missing(found, described), name
    # A file of objects may lack a key, such as those of a gate in a run without a gate.
    assert not find_missing(set().union(*columns.values()), described)


def test_columns_that_differ_from_their_description_are_found():
    described = ["step", "human_{criterion}", "gate.name", "batch"]
    assert find_undescribed({"step", "human_fluency", "gate.name", "batch[].pair"}, described) == set()
    assert find_undescribed({"steps", "human", "gate.reason"}, described) == {"steps", "human", "gate.reason"}
    assert find_missing({"step", "human_fluency", "gate.name"}, described) == {"batch"}


def test_every_table_has_its_columns_described(written):
    assert not [name for name in written if name.endswith((".csv", ".parquet", ".jsonl")) and not find_owner(name)]


def test_pandas_reads_every_csv_without_options(finished):
    paths = sorted((finished / "results").rglob("*.csv"))
    assert len(paths) > 20
    for path in paths:
        columns = list(pd.read_csv(path).columns)
        assert not [name for name in columns if name.startswith("Unnamed")], path
        # The split is drawn from the corpus alone; every other table rests on replies.
        assert (columns[-1] == "source") == (path.name != "split.csv"), path
