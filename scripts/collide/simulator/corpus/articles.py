"""Articles: a story told once, with values of its own."""

from __future__ import annotations

from dataclasses import dataclass

from collide.simulator.corpus.draws import Draws
from collide.simulator.corpus.names import Values, fill
from collide.simulator.corpus.stories import WEIGHTS, Story, all_stories
from collide.simulator.corpus.wording import Teller

CONTEXT = (1, 6)
"""Least and most facts of context in an article; they make articles short or long."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its making: `told` maps each fact of the story that it tells to the sentences that tell it."""

    id: str
    story: Story
    values: Values
    told: dict[int, str]

    @property
    def text(self) -> str:
        return " ".join(self.told.values())

    @property
    def untold(self) -> list[int]:
        """Facts of the story that the article does not tell: true to its style, and unsupported by it."""
        return [index for index in range(len(self.story.facts)) if index not in self.told]


def write_article(number: int, seed: int) -> Article:
    """Article `number` (from 0) of the corpus with this seed.

    The stories take turns. The first two articles of a story share no sentence: each fact that matters has two wordings,
    and a detail told once is told in every second article. From the third on, wordings and details are drawn.
    """
    stories = Draws(seed, "stories").shuffled(all_stories())
    story, use = stories[number % len(stories)], number // len(stories)
    draws = Draws(seed, "article", number)
    values = fill(story.slots, draws)
    teller = Teller()
    told: dict[int, str] = {}
    for index in _choose(story, use, draws):
        wordings = story.facts[index].wordings
        wording = use % len(wordings) if use < 2 else draws.whole(0, len(wordings) - 1)
        told[index] = teller.tell(wordings[wording], values)
    return Article(f"{story.name}-{number + 1:03d}", story, values, told)


def _choose(story: Story, use: int, draws: Draws) -> list[int]:
    """Facts in the order of telling: all main points, all that supports them, then half of the colour and some context."""
    kinds = {mark: [i for i, fact in enumerate(story.facts) if fact.weight == weight] for mark, weight in WEIGHTS.items()}
    colour = kinds["-"][use::2] if use < 2 else [index for index in kinds["-"] if draws.chance(0.5)]
    context = draws.shuffled(kinds["*"])[: draws.whole(*CONTEXT)]
    head = sorted(kinds["!"] + kinds["+"])
    return head + draws.shuffled(colour + context)
