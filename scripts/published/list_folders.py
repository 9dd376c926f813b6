"""Inventory of the published logs: the folders that were found when the workflow was planned in; a table out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Mapping, Sequence
from typing import Any

from collide.common.csv_json import write_csv
from collide.common.script_context import script_context

COLUMNS = ("study", "folder", "kind", "mode", "gate", "number", "status", "first_step", "steps", "batch_size", "problem")


def list_folders(folders: Sequence[Mapping[str, Any]], table: Path) -> None:
    """Write a row for each folder, and print those that are left out."""
    write_csv(table, COLUMNS, folders, simulated=False)
    for folder in folders:
        if folder["problem"]:
            print(f"{folder['folder']}: left out, {folder['problem']}")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        list_folders(snakemake.params.folders, Path(snakemake.output.table))
