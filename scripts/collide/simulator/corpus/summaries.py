"""Summaries: what a system makes of an article, with a record of what is wrong with it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from collide.simulator.corpus.articles import Article
from collide.simulator.corpus.defects import FAULTS, fragment
from collide.simulator.corpus.draws import Draws
from collide.simulator.corpus.names import Person, Value, Values, redraw, same_gender, surface
from collide.simulator.corpus.stories import WEIGHTS
from collide.simulator.corpus.systems import System
from collide.simulator.corpus.wording import Teller, exchange, mentions

CHANGEABLE = ("person", "town", "county", "day", "weekday", "month", "date", "int", "year", "decimal", "pick")
"""Kinds of slots in which a false detail can be put."""
MIXED_UP = ("person", "town", "int")
"""Kinds of slots of which one can be taken for another."""


@dataclass(slots=True)
class Statement:
    """A statement of a summary: the fact it tells, and what happened to it."""

    fact: int
    text: str
    false_detail: bool = False
    invented: bool = False
    repeated: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a summary, as applied. Shares are from 0 to 1, the others count statements."""

    lost_main_points: float
    minor_points: float
    false_details: int
    inventions: int
    disorder: float
    repeats: int
    unknown_people: int
    broken_grammar: float
    cut_off: bool

    def as_dict(self) -> dict[str, float | int | bool]:
        """For the record in the corpus file."""
        return {name: round(value, 3) for name, value in dataclasses.asdict(self).items()}


def summarize(article: Article, system: System, draws: Draws) -> tuple[str, Defects]:
    """A system's summary of an article and its defects."""
    statements = _select(article, system, draws)
    _falsify(statements, article, _times(system.false_details, draws), draws)
    _invent(statements, article, _times(system.inventions, draws), draws)
    if draws.chance(system.shuffled):
        statements = draws.shuffled(statements)
    _repeat(statements, article, _times(system.repeats, draws), draws)
    unknown = _unknown_people(statements, article.values)
    rate = system.broken * 2 * draws.unit()
    for statement in statements:
        if draws.chance(rate):
            statement.text = FAULTS[draws.pick(system.faults)](statement.text, draws)
            statement.broken = True
    cut_off = draws.chance(system.cut_off)
    if cut_off:
        statements[-1].text = fragment(statements[-1].text, draws)
    return " ".join(statement.text for statement in statements), _defects(statements, article, unknown, cut_off)


def _times(mean: float, draws: Draws) -> int:
    """How often a fault occurs in a summary: some summaries of a system are worse than others."""
    return draws.count(mean * 2 * draws.unit())


def _select(article: Article, system: System, draws: Draws) -> list[Statement]:
    """Statements up to the length that the system aims at, in the order of the article."""
    length = draws.whole(*system.words)
    chosen: dict[int, str] = {}
    words = 0
    for fact in _ranked(article, system.pick, draws):
        gist = "" if draws.chance(system.copied) else article.story.facts[fact].gist
        size = len((gist or article.told[fact]).split())
        if chosen and words + size > length + 12:
            break
        chosen[fact] = gist
        words += size
        if words >= length - 5:
            break
    teller = Teller()
    return [Statement(fact, _tell(article, fact, chosen[fact], teller)) for fact in article.told if fact in chosen]


def _ranked(article: Article, pick: str, draws: Draws) -> list[int]:
    """The article's facts, those that the system would tell first at the front."""
    if pick == "lead":
        return list(article.told)
    spread, pull = {"main": (1.5, 1.0), "mixed": (1.0, 0.12), "minor": (1.0, -0.3)}[pick]
    urges = {fact: spread * draws.unit() + pull * article.story.facts[fact].weight for fact in article.told}
    return sorted(urges, key=lambda fact: -urges[fact])


