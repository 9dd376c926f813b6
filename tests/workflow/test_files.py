"""The files that the pipeline writes, as a reader of them finds them."""

import pandas as pd


def test_pandas_reads_every_csv_without_options(finished):
    paths = sorted((finished / "results").rglob("*.csv"))
    assert len(paths) > 20
    for path in paths:
        columns = list(pd.read_csv(path).columns)
        assert not [name for name in columns if name.startswith("Unnamed")], path
        # The split is drawn from the corpus alone; every other table rests on replies.
        assert (columns[-1] == "source") == (path.name != "split.csv"), path
