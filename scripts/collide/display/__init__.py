"""Display of a run in the terminal or a log file, in place of Snakemake's lines about each job."""
