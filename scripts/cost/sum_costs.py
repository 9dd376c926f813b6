"""Sum calls, tokens, cost and waiting time of all jobs so far, by study and role.

The jobs need not be finished: a job that a limit stopped or that was killed is read from its journal, and a job that has not
started counts as nothing.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collide.common.script_context import script_context
from collide.cost.cost_table import describe_costs, write_cost_table
from collide.experiment.jobs import ModelJob

if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]) as log:
        # The target `costs` declares no output: it prints to the terminal. Within `all`, the text goes to the log.
        within_all = bool(snakemake.output)
        table = Path(snakemake.output.table if within_all else snakemake.params.table)
        rows = write_cost_table([ModelJob(**job) for job in snakemake.params.jobs], table)
        print(describe_costs(rows), file=log if within_all else terminal, flush=True)
