"""Write the manifest of the results, the RO-Crate that describes them, and the workflow's files that the crate holds."""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from collide.common.script_context import script_context
from collide.provenance.crate import write_crate
from collide.provenance.manifest import build_manifest, write_manifest


def describe_results(
    facts: Mapping[str, Any], source: str, outputs: Iterable[Path], manifest: Path, crate: Path, config: Path
) -> None:
    """Write the manifest, the crate and the resolved configuration. `facts` are configuration, code version and deployment."""
    described = build_manifest(facts["config"], source, facts["code"], facts["deployment"], outputs)
    config.write_text(yaml.safe_dump(facts["config"], sort_keys=False, allow_unicode=True), encoding="utf-8")
    write_manifest(described, manifest)
    write_crate(described, crate)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        describe_results(
            snakemake.params.facts,
            snakemake.wildcards.source,
            map(Path, snakemake.input.outputs),
            Path(snakemake.output.manifest),
            Path(snakemake.output.crate),
            Path(snakemake.output.config),
        )
        for path in map(Path, snakemake.output.workflow):
            # The path in the project follows that of the folder `workflow`.
            shutil.copyfile(Path(snakemake.params.facts["project"], *path.parts[3:]), path)
