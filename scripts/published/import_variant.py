"""Import of a cherry-picked variant: the authors' predictions by its prompt in; predictions and a usage file out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide

from collections.abc import Sequence

from collide.common.script_context import script_context
from collide.published.files import write_predictions, write_usage
from collide.published.logs import read_evaluation
from collide.published.pairs import digest_text


def import_variant(evaluation: Path, criteria: Sequence[str], variant: str, predictions: Path, usage: Path) -> None:
    """Write the predictions of the variant's prompt, whose instructions the file does not state."""
    rated = read_evaluation(evaluation, list(criteria)).pairs
    write_predictions(predictions, {digest_text(f"cherrypick/{variant}"): rated})
    write_usage(usage, "evaluate")
    print(f"{len(rated)} pairs")


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        output = snakemake.output
        import_variant(
            Path(snakemake.input.evaluation),
            snakemake.params.criteria,
            snakemake.wildcards.variant,
            Path(output.predictions),
            Path(output.usage),
        )
