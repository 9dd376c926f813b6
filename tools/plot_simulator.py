"""Draw docs/simulator.png: the simulated judge's agreement with the embedded corpus under five kinds of instructions.

python tools/plot_simulator.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import asyncio
from collections.abc import Iterable

import matplotlib.pyplot as plt
import yaml
from scipy import stats

from collide.corpus.pairs import Pair
from collide.experiment.datasets import Dataset, collect_dataset, read_dataset
from collide.llm.parsing import parse_scores
from collide.llm.request import Request, derive_seed
from collide.optimize.prompts import JudgePrompt, Skeleton
from collide.report.figures.style import PAGE, STYLES, apply_style, mix_with_white
from collide.simulator import Simulator
from collide.simulator.corpus.generate import generate_records

ROOT = Path(__file__).parents[1]
GENERIC = "Rate from 1 to 5."
APT = {
    "fluency": "Check each sentence for grammar and punctuation. Look for fragments and sentences that break off.",
    "relevance": "List the main points of the article and count those covered. Look for the core event of the opening.",
    "coherence": "Test whether the sentences follow a sensible order. Look for repeated sentences.",
    "consistency": "Verify that each statement is supported and none invented. Compare each name and number.",
}


def make_pairs(criteria: Iterable[str]) -> list[Pair]:
    """Return the pairs of the default embedded corpus with mean ratings."""
    pairs = []
    for record in generate_records(seed=0, articles=100):
        ratings = record["expert_annotations"]
        human = {name: sum(r[name] for r in ratings) / len(ratings) for name in criteria}
        name = f"{record['id']}/{record['model_id']}"
        pairs.append(Pair(name, record["id"], record["model_id"], (record["text"],), record["decoded"], human))
    return pairs


async def rate_pairs(prompt: JudgePrompt, pairs: list[Pair]) -> list[dict[str, int]]:
    """Return the small model's ratings of each pair."""
    simulator = Simulator()
    ratings = []
    for pair in pairs:
        request = Request("", "simulated/small", prompt.render_pair(pair), 0.1, 256, derive_seed("task", pair.id), 1, {})
        ratings.append(parse_scores((await simulator.complete(request)).text, prompt.scales))
    return ratings


def measure_agreement(
    instructions: dict[str, str], dataset: Dataset, pairs: list[Pair], alone: bool = True
) -> dict[str, float]:
    """Return the Spearman correlation with the human scores by criterion, each in a prompt of its own or all in one."""
    groups = [[name] for name in instructions] if alone else [list(instructions)]
    found = {}
    for names in groups:
        prompt = JudgePrompt([dataset.criteria[name] for name in names], instructions, Skeleton(dataset.texts))
        ratings = asyncio.run(rate_pairs(prompt, pairs))
        for name in names:
            found[name] = stats.spearmanr([r[name] for r in ratings], [p.human[name] for p in pairs]).statistic
    return found


def draw_bars(agreement: dict[str, dict[str, float]], path: Path) -> None:
    """Draw a group of bars for each criterion, with a bar for each kind of instructions."""
    apply_style()
    figure, axis = plt.subplots(figsize=(PAGE, 2.6), layout="constrained")
    for place, (label, values) in enumerate(agreement.items()):
        positions = [i + 0.16 * (place - 2) for i in range(len(values))]
        color = mix_with_white(STYLES[place].color, 0.75)
        axis.bar(positions, list(values.values()), 0.15, label=label, color=color, edgecolor="black")
        axis.set_xticks(range(len(values)), list(values))
    axis.set_ylabel("Spearman correlation")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle("The simulated judge under five kinds of instructions: a mechanism, no evidence", fontsize=8)
    # Without the version of matplotlib, so that equal pictures are equal bytes.
    figure.savefig(path, dpi=200, metadata={"Software": None})


def main() -> None:
    """Rate the corpus under five kinds of instructions and draw the agreement."""
    dataset = read_dataset(collect_dataset(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")), "summeval"))
    criteria = list(dataset.criteria)
    pairs = make_pairs(criteria)
    generic = dict.fromkeys(criteria, GENERIC)
    swapped = dict(zip(criteria, reversed(APT.values()), strict=True))
    # Eight times the apt instruction is longer than all others together, but within the model's attention.
    long_fluency = generic | {"fluency": " ".join([APT["fluency"]] * 8)}
    agreement = {
        "generic, alone": measure_agreement(generic, dataset, pairs),
        "apt, alone": measure_agreement(APT, dataset, pairs),
        "of another criterion, alone": measure_agreement(swapped, dataset, pairs),
        "apt, all four together": measure_agreement(APT, dataset, pairs, alone=False),
        "generic, together with a long fluency": measure_agreement(long_fluency, dataset, pairs, alone=False),
    }
    draw_bars(agreement, ROOT / "docs" / "simulator.png")


if __name__ == "__main__":
    main()
