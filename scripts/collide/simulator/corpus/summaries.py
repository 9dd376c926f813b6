"""Summaries: a system's summary of an article and a record of the defects that were put into it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from collide.simulator.corpus.articles import Article
from collide.simulator.corpus.grammar_errors import GRAMMAR_ERRORS, cut_off
from collide.simulator.corpus.slot_values import Person, Value, Values, draw_other_value, have_same_gender, main_form
from collide.simulator.corpus.story_files import FACT_WEIGHTS
from collide.simulator.corpus.systems import System
from collide.simulator.corpus.text_writer import TextWriter, mentions_value, replace_value
from collide.simulator.random_draws import RandomStream

# Kinds of slots that can get a false detail. The others (sum, difference, after) are computed from other slots.
CHANGEABLE = ("person", "town", "county", "day", "weekday", "month", "date", "int", "year", "decimal", "pick")
# Kinds of which an article often has several values, so that a system can confuse them.
CONFUSABLE = ("person", "town", "int")


@dataclass(slots=True)
class Statement:
    """A statement of a summary: the fact that it states, its text, and its defects."""

    fact: int
    text: str
    false_detail: bool = False
    invented: bool = False
    repeated: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Defects:
    """The defects of a summary, recorded as they were made. Floats are shares from 0 to 1; integers are counts.

    lost_main_points: share of the article's main points that are missing; one with a false detail counts half.
    minor_points: share of statements on details, context or inventions.
    false_details, inventions: statements that the article does not support, without repetitions.
    disorder: share of pairs of statements in another order than in the article.
    unknown_people: people whose last name is used before their full name.
    broken_grammar: share of statements with a grammar error.
    """

    lost_main_points: float
    minor_points: float
    false_details: int
    inventions: int
    disorder: float
    repeats: int
    unknown_people: int
    broken_grammar: float
    cut_off: bool

    def to_record(self) -> dict[str, float | int | bool]:
        """Return the defects as an object of the corpus file, with shares rounded to three decimals."""
        return {name: round(value, 3) for name, value in dataclasses.asdict(self).items()}


def write_summary(article: Article, system: System, stream: RandomStream) -> tuple[str, Defects]:
    """Return a system's summary of an article and its defects."""
    statements = _select_statements(article, system, stream)
    _add_false_details(statements, article, _draw_times(system.false_details, stream), stream)
    _add_inventions(statements, article, _draw_times(system.inventions, stream), stream)
    if stream.draw_event(system.shuffled):
        statements = stream.shuffle_items(statements)
    _repeat_statements(statements, article, _draw_times(system.repeats, stream), stream)
    # Counted before grammar errors, which may damage names.
    unknown = _count_unknown_people(statements, article.values)
    # Uniform from 0 to twice the mean: some summaries of a system are worse than others.
    rate = system.broken * 2 * stream.draw_fraction()
    for statement in statements:
        if stream.draw_event(rate):
            statement.text = GRAMMAR_ERRORS[stream.pick_item(system.grammar_errors)](statement.text, stream)
            statement.broken = True
    is_cut_off = stream.draw_event(system.cut_off)
    if is_cut_off:
        statements[-1].text = cut_off(statements[-1].text, stream)
    return " ".join(statement.text for statement in statements), _describe_defects(statements, article, unknown, is_cut_off)


def _draw_times(mean: float, stream: RandomStream) -> int:
    """Return the number of defects of one kind in a summary. It varies widely around the system's mean."""
    return stream.draw_count(mean * 2 * stream.draw_fraction())


def _select_statements(article: Article, system: System, stream: RandomStream) -> list[Statement]:
    """Return statements up to about the system's target length, in the order of the article."""
    length = stream.draw_integer(*system.words)
    chosen: dict[int, str] = {}
    words = 0
    for fact in _rank_facts(article, system.pick, stream):
        gist = "" if stream.draw_event(system.copied) else article.story.facts[fact].gist
        size = len((gist or article.sentences[fact]).split())
        # The length may be missed by about half a sentence, so that statements stay whole.
        if chosen and words + size > length + 12:
            break
        chosen[fact] = gist
        words += size
        if words >= length - 5:
            break
    writer = TextWriter()
    return [
        Statement(fact, _write_statement(article, fact, chosen[fact], writer)) for fact in article.sentences if fact in chosen
    ]


def _rank_facts(article: Article, pick: str, stream: RandomStream) -> list[int]:
    """Return the article's facts in the order in which the system prefers them."""
    if pick == "lead":
        return list(article.sentences)
    # Weights are from 0.2 to 3 (see `story_files`): a pull of 1 outweighs the spread, one of 0.12 hardly matters.
    spread, pull = {"main": (1.5, 1.0), "mixed": (1.0, 0.12), "minor": (1.0, -0.3)}[pick]
    preferences = {
        fact: spread * stream.draw_fraction() + pull * article.story.facts[fact].weight for fact in article.sentences
    }
    return sorted(preferences, key=lambda fact: -preferences[fact])


