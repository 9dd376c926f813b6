"""The sixteen systems of the embedded corpus: what each picks, how it words it, and what it does wrong how often.

They are nobody's systems: E01 to E16 stand for kinds of faults that summarization systems have been seen to make.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """A summarizer. Numbers are rates: a share of statements, or how many a summary has on average.

    pick: `lead` (the first statements), `main` (the main points first), `mixed` (any), `minor` (what matters least).
    copied: share of statements taken from the article word by word; the others are said in short where that can be done.
    words: shortest and longest length aimed at, in words.
    false_details: statements with a wrong name, number, place or day.
    inventions: statements about what the article does not tell.
    shuffled: share of summaries whose statements are put in disorder.
    repeats: statements said again.
    broken: share of statements with broken grammar, of the kinds in `faults` (names in `faults.py`).
    cut_off: share of summaries that stop in the middle of a statement.
    """

    name: str
    pick: str
    copied: float
    words: tuple[int, int] = (45, 70)
    false_details: float = 0.0
    inventions: float = 0.0
    shuffled: float = 0.0
    repeats: float = 0.0
    broken: float = 0.03
    faults: tuple[str, ...] = ("drop_words",)
    cut_off: float = 0.0


SYSTEMS = (
    # Extractors: faithful and fluent; what they pick and how it hangs together differs.
    System("E01", "lead", 1.0, (55, 80)),
    System("E02", "lead", 1.0, (55, 80), repeats=0.8),
    System("E03", "mixed", 1.0, (50, 75)),
    System("E04", "main", 1.0, (55, 80), shuffled=0.9),
    System("E05", "minor", 1.0, (45, 70), shuffled=0.3),
    # Strong ones that write in their own words.
    System("E06", "main", 0.1, (40, 60), false_details=0.05),
    System("E07", "main", 0.4, (45, 65), false_details=0.05),
    System("E08", "lead", 0.6, (45, 65), false_details=0.05, cut_off=0.1),
    # Unsupported statements.
    System("E09", "main", 0.3, (40, 60), false_details=0.9),
    System("E10", "mixed", 0.5, (45, 65), inventions=0.8, shuffled=0.2),
    # Disorder and repetition.
    System("E11", "mixed", 0.6, (40, 65), shuffled=0.5, repeats=0.9),
    # Broken grammar, by kind.
    System("E12", "main", 0.6, (40, 60), broken=0.4, faults=("drop_words", "double_word")),
    System("E13", "lead", 0.6, (45, 65), broken=0.4, faults=("agreement", "lower_case"), cut_off=0.2),
    System("E14", "mixed", 0.7, (40, 60), broken=0.35, faults=("fragment", "swap_words"), cut_off=0.5),
    # Weak in everything, and a middling one.
    System(
        "E15",
        "mixed",
        0.3,
        (35, 60),
        false_details=1.2,
        inventions=0.8,
        shuffled=0.6,
        repeats=0.7,
        broken=0.5,
        faults=("drop_words", "agreement", "fragment", "double_word", "swap_words"),
    ),
    System("E16", "minor", 0.4, (40, 65), false_details=0.3, inventions=0.25, shuffled=0.4, repeats=0.3, broken=0.12),
)
