"""The whole embedded corpus as records in the layout of SummEval's release file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collide.simulator.corpus.articles import Article, write_article
from collide.simulator.corpus.draws import Draws
from collide.simulator.corpus.expert_ratings import rate
from collide.simulator.corpus.stories import WEIGHTS
from collide.simulator.corpus.summaries import summarize
from collide.simulator.corpus.systems import SYSTEMS
from collide.simulator.corpus.wording import Teller


def generate(seed: int, articles: int) -> Iterator[dict[str, Any]]:
    """One record for each of `articles` x 16 pairs. Article and summaries of a number depend on the seed alone.

    Beyond the fields of the release file, `defects` says what is wrong with the summary (see `summaries.Defects`).
    """
    for number in range(articles):
        article = write_article(number, seed)
        for system in SYSTEMS:
            summary, defects = summarize(article, system, Draws(seed, "summary", number, system.name))
            yield {
                "id": article.id,
                "model_id": system.name,
                "decoded": summary,
                "text": article.text,
                "references": [_reference(article)],
                "expert_annotations": rate(defects, seed, number, system.name),
                "turker_annotations": [],
                "filepath": "",
                "defects": defects.as_dict(),
            }


def _reference(article: Article) -> str:
    """The main points in short."""
    teller = Teller()
    facts = (article.story.facts[index] for index in article.told)
    return " ".join(teller.tell(fact.gist, article.values) for fact in facts if fact.weight == WEIGHTS["!"])
