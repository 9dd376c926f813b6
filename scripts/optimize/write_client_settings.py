"""Write the client's settings that shape no reply: limits of endpoints, prices and the budget."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

import json

from collide.common.script_context import script_context

# A file instead of a parameter of each rule: Snakemake reruns a rule when a parameter changes, and none of these settings
# changes a reply.
if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        text = json.dumps(snakemake.params.settings, indent=2)
        Path(snakemake.output.settings).write_text(text + "\n", encoding="utf-8")
