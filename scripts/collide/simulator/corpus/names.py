"""What fills the slots of a story: people, places, numbers and days, all invented."""

from __future__ import annotations

from dataclasses import dataclass

from collide.simulator.corpus.draws import Draws

WOMEN = (
    "Anna Beth Carla Dana Elena Fatima Grace Helen Ines Joan Karen Leila Maria Nadia Olga Paula Rosa Sofia Tessa Una"
    " Vera Wendy Yasmin Zoe Alice Bridget Clara Denise Esther Fiona Gwen Hannah Irene Judith Kemi Laura Mei Nora Priya"
    " Ruth Sandra Teresa Ursula Violet Amara Ingrid Lucia Miriam Noemi Sunita"
).split()
MEN = (
    "Adam Boris Carl David Emil Frank George Hugo Ivan James Kofi Leon Martin Neil Omar Peter Ravi Simon Tomas Umar"
    " Victor Walter Yusuf Arthur Bernard Cyril Dominic Edgar Felix Gareth Henry Ismail Jonas Keith Lucas Marcus Nathan"
    " Oscar Paul Quentin Robert Samuel Theo Vincent Warren Anton Diego Hassan Kenji Stefan"
).split()
FAMILIES = (
    "Abbot Adler Akande Barlow Becker Bishara Brandt Calloway Castell Chandra Corrigan Dalby Denholm Dossett Eastman"
    " Egan Fairley Farouk Fennimore Garrick Gilroy Granger Hadley Halloran Harker Hosseini Iyer Jardine Jessop Kaplan"
    " Keating Kirwan Lambourne Langdon Lindqvist Lomax Madigan Marchetti Mbeki Medway Nakata Norcott Novak Oakes"
    " Okafor Orwin Paxton Pemberton Petrov Quill Radcliffe Ramires Redfern Rosario Rudge Salter Sandoval Selwyn"
    " Shaw Silva Stanhope Tamblyn Tanaka Thackray Trevino Underhill Vance Varga Vickery Wainright Walsh Whitlock"
    " Wickham Winslow Yardley Yates Zielinski"
).split()
TOWNS = (
    "Aldermoor;Ashcombe;Barrowgate;Beckhaven;Brackenford;Calder Cross;Carrow Bay;Coldwater;Dunmere;Eastwick Hollow"
    ";Fallowfield End;Fenbridge;Garside;Glenharrow;Greyminster;Hallowdale;Harrowick;Kestrel Point;Kingsferry;Larkstead"
    ";Lowmarsh;Marlstone;Merrowdown;Millbeck;Netherby Cross;Northolme;Oakhanger Vale;Otterburn Quay;Penmarsh"
    ";Port Callan;Quarrington;Ravenshore;Redcastle;Saltmouth;Sheldrake;Silverdale Bridge;Stonehaven Mills;Tarrant Hill"
    ";Thornwick;Upper Harding;Wavering;Westerleigh Sands;Whitcliffe;Windlesea;Wolverholme;Yarrowby"
).split(";")
COUNTIES = "Ardenshire;Carrick County;Eastmark;Fellshire;Lindale;Marchland;Northvale;Strathmoor;Westmarch;Wyrdale".split(";")
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
SMALL = "zero one two three four five six seven eight nine".split()


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in a story. `introduction` is how a text first names them, with {name} for the full name."""

    first: str
    last: str
    woman: bool
    introduction: str

    def word(self, form: str) -> str:
        """A form of reference: name, last, he, him, his, himself."""
        pronouns = {"he": "she", "him": "her", "his": "her", "himself": "herself"}
        if form in pronouns:
            return pronouns[form] if self.woman else form
        return {"name": f"{self.first} {self.last}", "last": self.last}[form]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text that fills a slot; `forms` are further ones that go with it (plural, short name, ...)."""

    forms: tuple[str, ...]
    number: int | None = None


Value = Person | Phrase
Values = dict[str, Value]


