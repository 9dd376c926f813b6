"""Articles: each is written from a story with values of its own."""

from __future__ import annotations

from dataclasses import dataclass

from collide.simulator.corpus.slot_values import Values, fill_slots
from collide.simulator.corpus.story_files import FACT_WEIGHTS, Story, read_stories
from collide.simulator.corpus.text_writer import TextWriter
from collide.simulator.random_draws import RandomStream

# Fewest and most facts of context in an article. They make the difference between short and long articles.
CONTEXT_FACTS = (1, 6)


@dataclass(frozen=True, slots=True)
class Article:
    """An article and its origin. `sentences` maps each fact of the story that is in the article to its text, in order."""

    id: str
    story: Story
    values: Values
    sentences: dict[int, str]

    @property
    def text(self) -> str:
        return " ".join(self.sentences.values())

    @property
    def omitted_facts(self) -> list[int]:
        """Facts of the story that are not in the article. A summary that states one sounds right but is unsupported."""
        return [index for index in range(len(self.story.facts)) if index not in self.sentences]


def write_article(number: int, seed: int) -> Article:
    """Return article `number` (from 0) of the corpus with this seed.

    The stories take turns. The first two articles of a story share no sentence: each important fact has two wordings, and the
    articles take every second detail each. From the third article on, wordings and details are drawn at random.
    """
    stories = RandomStream(seed, "stories").shuffle_items(read_stories())
    story, use = stories[number % len(stories)], number // len(stories)
    stream = RandomStream(seed, "article", number)
    values = fill_slots(story.slots, stream)
    writer = TextWriter()
    sentences: dict[int, str] = {}
    for index in _choose_facts(story, use, stream):
        wordings = story.facts[index].wordings
        wording = use % len(wordings) if use < 2 else stream.draw_integer(0, len(wordings) - 1)
        sentences[index] = writer.write_sentence(wordings[wording], values)
    return Article(f"{story.name}-{number + 1:03d}", story, values, sentences)


def _choose_facts(story: Story, use: int, stream: RandomStream) -> list[int]:
    """Return facts in the order of the article: all main and supporting points, then half of the details and some context."""
    kinds = {
        mark: [index for index, fact in enumerate(story.facts) if fact.weight == weight]
        for mark, weight in FACT_WEIGHTS.items()
    }
    details = kinds["-"][use::2] if use < 2 else [index for index in kinds["-"] if stream.draw_event(0.5)]
    context = stream.shuffle_items(kinds["*"])[: stream.draw_integer(*CONTEXT_FACTS)]
    head = sorted(kinds["!"] + kinds["+"])
    return head + stream.shuffle_items(details + context)
