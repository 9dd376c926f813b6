"""The initial prompt of a run, by its instructions, as the file of prompts that the evaluation reads."""

from pathlib import Path

from collide.job import job
from collide.tidy import write_json_lines

if __name__ == "__main__":
    with job(snakemake.log[0]):
        write_json_lines(Path(snakemake.output.prompts), [{"instructions": snakemake.params.instructions}])