def _write_statement(article: Article, fact: int, gist: str, writer: TextWriter) -> str:
    """Return the short wording of a fact, or the article's sentence if `gist` is empty."""
    if gist:
        return writer.write_sentence(gist, article.values)
    writer.add_sentence(article.sentences[fact], article.values)
    return article.sentences[fact]


def _add_false_details(statements: list[Statement], article: Article, times: int, stream: RandomStream) -> None:
    """Put a false detail into up to `times` statements."""
    for statement in stream.shuffle_items(statements)[:times]:
        names = [name for name in article.values if _can_be_false(name, statement.text, article)]
        if names:
            name = stream.pick_item(names)
            statement.text = replace_value(statement.text, article.values[name], _draw_false_value(name, article, stream))
            statement.false_detail = True


def _can_be_false(name: str, text: str, article: Article) -> bool:
    kind = article.story.slots[name].partition(":")[0]
    return kind in CHANGEABLE and mentions_value(text, article.values[name])


def _draw_false_value(name: str, article: Article, stream: RandomStream) -> Value:
    """Return a false value for a slot: the article's value of another slot of the kind, or one that is not in the article."""
    old, kind = article.values[name], article.story.slots[name].partition(":")[0]
    others = [
        value
        for other, value in article.values.items()
        if kind in CONFUSABLE and article.story.slots[other].startswith(kind) and mentions_value(article.text, value)
    ]
    others = [value for value in others if main_form(value) != main_form(old) and have_same_gender(value, old)]
    if others and stream.draw_event(0.5):
        return stream.pick_item(others)
    return draw_other_value(article.story.slots[name], old, article.values, stream)


def _add_inventions(statements: list[Statement], article: Article, times: int, stream: RandomStream) -> None:
    """Insert up to `times` statements that fit the story but are not in the article."""
    for fact in stream.shuffle_items(article.omitted_facts)[:times]:
        text = TextWriter().write_sentence(stream.pick_item(article.story.facts[fact].wordings), article.values)
        statements.insert(stream.draw_integer(1, len(statements)), Statement(fact, text, invented=True))


def _repeat_statements(statements: list[Statement], article: Article, times: int, stream: RandomStream) -> None:
    """Insert `times` statements a second time further on, unchanged or in their short wording."""
    for _ in range(times):
        place = stream.draw_integer(0, len(statements) - 1)
        again = dataclasses.replace(statements[place], repeated=True)
        gist = "" if again.invented else article.story.facts[again.fact].gist
        if gist and stream.draw_event(0.4):
            again.text = TextWriter().write_sentence(gist, article.values)
        statements.insert(stream.draw_integer(place + 1, len(statements)), again)


def _count_unknown_people(statements: list[Statement], values: Values) -> int:
    """Return the number of people whose last name appears before their full name or without it."""
    text = " ".join(statement.text for statement in statements)
    people = [value for value in values.values() if isinstance(value, Person)]
    positions = [(text.find(person.last), text.find(person.format_reference("name"))) for person in people]
    return sum(last >= 0 and (full < 0 or last < full) for last, full in positions)


def _describe_defects(statements: list[Statement], article: Article, unknown: int, is_cut_off: bool) -> Defects:
    """Return the defects of the finished statements; `unknown` is the number of unknown people."""
    facts = article.story.facts
    main = [fact for fact in article.sentences if facts[fact].weight == FACT_WEIGHTS["!"]]
    credit = {statement.fact: 0.5 if statement.false_detail else 1.0 for statement in statements}
    order = list(article.sentences)
    # Inventions and repetitions have no right place, so they are not in disorder.
    places = [order.index(s.fact) for s in statements if not s.invented and not s.repeated]
    ordered = [(a, b) for index, a in enumerate(places) for b in places[index + 1 :]]
    minor = [s.invented or facts[s.fact].weight < FACT_WEIGHTS["+"] for s in statements]
    return Defects(
        lost_main_points=1.0 - math.fsum(credit.get(fact, 0.0) for fact in main) / len(main),
        minor_points=sum(minor) / len(minor),
        false_details=sum(statement.false_detail and not statement.repeated for statement in statements),
        inventions=sum(statement.invented and not statement.repeated for statement in statements),
        disorder=sum(a > b for a, b in ordered) / max(1, len(ordered)),
        repeats=sum(statement.repeated for statement in statements),
        unknown_people=unknown,
        broken_grammar=sum(statement.broken for statement in statements) / len(statements),
        cut_off=is_cut_off,
    )
