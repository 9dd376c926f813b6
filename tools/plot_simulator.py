"""Draws docs/simulator.png: how the simulated judge's agreement depends on its instructions, on the embedded corpus.

PYTHONPATH=scripts python docs/plot_simulator.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import asyncio

import matplotlib.pyplot as plt
import yaml
from scipy import stats

from collide.corpus.pairs import Pair
from collide.experiment.criteria import Criterion, read_criteria
from collide.llm.parsing import parse_scores
from collide.llm.request import Request, derive_seed
from collide.optimize.prompts import JudgePrompt
from collide.report import style
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


def embedded_pairs(criteria: list[str]) -> list[Pair]:
    """The pairs of the default embedded corpus."""
    found = []
    for record in generate_records(0, 100):
        ratings = record["expert_annotations"]
        human = {name: sum(r[name] for r in ratings) / len(ratings) for name in criteria}
        name = f"{record['id']}/{record['model_id']}"
        found.append(Pair(name, record["id"], record["model_id"], record["text"], record["decoded"], human))
    return found


def agreement(instructions: dict[str, str], criteria: dict[str, Criterion], pairs: list[Pair]) -> dict[str, float]:
    """Spearman correlation of the small judge with the ratings, by criterion, under these instructions."""
    prompt, simulator = JudgePrompt([criteria[name] for name in instructions], instructions), Simulator()

    async def rate(pair: Pair) -> dict[str, int]:
        request = Request("", "simulated/small", prompt.render_pair(pair), 0.1, 256, derive_seed("task", pair.id), 1, {})
        return parse_scores((await simulator.complete(request)).text, prompt.scales)

    async def rate_all() -> list[dict[str, int]]:
        return [await rate(pair) for pair in pairs]

    rated = asyncio.run(rate_all())
    return {n: stats.spearmanr([r[n] for r in rated], [p.human[n] for p in pairs]).statistic for n in instructions}


def main() -> None:
    """Rate the corpus under five kinds of instructions and draw the agreement."""
    criteria = read_criteria(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["criteria"])
    pairs = embedded_pairs(list(criteria))
    swapped = dict(zip(criteria, reversed(APT.values()), strict=True))
    long = " ".join([APT["fluency"]] * 8)
    alone = {
        "generic, alone": {name: agreement({name: GENERIC}, criteria, pairs)[name] for name in criteria},
        "apt, alone": {name: agreement({name: APT[name]}, criteria, pairs)[name] for name in criteria},
        "of another criterion, alone": {name: agreement({name: swapped[name]}, criteria, pairs)[name] for name in criteria},
        "apt, all four together": agreement(APT, criteria, pairs),
        "generic beside a long fluency": agreement({**dict.fromkeys(criteria, GENERIC), "fluency": long}, criteria, pairs),
    }
    style.apply()
    figure, axis = plt.subplots(figsize=(style.PAGE, 2.6), layout="constrained")
    for place, (label, values) in enumerate(alone.items()):
        look = list(style.STYLES.values())[place]
        places = [i + 0.16 * (place - 2) for i in range(len(criteria))]
        axis.bar(places, list(values.values()), 0.15, label=label, color=style.shade(look.color, 0.75), edgecolor="black")
    axis.set_xticks(range(len(criteria)), list(criteria))
    axis.set_ylabel("Spearman correlation")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle("The simulated judge under five kinds of instructions: a mechanism, no evidence", fontsize=8)
    figure.savefig(ROOT / "docs" / "simulator.png", dpi=200, metadata={"Software": None})


if __name__ == "__main__":
    main()
