"""Jobs that read Parquet files do not load pandas."""

import subprocess
import sys

from collide.common.source_files import SCRIPTS

JOB = """
import sys
import pyarrow as pa
import pyarrow.parquet as pq
{first}
from collide.common.script_context import script_context
with script_context("job.log"):
    pq.write_table(pa.table({{"a": [1, 2]}}), "a.parquet")
    assert pq.read_table("a.parquet")["a"].to_numpy().tolist() == [1, 2]
assert ("pandas" in sys.modules) == {loaded}
import pandas
assert pandas.DataFrame({{"a": [1]}}).shape == (1, 1)
"""


def run_job(tmp_path, first, loaded):
    code = JOB.format(first=first, loaded=loaded)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env={"PYTHONPATH": str(SCRIPTS)})


def test_pyarrow_loads_no_pandas_in_a_job_and_pandas_can_still_be_imported(tmp_path):
    run_job(tmp_path, first="", loaded=False)


def test_a_script_that_imports_pandas_keeps_it(tmp_path):
    run_job(tmp_path, first="import pandas", loaded=True)