def fill(slots: dict[str, str], draws: Draws) -> Values:
    """Values for all slots of a story, each drawn once, so that an article agrees with itself."""
    values: Values = {}
    for name, rule in slots.items():
        values[name] = draw(rule, values, draws)
    return values


def redraw(rule: str, old: Value, values: Values, draws: Draws) -> Value:
    """Another value than `old` by the same rule: what a text says that gets one thing wrong. A person keeps the gender."""
    for _ in range(100):
        new = draw(rule, values, draws)
        if same_gender(new, old) and surface(new) != surface(old):
            return new
    raise ValueError(f"slot rule {rule!r} offers no value but {surface(old)!r}")


def same_gender(one: Value, other: Value) -> bool:
    """Whether one can stand for the other in a text with pronouns; true of all values that are no people."""
    return not (isinstance(one, Person) and isinstance(other, Person)) or one.woman == other.woman


def surface(value: Value) -> str:
    """The main form of a value, to tell values apart."""
    return value.last if isinstance(value, Person) else value.forms[0]


def draw(rule: str, values: Values, draws: Draws) -> Value:
    """A value by a rule `kind` or `kind: arguments`; see the kinds in this function."""
    kind, _, arguments = (part.strip() for part in rule.partition(":"))
    taken = {surface(value) for value in values.values()}
    if kind == "person":
        return _person(arguments, taken, draws)
    if kind in ("town", "county", "day", "weekday", "month"):
        names = {"town": TOWNS, "county": COUNTIES, "day": DAYS, "weekday": DAYS[:5], "month": MONTHS}[kind]
        return Phrase((draws.pick([name for name in names if name not in taken]),))
    if kind == "pick":
        forms = draws.pick(list(arguments.split("|"))).split(";")
        return Phrase(tuple(_expand(form.strip(), values) for form in forms))
    if kind in ("int", "year", "decimal"):
        return _number(kind, arguments.split(), draws)
    if kind in ("sum", "difference"):
        first, second = (_amount(values[name]) for name in arguments.split())
        return Phrase((write(first + second if kind == "sum" else first - second),))
    if kind == "date":
        return Phrase((f"{draws.whole(2, 28)} {draws.pick(arguments.split() or MONTHS)}",))
    if kind == "after":
        day, gap = arguments.split()
        return Phrase((DAYS[(DAYS.index(surface(values[day])) + int(gap)) % 7],))
    raise ValueError(f"{rule!r} is no rule for a slot")


def write(number: int) -> str:
    """A number as newspapers write it: words below ten, then digits, with commas from a thousand on.

    >>> write(7), write(12), write(4500)
    ('seven', '12', '4,500')
    """
    return SMALL[number] if 0 <= number < 10 else f"{number:,}"


def _person(introductions: str, taken: set[str], draws: Draws) -> Person:
    woman = draws.chance(0.5)
    last = draws.pick([name for name in FAMILIES if name not in taken])
    return Person(draws.pick(WOMEN if woman else MEN), last, woman, draws.pick(introductions.split("|")).strip() or "{name}")


def _number(kind: str, arguments: list[str], draws: Draws) -> Phrase:
    if kind == "decimal":
        low, high = (round(float(argument) * 10) for argument in arguments)
        tenths = draws.pick([number for number in range(low, high + 1) if number % 10])
        return Phrase((f"{tenths // 10}.{tenths % 10}",))
    low, high, step = (int(argument) for argument in [*arguments, "1"][:3])
    number = low + step * draws.whole(0, (high - low) // step)
    return Phrase((str(number) if kind == "year" else write(number),), number)


def _amount(value: Value) -> int:
    if isinstance(value, Person) or value.number is None:
        raise ValueError("sum and difference need slots of the kind int")
    return value.number


def _expand(text: str, values: Values) -> str:
    """Slots that stand in an option of `pick` (phrases only)."""
    for name, value in values.items():
        if isinstance(value, Phrase):
            text = text.replace("{" + name + "}", value.forms[0])
    return text
