"""Sum time and memory of all finished jobs by rule."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.report.benchmarks import COLUMNS, describe_benchmarks, sum_benchmarks

if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        table = Path(snakemake.params.table)
        rows = sum_benchmarks(Path(snakemake.params.folder))
        table.parent.mkdir(parents=True, exist_ok=True)
        write_csv(table, COLUMNS, rows, simulated=snakemake.params.source == "simulated")
        print(describe_benchmarks(rows), file=terminal, flush=True)
