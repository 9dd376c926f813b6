"""Generation of the embedded corpus as records in the layout of SummEval's release file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collide.simulator.corpus.articles import Article, write_article
from collide.simulator.corpus.expert_ratings import rate_summary
from collide.simulator.corpus.story_files import FACT_WEIGHTS
from collide.simulator.corpus.summaries import write_summary
from collide.simulator.corpus.systems import SYSTEMS
from collide.simulator.corpus.text_writer import TextWriter
from collide.simulator.random_draws import RandomStream


def generate_records(seed: int, articles: int) -> Iterator[dict[str, Any]]:
    """Yield one record for each of `articles` x 16 pairs.

    The records of an article do not depend on the number of articles, so a larger corpus starts with the smaller one. The
    release file has no field `defects`; it holds the defects that were put into the summary (see `summaries.Defects`).
    """
    for number in range(articles):
        article = write_article(number, seed)
        for system in SYSTEMS:
            summary, defects = write_summary(article, system, RandomStream(seed, "summary", number, system.name))
            yield {
                "id": article.id,
                "model_id": system.name,
                "decoded": summary,
                "text": article.text,
                "references": [_write_reference(article)],
                "expert_annotations": rate_summary(defects, seed, number, system.name),
                "turker_annotations": [],
                "filepath": "",
                "defects": defects.to_record(),
            }


def _write_reference(article: Article) -> str:
    """Return a reference summary: the article's main points in their short wording."""
    writer = TextWriter()
    facts = (article.story.facts[index] for index in article.sentences)
    return " ".join(writer.write_sentence(fact.gist, article.values) for fact in facts if fact.weight == FACT_WEIGHTS["!"])