def _tell(article: Article, fact: int, gist: str, teller: Teller) -> str:
    """A fact in short where there is a gist, else as the article tells it."""
    if gist:
        return teller.tell(gist, article.values)
    teller.meet(article.told[fact], article.values)
    return article.told[fact]


def _falsify(statements: list[Statement], article: Article, times: int, draws: Draws) -> None:
    """Put a false detail into some statements."""
    for statement in draws.shuffled(statements)[:times]:
        names = [name for name in article.values if _can_be_false(name, statement.text, article)]
        if names:
            name = draws.pick(names)
            statement.text = exchange(statement.text, article.values[name], _false_value(name, article, draws))
            statement.false_detail = True


def _can_be_false(name: str, text: str, article: Article) -> bool:
    kind = article.story.slots[name].partition(":")[0]
    return kind in CHANGEABLE and mentions(text, article.values[name])


def _false_value(name: str, article: Article, draws: Draws) -> Value:
    """Another value for a slot: one that the article gives for something else of the kind, or one of nowhere."""
    old, kind = article.values[name], article.story.slots[name].partition(":")[0]
    others = [
        value
        for other, value in article.values.items()
        if kind in MIXED_UP and article.story.slots[other].startswith(kind) and mentions(article.text, value)
    ]
    others = [value for value in others if surface(value) != surface(old) and same_gender(value, old)]
    if others and draws.chance(0.5):
        return draws.pick(others)
    return redraw(article.story.slots[name], old, article.values, draws)


def _invent(statements: list[Statement], article: Article, times: int, draws: Draws) -> None:
    """Add statements that would fit the story, but that the article does not make."""
    for fact in draws.shuffled(article.untold)[:times]:
        text = Teller().tell(draws.pick(article.story.facts[fact].wordings), article.values)
        statements.insert(draws.whole(1, len(statements)), Statement(fact, text, invented=True))


def _repeat(statements: list[Statement], article: Article, times: int, draws: Draws) -> None:
    """Say statements a second time further on, as they stand or in short."""
    for _ in range(times):
        place = draws.whole(0, len(statements) - 1)
        again = dataclasses.replace(statements[place], repeated=True)
        gist = "" if again.invented else article.story.facts[again.fact].gist
        if gist and draws.chance(0.4):
            again.text = Teller().tell(gist, article.values)
        statements.insert(draws.whole(place + 1, len(statements)), again)


def _unknown_people(statements: list[Statement], values: Values) -> int:
    """How many people are called by their last name before, or without, being introduced."""
    text = " ".join(statement.text for statement in statements)
    people = [value for value in values.values() if isinstance(value, Person)]
    firsts = [(text.find(person.last), text.find(person.word("name"))) for person in people]
    return sum(last >= 0 and (full < 0 or last < full) for last, full in firsts)


def _defects(statements: list[Statement], article: Article, unknown: int, cut_off: bool) -> Defects:
    facts = article.story.facts
    main = [fact for fact in article.told if facts[fact].weight == WEIGHTS["!"]]
    credit = {statement.fact: 0.5 if statement.false_detail else 1.0 for statement in statements}
    order = list(article.told)
    places = [order.index(s.fact) for s in statements if not s.invented and not s.repeated]
    steps = [(a, b) for index, a in enumerate(places) for b in places[index + 1 :]]
    minor = [s.invented or facts[s.fact].weight < WEIGHTS["+"] for s in statements]
    return Defects(
        lost_main_points=1.0 - sum(credit.get(fact, 0.0) for fact in main) / len(main),
        minor_points=sum(minor) / len(minor),
        false_details=sum(statement.false_detail and not statement.repeated for statement in statements),
        inventions=sum(statement.invented and not statement.repeated for statement in statements),
        disorder=sum(a > b for a, b in steps) / max(1, len(steps)),
        repeats=sum(statement.repeated for statement in statements),
        unknown_people=unknown,
        broken_grammar=sum(statement.broken for statement in statements) / len(statements),
        cut_off=cut_off,
    )
