"""Values for the slots of a story: invented people, places, numbers and days."""

from __future__ import annotations

from dataclasses import dataclass

from collide.simulator.random_draws import RandomStream

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
# Numbers that newspapers write as words.
SMALL_NUMBERS = "zero one two three four five six seven eight nine".split()


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a story. `introduction` is used where a text first names them, with {name} for the full name."""

    first: str
    last: str
    woman: bool
    introduction: str

    def format_reference(self, form: str) -> str:
        """Return the text for a form of reference: name, last, he, him, his or himself."""
        pronouns = {"he": "she", "him": "her", "his": "her", "himself": "herself"}
        if form in pronouns:
            return pronouns[form] if self.woman else form
        return {"name": f"{self.first} {self.last}", "last": self.last}[form]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that fills a slot. `forms` are its forms (plural, short name, ...), the main one first."""

    forms: tuple[str, ...]
    number: int | None = None


Value = Person | Phrase
Values = dict[str, Value]


def fill_slots(slots: dict[str, str], stream: RandomStream) -> Values:
    """Return values for all slots of a story, each drawn once, so that an article is consistent with itself.

    A slot's rule may use the slots before it.
    """
    values: Values = {}
    for name, rule in slots.items():
        values[name] = draw_value(rule, values, stream)
    return values


def draw_other_value(rule: str, old: Value, values: Values, stream: RandomStream) -> Value:
    """Return another value than `old` by the same rule, for a false detail. A person keeps the gender.

    Raises ValueError if the rule gives no other value.
    """
    # A rule with two values gives the same one 100 times in a row with a probability of 2 to the power of -100.
    for _ in range(100):
        new = draw_value(rule, values, stream)
        if have_same_gender(new, old) and main_form(new) != main_form(old):
            return new
    raise ValueError(f"slot rule {rule!r} gives no value but {main_form(old)!r}")


def have_same_gender(one: Value, other: Value) -> bool:
    """Return False for two people of different gender, whose exchange would make pronouns wrong, and True otherwise."""
    return not (isinstance(one, Person) and isinstance(other, Person)) or one.woman == other.woman


def main_form(value: Value) -> str:
    """Return the main form of a value. Two values of a story differ in it."""
    return value.last if isinstance(value, Person) else value.forms[0]


def draw_value(rule: str, values: Values, stream: RandomStream) -> Value:
    """Return a value for a rule `kind` or `kind: arguments`; `values` are those of the slots before it.

    person: introductions, separated by `|`.
    town, county, day, weekday, month: no arguments.
    pick: options, separated by `|`, each with forms separated by `;`.
    int, year: lowest, highest and (optional) step. decimal: lowest and highest.
    sum, difference: two slots of the kind int or year.
    date: months (all by default). after: a slot of the kind day, and the number of days after it.

    Raises ValueError for any other kind.
    """
    kind, _, arguments = (part.strip() for part in rule.partition(":"))
    taken = {main_form(value) for value in values.values()}
    if kind == "person":
        return _draw_person(arguments, taken, stream)
    if kind in ("town", "county", "day", "weekday", "month"):
        names = {"town": TOWNS, "county": COUNTIES, "day": DAYS, "weekday": DAYS[:5], "month": MONTHS}[kind]
        return Phrase((stream.pick_item([name for name in names if name not in taken]),))
    if kind == "pick":
        forms = stream.pick_item(list(arguments.split("|"))).split(";")
        return Phrase(tuple(_expand_slots(form.strip(), values) for form in forms))
    if kind in ("int", "year", "decimal"):
        return _draw_number(kind, arguments.split(), stream)
    if kind in ("sum", "difference"):
        first, second = (_get_number(values[name]) for name in arguments.split())
        return Phrase((format_number(first + second if kind == "sum" else first - second),))
    if kind == "date":
        return Phrase((f"{stream.draw_integer(2, 28)} {stream.pick_item(arguments.split() or MONTHS)}",))
    if kind == "after":
        day, gap = arguments.split()
        return Phrase((DAYS[(DAYS.index(main_form(values[day])) + int(gap)) % 7],))
    raise ValueError(f"{rule!r} is not a rule for a slot")


def format_number(number: int) -> str:
    """Return a number as newspapers write it: words below ten, then digits, with commas from a thousand on.

    >>> format_number(7), format_number(12), format_number(4500)
    ('seven', '12', '4,500')
    """
    return SMALL_NUMBERS[number] if 0 <= number < 10 else f"{number:,}"


def _draw_person(introductions: str, taken: set[str], stream: RandomStream) -> Person:
    woman = stream.draw_event(0.5)
    last = stream.pick_item([name for name in FAMILIES if name not in taken])
    return Person(
        stream.pick_item(WOMEN if woman else MEN), last, woman, stream.pick_item(introductions.split("|")).strip() or "{name}"
    )


def _draw_number(kind: str, arguments: list[str], stream: RandomStream) -> Phrase:
    if kind == "decimal":
        low, high = (round(float(argument) * 10) for argument in arguments)
        # No whole numbers: "2.0 million" is not written in newspapers.
        tenths = stream.pick_item([number for number in range(low, high + 1) if number % 10])
        return Phrase((f"{tenths // 10}.{tenths % 10}",))
    # The step is optional and 1 by default.
    low, high, step = (int(argument) for argument in [*arguments, "1"][:3])
    number = low + step * stream.draw_integer(0, (high - low) // step)
    return Phrase((str(number) if kind == "year" else format_number(number),), number)


def _get_number(value: Value) -> int:
    if isinstance(value, Person) or value.number is None:
        raise ValueError("sum and difference need slots of the kind int or year")
    return value.number


def _expand_slots(text: str, values: Values) -> str:
    """Fill the slots in an option of `pick`. Only phrases can be used there, people cannot."""
    for name, value in values.items():
        if isinstance(value, Phrase):
            text = text.replace("{" + name + "}", value.forms[0])
    return text
